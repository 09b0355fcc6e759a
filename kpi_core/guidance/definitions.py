"""Findings about definition cards: what a KPI needs before people can agree on it and be measured by it."""

from __future__ import annotations

from collections.abc import Iterator

from kpi_core.errors import Param
from kpi_core.guidance.coverage import uncovered_periods
from kpi_core.guidance.facts import Facts
from kpi_core.guidance.finding import Finding
from kpi_core.guidance.measurability import measurable, reached
from kpi_core.guidance.rewriting import awaiting_rewrite
from kpi_core.guidance.scope import in_force, kpis
from kpi_core.model.node import Node, Signoff, Thresholds, definition_hash
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Direction, Nature, NodeKind, Page, Severity


def _place(node: Node) -> Page:
    return Page.KGI if node.kind is NodeKind.KGI else Page.KPI_DESIGN


def measured_nodes(workshop: Workshop) -> tuple[Node, ...]:
    """The nodes that carry a number: the KGI and the KPIs in force."""
    return tuple(node for node in in_force(workshop) if node.kind is not NodeKind.KSF)


def owner_missing(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    for node in measured_nodes(workshop):
        if not node.owner.strip():
            yield Finding("owner_missing", Severity.WARNING, _place(node), node.code, {"node": node.code})


def definition_missing(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    for node in measured_nodes(workshop):
        if not node.definition.strip():
            yield Finding("definition_missing", Severity.WARNING, _place(node), node.code, {"node": node.code})


def unit_missing(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    for node in measured_nodes(workshop):
        if not node.unit.strip():
            yield Finding("unit_missing", Severity.WARNING, _place(node), node.code, {"node": node.code})


def source_missing(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    """Numbers that come from nowhere: no measure, no formula over measured nodes, nobody who types them in."""
    known = measurable(workshop)
    for node in measured_nodes(workshop):
        if node.manual and node.code not in known:
            params = {"node": node.code}
            yield Finding("updater_missing", Severity.WARNING, Page.DATA_SOURCES, node.code, params)
        elif node.formula is None and node.code not in known:
            params = {"node": node.code}
            yield Finding("source_missing", Severity.WARNING, Page.DATA_SOURCES, node.code, params)


def target_missing(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    """Neither a target nor a threshold, nor a formula whose inputs all have one (their targets give this one's)."""
    aimed = reached(workshop, lambda node: bool(node.targets))
    for node in measured_nodes(workshop):
        derived = node.kind is not NodeKind.KGI and node.code in aimed
        if not (node.targets or node.thresholds is not None or derived):
            yield Finding("target_missing", Severity.WARNING, _place(node), node.code, {"node": node.code})


def targets_incomplete(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    """Targets that leave periods of the fiscal year out (the running year, or the latest one with a target)."""
    for node in measured_nodes(workshop):
        year, missing = uncovered_periods(workshop, node, facts.today)
        if missing:
            params: dict[str, Param] = {"node": node.code, "year": year, "count": len(missing), "first": missing[0]}
            yield Finding("targets_incomplete", Severity.WARNING, _place(node), node.code, params)


def thresholds_contradict(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    """A goal on the wrong side of red: every status of the node would be turned round."""
    for node in measured_nodes(workshop):
        if node.thresholds is not None and not _in_order(node.thresholds, node.direction):
            params: dict[str, Param] = {"node": node.code, "goal": node.thresholds.goal, "red": node.thresholds.red}
            code = f"thresholds_contradict_{node.direction}"
            yield Finding(code, Severity.ERROR, _place(node), node.code, params)


def _in_order(limits: Thresholds, direction: Direction) -> bool:
    if direction is Direction.UP:
        return limits.goal > limits.red
    if direction is Direction.DOWN:
        return limits.goal < limits.red
    if limits.goal_upper is None or limits.red_upper is None:
        return False
    return limits.red < limits.goal <= limits.goal_upper < limits.red_upper


def nature_missing(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    for node in kpis(workshop):
        if node.nature is None:
            yield Finding("nature_missing", Severity.INFO, Page.KPI_DESIGN, node.code, {"node": node.code})


def lag_missing(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    """A leading indicator that does not say how long its effect takes."""
    for node in kpis(workshop):
        if node.nature is Nature.LEADING and node.lag is None:
            yield Finding("lag_missing", Severity.INFO, Page.KPI_DESIGN, node.code, {"node": node.code})


def void_signoffs(workshop: Workshop) -> tuple[Signoff, ...]:
    """The sign-offs that agreed to something else than what the definition says now, or is going to say.

    A definition that a revision decided to change is not agreed to any more, also before it is rewritten.
    """
    waiting = awaiting_rewrite(workshop)
    signed = {signoff.node for signoff in workshop.signoffs}
    now = {node.code: definition_hash(node) for node in workshop.nodes if node.code in signed}
    return tuple(
        signoff
        for signoff in workshop.signoffs
        if signoff.node in waiting or now.get(signoff.node) != signoff.definition
    )


def rewrite_pending(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    """A revision decided to change the KPI, and its definition says what it said before."""
    for code, (revision, decision) in awaiting_rewrite(workshop).items():
        params: dict[str, Param] = {"node": code, "date": revision.held_on.isoformat(), "why": decision.reason}
        yield Finding("rewrite_pending", Severity.WARNING, Page.KPI_DESIGN, code, params)


def signoff_void(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    waiting = awaiting_rewrite(workshop)  # told once, as what is to be done first
    standing = {node.code: node for node in in_force(workshop) if node.code not in waiting}
    for signoff in void_signoffs(workshop):
        node = standing.get(signoff.node)
        if node is not None:
            params = {"node": node.code, "department": signoff.department, "person": signoff.person}
            yield Finding("signoff_void", Severity.WARNING, _place(node), node.code, params)
