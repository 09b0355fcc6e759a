"""The day a file says its rows are of."""

from __future__ import annotations

from datetime import date

import pytest

from kpi_core.data.shaping.stated_day import stated_day

HEADER = ["支店", "件数", "金額"]
ROW = ["東京", "1", "2026/09/30"]


@pytest.mark.parametrize(
    "title",
    [
        ["2026年10月31日現在"],
        ["顧客一覧(2026年10月31日 時点)"],
        ["令和8年10月31日現在", "単位:人"],
        ["２０２６年１０月３１日現在"],
        ["作成日: 2026/10/31"],
        ["作成日", "2026/10/31"],
        ["出力日時: 2026/10/31 15:00"],
        ["2026年10月31日 15時30分 現在"],
        ["基準日", "2026-10-31"],
        ["As of Oct 31, 2026"],
        ["As of Oct 31", " 2026"],  # a comma of the date cut it in two
        ["Pipeline as of 31 October 2026"],
        ["As of 2026-10-31"],
        ["Created on October 31st, 2026"],
        ["2026年10月分 売上"],
        ["受注一覧(令和8年10月末)"],
    ],
)
@pytest.mark.parametrize("header_row", [2, 0])
def test_a_title_says_of_which_day_the_rows_are(title: list[str], header_row: int) -> None:
    found = stated_day([title, HEADER, ROW], header_row)
    assert found is not None
    assert found.day == date(2026, 10, 31)


@pytest.mark.parametrize(
    "title",
    [
        ["2026年10月のお知らせ"],
        ["2026年9月分〜2026年10月分"],
        ["集計期間 2026年10月1日〜2026年10月31日"],
        ["Updated list of customers"],
        ["2026年2月30日現在"],
        ["As of 10/11/2026"],  # October or November
        ["顧客一覧"],
        ["創業2005年 株式会社青葉"],
        ["2024年版 売上一覧"],
        ["前年2024年比較"],
        ["都道府県別社会増減数（2025年）"],
    ],
)
def test_what_says_no_one_day_proposes_none(title: list[str]) -> None:
    assert stated_day([title, HEADER, ROW], 2) is None


def test_rows_of_the_table_say_nothing() -> None:
    assert stated_day([["作成日", "2026/10/31", "x"], ROW], 1) is None
    assert stated_day([HEADER, ["2026年10月31日現在", "", ""]], 1) is None


def test_the_day_of_the_rows_goes_before_the_day_the_file_was_made() -> None:
    found = stated_day([["作成日: 2026/11/05"], ["2026年10月31日現在"], HEADER], 3)
    assert found is not None
    assert (found.day, found.words) == (date(2026, 10, 31), "2026年10月31日現在")


@pytest.mark.parametrize(
    "lines",
    [
        [["作成日 2026/10/1"], ["2026年9月末現在"]],
        [["2026年9月末現在", "作成日 2026/10/1"]],
        [["作成日 2026/10/1", "2026年9月末現在"]],
        [["作成日 2026/10/1", "2026年9月30日時点"]],
    ],
)
def test_the_last_day_of_a_month_goes_before_the_day_the_file_was_made(lines: list[list[str]]) -> None:
    found = stated_day([*lines, HEADER, ROW], len(lines) + 1)
    assert found is not None
    assert found.day == date(2026, 9, 30)


@pytest.mark.parametrize(
    ("begins", "last"),
    [(4, date(2026, 3, 31)), (1, date(2025, 12, 31)), (10, date(2026, 9, 30)), (3, date(2026, 2, 28))],
)
def test_a_fiscal_year_ends_as_the_workshop_says(begins: int, last: date) -> None:
    found = stated_day([["2025年度 決算"], HEADER, ROW], 2, begins)
    assert found is not None
    assert found.day == last


@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("社会増減数 2025年実績", date(2025, 12, 31)),
        ("2025年末の会員数", date(2025, 12, 31)),
        ("2025年度 決算", date(2026, 3, 31)),
        ("2019/05/16 15:00", date(2019, 5, 16)),  # a date alone: when the file was made
    ],
)
def test_a_year_gives_its_last_day_and_a_date_alone_itself(title: str, day: date) -> None:
    found = stated_day([["主要統計"], [title], HEADER], 3)
    assert found is not None
    assert found.day == day


def test_dates_of_a_table_without_a_header_are_not_its_title() -> None:
    assert stated_day([["2026/10/31", "5"], ["2026/11/01", "6"]], 0) is None
    assert stated_day([["2024年と2025年の比較"], HEADER], 2) is None
