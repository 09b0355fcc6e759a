"""Units that do not fit: unlike things added, a result in another unit than the card says, a share of 1 called %."""

from __future__ import annotations

from collections.abc import Iterator

from kpi_core.guidance.facts import Facts
from kpi_core.guidance.finding import Finding
from kpi_core.guidance.scope import in_force
from kpi_core.model.expression import parse_formula
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.tree.units import misread_percent, unit_misfit
from kpi_core.vocabulary import NodeKind, Page, Severity


def unit_mismatch(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    units = {node.code: node.unit for node in workshop.nodes}
    for node in in_force(workshop):
        misfit = unit_misfit(parse_formula(node.formula), units, node.unit) if node.formula is not None else None
        if misfit is None:
            continue
        page = _page(node)
        if misfit.kind == "added":
            params = {"node": node.code, "left": misfit.left, "right": misfit.right}
            yield Finding("unit_mixed", Severity.WARNING, page, node.code, params)
        else:
            params = {"node": node.code, "unit": node.unit, "found": misfit.left or "-"}
            yield Finding("unit_mismatch", Severity.WARNING, page, node.code, params)


def percent_of_one(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    """The unit ``%`` on a value that is computed as a share of 1: 0.35 would read as 0.35%."""
    units = {node.code: node.unit for node in workshop.nodes}
    for node in in_force(workshop):
        if misread_percent(node, units):
            yield Finding("unit_percent_of_one", Severity.WARNING, _page(node), node.code, {"node": node.code})


def _page(node: Node) -> Page:
    return Page.KGI if node.kind is NodeKind.KGI else Page.KPI_DESIGN
