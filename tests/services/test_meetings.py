"""When a meeting is due next, what it talks about, and its record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.errors import StaleError
from kpi_core.model.file import read_workshop
from kpi_core.model.operation import Action, Meeting, Note, Review
from kpi_core.services.dashboards import board
from kpi_core.services.editing import save
from kpi_core.services.meetings import (
    add_review,
    by_due,
    by_owner,
    drop_meeting,
    held_days,
    last_meeting,
    left_open,
    meeting_code,
    next_meeting,
    open_actions,
    record_meeting,
    to_discuss,
)
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import ActionStatus, Cadence, Grain, Status, Weekday

WHO = Who("test")
MONDAY = date(2026, 11, 23)
KPIS = [
    {
        "code": f"k{at}",
        "kind": "kpi",
        "parent": "more",
        "unit": "count",
        "targets": [{"period": "2026-10", "value": 100}],
        "manual": [{"period": "2026-10", "value": value}],
    }
    for at, value in enumerate((50, 60, 70, 20, 30, 40, 105))
]
DOCUMENT = {
    "format": "kpi-workshop/1",
    "workshop": {"name": "W"},
    "nodes": [{"code": "goal", "kind": "kgi"}, {"code": "more", "kind": "ksf", "parent": "goal"}, *KPIS],
    "views": [{"code": "field", "audience": "field", "nodes": ["k0", "k1", "k6"]}],
    "reviews": [
        {"code": "weekly", "cadence": "week", "weekday": "mon", "views": ["field"]},
        {"code": "all", "cadence": "month", "day": 5},
    ],
    "actions": [
        {"code": "late", "title": "A", "node": "k0", "due": "2026-11-01"},
        {"code": "far", "title": "B", "node": "k3"},
        {"code": "over", "title": "C", "node": "k1", "status": "done"},
        {"code": "whole", "title": "D", "due": "2026-10-01"},
    ],
}


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State.open(tmp_path / "w.db") as opened:
        yield opened


@pytest.fixture
def workshop(state: State) -> str:
    return create_workshop(state, read_workshop(json.dumps(DOCUMENT)), WHO)


def review(cadence: Cadence, *, weekday: Weekday | None = None, day: int | None = None) -> Review:
    return Review(code="r", cadence=cadence, weekday=weekday, day=day)


@pytest.mark.parametrize(
    ("when", "today", "due"),
    [
        (review(Cadence.WEEK, weekday=Weekday.MON), MONDAY, MONDAY),
        (review(Cadence.WEEK, weekday=Weekday.SUN), MONDAY, date(2026, 11, 29)),
        (review(Cadence.DAY), MONDAY, MONDAY),
        (review(Cadence.MONTH, day=5), MONDAY, date(2026, 12, 5)),
        (review(Cadence.MONTH, day=23), MONDAY, MONDAY),
        (review(Cadence.MONTH, day=31), date(2027, 2, 1), date(2027, 2, 28)),  # February ends on the 28th
        (review(Cadence.MONTH, weekday=Weekday.MON), MONDAY, date(2026, 12, 7)),  # December's first Monday
        (review(Cadence.MONTH, day=5, weekday=Weekday.MON), MONDAY, date(2026, 12, 5)),  # the day decides
        (review(Cadence.QUARTER, day=14), MONDAY, date(2027, 1, 14)),  # quarters begin in April, July, October, January
        (review(Cadence.QUARTER, weekday=Weekday.FRI), MONDAY, date(2027, 1, 1)),
        (review(Cadence.YEAR, day=1), MONDAY, date(2027, 4, 1)),
        (review(Cadence.YEAR, day=1), date(2026, 4, 1), date(2026, 4, 1)),
    ],
)
def test_the_next_meeting_is_on_its_day(when: Review, today: date, due: date) -> None:
    assert next_meeting(when, today, fiscal_year_start=4) == due


@pytest.mark.parametrize("cadence", [Cadence.WEEK, Cadence.MONTH, Cadence.QUARTER, Cadence.YEAR])
def test_without_a_day_there_is_no_next_meeting(cadence: Cadence) -> None:
    assert next_meeting(review(cadence), MONDAY) is None


def test_a_meeting_held_today_is_due_again_a_week_later() -> None:
    weekly = review(Cadence.WEEK, weekday=Weekday.MON)
    assert next_meeting(weekly, MONDAY, [MONDAY]) == date(2026, 11, 30)
    assert next_meeting(weekly, MONDAY, [date(2026, 11, 16)]) == MONDAY


def test_quarters_follow_the_fiscal_year() -> None:
    quarterly = review(Cadence.QUARTER, day=1)
    assert next_meeting(quarterly, MONDAY, fiscal_year_start=3) == date(2026, 12, 1)
    assert next_meeting(quarterly, MONDAY, fiscal_year_start=1) == date(2027, 1, 1)


@given(
    today=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    cadence=st.sampled_from([Cadence.WEEK, Cadence.MONTH, Cadence.QUARTER, Cadence.YEAR]),
    weekday=st.sampled_from(list(Weekday)),
    start=st.integers(1, 12),
)
def test_the_next_meeting_is_never_past_nor_further_than_its_cadence(
    today: date, cadence: Cadence, weekday: Weekday, start: int
) -> None:
    due = next_meeting(review(cadence, weekday=weekday), today, fiscal_year_start=start)
    longest = {Cadence.WEEK: 6, Cadence.MONTH: 37, Cadence.QUARTER: 99, Cadence.YEAR: 373}[cadence]
    assert due is not None
    assert today <= due <= today + timedelta(days=longest)
    assert list(Weekday)[due.weekday()] is weekday


def test_a_meeting_talks_about_its_own_views_and_leaves_nothing_out(state: State, workshop: str) -> None:
    found = board(state, workshop, Grain.MONTH, today=MONDAY)
    stored = snapshot(state, workshop).workshop
    weekly, everything = stored.reviews
    assert [tile.node.code for tile in to_discuss(stored, weekly, found)] == ["k0", "k1"]  # not k6, on track
    all_behind = [tile.node.code for tile in to_discuss(stored, everything, found)]
    assert all_behind == ["k3", "k4", "k5", "k0", "k1", "k2"]  # the furthest from its goal first, more than five


def test_open_actions_of_a_meeting_come_by_due_day(state: State, workshop: str) -> None:
    stored = snapshot(state, workshop).workshop
    assert [action.code for action in open_actions(stored, stored.reviews[0])] == ["whole", "late"]
    assert [action.code for action in open_actions(stored, stored.reviews[1])] == ["whole", "late", "far"]
    assert by_due(Action(code="x", title="t")) > by_due(Action(code="y", title="t", due=MONDAY))


def test_recording_a_meeting_marks_the_actions_made_in_it(state: State, workshop: str) -> None:
    weekly = snapshot(state, workshop).workshop.reviews[0]
    code = meeting_code(weekly, MONDAY)
    assert code == "weekly_20261123"
    held = Meeting(code=code, review="weekly", held_on=MONDAY, period="2026-10", notes=(Note(node="k0", text="遅れ"),))
    record_meeting(state, workshop, held, ["late"], None, WHO)
    stored = snapshot(state, workshop).workshop
    assert held_days(stored, "weekly") == {MONDAY}
    assert {action.code: action.meeting for action in stored.actions}["late"] == code
    with pytest.raises(StaleError):
        record_meeting(state, workshop, held, [], None, WHO)  # another tab recorded it before


def test_a_dropped_record_leaves_its_actions(state: State, workshop: str) -> None:
    held = Meeting(code="m", review="weekly", held_on=MONDAY, period="2026-10")
    record_meeting(state, workshop, held, ["late"], None, WHO)
    drop_meeting(state, workshop, "m", snapshot(state, workshop).revisions["meetings", "m"], WHO)
    stored = snapshot(state, workshop).workshop
    assert stored.meetings == ()
    assert len(stored.actions) == 4
    assert stored.actions[0].meeting is None


def test_an_added_meeting_waits_for_its_day(state: State, workshop: str) -> None:
    first, second = add_review(state, workshop, WHO), add_review(state, workshop, WHO)
    stored = {one.code: one for one in snapshot(state, workshop).workshop.reviews}
    assert first != second
    assert next_meeting(stored[first], MONDAY) is None
    revision = snapshot(state, workshop).revisions["reviews", first]
    save(state, workshop, "reviews", stored[first].model_copy(update={"weekday": Weekday.TUE}), revision, WHO)
    assert next_meeting(snapshot(state, workshop).workshop.reviews[-2], MONDAY) == date(2026, 11, 24)


def act(code: str, **fields: object) -> Action:
    return Action(code=code, title=code, **fields)


TODAY = date(2026, 11, 23)


def test_red_kpis_without_note_or_action_are_named(state: State, workshop: str) -> None:
    found = snapshot(state, workshop).workshop
    behind = to_discuss(found, found.reviews[1], board(state, workshop, Grain.MONTH, "2026-10", today=TODAY))
    red = {tile.node.code for tile in behind if tile.standing.status is Status.OFF_TRACK}
    assert red == {"k0", "k1", "k2", "k3", "k4", "k5"}  # 80 of 100 is red; 20 to 70 lie below it
    acted_on = found.model_copy(
        update={
            "actions": (
                act("whole", node="k0", owner="岡田", due=TODAY),
                act("nobody", node="k1", due=TODAY),
                act("undated", node="k2", owner="岡田"),
                act("done", node="k3", owner="岡田", due=TODAY, status=ActionStatus.DONE),
            )
        }
    )
    without_note, without_action = left_open(acted_on, behind, ["k4"])
    assert {tile.node.code for tile in without_note} == red - {"k4"}
    assert {tile.node.code for tile in without_action} == red - {"k0"}


def test_who_has_what_names_the_most_overdue_first() -> None:
    actions = (
        act("a", owner="岡田", due=date(2026, 11, 30)),
        act("b", owner="岡田", due=TODAY),  # due today is not overdue
        act("c", owner="三浦", due=date(2026, 11, 22)),
        act("d", owner=" ", due=None),
        act("e", owner="三浦", due=date(2026, 11, 1), status=ActionStatus.DONE),
    )
    assert by_owner(actions, TODAY) == (("三浦", 1, 1), ("岡田", 2, 0), ("", 1, 0))


def test_the_last_meeting_is_the_one_held_before(state: State, workshop: str) -> None:
    days = (date(2026, 11, 9), date(2026, 11, 16), TODAY)
    meetings = tuple(
        Meeting(code=f"m{at}", review="weekly", held_on=day, period="2026-10") for at, day in enumerate(days)
    )
    found = snapshot(state, workshop).workshop.model_copy(update={"meetings": meetings})
    last = last_meeting(found, "weekly", TODAY)
    assert last is not None
    assert last.code == "m1"
    assert last_meeting(found, "weekly", days[0]) is None
    assert last_meeting(found, "all", TODAY) is None
