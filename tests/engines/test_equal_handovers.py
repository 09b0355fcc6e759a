"""A hand-over followed over the same rows is the same from files and where a database's rows lie."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

import pytest

from kpi_core.data.handovers import follow
from kpi_core.model.operation import Handover
from kpi_core.model.period import period_of
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Grain

from .rows import FRAMES

NOW = datetime.fromisoformat("2026-11-27T12:00")
TRACKING = {
    "handed_at": "day",
    "answered_at": "closed",
    "outcome": "stage",
    "accepted": ["Won"],
    "rejected": ["Lost", "Ｗon"],
    "reason": "region",
}
MADE = Workshop.model_validate(
    {
        "workshop": {"name": "h", "timezone": "Asia/Tokyo"},
        "sources": [{"code": "sfa"}],
        "datasets": [{"code": "deals", "source": "sfa"}],
    }
)


def handover(**tracking) -> Handover:
    return Handover.model_validate(
        {
            "code": "h",
            "from": "a",
            "to": "b",
            "dataset": "deals",
            "where": [{"column": "units", "op": "<=", "value": 2}],
            "sla_hours": 24,
            "tracking": {**TRACKING, **tracking},
        }
    )


@pytest.mark.parametrize(
    ("tracking", "grain"),
    [
        ({}, Grain.WEEK),
        ({"handed_at": "closed", "answered_at": "moment"}, Grain.MONTH),
        ({"handed_at": "moment", "answered_at": None}, Grain.QUARTER),
        ({"handed_at": "closed", "answered_at": "moment", "key": "id"}, Grain.YEAR),
        ({"outcome": None, "reason": None}, Grain.MONTH),
    ],
    ids=["days", "moments", "unanswered", "keyed", "undecided"],
)
def test_the_same_hand_over_in_files_and_in_the_database(uploaded, connected, tracking, grain):
    one = handover(**tracking)
    there = follow(MADE, connected(MADE), one, grain, now=NOW)
    assert there == follow(MADE, uploaded(MADE), one, grain, now=NOW)
    assert len(there.periods) > 1


def test_numbers_of_the_database_are_those_counted_by_hand(connected):
    found = follow(MADE, connected(MADE), handover(), Grain.MONTH, now=NOW)
    there = [row for row in FRAMES["deals"].rows(named=True) if row["day"] and row["units"] <= 2]
    april = [row for row in there if row["day"].isoformat().startswith("2026-04")]
    (seen,) = [one for one in found.periods if one.period.key == "2026-04"]
    stage = [(row["stage"] or "").strip() for row in april]
    answered = [row for row in april if row["closed"]]
    # both are of the same day, so every answer came within 0 days
    assert (seen.handed, seen.answered, seen.median_hours) == (len(april), len(answered), 0.0)
    assert (seen.accepted, seen.rejected) == (stage.count("Won"), stage.count("Lost") + stage.count("Ｗon"))


def test_of_a_key_that_comes_twice_the_earliest_hand_over_counts(connected):
    # ``key`` is shared by neighbours: ids 2 and 3, 4 and 5, ...
    found = follow(MADE, connected(MADE), handover(key="key"), Grain.YEAR, now=NOW)
    firsts: dict[int, date] = {}
    for row in FRAMES["deals"].rows(named=True):
        if row["day"] and row["units"] <= 2:
            firsts[row["key"]] = min(row["day"], firsts.get(row["key"], row["day"]))
    years = Counter(period_of(day, Grain.YEAR, MADE.settings.fiscal_year_start) for day in firsts.values())
    assert {one.period: one.handed for one in found.periods} == years
