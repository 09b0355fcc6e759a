"""Days in weeks, months, fiscal quarters and years; snapshots by the day they speak of."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_core.data.observing import observe
from kpi_core.model.period import GRAINS, period_of
from kpi_core.vocabulary import Grain

COUNT = {"aggregate": "count", "date": "day"}


def keys(ground, day, **settings):
    return set(ground({"day": [day]}, COUNT, **settings).values())


@pytest.mark.parametrize(
    ("day", "start", "expected"),
    [
        (date(2026, 3, 31), 4, {"2026-03", "2025-Q4", "2025"}),
        (date(2026, 4, 1), 4, {"2026-04", "2026-Q1", "2026"}),
        (date(2026, 12, 31), 1, {"2026-12", "2026-Q4", "2026"}),
        (date(2026, 1, 31), 2, {"2026-01", "2025-Q4", "2025"}),
        (date(2026, 2, 1), 2, {"2026-02", "2026-Q1", "2026"}),
        (date(2026, 11, 30), 12, {"2026-11", "2025-Q4", "2025"}),
        (date(2026, 12, 1), 12, {"2026-12", "2026-Q1", "2026"}),
        (date(1970, 1, 1), 10, {"1970-01", "1969-Q2", "1969"}),
    ],
)
def test_fiscal_quarters_and_years_start_where_the_workshop_says(ground, day, start, expected):
    assert keys(ground, day, fiscal_year_start=start) == expected


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2026, 11, 22), "2026-W47"),  # Sunday
        (date(2026, 11, 23), "2026-W48"),  # Monday
        (date(2027, 1, 3), "2026-W53"),
        (date(2027, 1, 4), "2027-W01"),
        (date(1969, 12, 28), "1969-W52"),
        (date(1969, 12, 29), "1970-W01"),
    ],
)
def test_weeks_are_iso_weeks_from_monday(ground, day, week):
    assert week in keys(ground, day, grain="week")


def test_a_workshop_by_week_has_months_from_the_days_themselves(ground):
    # Thursday 30 April and Friday 1 May 2026 are one week, and two months
    rows = {"day": [date(2026, 4, 30), date(2026, 5, 1)]}
    found = ground(rows, COUNT, grain="week").values()
    assert found == {"2026-W18": 2, "2026-04": 1, "2026-05": 1, "2026-Q1": 2, "2026": 2}


def test_a_workshop_by_quarter_has_no_months(ground):
    assert keys(ground, date(2026, 4, 1), grain="quarter") == {"2026-Q1", "2026"}


def test_a_time_belongs_to_its_own_day(ground):
    assert "2026-03" in keys(ground, datetime.fromisoformat("2026-03-31T23:59:59"))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.one_of(st.none(), st.dates(date(1965, 1, 1), date(2035, 12, 31))),
            st.one_of(st.none(), st.integers(-(10**6), 10**6)),
            st.sampled_from(["Won", "Lost", None]),
        ),
        min_size=1,
        max_size=40,
    ),
    start=st.integers(1, 12),
)
def test_sums_and_counts_are_those_of_plain_python(ground, rows, start):
    frame = {
        "day": [day for day, _, _ in rows] + [date(2000, 1, 1)],
        "amount": [amount for _, amount, _ in rows] + [1],
        "stage": [stage for _, _, stage in rows] + ["Won"],
    }
    where = [{"column": "stage", "op": "!=", "value": "Lost"}]
    nodes = {
        "total": {"dataset": "d", "aggregate": "sum", "column": "amount", "date": "day", "where": where},
        "rows": {"dataset": "d", "aggregate": "count", "date": "day", "where": where},
    }
    sums: dict[str, int] = {}
    counts: dict[str, int] = defaultdict(int)
    for day, amount, stage in zip(*frame.values(), strict=True):
        for grain in GRAINS if day else ():
            key = period_of(day, grain, start).key
            counts[key] += stage != "Lost"
            if stage != "Lost" and amount is not None:
                sums[key] = sums.get(key, 0) + amount
    made = ground(frame, nodes=nodes, grain="week", fiscal_year_start=start)
    seen = made.observed().observations
    assert {row.period: row.value for row in seen if row.node == "total"} == sums
    assert {row.period: row.value for row in seen if row.node == "rows"} == counts


def versions(made, *stated):
    """The dataset's one file as several versions, newest first: (name, as_of)."""
    (table,) = made.tables["d"]
    return {"d": [replace(table, version=name, as_of=as_of) for name, as_of in stated]}


def test_each_snapshot_speaks_of_its_day_and_the_latest_of_a_period_counts(ground):
    made = ground({"x": [1, 2]}, {"aggregate": "count"})
    tables = versions(
        made,
        ("late", date(2026, 5, 31)),
        ("again", date(2026, 4, 30)),
        ("first", date(2026, 4, 30)),
        ("old", date(2026, 4, 1)),
    )
    seen = observe(made.workshop, tables).observations
    assert {row.period: row.version for row in seen} == {
        "2026-04": "again",
        "2026-05": "late",
        "2026-Q1": "late",
        "2026": "late",
    }


def test_an_older_snapshot_uploaded_late_does_not_replace_the_quarters_last(ground):
    made = ground({"x": [1, 2]}, {"aggregate": "count"})
    seen = observe(made.workshop, versions(made, ("backfill", date(2026, 4, 30)), ("june", date(2026, 6, 30))))
    assert {row.period: row.version for row in seen.observations}["2026-Q1"] == "june"


def test_a_dated_measure_reads_the_newest_version_only(ground):
    made = ground({"day": [date(2026, 4, 1)]}, COUNT)
    seen = observe(made.workshop, versions(made, ("new", date(2026, 5, 1)), ("old", date(2026, 4, 1)))).observations
    assert {row.version for row in seen} == {"new"}


def test_dates_far_ahead_are_told_and_kept(ground):
    made = ground({"day": [date(2026, 4, 1), date(9999, 12, 31)]}, COUNT)
    seen = made.observed(today=date(2026, 11, 23))
    assert [(problem.code, problem.path) for problem in seen.problems] == [("dates_far_ahead", "nodes.n.measure.date")]
    assert "9999-12" in {row.period for row in seen.observations}
    assert made.observed(today=date(9999, 1, 1)).problems == ()


def test_every_day_of_two_years_falls_in_the_period_the_model_says(ground):
    days = [date(2025, 12, 20) + timedelta(days=step) for step in range(740)]
    for start in (1, 4, 11):
        made = ground({"day": days, "at": days}, COUNT, grain="week", fiscal_year_start=start)
        expected: dict[str, int] = defaultdict(int)
        for day in days:
            for grain in (Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR):
                expected[period_of(day, grain, start).key] += 1
        assert made.values() == expected
