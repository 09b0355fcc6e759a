"""The rows behind a number, and a column's values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kpi_core.data.rows import column_values, rows_behind, rows_total
from kpi_core.errors import RefusedError
from kpi_core.model.measure import RatioMeasure, SimpleMeasure
from kpi_core.model.period import parse_period

ROWS = {
    "day": [date(2026, 4, 3), date(2026, 4, 1), date(2026, 5, 1), date(2026, 4, 2), None],
    "amount": [1, 2, 4, None, 8],
    "stage": ["Won", "Lost", "Won", "Won", None],
}
WON = {"column": "stage", "op": "==", "value": "Won"}


def simple(**said):
    return SimpleMeasure.model_validate({"dataset": "d", "aggregate": "sum", "column": "amount", "date": "day", **said})


def behind(made, measure, period="2026-04", **more):
    return rows_behind(made.workshop, made.tables, measure, parse_period(period), **more)


def test_rows_of_the_period_in_the_order_of_the_file_under_their_own_names(ground):
    made = ground(ROWS, said={"derived": [{"name": "二倍", "expression": "amount * 2"}]})
    frame = behind(made, simple())
    assert list(frame.columns) == ["day", "amount", "stage", "二倍"]
    assert frame["amount"].tolist() == [1, 2]  # the row without an amount is behind no sum
    assert frame["二倍"].tolist() == [2, 4]


def test_filters_segment_and_limit_hold(ground):
    made = ground(ROWS)
    assert behind(made, simple(where=[WON]))["amount"].tolist() == [1]
    assert behind(made, simple(), "2026-Q1", dimension="stage", segment="Won")["amount"].tolist() == [1, 4]
    assert behind(made, simple(), "2026", limit=1)["amount"].tolist() == [1]
    count = simple(aggregate="count", column=None, date=None)
    assert behind(made, count, "2026-11", dimension="stage", segment="")["amount"].tolist() == [8]


def test_the_sum_of_the_rows_is_the_value(ground):
    made = ground(ROWS, {"aggregate": "sum", "column": "amount", "date": "day"}, grain="week")
    for period, value in made.values().items():
        assert behind(made, simple(), period)["amount"].sum() == value


def test_of_a_ratio_the_numerators_rows(ground):
    ratio = RatioMeasure.model_validate({"ratio": {"numerator": simple(where=[WON]), "denominator": simple()}})
    made = ground(ROWS)
    assert behind(made, ratio)["amount"].tolist() == [1]
    assert behind(made, ratio.ratio.denominator)["amount"].tolist() == [1, 2]


def test_a_snapshots_rows_are_those_of_the_version_it_shows(ground):
    made = ground(ROWS)
    (table,) = made.tables["d"]
    tables = {"d": [replace(table, as_of=date(2026, 5, 31)), replace(table, as_of=date(2026, 4, 30))]}
    count = simple(aggregate="count", column=None, date=None)
    assert len(rows_behind(made.workshop, tables, count, parse_period("2026-04"))) == 5
    with pytest.raises(RefusedError) as refused:
        rows_behind(made.workshop, tables, count, parse_period("2026-06"))
    assert [problem.code for problem in refused.value.problems] == ["no_rows"]


def test_no_row_gives_an_empty_frame_with_the_columns(ground):
    frame = behind(ground(ROWS), simple(), "2030-01")
    assert (len(frame), list(frame.columns)) == (0, ["day", "amount", "stage"])


def test_the_most_frequent_values_come_first_and_empty_cells_are_counted(ground):
    made = ground(ROWS)
    table = made.tables["d"][0]
    assert column_values(table, made.tables, made.workshop, "stage") == (("Won", 3), ("Lost", 1), (None, 1))
    assert column_values(table, made.tables, made.workshop, "stage", limit=1) == (("Won", 3),)
    assert column_values(table, made.tables, made.workshop, "day", limit=1) == (("2026-04-01", 1),)


@pytest.mark.parametrize(
    ("said", "count", "value"),
    [
        ({"aggregate": "count", "column": None}, 3, 3),
        ({"aggregate": "count"}, 2, 2),  # amounts 1 and 2; the empty one does not count
        ({"aggregate": "sum"}, 2, 3),
        ({"aggregate": "mean"}, 2, 1.5),
        ({"aggregate": "median"}, 2, 1.5),
        ({"aggregate": "max"}, 2, 2),
        ({"aggregate": "last"}, 2, 1),  # 3 April has 1
        ({"aggregate": "count_distinct", "column": "stage"}, 3, 2),  # Won, Lost, Won
        ({"aggregate": "sum", "where": [WON]}, 1, 1),
    ],
)
def test_the_rows_count_and_aggregate_to_the_number(ground, said, count, value):
    measure = simple(**said)
    made = ground(ROWS, measure.model_dump(mode="json", exclude_none=True))
    period = parse_period("2026-04")
    assert rows_total(made.workshop, made.tables, measure, period) == (count, value)
    assert len(behind(made, measure, limit=None)) == count
    assert made.values()["2026-04"] == value


def test_of_no_rows_there_is_no_sum(ground):
    made = ground(ROWS)
    assert rows_total(made.workshop, made.tables, simple(), parse_period("2030-01")) == (0, None)
