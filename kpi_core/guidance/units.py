"""Formulas whose units do not fit: unlike things added, or a result in another unit than the card says."""

from __future__ import annotations

from collections.abc import Iterator

from kpi_core.guidance.facts import Facts
from kpi_core.guidance.finding import Finding
from kpi_core.guidance.scope import in_force
from kpi_core.model.expression import parse_formula
from kpi_core.model.workshop import Workshop
from kpi_core.tree.units import unit_misfit
from kpi_core.vocabulary import NodeKind, Page, Severity


def unit_mismatch(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    units = {node.code: node.unit for node in workshop.nodes}
    for node in in_force(workshop):
        misfit = unit_misfit(parse_formula(node.formula), units, node.unit) if node.formula is not None else None
        if misfit is None:
            continue
        page = Page.KGI if node.kind is NodeKind.KGI else Page.KPI_DESIGN
        if misfit.kind == "added":
            params = {"node": node.code, "left": misfit.left, "right": misfit.right}
            yield Finding("unit_mixed", Severity.WARNING, page, node.code, params)
        else:
            params = {"node": node.code, "unit": node.unit, "found": misfit.left or "-"}
            yield Finding("unit_mismatch", Severity.WARNING, page, node.code, params)
