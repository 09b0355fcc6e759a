from __future__ import annotations

import json
from datetime import date

import pytest

from kpi_core.errors import MissingError, RefusedError, StaleError
from kpi_core.model.operation import Meeting, Review
from kpi_core.services.editing import save
from kpi_core.services.notes import decide, decision_log, park, parking_lot, resolve, reword
from kpi_core.services.people import Who
from kpi_core.services.time_box import extend, go_on, pause, put_away, start, time_box
from kpi_core.services.tree_editing import rename_code
from kpi_core.services.workshops import export_file, import_file, snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Cadence


def test_the_clock_runs_stands_and_goes_on(state: State, workshop: str, me: Who) -> None:
    """10 minutes from second 1000; stopped at 1060 (540 left), on at 2000, 5 minutes more: over at 2840."""
    assert time_box(state, workshop) is None
    start(state, workshop, 10, me, at=1000)
    assert time_box(state, workshop, at=1060).left == 540
    pause(state, workshop, me, at=1060)
    standing = time_box(state, workshop, at=1900)
    assert (standing.left, standing.running) == (540, False)
    go_on(state, workshop, me, at=2000)
    extend(state, workshop, 5, me, at=2100)
    running = time_box(state, workshop, at=2100)
    assert (running.left, running.ends_at, running.length) == (740, 2840, 900)
    assert time_box(state, workshop, at=5000).left == 0
    extend(state, workshop, 5, me, at=5000)
    assert time_box(state, workshop, at=5000).left == 300
    put_away(state, workshop, me)
    assert time_box(state, workshop) is None


def test_the_clock_is_the_facilitators_and_of_sensible_length(
    state: State, workshop: str, me: Who, member: Who
) -> None:
    with pytest.raises(RefusedError, match="not_allowed"):
        start(state, workshop, 10, member)
    for minutes in (0, -5, 721):
        with pytest.raises(RefusedError, match="minutes"):
            start(state, workshop, minutes, me)
    with pytest.raises(MissingError):
        start(state, "nobody", 10, me)


def test_a_parked_question_stays_open_until_it_is_resolved(
    state: State, workshop: str, me: Who, member: Who, viewer: Who
) -> None:
    first = park(state, workshop, " リードの定義は? ", "won", member)
    park(state, workshop, "全体の話", None, me)
    with pytest.raises(RefusedError, match="not_allowed"):
        park(state, workshop, "見るだけ", None, viewer)
    with pytest.raises(RefusedError, match="text_needed"):
        park(state, workshop, "  ", None, me)
    found = snapshot(state, workshop).workshop
    assert [(one.text, one.node, one.author) for one in parking_lot(found)] == [
        ("全体の話", None, "佐藤"),
        ("リードの定義は?", "won", "鈴木"),
    ]
    assert [one.code for one in parking_lot(found, node="won")] == [first]
    resolve(state, workshop, first, "", me)
    found = snapshot(state, workshop).workshop
    assert ([one.code for one in parking_lot(found)], [one.code for one in parking_lot(found, resolved=True)]) == (
        ["parked_2"],
        [first],
    )
    resolve(state, workshop, first, None, me)
    assert len(parking_lot(snapshot(state, workshop).workshop)) == 2
    with pytest.raises(MissingError):
        resolve(state, workshop, "parked_9", "", me)


def test_decisions_of_room_and_meetings_are_in_one_log_the_latest_first(state: State, workshop: str, me: Who) -> None:
    save(state, workshop, "reviews", Review(code="weekly", cadence=Cadence.WEEK), None, me)
    held = Meeting(
        code="m1", review="weekly", held_on=date(2020, 1, 6), period="2020-01", decisions=("会議で決めたこと",)
    )
    save(state, workshop, "meetings", held, None, me)
    decide(state, workshop, "受注は契約日で数える", "won", me)
    decide(state, workshop, "四半期ごとに見直す", None, me)
    found = snapshot(state, workshop).workshop
    assert [one.text for one in decision_log(found)] == [
        "四半期ごとに見直す",
        "受注は契約日で数える",
        "会議で決めたこと",
    ]
    assert [(one.text, one.author) for one in decision_log(found, "won")] == [("受注は契約日で数える", "佐藤")]


def test_a_note_is_reworded_at_the_revision_it_was_read_at(state: State, workshop: str, me: Who, viewer: Who) -> None:
    decide(state, workshop, "契約日で数える", None, me)
    before = snapshot(state, workshop)
    (note,) = before.workshop.decisions
    revision = before.revisions["decisions", note.code]
    reword(
        state,
        workshop,
        "decisions",
        note.code,
        {"text": " 受注日で数える ", "author": "鈴木", "node": "bookings"},
        revision,
        me,
    )
    (after,) = snapshot(state, workshop).workshop.decisions
    assert (after.text, after.author, after.node, after.at) == ("受注日で数える", "鈴木", "bookings", note.at)
    with pytest.raises(StaleError) as stale:
        reword(state, workshop, "decisions", note.code, {"text": "検収日で数える"}, revision, me)
    assert stale.value.current == after
    with pytest.raises(RefusedError, match="text_needed"):
        reword(state, workshop, "decisions", note.code, {"text": " "}, revision, me)
    with pytest.raises(RefusedError, match="not_allowed"):
        reword(state, workshop, "decisions", note.code, {"text": "x"}, revision, viewer)
    now_at = snapshot(state, workshop).revisions["decisions", note.code]
    with pytest.raises(RefusedError, match="change_refused"):
        reword(state, workshop, "decisions", note.code, {"node": "no such code!"}, now_at, me)


def test_what_is_tied_to_a_node_follows_its_code_and_the_file(state: State, workshop: str, me: Who) -> None:
    park(state, workshop, "問い", "won", me)
    decide(state, workshop, "決定", "won", me)
    rename_code(state, workshop, "won", "won_deals", snapshot(state, workshop).revisions["nodes", "won"], me)
    found = snapshot(state, workshop).workshop
    assert {one.node for one in (*found.parked, *found.decisions)} == {"won_deals"}
    written = export_file(state, workshop)
    assert json.loads(written)["decisions"][0]["node"] == "won_deals"
    assert export_file(state, import_file(state, written, me)) == written
