"""Forecasts on record: what was believed on which day, and people's own numbers with their reasons."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date

from kpi_core.errors import RefusedError
from kpi_core.model.period import parse_period, period_of
from kpi_core.services.datasets import today_of
from kpi_core.services.finite import refuse_infinite
from kpi_core.services.landing import Landing, landings
from kpi_core.services.people import Who, authorise
from kpi_core.services.snapshots import snapshot
from kpi_core.store import changes
from kpi_core.store.forecasts import Foreseen, StoredForecast, add_forecasts, forecasts
from kpi_core.store.state import State
from kpi_core.vocabulary import Grain, LandingMethod, Role


def record_landings(
    state: State, workshop_id: str, who: Who, nodes: Collection[str] | None = None, *, today: date | None = None
) -> tuple[Landing, ...]:
    """The landings as they are today, every method's value put on record with the day.

    What the record says already today is not repeated, so it may be called as often as one looks; members of any role
    may look, hence record. Raises as ``landings``.
    """
    workshop = snapshot(state, workshop_id).workshop
    day, start = today or today_of(workshop), workshop.settings.fiscal_year_start
    found = landings(state, workshop_id, nodes, today=day)
    said = [
        Foreseen(
            one.node,
            one.period.key,
            method.method,
            day,
            method.foreseen.value,
            method.foreseen.low,
            method.foreseen.high,
            one.known_to,
        )
        for one in found
        for method in one.methods
        if method.foreseen.value is not None
    ]
    with state.writing() as connection:
        add_forecasts(connection, workshop_id, start, said, who.name)
    return found


def override(
    state: State,
    workshop_id: str,
    node: str,
    period: str,
    value: float | None,
    reason: str,
    who: Who,
    *,
    today: date | None = None,
) -> StoredForecast:
    """Put a person's own number for a landing on record, with its reason; ``value`` ``None`` takes the last one
    back, with or without one.

    A facilitator does, for the team. Raises ``RefusedError``: ``node_unknown``, ``number_not_finite``,
    ``override_reason_needed``, ``override_period_over`` for a period that has ended, ``period_wrong_grain`` for one
    that is neither of the workshop's grain nor a fiscal year.
    """
    authorise(who, Role.FACILITATOR)
    workshop = snapshot(state, workshop_id).workshop
    day = today or today_of(workshop)
    if workshop.node(node) is None:
        raise RefusedError("node_unknown", node=node)
    refuse_infinite([value])
    if value is not None and not reason.strip():
        raise RefusedError("override_reason_needed")
    start = workshop.settings.fiscal_year_start
    target = parse_period(period, start)
    if target.grain not in (workshop.settings.grain, Grain.YEAR):
        raise RefusedError("period_wrong_grain", text=period, grain=workshop.settings.grain.value)
    if target.end <= day:
        raise RefusedError("override_period_over", period=target.key)
    said = Foreseen(node, target.key, LandingMethod.OVERRIDE, day, value, reason=reason.strip())
    with state.writing() as connection:
        add_forecasts(connection, workshop_id, start, [said], who.name)
        after = json.dumps({"period": target.key, "value": value, "reason": reason.strip()}, ensure_ascii=False)
        changes.append(connection, workshop_id, who.name, "forecasts", node, "overridden", None, after)
        stored = forecasts(connection, workshop_id, start, node)
    return next(one for one in reversed(stored) if one.foreseen == said)


def believed(state: State, workshop_id: str, node: str, day: date) -> tuple[StoredForecast, ...]:
    """What was on record on the evening of ``day``: of each period not over then, each method's last forecast by then.

    "What did we believe on 1 June?" An override that was taken back by then is absent. Oldest period first.
    """
    workshop = snapshot(state, workshop_id).workshop
    start = workshop.settings.fiscal_year_start
    last: dict[tuple[str, LandingMethod], StoredForecast] = {}
    for one in forecasts(state.connection, workshop_id, start, node):
        if one.foreseen.day <= day and parse_period(one.foreseen.period, start).end > day:
            last[one.foreseen.period, one.foreseen.method] = one
    kept = [one for one in last.values() if one.foreseen.value is not None]
    return tuple(sorted(kept, key=lambda one: (parse_period(one.foreseen.period, start), one.foreseen.method)))


def history(
    state: State, workshop_id: str, node: str, period: str | None = None, *, today: date | None = None
) -> tuple[StoredForecast, ...]:
    """Every forecast of a node for ``period`` (the current fiscal year when not given), oldest first."""
    workshop = snapshot(state, workshop_id).workshop
    start = workshop.settings.fiscal_year_start
    year = period_of(today or today_of(workshop), Grain.YEAR, start)
    wanted = year.key if period is None else parse_period(period, start).key
    return tuple(one for one in forecasts(state.connection, workshop_id, start, node) if one.foreseen.period == wanted)
