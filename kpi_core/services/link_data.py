"""A driver link and the data that can tell of it: its edge, both series, how their values come about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kpi_core.errors import RefusedError
from kpi_core.insight.leading import LinkTest, common_stretch, link_test
from kpi_core.model.expression import Name, parse_formula
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.services.actuals import Actuals
from kpi_core.store.link_tests import Hypothesis
from kpi_core.tree.structure import Edge, edges, formula_names
from kpi_core.vocabulary import Grain, Relation

Numbers = NDArray[np.float64]
_HOW = {"measure", "roll_up"}


@dataclass(frozen=True)
class Common:
    """Both series of a link over the periods they have in common: ``until`` is the last one's key.

    ``mark`` is a fingerprint of the values, which tells whether they are those of an earlier test.
    """

    x: Numbers
    y: Numbers
    until: str | None
    mark: str

    @staticmethod
    def of(known: Actuals, source: str, target: str) -> Common:
        stretch = common_stretch(known.series[source], known.series[target])
        x, y = known.series[source][stretch], known.series[target][stretch]
        until = known.periods[stretch.stop - 1].key if len(x) else None
        return Common(x, y, until, _fingerprint([until, x.tolist(), y.tolist()]))

    def tested(self, stated: Hypothesis, grain: Grain) -> LinkTest:
        return link_test(self.x, self.y, stated.sign, stated.lag, grain)


def driver_edge(workshop: Workshop, source: str, target: str) -> Edge:
    """The driver link between two nodes. Raises ``RefusedError('driver_link_missing')``."""
    for edge in edges(workshop):
        if (edge.source, edge.target, edge.relation) == (source, target, Relation.DRIVER):
            return edge
    raise RefusedError("driver_link_missing", source=source, target=target)


def basis_of(workshop: Workshop, source: str, target: str) -> str:
    """A fingerprint of how both nodes get their values, through all their formulas."""
    nodes = {node.code: node for node in workshop.nodes}
    used = formula_names(workshop)
    reached: dict[str, None] = dict.fromkeys((source, target))
    waiting = list(reached)
    for code in waiting:
        fresh = [name for name in used.get(code, ()) if name not in reached and name in nodes]
        reached.update(dict.fromkeys(fresh))
        waiting.extend(fresh)
    places = {code: f"#{at}" for at, code in enumerate(reached)}
    how = [(_in_places(nodes[code], places), nodes[code].model_dump(mode="json", include=_HOW)) for code in reached]
    return _fingerprint([workshop.settings.grain.value, how])


def _in_places(node: Node, places: Mapping[str, str]) -> str:
    """A node's formula with places for codes: a new code or a blank more is no other definition."""
    if node.formula is None:
        return ""
    written = repr(parse_formula(node.formula))
    for code, place in places.items():
        written = written.replace(repr(Name(code)), repr(Name(place)))
    return written


def _fingerprint(document: Any) -> str:
    text = json.dumps(document, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
