"""Boards: a tile's numbers, what is off track first, running totals and segments, on numbers worked by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kpi_core.model.base import PeriodValue
from kpi_core.model.file import read_workshop
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.services.attention import attention
from kpi_core.services.dashboards import board, off_track, running_total, year_target
from kpi_core.services.editing import save
from kpi_core.services.evaluating import evaluate
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.unjudged import judged, unjudged, why_of
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import Grain, NodeKind, Status, Unjudged

TODAY = date(2026, 7, 15)

FILE = """{
 "format": "kpi-workshop/1",
 "workshop": {"name": "W", "fiscal_year_start": 4},
 "nodes": [
  {"code": "revenue", "kind": "kgi", "unit": "JPY", "roll_up": "sum",
   "manual": [{"period": "2025-06", "value": 80}, {"period": "2026-04", "value": 100},
              {"period": "2026-05", "value": 90},
              {"period": "2026-06", "value": 120}],
   "targets": [{"period": "2026-04", "value": 100}, {"period": "2026-05", "value": 100},
               {"period": "2026-06", "value": 100}, {"period": "2026-07", "value": 100}]},
  {"code": "growth", "kind": "ksf", "parent": "revenue"},
  {"code": "deals", "kind": "kpi", "parent": "growth", "unit": "count", "roll_up": "sum",
   "manual": [{"period": "2026-05", "value": 10}, {"period": "2026-06", "value": 5}],
   "thresholds": {"goal": 10, "red": 8}},
  {"code": "days", "kind": "kpi", "parent": "growth", "unit": "days", "direction": "down", "roll_up": "last",
   "manual": [{"period": "2026-06", "value": 55}], "thresholds": {"goal": 50, "red": 60}},
  {"code": "leads", "kind": "kpi", "parent": "deals", "unit": "count"}
 ]}"""


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State.open(tmp_path / "w.db") as opened:
        yield opened


@pytest.fixture
def workshop(state: State) -> str:
    return create_workshop(state, read_workshop(FILE), Who("test"))


def stored(state: State, workshop: str) -> Workshop:
    return snapshot(state, workshop).workshop


@pytest.mark.parametrize("typed", ["nonsense", "2026-99", "2026-Q1", "1900-01"])
def test_a_link_to_a_period_that_cannot_be_shown_gives_the_usual_one(state: State, workshop: str, typed: str) -> None:
    shown = board(state, workshop, Grain.MONTH, typed, today=TODAY)
    assert shown.period is not None
    assert shown.period.key == "2026-06"


def test_the_last_ended_period_with_a_kgi_value_is_shown(state: State, workshop: str) -> None:
    shown = board(state, workshop, Grain.MONTH, today=TODAY)
    assert shown.period is not None
    assert shown.period.key == "2026-06"
    assert [period.key for period in shown.periods] == ["2025-06", "2026-04", "2026-05", "2026-06"]


def test_a_tile_compares_with_target_previous_period_and_previous_year(state: State, workshop: str) -> None:
    tile = board(state, workshop, Grain.MONTH, today=TODAY).tiles["revenue"]
    assert tile.standing.actual == 120
    assert tile.achievement == pytest.approx(1.2)  # 120 of 100
    assert tile.change == 30  # 120 after 90
    assert (tile.previous_year, tile.year_change) == (80, 40)  # June 2025 was 80


def test_lower_is_better_achieves_goal_over_actual(state: State, workshop: str) -> None:
    tile = board(state, workshop, Grain.MONTH, today=TODAY).tiles["days"]
    assert tile.achievement == pytest.approx(50 / 55)
    assert tile.standing.status is Status.WATCH  # 10/3 + 10/3 x (55-60)/(50-60) = 5


def test_unmeasured_has_no_number_at_all(state: State, workshop: str) -> None:
    tile = board(state, workshop, Grain.MONTH, today=TODAY).tiles["leads"]
    assert (tile.standing.actual, tile.achievement, tile.change) == (None, None, None)
    assert tile.standing.status is Status.NONE


def test_off_track_comes_before_watch(state: State, workshop: str) -> None:
    shown = board(state, workshop, Grain.MONTH, today=TODAY)
    assert [tile.node.code for tile in off_track(shown)] == ["deals", "days"]  # 5 of 10 is red, 55 of 50 days amber


def test_the_running_total_goes_over_the_whole_fiscal_year_known_so_far(state: State, workshop: str) -> None:
    shown = board(state, workshop, Grain.MONTH, today=TODAY)
    total = running_total(shown, "revenue")
    assert total is not None
    year, course = total
    assert year.key == "2026"
    assert [period.key for period in course.periods] == ["2026-04", "2026-05", "2026-06", "2026-07"]
    assert course.actual == (100, 90, 120, None)
    assert course.target == (100, 100, 100, 100)


def test_the_running_total_of_an_earlier_period_ends_with_it(state: State, workshop: str) -> None:
    total = running_total(board(state, workshop, Grain.MONTH, "2026-05", today=TODAY), "revenue")
    assert total is not None
    assert total[1].actual == (100, 90, None, None)
    assert total[1].target == (100, 100, 100, 100)


def test_a_trend_without_targets_shows_the_thresholds_goal(state: State, workshop: str) -> None:
    shown = board(state, workshop, Grain.MONTH, today=TODAY)
    assert shown.trend("deals", 2).target == (10, 10)
    assert shown.trend("days", 1).target == (50,)
    assert shown.trend("leads", 1).target == (None,)


def test_a_tile_compares_with_its_goal_to_date(state: State, workshop: str) -> None:
    tiles = board(state, workshop, Grain.MONTH, today=TODAY).tiles
    assert (tiles["revenue"].goal_change, tiles["deals"].goal_change, tiles["leads"].goal_change) == (20, -5, None)


def test_only_a_period_that_holds_today_is_running(state: State, workshop: str) -> None:
    assert not board(state, workshop, Grain.MONTH, today=TODAY).running
    assert board(state, workshop, Grain.MONTH, "2026-06", today=date(2026, 6, 30)).running
    assert board(state, workshop, Grain.YEAR, "2026", today=TODAY).running


def test_what_needs_attention_stands_below_its_success_factor(state: State, workshop: str) -> None:
    shown, stored_now = board(state, workshop, Grain.MONTH, today=TODAY), stored(state, workshop)
    found = attention(shown, stored_now)
    assert [(factor.node.code if factor.node else None, factor.status) for factor in found.factors] == [
        ("growth", Status.OFF_TRACK),
    ]
    assert [tile.node.code for tile in found.factors[0].behind] == ["deals", "days"]
    assert found.left == ()
    fewer = attention(shown, stored_now, most=1)
    assert [tile.node.code for tile in fewer.factors[0].behind] == ["deals"]
    assert len(fewer.left) == 1


def test_a_factor_without_trouble_is_told_too_and_a_kpi_below_none_has_its_place(state: State, workshop: str) -> None:
    found = stored(state, workshop)
    well = Node(code="well", kind=NodeKind.KSF, parent="revenue")
    save(state, workshop, "nodes", well, None, Who("test"))
    days = found.node("days")
    assert days is not None
    moved = days.model_copy(update={"parent": None})
    save(state, workshop, "nodes", moved, snapshot(state, workshop).revisions["nodes", "days"], Who("test"))
    told = attention(board(state, workshop, Grain.MONTH, today=TODAY), stored(state, workshop)).factors
    assert [(factor.node.code if factor.node else None, len(factor.behind)) for factor in told] == [
        ("growth", 1),
        (None, 1),
        ("well", 0),
    ]
    assert told[2].status is Status.NONE


def test_what_does_not_add_up_has_no_running_total(state: State, workshop: str) -> None:
    assert running_total(board(state, workshop, Grain.MONTH, today=TODAY), "days") is None


def test_a_chosen_period_is_kept_and_an_unknown_one_is_passed_over(state: State, workshop: str) -> None:
    chosen = board(state, workshop, Grain.MONTH, "2026-05", today=TODAY)
    unknown = board(state, workshop, Grain.MONTH, "2031-05", today=TODAY)
    of_another_grain = board(state, workshop, Grain.QUARTER, "2026-05", today=TODAY)
    assert chosen.period is not None
    assert chosen.period.key == "2026-05"
    assert unknown.period is not None
    assert unknown.period.key == "2026-06"
    assert of_another_grain.period is not None
    assert of_another_grain.period.grain is Grain.QUARTER


def test_a_workshop_without_values_has_an_empty_board(state: State) -> None:
    bare = create_workshop(state, read_workshop('{"format": "kpi-workshop/1", "workshop": {"name": "W"}}'), Who("test"))
    shown = board(state, bare, Grain.MONTH, today=TODAY)
    assert (shown.period, shown.periods, shown.tiles) == (None, (), {})


def test_a_success_factor_is_as_its_worst_kpi(state: State, workshop: str) -> None:
    shown = board(state, workshop, Grain.MONTH, today=TODAY)
    assert shown.statuses["deals"] is Status.OFF_TRACK
    assert shown.statuses["days"] is Status.WATCH
    assert shown.statuses["growth"] is Status.OFF_TRACK


def test_a_kpi_without_a_status_says_whether_value_or_goal_is_missing(state: State, workshop: str) -> None:
    def kpi(code: str, *manual: PeriodValue) -> Node:
        return Node(code=code, kind=NodeKind.KPI, parent="new", unit="count", manual=manual)

    save(state, workshop, "nodes", Node(code="new", kind=NodeKind.KSF, parent="revenue"), None, Who("test"))
    save(state, workshop, "nodes", kpi("visits", PeriodValue(period="2026-06", value=407)), None, Who("test"))
    save(state, workshop, "nodes", kpi("calls"), None, Who("test"))
    shown = board(state, workshop, Grain.MONTH, today=TODAY)
    found = unjudged(shown)
    assert {code: found[code] for code in ("visits", "calls", "leads", "new")} == {
        "visits": Unjudged.NO_GOAL,
        "calls": Unjudged.NOT_MEASURED,
        "leads": Unjudged.NOT_MEASURED,
        "new": Unjudged.NO_GOAL,  # a factor tells of the KPI that lacks least
    }
    assert not {"revenue", "deals", "days", "growth"} & set(found)
    assert judged(shown).judged == 2
    assert judged(shown).without == {Unjudged.NOT_MEASURED: 2, Unjudged.NO_GOAL: 1}


def test_a_range_that_lacks_limits_says_so_and_a_target_of_zero_is_a_target(state: State) -> None:
    nodes = """
  {"code": "claims", "kind": "kgi", "unit": "count", "direction": "down", "manual": [{"period": "2026-06", "value": 1}],
   "targets": [{"period": "2026-06", "value": 0}]},
  {"code": "factor", "kind": "ksf", "parent": "claims"},
  {"code": "stock", "kind": "kpi", "parent": "factor", "unit": "count", "direction": "range",
   "manual": [{"period": "2026-06", "value": 100}], "thresholds": {"goal": 30, "red": 10}}
 ]}"""
    made = create_workshop(state, read_workshop(FILE.split('"nodes": [')[0] + '"nodes": [' + nodes), Who("test"))
    tiles = board(state, made, Grain.MONTH, "2026-06", today=TODAY).tiles
    assert (tiles["claims"].standing.status, why_of(tiles["claims"])) == (Status.OFF_TRACK, None)
    assert (tiles["stock"].standing.status, why_of(tiles["stock"])) == (Status.NONE, Unjudged.NO_LIMITS)


@pytest.mark.parametrize(
    ("first", "aimed", "expected"),
    [
        (4, 12, 12 * 45),  # every month of the year has a target
        (4, 9, None),  # April to December: no target of the year
        (6, 12, None),  # measured from June on: its landing is of ten months
    ],
)
def test_a_landing_is_held_against_the_target_of_the_whole_year_alone(
    state: State, first: int, aimed: int, expected: float | None
) -> None:
    keys = [f"{2026 + (3 + at) // 12}-{(3 + at) % 12 + 1:02d}" for at in range(12)]
    typed = [PeriodValue(period=f"2026-{month:02d}", value=12) for month in range(first, 7)]
    aims = [PeriodValue(period=key, value=45) for key in keys[:aimed]]
    node = Node(code="won", kind=NodeKind.KGI, unit="count", manual=tuple(typed), targets=tuple(aims))
    document = read_workshop(FILE.split('"nodes": [')[0] + '"nodes": []}')
    made = create_workshop(state, document.model_copy(update={"nodes": (node,)}), Who("test"))
    assert year_target(board(state, made, Grain.MONTH, "2026-06", today=TODAY), "won") == expected
    year = evaluate(state, made, grain=Grain.YEAR, first="2026", last="2026", today=TODAY).series["won", None]
    assert year.standings[0].target == (12 * 45 if aimed == 12 else None)
