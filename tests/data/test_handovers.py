"""Hand-overs over a table of nine leads; every number is worked by hand beside it."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from kpi_core.data.handovers import HandedOver, follow
from kpi_core.errors import RefusedError
from kpi_core.model.operation import Handover
from kpi_core.model.period import parse_period
from kpi_core.vocabulary import Grain

NOW = datetime.fromisoformat("2026-11-27T12:00")  # the rows were taken on the 23rd
APRIL, MAY = (parse_period(key, 4) for key in ("2026-04", "2026-05"))


def at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


LEADS = [  # id, score, handed, answered, outcome, reason
    ("1", 70, "2026-04-01T09:00", "2026-04-01T10:00", "SQL", None),  # 1 h
    ("2", 70, "2026-04-02T09:00", "2026-04-03T09:00", "SQL", None),  # 24 h: still within
    ("3", 70, "2026-04-03T09:00", "2026-04-05T09:00", "差し戻し", "対象外"),  # 48 h
    ("4", 70, "2026-04-04T09:00", None, "差し戻し", " "),  # decided without a time of the answer
    ("5", 70, "2026-04-05T09:00", "2026-04-05T08:00", "SQL", None),  # answered before it was handed over
    ("6", 70, "2026-04-30T23:30", None, "未対応", None),  # waits since April
    ("7", 40, "2026-04-06T09:00", "2026-04-06T10:00", "SQL", None),  # does not meet the criterion
    ("8", 70, "2026-05-01T00:00", "2026-05-01T06:00", "対応中", None),  # 6 h, not decided
    ("9", 70, None, None, None, None),  # never handed over
    ("2", 70, "2026-04-02T09:00", "2026-04-03T09:00", "SQL", None),  # the same lead again
    ("10", 70, "2026-11-23T12:00", None, None, None),  # waits for half a day, within the SLA
]
TRACKING = {
    "handed_at": "handed",
    "answered_at": "answered",
    "outcome": "outcome",
    "accepted": ["SQL"],
    "rejected": ["差し戻し"],
    "reason": "reason",
    "key": "id",
}


@pytest.fixture
def followed(ground):
    def make(rows=LEADS, sla=24, now=NOW, **tracking):
        names = ("id", "score", "handed", "answered", "outcome", "reason")
        columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
        for name in ("handed", "answered"):
            columns[name] = [at(cell) if isinstance(cell, str) else cell for cell in columns[name]]
        made = ground(columns)
        handover = Handover.model_validate(
            {
                "code": "h",
                "from": "a",
                "to": "b",
                "dataset": "d",
                "where": [{"column": "score", "op": ">=", "value": 60}],
                "sla_hours": sla,
                "tracking": {**TRACKING, **tracking},
            }
        )
        return follow(made.workshop, made.tables, handover, Grain.MONTH, now=now)

    return make


def test_what_was_handed_over_is_counted_by_month(followed):
    april, may, _ = followed().periods
    assert april == HandedOver(
        period=APRIL,
        handed=6,  # 1 to 6, lead 2 once
        accepted=3,  # 1, 2, 5
        rejected=2,  # 3, 4
        answered=3,  # 1, 2, 3
        median_hours=24.0,  # of 1, 24, 48
        on_time=2,  # 1, 2
        due=4,  # 1, 2, 3, and 6 which is past it
        waiting=1,  # 6
        untimed=1,  # 4
        out_of_order=1,  # 5
    )
    assert may == HandedOver(MAY, 1, 0, 0, 1, 6.0, 1, 1, 0, 0, 0)


def test_what_waits_within_its_sla_is_not_due(followed):
    november = followed().periods[-1]
    assert (november.handed, november.waiting, november.on_time, november.due) == (1, 1, 0, 0)


def test_reasons_by_month_also_where_none_is_given(followed):
    assert followed().reasons == {APRIL: {"": 1, "対象外": 1}}


def test_what_waits_by_age_over_all_periods(followed):
    found = followed()
    # lead 10 is 12 hours old at the end of 23 November, lead 6 over 200 days
    assert (found.waiting, found.overdue, found.oldest) == ((1, 0, 0, 1), 1, at("2026-04-30T23:30"))
    assert found.until == at("2026-11-24")
    assert followed(now=at("2026-11-23T15:00")).until == at("2026-11-23T15:00")


def test_without_an_sla_there_is_no_share_within_it(followed):
    april = followed(sla=None).periods[0]
    assert (april.on_time, april.due, april.median_hours) == (None, None, 24.0)
    assert followed(sla=None).overdue is None


def test_what_is_not_tracked_is_unmeasured_and_never_0(followed):
    april = followed(outcome=None).periods[0]
    assert (april.accepted, april.rejected, april.waiting) == (None, None, 2)  # 4 and 6 have no answer
    silent = followed(answered_at=None).periods[0]
    assert (silent.answered, silent.median_hours, silent.on_time, silent.due) == (None, None, None, None)
    assert silent.waiting == 1  # 6 is not decided
    bare = followed(outcome=None, answered_at=None)
    assert (bare.periods[0].waiting, bare.waiting) == (0, (0, 0, 0, 0))


def test_rows_are_work_of_their_own_without_a_key(followed):
    assert followed(key=None).periods[0].handed == 7


def test_days_without_a_time_are_whole_days(followed):
    rows = [
        ("1", 70, date(2026, 4, 1), date(2026, 4, 1), "SQL", None),  # 0 h
        ("2", 70, date(2026, 4, 1), date(2026, 4, 2), "SQL", None),  # 24 h
        ("3", 70, date(2026, 4, 1), date(2026, 4, 4), "SQL", None),  # 72 h
    ]
    found = followed(rows)
    (april,) = found.periods
    assert found.by_day
    assert (april.median_hours, april.on_time, april.due) == (24.0, 2, 3)
    rows += [("1", 70, date(2026, 11, day), None, None, None) for day in (23, 22, 21)]
    waits = followed(rows, key=None)
    assert (waits.waiting, waits.overdue) == ((2, 1, 0, 0), 1)  # 0, 1 and 2 days old on the 23rd


def test_a_day_that_answers_a_time_of_the_same_day_is_not_out_of_order(followed):
    rows = [("1", 70, at("2026-04-01T15:00"), date(2026, 4, 1), "SQL", None)]
    assert followed(rows).periods[0].out_of_order == 0


def test_a_column_that_is_no_time_says_so(followed):
    with pytest.raises(RefusedError) as refused:
        followed(handed_at="outcome")
    assert refused.value.problems[0].code == "date_not_date"
