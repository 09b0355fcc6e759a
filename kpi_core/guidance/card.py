"""What a node's definition card still lacks, part by part, as its tabs mark it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.tree.structure import edges
from kpi_core.vocabulary import Nature, NodeKind, Relation

Part = Literal["meaning", "formula", "targets", "source", "agreement", "history"]
#: The card's parts in the order of its tabs.
PARTS: tuple[Part, ...] = ("meaning", "formula", "targets", "source", "agreement", "history")


def missing_parts(workshop: Workshop, node: Node) -> Mapping[Part, tuple[str, ...]]:
    """Part → the fields to fill in next (``kpi_design.field.<name>``); a part without gaps is absent.

    A KSF is a factor, not a number: it needs a meaning, an owner and a relation to the KGI. Sign-offs are not counted
    here: who agreed stands on the tab itself.
    """
    gaps: dict[Part, tuple[str, ...]] = {
        "meaning": _empty(node, "definition", *(() if node.kind is NodeKind.KSF else ("counting_unit", "example"))),
        "formula": _formula(workshop, node),
        "targets": _targets(node),
        "source": _source(node),
    }
    return {part: missing for part, missing in gaps.items() if missing}


def _empty(node: Node, *fields: str) -> tuple[str, ...]:
    return tuple(field for field in fields if not getattr(node, field))


def _formula(workshop: Workshop, node: Node) -> tuple[str, ...]:
    missing: list[str] = []
    if node.kind is not NodeKind.KSF:
        missing += _empty(node, "unit", *(("nature",) if node.kind is NodeKind.KPI else ()))
        if node.nature is Nature.LEADING and node.lag is None:
            missing.append("lag")
        if node.formula is None and node.measure is None and not node.manual and not node.updater.strip():
            missing.append("way")
    edge = next((one for one in edges(workshop) if (one.source, one.target) == (node.code, node.parent)), None)
    if edge is not None and edge.relation is None:
        missing.append("relation")
    if edge is not None and edge.relation is Relation.DRIVER and edge.sign is None:
        missing.append("sign")
    return tuple(missing)


def _targets(node: Node) -> tuple[str, ...]:
    if node.kind is NodeKind.KSF:
        return ()
    missing = () if node.targets or node.thresholds else ("targets",)
    return (*missing, *(_empty(node, "baseline") if node.kind is NodeKind.KGI else ()))


def _source(node: Node) -> tuple[str, ...]:
    if node.kind is NodeKind.KSF:
        return _empty(node, "owner")
    wanted = ["department", "owner", "action"] if node.kind is NodeKind.KPI else ["owner"]
    if node.formula is None:
        wanted += ["system", "input_rule"]
    return _empty(node, *wanted, "update_frequency")
