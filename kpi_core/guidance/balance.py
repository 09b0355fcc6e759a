"""Findings about the tree as a whole: what a team can steer, what it can still influence, who passes work to whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kpi_core.errors import Param
from kpi_core.guidance.facts import Facts
from kpi_core.guidance.finding import Finding
from kpi_core.guidance.scope import below, kpis, ksfs, marketing_and_sales, owning_departments
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Nature, NodeKind, Page, Severity

#: What a weekly meeting of one hour can look at: eight minutes a KPI for cause, decision and next action.
KPIS_A_DEPARTMENT = 7
#: What a monthly review of two hours can look at: five minutes a KPI.
KPIS_IN_ALL = 25


def too_many_kpis(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    owned = kpis(workshop)
    if len(owned) > KPIS_IN_ALL:
        params = {"count": len(owned), "limit": KPIS_IN_ALL}
        yield Finding("too_many_kpis", Severity.WARNING, Page.KPI_DESIGN, None, params)
    for department, count in Counter(node.department for node in owned if node.department).items():
        if count > KPIS_A_DEPARTMENT:
            of_one: dict[str, Param] = {"department": department, "count": count, "limit": KPIS_A_DEPARTMENT}
            yield Finding("too_many_kpis_department", Severity.WARNING, Page.KPI_DESIGN, None, of_one)


def only_lagging(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    """A success factor whose KPIs all tell the result too late to act on it."""
    for factor in ksfs(workshop):
        natures = [node.nature for node in below(workshop, factor.code) if node.kind is NodeKind.KPI]
        if natures and all(nature is Nature.LAGGING for nature in natures):
            yield Finding("ksf_only_lagging", Severity.WARNING, Page.KPI_DESIGN, factor.code, {"node": factor.code})


def unconnected_departments(workshop: Workshop) -> tuple[tuple[str, str], ...]:
    """Pairs of departments that own KPIs and are not joined by hand-overs, not even through others.

    The first of each pair stands for the departments that are joined with the first one (marketing, where there is
    one), the second for a group that nothing leads to.
    """
    owning = list(owning_departments(workshop))
    marketing, sales = marketing_and_sales(workshop)
    owning.sort(key=lambda code: (code != marketing, code != sales))
    groups = {code: {code} for code in owning}
    for handover in workshop.handovers:
        joined = groups.get(handover.source, {handover.source}) | groups.get(handover.target, {handover.target})
        groups.update(dict.fromkeys(joined, joined))
    told: set[str] = set()
    pairs = []
    for code in owning:
        if code not in told:
            if told:
                pairs.append((owning[0], code))
            told |= groups[code]
    return tuple(pairs)


def without_handover(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    for source, target in unconnected_departments(workshop):
        params = {"department": source, "other_department": target}
        yield Finding("handover_missing", Severity.WARNING, Page.KPI_DESIGN, None, params)


def handover_incomplete(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    """Hand-overs that do not say what is handed over, or by when the receiver answers."""
    for handover in workshop.handovers:
        params = {"department": handover.source, "other_department": handover.target, "handover": handover.code}
        if not handover.criterion.strip():
            yield Finding("handover_criterion_missing", Severity.WARNING, Page.KPI_DESIGN, None, params)
        if handover.sla_hours is None:
            yield Finding("handover_sla_missing", Severity.WARNING, Page.KPI_DESIGN, None, params)
