"""Findings about running it: departments, views and review meetings that point to nothing."""

from __future__ import annotations

from collections.abc import Iterator

from kpi_core.guidance.facts import Facts
from kpi_core.guidance.finding import Finding
from kpi_core.guidance.scope import in_force
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import NodeStatus, Page, Severity


def department_unknown(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    """Departments that something names and nobody defined; each once."""
    defined = {department.code for department in workshop.departments}
    named = [code for node in in_force(workshop) for code in (node.department, *node.contributors)]
    named += [code for handover in workshop.handovers for code in (handover.source, handover.target)]
    named += [view.department for view in workshop.views]
    named += [member.department for member in workshop.members]
    named += [signoff.department for signoff in workshop.signoffs]
    for code in dict.fromkeys(named):
        if code is not None and code not in defined:
            yield Finding("department_unknown", Severity.WARNING, Page.SETTINGS, None, {"department": code})


def view_shows_retired(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    retired = {node.code for node in workshop.nodes if node.status is NodeStatus.RETIRED}
    for view in workshop.views:
        for code in view.nodes:
            if code in retired:
                params = {"node": code, "view": view.code}
                yield Finding("view_shows_retired", Severity.WARNING, Page.DASHBOARD, code, params)


def review_without_view(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    for review in workshop.reviews:
        if not review.views:
            params = {"review": review.code}
            yield Finding("review_without_view", Severity.WARNING, Page.REVIEWS, None, params)
