"""Each comparison on a column with an empty cell: what it keeps, and which values it refuses."""

from __future__ import annotations

from datetime import date, datetime

import pytest

ROWS = {
    "id": [1, 2, 3, 4, 5],
    "text": ["Won", "won", "Ｗｏｎ", None, "Lost deal"],
    "number": [1, 2, 3, None, 10],
    "decimal": [1.0, 2.5, 3.0, None, 10.0],
    "truth": [True, False, True, None, False],
    "day": [date(2026, 4, 1), date(2026, 4, 2), date(2026, 5, 1), None, date(2027, 1, 1)],
    "time": [
        datetime.fromisoformat("2026-04-01T00:00"),
        datetime.fromisoformat("2026-04-01T23:59"),
        datetime.fromisoformat("2026-04-02T00:00"),
        None,
        datetime.fromisoformat("2026-04-03T12:00"),
    ],
    "code": ["01", "1", "10", None, "A-1"],
    "long": [9007199254740992, 9007199254740993, 9007199254740994, None, -9007199254740993],
}


def kept(ground, column, op, value=None):
    """The ids of the rows that a filter keeps (each id as its own segment with a count of 1)."""
    where = [{"column": column, "op": op} if value is None else {"column": column, "op": op, "value": value}]
    found = ground(ROWS, {"aggregate": "count", "where": where, "dimensions": ["id"]}).values(dimension="id")
    return [int(segment) for (period, segment), count in found.items() if count and period == "2026-11"]


@pytest.mark.parametrize(
    ("column", "op", "value", "expected"),
    [
        ("text", "==", "Won", [1]),
        ("text", "!=", "Won", [2, 3, 4, 5]),
        ("text", "in", ["Won", "won"], [1, 2]),
        ("text", "not in", ["Won", "won"], [3, 4, 5]),
        ("text", "contains", "on", [1, 2]),
        ("text", "contains", "", [1, 2, 3, 5]),
        ("text", "contains", "%", []),
        ("text", "starts_with", "Lost ", [5]),
        ("text", "is_null", None, [4]),
        ("text", "not_null", None, [1, 2, 3, 5]),
        ("text", "<", "a", [1, 5]),
        ("text", "between", ["L", "M"], [5]),
        ("code", "==", 1, [2]),
        ("code", "==", "01", [1]),
        ("code", "in", [1, 10], [2, 3]),
        ("number", "==", 2, [2]),
        ("number", "==", "2", [2]),
        ("number", "==", "１０", [5]),
        ("number", "!=", 2, [1, 3, 4, 5]),
        ("long", "==", "9007199254740993", [2]),
        ("long", ">", "9,007,199,254,740,993", [3]),
        ("long", "in", ["-9007199254740993", "9223372036854775808"], [5]),
        ("number", "in", [1, 10], [1, 5]),
        ("number", "in", [1.5, 3], [3]),
        ("number", "not in", [1, 10], [2, 3, 4]),
        ("number", "<", 3, [1, 2]),
        ("number", "<=", 3, [1, 2, 3]),
        ("number", ">", 2.5, [3, 5]),
        ("number", ">=", 3, [3, 5]),
        ("number", "between", [2, 3], [2, 3]),
        ("number", "between", [3, 2], []),
        ("number", "starts_with", "1", [1, 5]),
        ("number", "is_null", None, [4]),
        ("decimal", "==", 3, [3]),
        ("decimal", ">=", "2.5", [2, 3, 5]),
        ("truth", "==", True, [1, 3]),
        ("truth", "==", "TRUE", [1, 3]),
        ("truth", "!=", True, [2, 4, 5]),
        ("truth", "in", [0], [2, 5]),
        ("day", "==", "2026-04-02", [2]),
        ("day", "!=", "2026-04-02", [1, 3, 4, 5]),
        ("day", "<", "2026-05-01", [1, 2]),
        ("day", ">=", "2026/5/1", [3, 5]),
        ("day", "between", ["2026-04-02", "2026-12-31"], [2, 3]),
        ("day", "in", ["2026-04-01", "2027-01-01"], [1, 5]),
        ("day", "<", "2026-04-01T12:00", [1]),
        ("day", "starts_with", "2026-04", [1, 2]),
        ("time", "==", "2026-04-01", [1, 2]),
        ("time", "!=", "2026-04-01", [3, 4, 5]),
        ("time", "<=", "2026-04-01", [1, 2]),
        ("time", ">", "2026-04-01", [3, 5]),
        ("time", "between", ["2026-04-01", "2026-04-02"], [1, 2, 3]),
        ("time", "<=", "2026-04-01T00:00", [1]),
        ("time", "in", ["2026-04-01", "2026-04-03T12:00"], [1, 2, 5]),
    ],
)
def test_what_a_filter_keeps(ground, column, op, value, expected):
    assert kept(ground, column, op, value) == expected


@pytest.mark.parametrize(
    ("column", "op", "value"),
    [
        ("number", "==", "two"),
        ("number", "==", True),
        ("text", "==", True),
        ("text", "==", "nul\x00"),
        ("text", "<", 3),
        ("truth", "==", "maybe"),
        ("truth", "<", True),
        ("truth", "contains", "t"),
        ("decimal", "contains", "1"),
        ("day", "==", 20260401),
        ("day", "==", "2026-02-30"),
        ("day", "between", ["2026-04-01", "soon"]),
    ],
)
def test_a_value_that_does_not_fit_its_column_is_said_at_its_place(ground, column, op, value):
    where = [{"column": "id", "op": ">", "value": 0}, {"column": column, "op": op, "value": value}]
    seen = ground(ROWS, {"aggregate": "count", "where": where}).observed()
    assert [(problem.code, problem.path) for problem in seen.problems] == [("value_type", "nodes.n.measure.where[1]")]
    assert seen.observations == ()


@pytest.mark.parametrize("column", ["text", "number", "decimal", "truth", "day", "time"])
def test_equal_and_not_equal_split_the_rows_without_loss(ground, column):
    value = {"text": "Won", "number": 2, "decimal": 2.5, "truth": True, "day": "2026-04-01", "time": "2026-04-01"}[
        column
    ]
    same, other = kept(ground, column, "==", value), kept(ground, column, "!=", value)
    assert sorted(same + other) == ROWS["id"]


def test_filters_are_joined_by_and_and_their_order_does_not_matter(ground):
    one, two = {"column": "number", "op": ">", "value": 1}, {"column": "text", "op": "!=", "value": "won"}
    nodes = {
        "first": {"dataset": "d", "aggregate": "count", "where": [one, two]},
        "second": {"dataset": "d", "aggregate": "count", "where": [two, one, two]},
    }
    seen = ground(ROWS, nodes=nodes).observed()
    assert {row.node: row.value for row in seen.observations} == {"first": 2, "second": 2}


@pytest.mark.parametrize("value", [10**30, -(10**30), 2**63, 1e300])
def test_a_number_larger_than_any_cell_keeps_nothing_or_everything(ground, value):
    assert kept(ground, "number", "==", value) == []
    assert kept(ground, "number", "<", value) == ([1, 2, 3, 5] if value > 0 else [])
    assert kept(ground, "decimal", "in", [value, 1]) == [1]


@pytest.mark.parametrize("text", ["back\\slash", "it's", "two\nlines", '"quoted"', "%", "_", "{x}", "😀 髙﨑"])
def test_any_text_finds_its_own_cell(ground, text):
    rows = {"id": [1, 2], "text": [text, "other"]}
    for op in ("==", "contains", "starts_with"):
        where = [{"column": "text", "op": op, "value": text}]
        found = ground(rows, {"aggregate": "count", "where": where, "dimensions": ["id"]}).values(dimension="id")
        assert (found[("2026", "1")], found[("2026", "2")]) == (1, 0)


def test_what_people_type_is_a_value_and_never_sql(ground):
    assert kept(ground, "text", "==", "' OR 1=1 --") == []
    assert kept(ground, "text", "contains", "'; DROP TABLE rows_0; --") == []
