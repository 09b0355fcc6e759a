"""Findings about the tree's structure: what hangs nowhere, formulas that do not hold, edges nobody explained."""

from __future__ import annotations

from collections.abc import Iterator

from kpi_core.guidance.facts import Facts
from kpi_core.guidance.finding import LIST, Finding
from kpi_core.guidance.scope import below, in_force, kpis, ksfs
from kpi_core.model.expression import normalise_code
from kpi_core.model.references import near_slip
from kpi_core.model.workshop import Workshop
from kpi_core.tree.structure import edges, formula_cycles, unknown_names
from kpi_core.vocabulary import NodeKind, Page, Relation, Severity


def kgi_missing(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    """A tree without its top; an empty workshop is not a finding but a beginning."""
    if workshop.nodes and workshop.kgi is None:
        yield Finding("kgi_missing", Severity.ERROR, Page.KGI)


def orphans(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    """KSFs and KPIs without a parent in force."""
    standing = {node.code for node in in_force(workshop)}
    for node in in_force(workshop):
        if node.kind is not NodeKind.KGI and node.parent not in standing:
            page = Page.KSF if node.kind is NodeKind.KSF else Page.KPI_DESIGN
            yield Finding(f"{node.kind}_orphan", Severity.ERROR, page, node.code, {"node": node.code})


def ksf_without_kpi(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    for node in ksfs(workshop):
        if not below(workshop, node.code):
            yield Finding("ksf_without_kpi", Severity.WARNING, Page.KPI_DESIGN, node.code, {"node": node.code})


def cycles(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    """Formulas that use one another in a circle; ``path`` names the way round."""
    for cycle in formula_cycles(workshop):
        path = cycle if len(cycle) > 1 and cycle[0] == cycle[-1] else (*cycle, cycle[0])
        params = {"node": cycle[0], "path": LIST.join(path)}
        yield Finding("formula_cycle", Severity.ERROR, Page.KPI_DESIGN, cycle[0], params)


def unknown_in_formulas(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    """Names in formulas that no node has, with the node that was probably meant."""
    codes = [node.code for node in workshop.nodes]
    for node, name in unknown_names(workshop):
        hint = near_slip(normalise_code(name), [code for code in codes if code != node])
        code = "formula_name_unknown_near" if hint else "formula_name_unknown"
        params = {"node": node, "name": name, "hint": hint} if hint else {"node": node, "name": name}
        yield Finding(code, Severity.ERROR, Page.KPI_DESIGN, node, params)


def unexplained_edges(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    """Edges that are neither arithmetic nor a stated hypothesis, and hypotheses without sign or lag."""
    standing = {node.code for node in in_force(workshop)}
    for edge in edges(workshop):
        if edge.source not in standing or edge.target not in standing:
            continue
        params = {"node": edge.source, "parent": edge.target}
        if edge.relation is None:
            yield Finding("edge_without_relation", Severity.WARNING, Page.KPI_DESIGN, edge.source, params)
        elif edge.relation is Relation.DRIVER and edge.sign is None:
            yield Finding("driver_sign_missing", Severity.WARNING, Page.KPI_DESIGN, edge.source, params)
        elif edge.relation is Relation.DRIVER and edge.lag is None:
            yield Finding("driver_lag_missing", Severity.WARNING, Page.KPI_DESIGN, edge.source, params)


def kpi_without_department(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    for node in kpis(workshop):
        if not node.department:
            yield Finding("department_missing", Severity.WARNING, Page.KPI_DESIGN, node.code, {"node": node.code})
