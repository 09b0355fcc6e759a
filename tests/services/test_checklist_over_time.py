"""How departments' answers differ, and the score now against before; numbers worked by hand."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from kpi_core.guidance.readiness import Verdict
from kpi_core.model.operation import MemberAnswer
from kpi_core.services.answering import Gap, agree_on, gap
from kpi_core.services.people import Who
from kpi_core.services.scores import agreed_yes, progress
from kpi_core.services.snapshots import snapshot
from kpi_core.services.workshops import create_workshop
from kpi_core.store.scores import record_score
from kpi_core.store.state import State
from kpi_core.store.turns import turns_of
from kpi_core.vocabulary import Answer

WHO = Who("test")
YES, PARTLY, NO = Answer.YES, Answer.PARTLY, Answer.NO


def answered(workshop, **departments: list[Answer]):
    """The workshop with answers to item 1: department → one answer a member."""
    answers = tuple(
        MemberAnswer(item=1, member=f"{code}_{at}", department=code if code != "none" else None, answer=answer)
        for code, given in departments.items()
        for at, answer in enumerate(given)
    )
    return workshop.model_copy(
        update={"checklist": workshop.checklist.model_copy(update={"answers": answers})},
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"sales": [YES], "marketing": [NO]}, Gap("sales", YES, "marketing", NO)),  # 1 and 0
        ({"sales": [YES], "marketing": [PARTLY]}, Gap("sales", YES, "marketing", PARTLY)),  # 1 and 0.5
        ({"sales": [YES, YES, NO], "marketing": [NO, PARTLY]}, None),  # 0.667 and 0.25: less than half apart
        ({"sales": [YES, YES, PARTLY], "marketing": [NO, PARTLY]}, Gap("sales", YES, "marketing", NO)),  # 0.833, 0.25
        ({"sales": [YES], "marketing": [YES, PARTLY]}, None),  # 1 and 0.75
        ({"sales": [YES], "none": [NO]}, None),  # who belongs nowhere is no department
        ({"sales": [NO]}, None),
        ({}, None),
    ],
)
def test_the_departments_furthest_apart_are_named(state: State, workshop: str, given, expected) -> None:
    assert gap(answered(snapshot(state, workshop).workshop, **given), 1) == expected


def verdicts(*met: int) -> list[Verdict]:
    return [Verdict(item, item in met, "r") for item in range(1, 16)]


def dated(state: State, *days: str) -> None:
    """Moves the scores on record to these days, in order."""
    with state.writing() as connection:
        rows = [row for (row,) in connection.execute("SELECT rowid FROM scores ORDER BY rowid")]
        for row, day in zip(rows, days, strict=True):
            connection.execute("UPDATE scores SET at = ? WHERE rowid = ?", (f"{day}T03:00:00+00:00", row))


def test_a_first_look_has_nothing_before(state: State, workshop: str) -> None:
    found = progress(state, workshop, verdicts(1, 3))
    assert (found.now.met, found.before, found.gained) == ({1, 3}, None, ())


def test_looking_again_keeps_no_second_row(state: State, workshop: str) -> None:
    progress(state, workshop, verdicts(1))
    assert len(progress(state, workshop, verdicts(1)).scores) == 1


def test_two_pages_that_look_at_once_keep_one_row(state: State, workshop: str) -> None:
    """The second page has read the scores, and waits for its turn, when the first keeps the new one."""

    def look() -> int:
        with State.open(state.path) as other:
            return len(progress(other, workshop, verdicts(1)).scores)

    with ThreadPoolExecutor(1) as pool:
        with state.writing() as connection:
            second = pool.submit(look)
            until = time.monotonic() + 30
            while not len(turns_of(state.path)):
                assert time.monotonic() < until
            record_score(connection, workshop, {1}, {})
        assert second.result() == 1


def test_within_a_day_the_first_score_of_the_day_counts_as_before(state: State, workshop: str) -> None:
    for met in ((1,), (1, 2), (1, 2, 3)):
        found = progress(state, workshop, verdicts(*met))
    assert found.before is not None
    assert (found.before.met, found.gained, found.lost) == ({1}, (2, 3), ())


def test_the_last_score_of_an_earlier_day_is_before(state: State, workshop: str) -> None:
    for met in ((1,), (1, 2), (2, 5)):
        progress(state, workshop, verdicts(*met))
    dated(state, "2020-01-01", "2020-01-02", "2020-01-03")
    found = progress(state, workshop, verdicts(5, 6))
    assert found.before is not None
    assert (found.before.met, found.gained, found.lost) == ({2, 5}, (6,), (2,))


def test_agreed_answers_are_part_of_the_score(state: State, workshop: str) -> None:
    progress(state, workshop, verdicts())
    agree_on(state, workshop, 4, {"answer": Answer.YES}, None, WHO)
    agree_on(state, workshop, 5, {"answer": Answer.NO}, None, WHO)
    found = progress(state, workshop, verdicts())
    assert found.before is not None
    assert (agreed_yes(found.now), agreed_yes(found.before)) == (1, 0)


def test_scores_belong_to_their_workshop(state: State, workshop: str) -> None:
    progress(state, workshop, verdicts(1))
    other = create_workshop(state, snapshot(state, workshop).workshop, WHO)
    assert len(progress(state, other, verdicts(1, 2)).scores) == 1
