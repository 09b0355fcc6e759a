"""Nodes that mean the same: one number under two names, or one name over two numbers."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from itertools import combinations

from rapidfuzz import fuzz

from kpi_core.guidance.facts import Facts
from kpi_core.guidance.finding import Finding
from kpi_core.guidance.scope import in_force
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import NodeKind, Page, Severity

#: Names closer than this (share of letters in common order, 0-100) are taken for the same name in two spellings.
NEAR = 90
#: Beyond this many nodes only equal names are compared: near ones would cost a look at every pair.
COMPARED = 400


def alike_pairs(workshop: Workshop) -> Iterator[tuple[str, Node, Node]]:
    """Pairs that mean the same, each once: (``same_measure``, ``same_formula`` or ``same_name``, one, other)."""
    nodes = [node for node in in_force(workshop) if node.kind is not NodeKind.KSF]
    told: set[frozenset[str]] = set()
    for code, one, other in (*_same_number(nodes), *_same_name(nodes), *_same_name(_factors(workshop))):
        pair = frozenset((one.code, other.code))
        if pair not in told:
            told.add(pair)
            yield code, one, other


def same_meaning(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    for code, one, other in alike_pairs(workshop):
        page = Page.KSF if other.kind is NodeKind.KSF else Page.KPI_DESIGN
        yield Finding(code, Severity.WARNING, page, other.code, {"node": other.code, "other": one.code})


def _factors(workshop: Workshop) -> list[Node]:
    return [node for node in in_force(workshop) if node.kind is NodeKind.KSF]


def _same_number(nodes: list[Node]) -> Iterator[tuple[str, Node, Node]]:
    for kind in ("measure", "formula"):
        first: dict[str, Node] = {}
        for node in nodes:
            fingerprint = _measured_as(node) if kind == "measure" else "".join((node.formula or "").split())
            if fingerprint and fingerprint in first:
                yield f"same_{kind}", first[fingerprint], node
            elif fingerprint:
                first[fingerprint] = node


def _measured_as(node: Node) -> str:
    """What a measure counts, whatever it can be split by and in whichever order its filters stand."""
    if node.measure is None:
        return ""
    parts = []
    for part in node.measure.parts:
        body = part.model_dump(mode="json", exclude={"dimensions", "where"})
        body["where"] = sorted(json.dumps(entry.model_dump(mode="json"), sort_keys=True) for entry in part.where)
        parts.append(body)
    return json.dumps(parts, sort_keys=True)


def _same_name(nodes: list[Node]) -> Iterator[tuple[str, Node, Node]]:
    for names in ([(_plain(node.name.ja), node) for node in nodes], [(_plain(node.name.en), node) for node in nodes]):
        first: dict[str, Node] = {}
        for name, node in names:
            if name and name in first:
                yield "same_name", first[name], node
            elif name:
                first[name] = node
        if len(first) <= COMPARED:
            for (name, one), (other_name, other) in combinations(first.items(), 2):
                if _near(name, other_name):
                    yield "same_name", one, other


def _near(one: str, other: str) -> bool:
    same_digits = [letter for letter in one if letter.isdigit()] == [letter for letter in other if letter.isdigit()]
    return same_digits and min(len(one), len(other)) >= 4 and fuzz.ratio(one, other, score_cutoff=NEAR) > 0


def _plain(name: str) -> str:
    """A name as people hear it: full and half width, case, spaces and punctuation do not count."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in folded if letter.isalnum())
