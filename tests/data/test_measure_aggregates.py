"""Each aggregate on tables small enough to add up by hand; what a month, a segment or a filter without rows gives."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest

from kpi_core.data.observing import PREVIEW, preview
from kpi_core.model.measure import SimpleMeasure
from kpi_core.vocabulary import Grain

APRIL, MAY = date(2026, 4, 10), date(2026, 5, 10)
#             amounts 10 + 30 in April, 5 + empty in May; one row without a date
ROWS = {
    "day": [APRIL, date(2026, 4, 20), MAY, date(2026, 5, 20), None],
    "amount": [10, 30, 5, None, 999],
    "who": ["a", "b", "a", "a", "c"],
    "stage": ["Won", "Lost", "Lost", None, "Won"],
}
WON = [{"column": "stage", "op": "==", "value": "Won"}]


def measured(aggregate, column="amount", **more):
    return {"aggregate": aggregate, "column": column, "date": "day", **more}


def months(values):
    return {period: value for period, value in values.items() if len(period) == 7 and "Q" not in period}


@pytest.mark.parametrize(
    ("aggregate", "column", "april", "may", "quarter"),
    [
        ("count", None, 2, 2, 4),
        ("count", "amount", 2, 1, 3),
        ("count_distinct", "who", 2, 1, 2),
        ("sum", "amount", 40, 5, 45),
        ("mean", "amount", 20, 5, 15),
        ("median", "amount", 20, 5, 10),
        ("min", "amount", 10, 5, 5),
        ("max", "amount", 30, 5, 30),
        ("last", "amount", 30, 5, 5),
    ],
)
def test_an_aggregate_at_each_grain_is_computed_from_the_rows(ground, aggregate, column, april, may, quarter):
    assert ground(ROWS, measured(aggregate, column)).values() == {
        "2026-04": april,
        "2026-05": may,
        "2026-Q1": quarter,
        "2026": quarter,
    }


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        ("count", {"2026-04": 1, "2026-05": 0}),
        ("count_distinct", {"2026-04": 1, "2026-05": 0}),
        ("sum", {"2026-04": 10}),
        ("mean", {"2026-04": 10}),
        ("median", {"2026-04": 10}),
        ("min", {"2026-04": 10}),
        ("max", {"2026-04": 10}),
        ("last", {"2026-04": 10}),
    ],
)
def test_a_month_with_rows_of_which_none_match_counts_0_and_has_no_other_value(ground, aggregate, expected):
    assert months(ground(ROWS, measured(aggregate, where=WON)).values()) == expected


def test_an_empty_sum_is_0_only_where_the_measure_says_so(ground):
    zero = ground(ROWS, measured("sum", where=WON, empty="zero")).values()
    assert months(zero) == {"2026-04": 10, "2026-05": 0}


def test_a_sum_of_matching_rows_without_amounts_is_absent_even_where_empty_sums_are_0(ground):
    rows = {"day": [APRIL, MAY], "amount": [None, 1], "stage": ["Won", "Won"]}
    assert months(ground(rows, measured("sum", where=WON, empty="zero")).values()) == {"2026-05": 1}


def test_a_month_without_rows_has_no_value(ground):
    rows = {"day": [date(2026, 4, 1), date(2026, 6, 1)], "amount": [1, 2]}
    assert months(ground(rows, measured("count", None)).values()) == {"2026-04": 1, "2026-06": 1}


def test_a_table_without_rows_has_no_values(ground):
    empty = pl.DataFrame(schema={"day": pl.Date, "amount": pl.Int64})
    assert ground(empty, measured("sum")).values() == {}
    assert ground(empty, {"aggregate": "count"}).values() == {}


def test_last_is_the_latest_day_with_a_value_and_of_one_day_the_lowest_row(ground):
    rows = {"day": [date(2026, 4, 30), APRIL, date(2026, 4, 30), date(2026, 4, 30)], "amount": [7, 1, 8, None]}
    assert ground(rows, measured("last")).values()["2026-04"] == 8


def test_last_knows_the_time_of_day(ground):
    rows = {
        "day": [datetime.fromisoformat("2026-04-30T18:00"), datetime.fromisoformat("2026-04-30T09:00")],
        "amount": [1, 2],
    }
    assert ground(rows, measured("last")).values()["2026-04"] == 1


def test_a_truth_sums_as_ones_and_means_as_a_share(ground):
    rows = {"day": [APRIL, APRIL, APRIL, APRIL], "done": [True, False, True, None]}
    assert ground(rows, measured("sum", "done")).values()["2026-04"] == 2
    assert ground(rows, measured("mean", "done")).values()["2026-04"] == pytest.approx(2 / 3)


def test_large_integers_sum_without_overflow(ground):
    rows = {"day": [APRIL] * 3, "amount": [2**62, 2**62, 2**62]}
    assert ground(rows, measured("sum")).values()["2026-04"] == 3 * 2.0**62


def test_a_sum_that_is_no_finite_number_is_absent(ground):
    rows = {"day": [APRIL, APRIL, MAY], "amount": [1.7e308, 1.7e308, 1.0]}
    assert months(ground(rows, measured("sum")).values()) == {"2026-05": 1.0}


def test_distinct_counts_do_not_add_up_over_segments_or_months(ground):
    found = ground(ROWS, measured("count_distinct", "who", dimensions=["stage"]))
    assert found.values()["2026-Q1"] == 2
    assert found.values(dimension="stage")[("2026-Q1", "Lost")] == 2
    assert found.values(dimension="stage")[("2026-Q1", "Won")] == 1
    assert found.values(dimension="stage")[("2026-Q1", "")] == 1


def test_empty_cells_and_empty_text_are_one_segment(ground):
    rows = {"day": [APRIL] * 4, "stage": ["x", None, "", "x"]}
    found = ground(rows, measured("count", None, dimensions=["stage"])).values(dimension="stage")
    assert found[("2026-04", "x")] == 2
    assert found[("2026-04", "")] == 2


@pytest.mark.parametrize(
    ("cells", "segments"),
    [
        ([1, 2, None], {"1", "2", ""}),
        ([1.0, 2.5, None], {"1", "2.5", ""}),
        ([True, False, None], {"true", "false", ""}),
        ([date(2026, 4, 1), None, None], {"2026-04-01", ""}),
        (["ﾃｽﾄ", "テスト", "ﾃｽﾄ "], {"ﾃｽﾄ", "テスト", "ﾃｽﾄ "}),
    ],
)
def test_a_segment_is_written_as_its_cell(ground, cells, segments):
    rows = {"day": [APRIL] * 3, "kind": cells}
    found = ground(rows, measured("count", None, dimensions=["kind"])).values(dimension="kind")
    assert {segment for period, segment in found if period == "2026-04"} == segments


def test_a_segment_exists_in_a_month_only_with_rows_there(ground):
    found = ground(ROWS, measured("count", None, where=WON, dimensions=["who"])).values(dimension="who")
    assert {key: value for key, value in found.items() if key[0] in ("2026-04", "2026-05")} == {
        ("2026-04", "a"): 1,
        ("2026-04", "b"): 0,
        ("2026-05", "a"): 0,
    }


def test_a_column_with_too_many_values_is_no_dimension_but_the_total_stays(ground):
    rows = {"day": [APRIL] * 2001, "id": list(range(2001))}
    seen = ground(rows, measured("count", None, dimensions=["id"])).observed()
    assert [(problem.code, problem.path) for problem in seen.problems] == [
        ("dimension_too_many", "nodes.n.measure.dimensions")
    ]
    assert {row.value for row in seen.observations} == {2001}


def test_preview_gives_one_grain_of_an_unsaved_measure(ground):
    made = ground(ROWS)
    measure = SimpleMeasure.model_validate({"dataset": "d", **measured("sum")})
    seen = preview(made.workshop, made.tables, measure, grain=Grain.QUARTER)
    assert seen.observations == ((PREVIEW, "2026-Q1", None, None, 45, "v1"),)
