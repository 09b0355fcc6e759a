# ruff: noqa: DTZ001 - the tables hold the clock as written, without a zone
"""Columns typed from all their rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl
import pytest

from kpi_core.data.reading import Limits, ReadOptions
from kpi_core.data.reading.grid import Grid
from kpi_core.data.reading.header import Header
from kpi_core.data.reading.table import Typed, type_grid
from kpi_core.errors import Problem
from kpi_core.services.wording import sentence_for
from kpi_core.vocabulary import ColumnType, Language, Severity


def _typed(
    cells: list[str | None], options: ReadOptions | None = None, *, spreadsheet: bool = False, name: str = "col"
) -> Typed:
    frame = pl.DataFrame({"c0": cells, "c1": ["x"] * len(cells)}, schema={"c0": pl.String, "c1": pl.String})
    grid = Grid(frame.lazy(), Header(1, (name, "other"), ()), (), (), spreadsheet=spreadsheet)
    return type_grid(grid, options or ReadOptions(), Limits(), None)


def _type(cells: list[str | None], *, spreadsheet: bool = False) -> ColumnType:
    return _typed(cells, spreadsheet=spreadsheet).columns[0].type


def _codes(typed: Typed) -> list[tuple[str, Severity]]:
    return [(problem.code, problem.severity) for problem in typed.problems]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "2", None], ColumnType.INTEGER),
        (["1,200", "△3"], ColumnType.INTEGER),
        (["0", "1", "1"], ColumnType.INTEGER),
        (["1", "2.5"], ColumnType.DECIMAL),
        (["12.5%", "3%"], ColumnType.DECIMAL),
        (["1.5K", "2M"], ColumnType.DECIMAL),
        (["TRUE", "false"], ColumnType.BOOLEAN),
        (["Yes", "No"], ColumnType.TEXT),
        (["はい", "いいえ"], ColumnType.TEXT),
        (["04", "0401", "12"], ColumnType.TEXT),
        (["007", *map(str, range(100))], ColumnType.TEXT),
        (["1234567890123456", "2"], ColumnType.TEXT),
        (["123456789012345", "2"], ColumnType.INTEGER),
        (["20260401", "20260402"], ColumnType.INTEGER),
        (["2026/4/1", "令和8年4月2日"], ColumnType.DATE),
        (["2026/4/1 9:00", "2026/4/2"], ColumnType.DATETIME),
        (["2026-04-01 00:00:00"], ColumnType.DATETIME),
        (["2019/04", "2019/05"], ColumnType.TEXT),
        (["GTX Pro", "1"], ColumnType.TEXT),
        ([None, "  ", None], ColumnType.TEXT),
    ],
)
def test_type_of_a_column(cells: list[str | None], kind: ColumnType) -> None:
    assert _type(cells) is kind


@pytest.mark.parametrize(
    "cells",
    [
        ["平成31年4月30日", "令和元年5月1日", "令和2年5月1日"],
        ["平成元年1月8日", "平成元年12月31日"],
        ["R元.5.1", "R元.12.31", "R2.1.1"],
        ["令和元年5月1日(水)", "令和元年5月2日(木)"],
    ],
)
def test_the_first_year_of_an_era_makes_a_column_of_dates(cells: list[str | None]) -> None:
    typed = _typed(cells)
    assert (typed.columns[0].type, typed.columns[0].failed, typed.problems) == (ColumnType.DATE, 0, ())


def test_midnights_of_a_spreadsheet_are_dates() -> None:
    assert _type(["2026-04-01 00:00:00", "2026-04-02 00:00:00"], spreadsheet=True) is ColumnType.DATE
    assert _type(["2026-04-01 00:00:00", "2026-04-02 09:00:00"], spreadsheet=True) is ColumnType.DATETIME


def test_white_space_alone_is_empty_and_nothing_else_is() -> None:
    typed = _typed(["1", " ", "\u3000", None, *["2"] * 20, "NA"])
    column = typed.columns[0]
    assert (column.type, column.nulls, column.failed) == (ColumnType.INTEGER, 4, 1)


def test_nine_cells_of_ten_make_the_type_and_the_tenth_is_listed() -> None:
    typed = _typed([*map(str, range(9)), "-"])
    assert typed.columns[0].type is ColumnType.INTEGER
    assert typed.problems == (
        Problem("conversion_failed", {"text": "-", "type": "integer"}, Severity.ERROR, row=11, column="col"),
    )


def _mostly(cells: list[str | None], options: ReadOptions | None = None) -> list[tuple[object, ...]]:
    typed = _typed(cells, options)
    assert typed.columns[0].type is ColumnType.TEXT
    return [
        (p.code, p.severity, p.column, *(value for name, value in p.params.items() if name != "type"))
        for p in typed.problems
    ]


def test_eight_of_ten_do_not_and_the_person_is_told_which_cells_do_not_convert() -> None:
    cells: list[str | None] = [*map(str, range(8)), "-", "x", None]
    assert _mostly(cells) == [("mostly_numbers", Severity.WARNING, "col", 2, 10, "-, x")]
    assert _mostly(cells, ReadOptions(types={"col": ColumnType.TEXT})) == []


def test_from_half_of_the_cells_on_a_text_column_is_told_and_its_most_frequent_others_named() -> None:
    others = ["-", "n/a", "n/a", "x", "y"]
    found = [("mostly_numbers", Severity.WARNING, "col", 5, 10, "n/a, -, x")]
    assert _mostly(["1", "2", "3", "4", "5", *others]) == found
    assert _mostly(["1", "2", "3", "4", *others]) == []


def test_most_of_a_columns_dates_are_told_too() -> None:
    cells: list[str | None] = ["2026/4/1", "R8.4.2", "未定", "2026-04-03", "未定", "来週"]
    assert _mostly(cells) == [("mostly_dates", Severity.WARNING, "col", 3, 6, "未定, 来週")]


def test_codes_and_long_identifiers_are_text_without_a_word() -> None:
    assert _mostly(["007", "12", "13", "x"]) == []
    assert _mostly(["1234567890123456", "12", "13", "x"]) == []


def test_mixed_units_among_words_are_told_before_anyone_makes_them_numbers() -> None:
    assert [found[0] for found in _mostly(["¥1,200", "$300", "¥5", "x"])] == ["mixed_units"]
    assert [found[0] for found in _mostly(["5%", "7%", "3", "x"])] == ["mixed_percent"]
    assert [found[0] for found in _mostly(["5%", "7%", "8%", "x"])] == ["mostly_numbers"]


def test_numbers_that_only_prevail_far_below_the_sample_are_told() -> None:
    cells: list[str | None] = [*["n/a"] * 2_100, *["5"] * 3_900]
    assert _mostly(cells) == [("mostly_numbers", Severity.WARNING, "col", 2100, 6000, "n/a")]


def test_numbers_among_many_signs_are_told_with_the_type_they_would_have() -> None:
    cells: list[str | None] = ["1", "2.5", "－", "－", "…", "-", "―", "***"]
    assert _mostly(cells) == [("numbers_between_signs", Severity.WARNING, "col", 6, 8, "-, ***, ...")]
    assert [p.params["type"] for p in _typed(cells).problems] == ["decimal"]
    assert [p.params["type"] for p in _typed(["1", "2", "-", "-", "-"]).problems] == ["integer"]
    assert _mostly(["A", "B", "－", "1", "2"]) == []  # words are no signs
    assert _mostly(["01", "2", "－", "－", "－"]) == []  # codes


def test_a_word_among_the_signs_is_not_told_to_be_one() -> None:
    (problem,) = _typed(["1", "2", *["－"] * 7, "未定"]).problems
    assert "10 件のうち 8 件は数値でなく、その多くは「－」などの記号です" in sentence_for(problem, Language.JA)
    assert "8 of 10 cells are no numbers, most of them signs" in sentence_for(problem, Language.EN)


def test_what_is_told_of_the_column_solves_it() -> None:
    cells: list[str | None] = [*map(str, range(8)), "-", "x"]
    typed = _typed(cells, ReadOptions(types={"col": ColumnType.INTEGER}, blank_failed=frozenset({"col"})))
    assert (typed.columns[0].type, typed.columns[0].nulls, typed.columns[0].failed) == (ColumnType.INTEGER, 2, 2)


@pytest.mark.parametrize("blank", [True, frozenset({"col"})])
def test_the_person_may_let_failed_cells_become_empty(blank: bool | frozenset[str]) -> None:
    typed = _typed([*map(str, range(9)), "-"], ReadOptions(blank_failed=blank))
    assert _codes(typed) == [("conversion_failed", Severity.WARNING)]
    assert (typed.columns[0].nulls, typed.columns[0].failed) == (1, 1)


def test_blanking_another_column_does_not_unblock_this_one() -> None:
    typed = _typed([*map(str, range(9)), "-"], ReadOptions(blank_failed=frozenset({"other"})))
    assert _codes(typed) == [("conversion_failed", Severity.ERROR)]


def test_the_person_may_keep_a_column_as_text_or_ask_for_dates() -> None:
    assert _typed([*map(str, range(9)), "-"], ReadOptions(types={"col": ColumnType.TEXT})).problems == ()
    typed = _typed(["20260401", "2026/05"], ReadOptions(types={"col": ColumnType.DATE}))
    assert [row[0] for row in typed.head] == ["2026-04-01", "2026-05-01"]


def test_failed_cells_beyond_the_limit_are_counted() -> None:
    typed = _typed([*["-"] * 300, *["5"] * 2_700])
    assert _codes(typed)[0] == ("conversions_failed", Severity.ERROR)
    assert typed.problems[0].params["count"] == 300
    assert len(typed.problems) == 201


@pytest.mark.parametrize(
    ("cells", "unit"),
    [
        (["¥1,200", "300円"], "JPY"),
        (["$8,600", "$9"], "USD"),
        (["€3", "4 €"], "EUR"),
        (["12%", "3%", "0"], "percent"),
        (["1", "2"], None),
    ],
)
def test_the_unit_written_in_the_cells_is_kept(cells: list[str | None], unit: str | None) -> None:
    assert _typed(cells).columns[0].unit == unit


def test_two_currencies_in_one_column_are_never_added_up() -> None:
    typed = _typed(["¥1,200", "$300"])
    assert typed.columns[0].type is ColumnType.TEXT
    assert _codes(typed) == [("mixed_units", Severity.WARNING)]


def test_a_bare_number_among_percentages_is_not_guessed() -> None:
    typed = _typed([*["5%"] * 19, "7"])
    assert [(problem.code, problem.row, problem.params["text"]) for problem in typed.problems] == [
        ("conversion_failed", 21, "7")
    ]


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["3/4/2021", "25/12/2021"], "2021-04-03"),
        (["3/4/2021", "12/25/2021"], "2021-03-04"),
        (["3/3/2021", "4/4/2021"], "2021-03-03"),
    ],
)
def test_day_and_month_follow_the_order_all_rows_agree_on(cells: list[str | None], first: str) -> None:
    typed = _typed(cells)
    assert typed.problems == ()
    assert typed.head[0][0] == first


def test_where_both_orders_fit_the_person_is_asked() -> None:
    cells: list[str | None] = ["3/4/2021", "5/6/2021"]
    assert _codes(_typed(cells)) == [("date_order_ambiguous", Severity.ERROR)]
    answers: Mapping[bool, str] = {True: "2021-04-03", False: "2021-03-04"}
    for day_first, day in answers.items():
        typed = _typed(cells, ReadOptions(day_first={"col": day_first}))
        assert typed.problems == ()
        assert typed.head[0][0] == day


def test_where_no_order_fits_all_rows_the_column_stays_text() -> None:
    typed = _typed(["25/12/2021", "12/25/2021", "3/4/2021"])
    assert typed.columns[0].type is ColumnType.TEXT
    assert _codes(typed) == [("date_order_conflict", Severity.WARNING)]


@pytest.mark.parametrize("name", ["日付", "Date", "登録日", "order_date", "CloseDate", "ORDER_DATE", "DATE"])
def test_eight_digits_are_dates_where_the_name_says_so(name: str) -> None:
    typed = _typed(["20260401", "20260430", None], name=name)
    assert typed.columns[0].type is ColumnType.DATE
    assert [row[0] for row in typed.head] == ["2026-04-01", "2026-04-30", None]
    assert _codes(typed) == [("compact_dates", Severity.INFO)]


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("日付", ["20260401", "20261301"]),
        ("update", ["20260401"]),
        ("番号", ["20260401"]),
        ("日付", ["1", "20260401"]),
        ("日付", ["20260230", "20260401"]),
    ],
)
def test_eight_digits_are_numbers_where_one_is_no_date_or_the_name_says_nothing(name: str, cells: list[str]) -> None:
    typed = _typed([*cells], name=name)
    assert typed.columns[0].type is ColumnType.INTEGER
    assert _codes(typed) == []


def test_times_in_utc_are_warned_of() -> None:
    typed = _typed(["2026-03-31T15:30:00.000+0000", "2026-04-01T01:00:00.000+0000"])
    assert _codes(typed) == [("offset_utc", Severity.WARNING)]
    assert typed.head[0][0] == "2026-03-31 15:30:00"


def test_an_offset_shared_by_all_is_dropped_and_told_and_mixed_ones_go_to_utc() -> None:
    one = _typed(["2026-04-01T09:00:00+09:00", "2026-04-02T09:00:00+09:00"])
    assert _codes(one) == [("offset_dropped", Severity.INFO)]
    assert one.head[0][0] == "2026-04-01 09:00:00"
    two = _typed(["2026-04-01T09:00:00+09:00", "2026-04-02T09:00:00Z"])
    assert _codes(two) == [("mixed_offsets", Severity.WARNING)]
    assert [row[0] for row in two.head] == ["2026-04-01 00:00:00", "2026-04-02 09:00:00"]


def test_a_setting_for_a_column_that_is_not_there_is_told() -> None:
    assert _codes(_typed(["1"], ReadOptions(types={"colour": ColumnType.TEXT}))) == [
        ("no_such_column", Severity.WARNING)
    ]


_LONG = 3_000


@pytest.mark.parametrize(
    ("plain", "odd", "kind", "failed"),
    [
        ("5", "5.5", ColumnType.DECIMAL, 0),
        ("5", "007", ColumnType.TEXT, 0),
        ("5", "1234567890123456", ColumnType.TEXT, 0),
        ("5", "1,200", ColumnType.INTEGER, 0),
        ("5", "５", ColumnType.INTEGER, 0),
        ("5", "x", ColumnType.INTEGER, 1),
        ("5", "12%", ColumnType.TEXT, 0),
        ("5.5", "nan", ColumnType.DECIMAL, 1),
        ("5.5", "inf", ColumnType.DECIMAL, 1),
        ("5.5", "00.5", ColumnType.DECIMAL, 0),
        ("TRUE", "False", ColumnType.BOOLEAN, 0),
        ("TRUE", "yes", ColumnType.BOOLEAN, 1),
        ("2026-04-01", "2026年4月2日", ColumnType.DATE, 0),
        ("2026-04-01", "2026-04-02 09:00", ColumnType.DATETIME, 0),
        ("2026-04-01", "0026-04-01", ColumnType.DATE, 0),
        ("2026-04-01", "26-04-01", ColumnType.DATE, 1),
        ("2026-04-01 09:00:00", "2026-04-02T09:00:00Z", ColumnType.DATETIME, 0),
        ("abc", "5", ColumnType.TEXT, 0),
        ("¥5,000", "$5", ColumnType.TEXT, 0),
        ("¥5,000", "¥5.5", ColumnType.DECIMAL, 0),
        ("¥5,000", "¥5,0", ColumnType.INTEGER, 1),
    ],
)
def test_a_single_odd_cell_far_below_the_sample_counts(plain: str, odd: str, kind: ColumnType, failed: int) -> None:
    """The first 2,000 rows make the guess; the last row must be able to overturn it."""
    column = _typed([*[plain] * _LONG, odd]).columns[0]
    assert (column.type, column.failed) == (kind, failed)


def test_numbers_that_differ_in_every_row_are_proved_by_their_notation() -> None:
    cells: list[str | None] = [f"¥{number:,}" for number in range(1_000, 1_000 + _LONG)]
    typed = _typed(cells)
    assert (typed.columns[0].type, typed.columns[0].unit) == (ColumnType.INTEGER, "JPY")
    assert _typed([*cells, "oops"]).problems[0].row == _LONG + 2
    assert _type([*cells, "007"]) is ColumnType.TEXT
    assert _type([*cells, "€5"]) is ColumnType.TEXT


def test_a_text_column_that_turns_out_to_be_numbers_is_one() -> None:
    assert _type([*["n/a"] * 2_100, *["5"] * 50_000]) is ColumnType.INTEGER


def test_empty_rows_are_dropped_and_told() -> None:
    frame = pl.DataFrame({"c0": ["1", None, "2", None], "c1": ["x", None, "y", None]})
    typed = type_grid(Grid(frame.lazy(), Header(1, ("n", "t"), ()), (), ()), ReadOptions(), Limits(), None)
    assert typed.rows == 2
    assert [(problem.code, problem.params) for problem in typed.problems] == [("empty_rows", {"count": 2})]


def test_the_typed_table_has_the_promised_types(tmp_path: object) -> None:
    from pathlib import Path

    names = ("i", "d", "b", "day", "at", "t")
    row = ["1,200", "1.5", "TRUE", "R8.4.1", "2026/4/1 9:00", "a"]
    frame = pl.DataFrame({f"c{index}": [cell] for index, cell in enumerate(row)})
    target = Path(str(tmp_path)) / "t.parquet"
    type_grid(Grid(frame.lazy(), Header(1, names, ()), (), ()), ReadOptions(), Limits(), target)
    table = pl.read_parquet(target)
    assert list(table.schema.values()) == [pl.Int64, pl.Float64, pl.Boolean, pl.Date, pl.Datetime("us"), pl.String]
    assert table.row(0) == (1200, 1.5, True, dt.date(2026, 4, 1), dt.datetime(2026, 4, 1, 9), "a")
