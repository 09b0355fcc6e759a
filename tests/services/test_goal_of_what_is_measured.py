"""A value that speaks of a part of its period is held against the goal of that part; numbers worked by hand."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kpi_core.model.workshop import Workshop
from kpi_core.services.datasets import store_upload
from kpi_core.services.evaluating import NodeSeries, evaluate
from kpi_core.services.measuring import refresh
from kpi_core.services.people import Who
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import Grain, Status

AFTER = date(2027, 6, 1)


def made(state: State, *nodes: dict[str, Any], **more: Any) -> str:
    document = {"workshop": {"name": "w", "fiscal_year_start": 4}, "nodes": list(nodes), **more}
    return create_workshop(state, Workshop.model_validate(document), Who("佐藤"))


def by_month(year: int, first: int, *values: float) -> list[dict[str, Any]]:
    return [{"period": f"{year}-{first + at:02d}", "value": value} for at, value in enumerate(values)]


def typed(*values: float, first: int = 7, targets: list[dict[str, Any]] | None = None, **card: Any) -> dict[str, Any]:
    return {
        "code": "won",
        "kind": "kgi",
        "unit": "count",
        "manual": by_month(2026, first, *values),
        "targets": by_month(2026, 7, 100, 100, 100) if targets is None else targets,
        **card,
    }


def quarter(state: State, workshop: str, today: date = AFTER, grain: Grain = Grain.QUARTER) -> NodeSeries:
    key = "2026-Q2" if grain is Grain.QUARTER else "2026"
    return evaluate(state, workshop, grain=grain, first=key, last=key, today=today).series["won", None]


def test_a_quarter_without_its_last_month_has_the_goal_of_the_others(state: State) -> None:
    """100 of 100 in July and August, nothing for September: both months reach their goals, and so does the quarter."""
    found = quarter(state, made(state, typed(100, 100)))
    stand = found.standings[0]
    assert (stand.actual, stand.target, stand.goal_to_date) == (200, 300, 200)
    assert (stand.score, stand.status) == (pytest.approx(20 / 3), Status.ON_TRACK)
    assert found.coverage[0] == pytest.approx(2 / 3)


def test_a_quarter_without_its_first_month_likewise(state: State) -> None:
    uneven = by_month(2026, 7, 50, 100, 150)
    found = quarter(state, made(state, typed(100, 100, first=8, targets=uneven)))
    assert found.standings[0].goal_to_date == 250
    assert found.standings[0].score == pytest.approx(10 / 3)  # red at 200


def test_a_quarters_own_target_is_prorated_by_days(state: State) -> None:
    whole = [{"period": "2026-Q2", "value": 920}]
    found = quarter(state, made(state, typed(100, 100, targets=whole)))
    assert found.standings[0].goal_to_date == pytest.approx(620)  # 62 of 92 days


def test_months_that_do_not_add_up_to_the_quarters_own_target_say_nothing_of_its_parts(state: State) -> None:
    whole = [*by_month(2026, 7, 1, 1, 1), {"period": "2026-Q2", "value": 920}]
    assert quarter(state, made(state, typed(100, 100, targets=whole))).standings[0].goal_to_date == pytest.approx(620)


def test_thresholds_count_the_months_that_are_measured(state: State) -> None:
    limits = {"goal": 100, "red": 50}
    found = quarter(state, made(state, typed(100, 50, targets=[], thresholds=limits)))
    assert (found.standings[0].goal_to_date, found.standings[0].score) == (200, pytest.approx(5))  # red at 100


def test_a_years_quarterly_targets_are_its_parts(state: State) -> None:
    """April to August: the first quarter's 300 and 62 of 92 days of the second one's 920."""
    aims = [{"period": f"2026-Q{at}", "value": value} for at, value in enumerate((300, 920, 500, 600), 1)]
    found = quarter(state, made(state, typed(90, 90, 90, 90, 90, first=4, targets=aims)), grain=Grain.YEAR)
    assert (found.standings[0].actual, found.standings[0].target) == (450, 2320)
    assert found.standings[0].goal_to_date == pytest.approx(920)


def test_a_period_that_is_measured_to_its_end_has_its_whole_goal(state: State) -> None:
    found = quarter(state, made(state, typed(100, 100, 100)))
    assert (found.standings[0].goal_to_date, found.coverage[0]) == (300, 1)


def test_a_running_periods_goal_is_that_of_its_months_so_far(state: State) -> None:
    """On 16 September: July's and August's own targets and half of September's; typed to August only, not that half."""
    uneven = by_month(2026, 7, 50, 100, 150)
    until_september = made(state, typed(10, 20, 30, targets=uneven))
    assert quarter(state, until_september, date(2026, 9, 16)).standings[0].goal_to_date == pytest.approx(225)
    until_august = made(state, typed(10, 20, targets=uneven))
    assert quarter(state, until_august, date(2026, 9, 16)).standings[0].goal_to_date == pytest.approx(150)


def test_a_rate_keeps_its_goal_and_tells_how_much_is_measured(state: State) -> None:
    found = quarter(
        state, made(state, typed(0.2, 0.3, unit="ratio", roll_up="mean", targets=by_month(2026, 7, *[0.2] * 3)))
    )
    assert (found.standings[0].goal_to_date, found.coverage[0]) == (pytest.approx(0.2), pytest.approx(2 / 3))


def test_rows_speak_from_their_first_month_to_the_day_they_were_taken(state: State, tmp_path: Path) -> None:
    """Deals from November 2025, taken on 20 August 2026: 5 of 12 months, then 4 months and 20 of 31 days."""
    measure = {"dataset": "deals", "aggregate": "count", "date": "day"}
    aims = [{"period": f"{year}-{month:02d}", "value": 31} for year in (2025, 2026) for month in range(1, 13)]
    aims += [{"period": f"2027-{month:02d}", "value": 31} for month in (1, 2, 3)]
    workshop = made(
        state,
        {"code": "won", "kind": "kgi", "unit": "count", "measure": measure, "targets": aims},
        sources=[{"code": "sfa"}],
        datasets=[{"code": "deals", "source": "sfa"}],
    )
    path = tmp_path / "deals.csv"
    days = [
        "2025-11-03",
        "2025-12-03",
        "2026-02-03",
        "2026-03-03",
        "2026-04-07",
        "2026-05-08",
        "2026-06-09",
        "2026-08-04",
    ]
    path.write_text("day,deal\n" + "".join(f"{day},{at}\n" for at, day in enumerate(days)), encoding="utf-8")
    store_upload(state, workshop, "deals", path, "deals.csv", None, Who("佐藤"), as_of=date(2026, 8, 20))
    refresh(state, workshop, Who("佐藤"))
    found = evaluate(state, workshop, grain=Grain.YEAR, first="2025", last="2026", today=date(2026, 9, 10))
    series = found.series["won", None]
    assert [stand.goal_to_date for stand in series.standings] == [5 * 31, pytest.approx(4 * 31 + 20)]
    assert series.coverage.tolist() == [pytest.approx(5 / 12), pytest.approx((4 + 20 / 31) / 12)]
    august = evaluate(state, workshop, first="2026-08", last="2026-08", today=date(2026, 9, 10)).series["won", None]
    assert august.standings[0].goal_to_date == pytest.approx(20)  # over, but told to the 20th only


def test_a_formula_speaks_of_what_all_its_inputs_that_add_up_speak_of(state: State) -> None:
    """Won to August, lost to July, a price typed once: the difference is July's, the amount goes to August."""
    workshop = made(
        state,
        {"code": "kgi", "kind": "kgi"},
        {"code": "ksf", "kind": "ksf", "parent": "kgi"},
        {"code": "gained", "kind": "kpi", "parent": "ksf", "unit": "count", "formula": "won - lost"},
        {"code": "amount", "kind": "kpi", "parent": "ksf", "unit": "JPY", "formula": "won * price"},
        typed(100, 100) | {"kind": "kpi", "parent": "ksf"},
        typed(10) | {"kind": "kpi", "parent": "ksf", "code": "lost", "targets": by_month(2026, 7, 10, 10, 10)},
        typed(5)
        | {"kind": "kpi", "parent": "ksf", "code": "price", "unit": "JPY", "targets": by_month(2026, 7, 5, 5, 5)},
    )
    found = evaluate(state, workshop, grain=Grain.QUARTER, first="2026-Q2", last="2026-Q2", today=AFTER)
    assert found.series["gained", None].standings[0].goal_to_date == pytest.approx(90)
    assert found.series["amount", None].standings[0].goal_to_date == pytest.approx(1000)
    assert found.series["amount", None].standings[0].actual == 1000


def test_the_command_tells_the_coverage(state: State, capsys: pytest.CaptureFixture[str]) -> None:
    from kpi_core.cli import main

    workshop = made(state, typed(100, 100))
    asked = [
        "--db",
        str(state.path),
        "evaluate",
        workshop,
        "--grain",
        "quarter",
        "--from",
        "2026-Q2",
        "--to",
        "2026-Q2",
    ]
    assert main([*asked, "--json"]) == 0
    (value,) = json.loads(capsys.readouterr().out)["values"]
    assert (value["actual"], value["coverage"]) == (200, pytest.approx(2 / 3))
