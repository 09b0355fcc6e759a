"""Readiness items 9-14: the dashboard's contents and readers, actions, meetings, freshness, the revision cycle."""

from __future__ import annotations

from kpi_core.guidance.facts import Facts
from kpi_core.guidance.finding import LIST
from kpi_core.guidance.freshness import DAYS, age_in_days
from kpi_core.guidance.scope import kpis, owning_departments
from kpi_core.guidance.verdict import Reason, met, not_yet, not_yet_for
from kpi_core.model.meeting_days import held_days, next_meeting
from kpi_core.model.operation import View
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import ActionStatus, Audience, Cadence, NodeStatus, Page

#: Days a revision may be late before the cycle counts as broken: calendars slip, quarters end.
_REVISION_GRACE = 31


def dashboard_holds_kpis(workshop: Workshop, facts: Facts) -> Reason:
    if not kpis(workshop):
        return not_yet("kpi_none", Page.KPI_DESIGN)
    live = [node.code for node in kpis(workshop) if node.status is NodeStatus.LIVE]
    if not live:
        return not_yet("kpi_none_live", Page.KPI_DESIGN)
    shown = {code for view in workshop.views for code in view.nodes}
    hidden = [code for code in live if code not in shown]
    if hidden:
        return not_yet_for("kpis_not_on_view", Page.DASHBOARD, hidden)
    empty = [code for code in live if code not in facts.latest]
    if empty:
        return not_yet_for("kpis_without_values", Page.DATA_SOURCES, empty)
    return met("kpis_on_views", Page.DASHBOARD, count=len(live))


def views_fit_readers(workshop: Workshop, facts: Facts) -> Reason:
    if not any(view.audience is Audience.EXECUTIVE and view.nodes for view in workshop.views):
        return not_yet("view_executive_none", Page.DASHBOARD)
    served = {view.department for view in workshop.views if view.audience is Audience.FIELD and view.nodes}
    owning = owning_departments(workshop)
    if not owning:
        return not_yet("departments_too_few", Page.KPI_DESIGN, count=0)
    without = [code for code in owning if code not in served]
    if without:
        return not_yet("view_field_none", Page.DASHBOARD, departments=LIST.join(without), count=len(without))
    return met("views_fit", Page.DASHBOARD, count=len(owning))


def actions_exist(workshop: Workshop, facts: Facts) -> Reason:
    if not kpis(workshop):
        return not_yet("kpi_none", Page.KPI_DESIGN)
    acted_on = {action.node for action in workshop.actions if action.status is ActionStatus.OPEN}
    idle = [node.code for node in kpis(workshop) if not node.action.strip() and node.code not in acted_on]
    if idle:
        return not_yet_for("actions_missing", Page.KPI_DESIGN, idle)
    return met("actions_exist", Page.KPI_DESIGN, count=len(kpis(workshop)))


def reviews_scheduled(workshop: Workshop, facts: Facts) -> Reason:
    held = {review.cadence for review in workshop.reviews}
    missing = [cadence for cadence in (Cadence.WEEK, Cadence.MONTH) if cadence not in held]
    if missing:
        return not_yet("reviews_missing", Page.REVIEWS, cadences=LIST.join(missing), count=len(missing))
    for cadence in (Cadence.WEEK, Cadence.MONTH):
        of_cadence = [review for review in workshop.reviews if review.cadence is cadence]
        if not any(review.weekday or (review.day and cadence is Cadence.MONTH) for review in of_cadence):
            return not_yet("review_without_day", Page.REVIEWS, review=of_cadence[0].code)
    return met("reviews_scheduled", Page.REVIEWS, count=len(workshop.reviews))


def update_frequency_kept(workshop: Workshop, facts: Facts) -> Reason:
    if not workshop.views:
        return not_yet("views_none", Page.DASHBOARD)
    undecided = [view.code for view in workshop.views if view.refresh is None]
    if undecided:
        return not_yet("refresh_undecided", Page.DASHBOARD, views=LIST.join(undecided), count=len(undecided))
    oldest = 0
    for view in workshop.views:
        age = _age(workshop, view, facts)
        if age is None:
            return not_yet("view_without_values", Page.DATA_SOURCES, view=view.code)
        if view.refresh is not None and age > DAYS[view.refresh]:
            return not_yet("refresh_late", Page.DATA_SOURCES, view=view.code, days=age, cadence=view.refresh.value)
        oldest = max(oldest, age)
    return met("refresh_kept", Page.DASHBOARD, count=len(workshop.views), days=oldest)


def _age(workshop: Workshop, view: View, facts: Facts) -> int | None:
    """Days since the day that the freshest value on a view speaks of."""
    nodes = [workshop.node(code) for code in view.nodes]
    ages = [age_in_days(workshop, node, facts) for node in nodes if node is not None]
    return min((age for age in ages if age is not None), default=None)


def revision_cycle(workshop: Workshop, facts: Facts) -> Reason:
    revising = [review for review in workshop.reviews if review.cadence in (Cadence.QUARTER, Cadence.YEAR)]
    if not revising:
        return not_yet("revision_none", Page.REVIEWS)
    review = revising[0]
    cadence = review.cadence.value
    held = held_days(workshop, review.code)
    last = max(held, default=None)
    if last is not None and (facts.today - last).days > DAYS[review.cadence] + _REVISION_GRACE:
        return not_yet("revision_late", Page.REVIEWS, review=review.code, cadence=cadence, date=f"{last:%Y-%m-%d}")
    coming = next_meeting(review, facts.today, held, workshop.settings.fiscal_year_start)
    if coming is None:
        return met("revision_set", Page.REVIEWS, review=review.code, cadence=cadence)
    return met("revision_coming", Page.REVIEWS, review=review.code, cadence=cadence, date=f"{coming:%Y-%m-%d}")
