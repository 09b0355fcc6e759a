"""Derived columns: each function and operator on a row worked by hand, empty cells, and what is refused."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest

from kpi_core.data.rows import column_values, columns
from kpi_core.errors import RefusedError
from kpi_core.vocabulary import ColumnType

ROW = {
    "a": [7],
    "b": [2.0],
    "zero": [0],
    "none": [None],
    "text": ["x"],
    "yes": [True],
    "begin": [date(2026, 4, 1)],
    "until": [date(2026, 4, 11)],
    "at": [datetime.fromisoformat("2026-04-02T06:30")],
    "受注 金額": [500],
    "金額（円）": [3],
}


def cell(ground, expression):
    """The one row's value of an expression, as text."""
    made = derived(ground, expression)
    (found,) = column_values(made.tables["d"][0], made.tables, made.workshop, "made")
    return found[0]


def derived(ground, *expressions, rows=ROW):
    frame = pl.DataFrame(rows, schema_overrides={"none": pl.Float64}, strict=False)
    names = [{"name": "made" if at == 0 else f"made{at}", "expression": text} for at, text in enumerate(expressions)]
    return ground(frame, said={"derived": names})


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a + b", "9"),
        ("a - b", "5"),
        ("a * b", "14"),
        ("a / b", "3.5"),
        ("a ** b", "49"),
        ("-a", "-7"),
        ("1 / 3 * 3", "1"),
        ("7 / 2", "3.5"),
        ("a / zero", None),
        ("zero / zero", None),
        ("zero ** (-1)", None),
        ("(-a) ** 0.5", None),
        ("10 ** 400 * 0 ", None),
        ("a + none", None),
        ("yes + 1", "2"),
        ("a == 7", "true"),
        ("a != 7", "false"),
        ("a < b", "false"),
        ("a >= 7", "true"),
        ('text == "x"', "true"),
        ('text != "y"', "true"),
        ("none == 1", "false"),
        ("none != 1", "true"),
        ("none < 1", None),
        ('begin < "2026-04-02"', "true"),
        ('"2026-04-02" <= begin', "false"),
        ('at == "2026-04-02T06:30"', "true"),
        ("begin < at", "true"),
        ("days_between(begin, until)", "10"),
        ("days_between(until, begin)", "-10"),
        ("days_between(begin, at)", "1"),
        ("hours_between(begin, at)", "30.5"),
        ("add_days(begin, 10)", "2026-04-11"),
        ("add_days(begin, -31)", "2026-03-01"),
        ("add_days(at, 30 - 0.5)", "2026-05-01"),
        ("add_days(begin, -1.9)", "2026-03-31"),
        ("add_days(begin, none)", None),
        ("add_days(begin, 10 ** 9)", None),
        ("days_between(begin, add_days(begin, a))", "7"),
        ("abs(b - a)", "5"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(3.14159, 2)", "3.14"),
        ("round(1234, -2)", "1200"),
        ("round(10 ** 300) == 10 ** 300", "true"),
        ("concat(10 ** 20, text)", "1e+20x"),
        ("min(a, b)", "2"),
        ("max(a, b, 9)", "9"),
        ("max(a, none)", None),
        ("max(begin, until)", "2026-04-11"),
        ("coalesce(none, a)", "7"),
        ('concat(text, "-", a, "-", b)', "x-7-2"),
        ("concat(text, none)", None),
        ('concat(text, "|", begin)', "x|2026-04-01"),
        ('when(a > 3, "big", "small")', "big"),
        ('when(none > 3, "big", "small")', None),
        ("when(is_null(none), 1, 0)", "1"),
        ("is_null(a)", "false"),
        ("year(until)", "2026"),
        ("month(at)", "4"),
        ('col("受注 金額") * 2', "1000"),
        ('col("金額（円）")', "3"),
        ('col("金額(円)")', "3"),
    ],
)
def test_a_derived_column(ground, expression, expected):
    assert cell(ground, expression) == expected


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("text + 1", "needs_number"),
        ("-text", "needs_number"),
        ("until - begin", "needs_number"),
        ("abs(text)", "needs_number"),
        ("days_between(a, b)", "needs_date"),
        ("year(a)", "needs_date"),
        ("add_days(a, 1)", "needs_date"),
        ("add_days(begin, until)", "needs_number"),
        ('when(a, "x", "y")', "needs_condition"),
        ('when(a > 1, "x", 1)', "types_differ"),
        ("min(a, text)", "types_differ"),
        ("coalesce(a, text)", "types_differ"),
        ("a == text", "types_differ"),
        ('a == "many"', "value_type"),
        ("round(a, b)", "round_digits"),
        ("col(a)", "col_needs_name"),
        ("nowhere + 1", "column_unknown"),
        ("made + 1", "column_cycle"),
    ],
)
def test_what_cannot_be_computed_is_refused_with_its_reason(ground, expression, code):
    made = derived(ground, expression)
    with pytest.raises(RefusedError) as refused:
        column_values(made.tables["d"][0], made.tables, made.workshop, "made")
    assert [problem.code for problem in refused.value.problems] == [code]


def test_derived_columns_may_use_each_other_in_any_order(ground):
    made = derived(ground, "made1 * 2", "made2 + 1", "a")
    assert cell_of(made, "made") == "16"


def test_a_circle_of_derived_columns_names_its_way(ground):
    made = derived(ground, "made1", "made2", "made")
    with pytest.raises(RefusedError) as refused:
        cell_of(made, "made")
    assert refused.value.problems[0].params["names"] == "made → made1 → made2 → made"


def cell_of(made, column):
    return column_values(made.tables["d"][0], made.tables, made.workshop, column)[0][0]


def test_columns_lists_derived_ones_with_their_types_and_leaves_out_the_broken(ground):
    made = derived(ground, "a > 1", "text + 1", "days_between(begin, until)")
    found = dict(columns(made.tables["d"][0], made.tables, made.workshop))
    assert found["made"] is ColumnType.BOOLEAN
    assert found["made2"] is ColumnType.INTEGER
    assert "made1" not in found
    assert found["金額（円）"] is ColumnType.INTEGER


def test_a_broken_derived_column_stops_only_the_measures_that_use_it(ground):
    said = {"derived": [{"name": "bad", "expression": "text + 1"}]}
    nodes = {
        "good": {"dataset": "d", "aggregate": "sum", "column": "a"},
        "bad": {"dataset": "d", "aggregate": "sum", "column": "bad"},
    }
    seen = ground({"a": [7], "text": ["x"]}, nodes=nodes, said=said).observed()
    assert {row.node for row in seen.observations} == {"good"}
    assert [(problem.code, problem.path) for problem in seen.problems] == [
        ("needs_number", "datasets.d.derived[0].expression"),
        ("needs_number", "nodes.bad.measure.column"),
    ]


def test_a_derived_column_with_a_taken_name_is_told_and_the_stored_one_used(ground):
    made = ground({"a": [7]}, {"aggregate": "sum", "column": "a"}, said={"derived": [{"name": "a", "expression": "1"}]})
    seen = made.observed()
    assert [(problem.code, problem.path) for problem in seen.problems] == [("name_taken", "datasets.d.derived[0].name")]
    assert {row.value for row in seen.observations} == {7}
