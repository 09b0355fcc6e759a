"""The sample loaded by one call, as a new user does: values, verdicts and statuses of the stored workshop."""

from __future__ import annotations

from datetime import date

from kpi_core.services.checks import findings, readiness, steps
from kpi_core.services.evaluating import evaluate
from kpi_core.services.signing import signoffs
from kpi_core.services.snapshots import snapshot
from kpi_core.vocabulary import Grain, Status

TODAY = date(2026, 11, 23)


def statuses(loaded, grain: Grain, period: str) -> dict[str, Status]:
    found = evaluate(*loaded, grain=grain, first=period, last=period, today=TODAY)
    return {code: series.standings[0].status for (code, _), series in found.series.items()}


def test_the_tour_starts_with_everything_in_place(loaded) -> None:
    today_is_long_before_the_data_grows_old = date(2026, 12, 1)
    assert findings(*loaded, TODAY) == ()
    assert {step.state for step in steps(*loaded, TODAY)} == {"done"}
    verdicts = readiness(*loaded, today_is_long_before_the_data_grows_old)
    assert [(verdict.item, verdict.reason) for verdict in verdicts if not verdict.met] == []


def test_no_sign_off_is_void_or_open(loaded) -> None:
    assert {found.state for found in signoffs(*loaded)} == {"signed"}


def test_october_shows_every_status(loaded) -> None:
    shown = statuses(loaded, Grain.MONTH, "2026-10")
    off_track = {code for code, status in shown.items() if status is Status.OFF_TRACK}
    assert off_track == {"sql_rate", "response_hours", "sla_rate", "expansion_deals"}
    assert shown["bookings"] is Status.WATCH
    assert {shown[code] for code in ("new_leads", "mql_count", "average_deal", "adoption_rate")} == {Status.ON_TRACK}


def test_the_first_half_was_above_plan(loaded) -> None:
    for quarter in ("2026-Q1", "2026-Q2"):
        assert statuses(loaded, Grain.QUARTER, quarter)["bookings"] is Status.ON_TRACK


def test_every_kpi_has_values_in_every_month_of_the_last_year(loaded) -> None:
    found = evaluate(*loaded, grain=Grain.MONTH, first="2025-11", last="2026-10", today=TODAY)
    kinds = {node.code: node.kind for node in snapshot(*loaded).workshop.nodes}
    gaps = [
        code
        for (code, _), series in found.series.items()
        if kinds[code] != "ksf" and series.actual[0] != series.actual[0]
    ]
    assert gaps == []
