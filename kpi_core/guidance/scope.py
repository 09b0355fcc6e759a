"""The parts of a workshop that guidance speaks of: the nodes in force and the departments that own them."""

from __future__ import annotations

import unicodedata

from kpi_core.model.node import Node
from kpi_core.model.workshop import Department, Workshop
from kpi_core.vocabulary import NodeKind, NodeStatus

_MARKETING = ("marketing", "マーケ")
_SALES = ("sales", "営業", "セールス")
_BEFORE_SALES = ("inside", "インサイド", "marketing", "マーケ", "enable", "企画", "planning")


def in_force(workshop: Workshop) -> tuple[Node, ...]:
    """All nodes but the retired ones, in the file's order."""
    return tuple(node for node in workshop.nodes if node.status is not NodeStatus.RETIRED)


def kpis(workshop: Workshop) -> tuple[Node, ...]:
    """The KPIs in force."""
    return tuple(node for node in in_force(workshop) if node.kind is NodeKind.KPI)


def ksfs(workshop: Workshop) -> tuple[Node, ...]:
    """The KSFs in force."""
    return tuple(node for node in in_force(workshop) if node.kind is NodeKind.KSF)


def below(workshop: Workshop, code: str) -> tuple[Node, ...]:
    """All nodes in force under ``code``, at any depth, nearest first (safe on a broken tree)."""
    by_parent: dict[str, list[Node]] = {}
    for node in in_force(workshop):
        if node.parent is not None:
            by_parent.setdefault(node.parent, []).append(node)
    found: dict[str, Node] = {}
    waiting = [code]
    while waiting:
        for node in by_parent.get(waiting.pop(0), []):
            if node.code not in found and node.code != code:
                found[node.code] = node
                waiting.append(node.code)
    return tuple(found.values())


def owning_departments(workshop: Workshop) -> tuple[str, ...]:
    """The departments that own at least one KPI in force: defined ones in their order, then the others."""
    owning = dict.fromkeys(node.department for node in kpis(workshop) if node.department)
    defined = [department.code for department in workshop.departments if department.code in owning]
    return tuple(dict.fromkeys([*defined, *owning]))


def marketing_and_sales(workshop: Workshop) -> tuple[str | None, str | None]:
    """The departments that are, by their words, marketing and sales; ``None`` where none reads like it.

    Inside sales, sales planning and the like are not taken for the sales department while another one is there.
    """
    marketing = [item.code for item in workshop.departments if _reads_like(item, _MARKETING)]
    selling = [item for item in workshop.departments if _reads_like(item, _SALES) and item.code not in marketing]
    closing = [item for item in selling if not _reads_like(item, _BEFORE_SALES)] or selling
    return (marketing[0] if marketing else None, closing[0].code if closing else None)


def _reads_like(department: Department, words: tuple[str, ...]) -> bool:
    text = " ".join((department.code, department.name.ja, department.name.en))
    folded = unicodedata.normalize("NFKC", text).casefold()
    return any(word in folded for word in words)
