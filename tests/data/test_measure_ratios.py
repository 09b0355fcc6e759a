"""A ratio is Σ numerator / Σ denominator of the same period and segment; a part that is absent or 0 gives no value."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

WON = {"aggregate": "count", "dataset": "d", "date": "day", "where": [{"column": "stage", "op": "==", "value": "Won"}]}
ALL = {"aggregate": "count", "dataset": "d", "date": "day"}


def ratio(numerator, denominator, **more):
    return {"ratio": {"numerator": numerator, "denominator": denominator}, **more}


def sums(column, date_="day", dataset="d"):
    return {"aggregate": "sum", "dataset": dataset, "date": date_, "column": column}


#       April: 1 of 1 won; May: 1 of 3 won
ROWS = {
    "day": [date(2026, 4, 1), date(2026, 5, 1), date(2026, 5, 2), date(2026, 5, 3)],
    "stage": ["Won", "Won", "Lost", "Lost"],
    "who": ["a", "a", "b", None],
    "part": [1, 2, 3, 4],
    "whole": [0, 0, 0, 8],
}


def test_a_quarter_is_the_quotient_of_sums_not_the_mean_of_rates(ground):
    found = ground(ROWS, ratio(WON, ALL)).values()
    assert found == {"2026-04": 1, "2026-05": 1 / 3, "2026-Q1": 2 / 4, "2026": 2 / 4}


def test_a_ratio_of_nothing_won_is_0(ground):
    assert ground({**ROWS, "stage": ["Lost"] * 4}, ratio(WON, ALL)).values()["2026-05"] == 0


def test_a_zero_denominator_gives_no_value(ground):
    found = ground(ROWS, ratio(sums("part"), sums("whole"))).values()
    assert found == {"2026-05": 9 / 8, "2026-Q1": 10 / 8, "2026": 10 / 8}


def test_an_absent_numerator_gives_no_value(ground):
    found = ground({**ROWS, "part": [None, 2, 3, 4]}, ratio(sums("part"), ALL)).values()
    assert "2026-04" not in found
    assert found["2026-05"] == 9 / 3


def test_a_ratio_splits_numerator_and_denominator_alike(ground):
    found = ground(ROWS, ratio(WON, ALL, dimensions=["who"])).values(dimension="who")
    assert {key: value for key, value in found.items() if key[0] == "2026-05"} == {
        ("2026-05", "a"): 1,
        ("2026-05", "b"): 0,
        ("2026-05", ""): 0,
    }


def test_a_ratio_of_two_datasets_with_their_own_dates(ground):
    leads = {"made": [date(2026, 4, 3), date(2026, 4, 4), date(2026, 6, 1)], "who": ["a", "b", "b"]}
    denominator = {"aggregate": "count", "dataset": "leads", "date": "made"}
    found = ground(ROWS, ratio(ALL, denominator), also={"leads": leads}).values()
    assert found == {"2026-04": 1 / 2, "2026-Q1": 4 / 3, "2026": 4 / 3}


def test_a_dimension_that_one_part_lacks_is_said_and_the_total_stays(ground):
    leads = {"made": [date(2026, 4, 3)], "other": ["a"]}
    denominator = {"aggregate": "count", "dataset": "leads", "date": "made"}
    seen = ground(ROWS, ratio(ALL, denominator, dimensions=["who"]), also={"leads": leads}).observed()
    assert [(problem.code, problem.path) for problem in seen.problems] == [
        ("column_unknown", "nodes.n.measure.dimensions")
    ]
    assert {row.dimension for row in seen.observations} == {None}


def test_the_version_is_the_numerators(ground):
    made = ground(
        ROWS,
        ratio(ALL, {"aggregate": "count", "dataset": "leads", "date": "made"}),
        also={"leads": {"made": [date(2026, 4, 3)]}},
    )
    made.tables["leads"][0] = replace(made.tables["leads"][0], version="v9")
    assert {row.version for row in made.observed().observations} == {"v1"}
