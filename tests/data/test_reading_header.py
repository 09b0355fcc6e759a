"""Where the header row is."""

from __future__ import annotations

import pytest

from kpi_core.data.reading.header import detect_row, find_header, unique_names

_DATA = [["A社", "1,200", "2026/4/1"], ["B社", "800", "2026/4/2"], ["C社", "△50", "2026/4/3"]]
_NAMES = ["取引先", "受注金額", "受注日"]


@pytest.mark.parametrize(
    ("above", "row"),
    [
        ([], 1),
        ([["2026年度 受注一覧", "", ""]], 2),
        ([["2026年度 受注一覧", "", ""], ["", "", ""], ["単位:千円", "", ""]], 4),
        ([["#lang", "ja", ""], ["#license", "http://example.com", ""]], 3),
    ],
)
def test_header_is_found_below_title_blank_and_unit_rows(above: list[list[str]], row: int) -> None:
    assert detect_row([*above, _NAMES, *_DATA]) == row


def test_the_wordiest_of_several_header_rows_is_taken() -> None:
    above = [["", "令和6年", "令和6年", "令和6年"], ["", "男", "女", "計"], ["コード", "人", "人", "人"]]
    assert detect_row([*above, ["東京", "5", "6", "11"], ["大阪", "7", "8", "15"]]) == 2


def test_a_table_without_header_starts_with_data() -> None:
    assert detect_row([["1", "272", "2010-12-29"], ["2", "281", "2010-12-29"]]) == 0


def test_a_row_of_years_is_a_header() -> None:
    assert detect_row([["地域", "2019", "2020"], ["東京", "5", "6"], ["大阪", "7", "8"]]) == 1


_BRANCHES = [["東京", "120", "130"], ["大阪", "80", "△5"]]


@pytest.mark.parametrize(
    "months",
    [
        ["2026年4月", "2026年5月"],
        ["２０２６年４月", "２０２６年５月"],
        ["2026 年 4 月", "2026 年 5 月"],
        ["令和8年4月", "令和8年5月"],
        ["2026/04", "2026/05"],
        ["2026年4月度", "2026年5月度"],
        ["2025年度", "2026年度"],
    ],
)
def test_a_row_of_months_is_a_header(months: list[str]) -> None:
    assert detect_row([["支店", *months], *_BRANCHES]) == 1
    assert detect_row([["月別売上", "", ""], ["", "", ""], ["支店", *months], *_BRANCHES]) == 3
    assert detect_row([[*months], ["120", "130"], ["80", "75"]]) == 1


def test_rows_of_months_among_rows_of_months_are_data() -> None:
    """Contracts with their first and last month: no header."""
    assert detect_row([["A社", "2026年4月", "2026年9月"], ["B社", "2026年5月", "2027年3月"]]) == 0
    assert detect_row([["A社", "2026年4月", "2026年4月"], ["B社", "10", "20"]]) == 0  # one month twice


def test_a_table_of_words_has_its_header_on_top() -> None:
    assert detect_row([["Table", "Field"], ["accounts", "account"], ["accounts", "sector"]]) == 1


def test_empty_and_repeated_names_become_unique_and_are_told() -> None:
    names, problems = unique_names(["金額", "", "金額", "金額_2", " 金額 "], 1, None)
    assert names == ("金額", "column_2", "金額_3", "金額_2", "金額_4")
    assert [(problem.code, problem.column) for problem in problems] == [
        ("header_empty", "column_2"),
        ("header_repeated", "金額_3"),
        ("header_repeated", "金額_4"),
    ]


def test_the_persons_choice_is_taken_and_rows_above_it_are_told() -> None:
    header = find_header([["title", "", ""], _NAMES, *_DATA], 3, 2)
    assert (header.row, header.names) == (2, tuple(_NAMES))
    assert [problem.code for problem in header.problems] == ["rows_above_header"]


def test_zero_says_that_there_is_no_header() -> None:
    header = find_header(_DATA, 3, 0)
    assert header.names == ("column_1", "column_2", "column_3")
