"""Quarters and years that follow from months are what the rows themselves say, and are not asked of them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_core.data.calendar import coarser, number_in
from kpi_core.data.plan import grouped, wanted
from kpi_core.data.rolling import planned
from kpi_core.model.period import Period, period_of
from kpi_core.vocabulary import Grain

AGGREGATES = ("count", "sum", "mean", "median", "min", "max", "last", "count_distinct")


def measure(aggregate):
    return {"dataset": "d", "aggregate": aggregate, "column": "x", "date": "day", "dimensions": ["by"]}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.dates(date(2025, 1, 1), date(2027, 6, 30)),
            st.one_of(st.none(), st.integers(-1000, 1000).map(lambda number: number / 4)),
            st.sampled_from(["a", "b", None]),
        ),
        min_size=1,
        max_size=30,
    ),
    start=st.integers(1, 12),
)
def test_every_coarse_value_is_the_one_that_a_workshop_at_that_grain_computes(ground, rows, start):
    frame = {name: list(cells) for name, cells in zip(("day", "x", "by"), zip(*rows, strict=True), strict=True)}
    frame["x"][0] = 1.0
    nodes = {f"of_{aggregate}": measure(aggregate) for aggregate in AGGREGATES}
    by_month = ground(frame, nodes=nodes, grain="month", fiscal_year_start=start).observed().observations
    by_quarter = ground(frame, nodes=nodes, grain="quarter", fiscal_year_start=start).observed().observations
    coarse = {row[:4]: row.value for row in by_month if period_of_key(row.period) is not Grain.MONTH}
    assert coarse == pytest.approx({row[:4]: row.value for row in by_quarter}, rel=1e-12, abs=1e-12)


def period_of_key(key):
    return Grain.QUARTER if "Q" in key else Grain.YEAR if len(key) == 4 else Grain.MONTH


def test_a_sum_that_ran_over_in_a_month_leaves_its_quarter_without_a_value(ground):
    days = [date(2026, 4, 1), date(2026, 4, 2), date(2026, 5, 1), date(2026, 7, 1)]
    whole = {"dataset": "d", "column": "x", "date": "day"}
    nodes = {f"of_{one}": {**whole, "aggregate": one} for one in ("sum", "mean")}
    made = ground({"day": days, "x": [1.7e308, 1.7e308, 5.0, 7.0]}, nodes=nodes, grain="month")
    assert made.values("of_sum") == {"2026-05": 5, "2026-07": 7, "2026-Q2": 7}
    assert "2026-Q1" not in made.values("of_mean")


def test_a_sum_that_runs_over_in_its_quarter_alone_stops_no_other_measure(ground):
    days = [date(2026, 4, 1), date(2026, 5, 1), date(2026, 7, 1)]
    whole = {"dataset": "d", "column": "x", "date": "day"}
    nodes = {f"of_{one}": {**whole, "aggregate": one} for one in ("sum", "mean", "max")}
    made = ground({"day": days, "x": [1e308, 1e308, 7.0]}, nodes=nodes, grain="month")
    assert made.values("of_sum") == {"2026-04": 1e308, "2026-05": 1e308, "2026-07": 7, "2026-Q2": 7}
    assert "2026-Q1" not in made.values("of_mean")
    assert made.values("of_max")["2026-Q1"] == 1e308


def test_rows_are_asked_at_coarse_grains_only_for_what_does_not_add_up(ground):
    nodes = {f"of_{one}": measure(one) for one in AGGREGATES}
    made = ground({"day": [date(2026, 4, 1)], "x": [1], "by": ["a"]}, nodes=nodes)
    asked = planned(grouped([wanted(node.code, node.measure) for node in made.workshop.nodes], list(Grain)[1:]))
    coarse = {term.aggregate.value for one, terms in asked.items() if one.grain is not Grain.MONTH for term in terms}
    assert coarse == {"median", "count_distinct"}


@pytest.mark.parametrize("start", [1, 4, 11])
def test_numbers_of_periods_lie_in_those_of_the_coarser(start):
    for month in range(1, 13):
        day = date(2026, month, 15)
        for grain in (Grain.MONTH, Grain.QUARTER):
            period: Period = period_of(day, grain, start)
            for to in (Grain.QUARTER, Grain.YEAR):
                assert coarser(number_in(period), grain, to, start) == number_in(period_of(day, to, start))
