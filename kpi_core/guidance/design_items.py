"""Readiness items 1-4 and 8: the KGI, cause and effect, the tree, one system for all departments, the hand-over."""

from __future__ import annotations

from kpi_core.guidance.alike import alike_pairs
from kpi_core.guidance.balance import unconnected_departments
from kpi_core.guidance.definitions import void_signoffs
from kpi_core.guidance.facts import Facts
from kpi_core.guidance.finding import LIST
from kpi_core.guidance.findings import structural_errors
from kpi_core.guidance.scope import below, in_force, kpis, ksfs, marketing_and_sales, owning_departments
from kpi_core.guidance.verdict import Reason, met, not_yet, not_yet_for
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.tree.structure import edges
from kpi_core.vocabulary import NodeKind, Page


def missing_of_kgi(kgi: Node) -> tuple[str, ...]:
    """Which of name, unit, baseline, target, due date and owner a KGI lacks."""
    stated = {
        "name": bool(kgi.name.ja.strip() or kgi.name.en.strip()),
        "unit": bool(kgi.unit.strip()),
        "baseline": kgi.baseline is not None,
        "targets": bool(kgi.targets),
        "due": kgi.due is not None,
        "owner": bool(kgi.owner.strip()),
    }
    return tuple(name for name, there in stated.items() if not there)


def kgi_is_set(workshop: Workshop, facts: Facts) -> Reason:
    kgi = workshop.kgi
    if kgi is None:
        return not_yet("kgi_none", Page.KGI)
    missing = missing_of_kgi(kgi)
    if missing:
        return not_yet("kgi_incomplete", Page.KGI, node=kgi.code, fields=LIST.join(missing), count=len(missing))
    return met("kgi_complete", Page.KGI, node=kgi.code)


def cause_and_effect(workshop: Workshop, facts: Facts) -> Reason:
    if workshop.kgi is None or not ksfs(workshop):
        return not_yet("ksf_none", Page.KSF)
    standing = {node.code for node in in_force(workshop)}
    loose = [node for node in in_force(workshop) if node.kind is not NodeKind.KGI and node.parent not in standing]
    if loose:
        page = Page.KSF if loose[0].kind is NodeKind.KSF else Page.KPI_DESIGN
        return not_yet_for("orphans", page, (node.code for node in loose))
    empty = [node.code for node in ksfs(workshop) if not below(workshop, node.code)]
    if empty:
        return not_yet_for("ksf_without_kpi", Page.KPI_DESIGN, empty)
    standing_edges = [edge for edge in edges(workshop) if edge.source in standing and edge.target in standing]
    open_edges = [edge.source for edge in standing_edges if edge.relation is None]
    if open_edges:
        return not_yet_for("edges_without_relation", Page.KPI_DESIGN, open_edges)
    return met("cause_effect_complete", Page.KPI_DESIGN, count=len(standing_edges))


def tree_is_drawn(workshop: Workshop, facts: Facts) -> Reason:
    if workshop.kgi is None:
        return not_yet("kgi_none", Page.KGI)
    if not ksfs(workshop):
        return not_yet("ksf_none", Page.KSF)
    if not kpis(workshop):
        return not_yet("kpi_none", Page.KPI_DESIGN)
    errors = structural_errors(workshop, facts)
    if errors:
        return not_yet("structure_errors", errors[0].page, node=errors[0].node, count=len(errors))
    return met("tree_drawn", Page.KPI_DESIGN, ksfs=len(ksfs(workshop)), kpis=len(kpis(workshop)))


def sharing_departments(workshop: Workshop) -> tuple[str, ...]:
    """The departments that must share one system: marketing and sales where named so, else all that own KPIs."""
    named = tuple(code for code in marketing_and_sales(workshop) if code is not None)
    return named if len(named) == 2 else owning_departments(workshop)


def shared_system(workshop: Workshop, facts: Facts) -> Reason:
    departments = sharing_departments(workshop)
    if len(departments) < 2:
        return not_yet("departments_too_few", Page.KPI_DESIGN, count=len(departments))
    owning = owning_departments(workshop)
    idle = [code for code in departments if code not in owning]
    if idle:
        return not_yet("departments_without_kpi", Page.KPI_DESIGN, departments=LIST.join(idle))
    pair = next(alike_pairs(workshop), None)
    if pair is not None:
        _, one, other = pair
        return not_yet("same_meaning", Page.KPI_DESIGN, node=other.code, nodes=f"{one.code}{LIST}{other.code}")
    return _signed(workshop, departments)


def _signed(workshop: Workshop, departments: tuple[str, ...]) -> Reason:
    """Each of the departments stands by the KGI and by every KPI that it owns or contributes to."""
    void = {(item.node, item.department) for item in void_signoffs(workshop)}
    valid = {(item.node, item.department) for item in workshop.signoffs} - void
    wanted = [
        (node.code, code)
        for code in departments
        for node in in_force(workshop)
        if node.kind is NodeKind.KGI or (node.kind is NodeKind.KPI and code in (node.department, *node.contributors))
    ]
    lacking = [pair for pair in wanted if pair not in valid]
    if lacking:
        named = LIST.join(dict.fromkeys(department for _, department in lacking))
        code = "signoffs_void" if all(pair in void for pair in lacking) else "signoffs_missing"
        return not_yet_for(code, Page.KPI_DESIGN, (node for node, _ in lacking), departments=named)
    return met("shared_system", Page.KPI_DESIGN, departments=LIST.join(departments), count=len(wanted))


def handover_is_defined(workshop: Workshop, facts: Facts) -> Reason:
    if not workshop.handovers:
        return not_yet("handover_none", Page.KPI_DESIGN)
    for handover in workshop.handovers:
        lacking = [] if handover.criterion.strip() else ["criterion"]
        lacking += [] if handover.sla_hours is not None else ["sla_hours"]
        if lacking:
            ends = {"department": handover.source, "other_department": handover.target}
            return not_yet("handover_incomplete", Page.KPI_DESIGN, fields=LIST.join(lacking), **ends)
    sharing = sharing_departments(workshop)
    for source, target in unconnected_departments(workshop):
        if source in sharing and target in sharing:
            return not_yet("handover_gap", Page.KPI_DESIGN, department=source, other_department=target)
    first = workshop.handovers[0]
    ends = {"department": first.source, "other_department": first.target}
    return met("handover_defined", Page.KPI_DESIGN, count=len(workshop.handovers), hours=first.sla_hours, **ends)
