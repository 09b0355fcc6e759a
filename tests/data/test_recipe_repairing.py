"""Recipes mended for columns that are gone, and created columns called otherwise."""

from __future__ import annotations

import pytest

from kpi_core.data.shaping.repairing import beginning_in, with_column, with_created_names, without_columns
from kpi_core.model.recipe import (
    AddColumn,
    DropColumns,
    DropTotals,
    FillDown,
    Header,
    JoinDate,
    KeepRows,
    Rename,
    Step,
    Unit,
    Unpivot,
)

HEAD = Header(step="header")


@pytest.mark.parametrize(
    ("step", "left"),
    [
        (HEAD, HEAD),
        (DropColumns(columns=("地域",)), None),
        (DropColumns(columns=("地域", "備考")), DropColumns(columns=("備考",))),
        (FillDown(columns=("年", "地域")), FillDown(columns=("年",))),
        (DropTotals(column="地域", words=("合計",)), None),
        (KeepRows(column="支店", values=("東京",)), KeepRows(column="支店", values=("東京",))),
        (KeepRows(column="地域", values=("東京",)), None),
        (Unit(columns=("地域",), unit="千円"), None),
        (Unpivot(), Unpivot()),  # names no column: finds them in each file
        (Unpivot(columns=("地域",)), None),
        (JoinDate(year="地域", month="月"), None),
        (JoinDate(year="年", month="月", day="地域"), JoinDate(year="年", month="月")),
        (Rename(names=(("地域", "エリア"), ("a", "b"))), Rename(names=(("a", "b"),))),
    ],
)
def test_a_step_keeps_what_it_can_without_a_column(step: Step, left: Step | None) -> None:
    assert without_columns([step], ["地域"]) == (() if left is None else (left,))


def test_what_was_made_from_a_column_that_is_gone_is_gone_too() -> None:
    steps = [Rename(names=(("地域", "エリア"),)), DropTotals(column="エリア", words=("計",)), HEAD]
    assert without_columns(steps, ["地域"]) == (HEAD,)
    dated = [JoinDate(name="日付", year="年", month="月"), FillDown(columns=("日付", "支店"))]
    assert without_columns(dated, ["年"]) == (FillDown(columns=("支店",)),)


def test_another_column_takes_the_place_of_one() -> None:
    assert with_column(Unit(columns=("売上", "原価"), unit="千円"), "売上", "売上高") == Unit(
        columns=("売上高", "原価"), unit="千円"
    )
    assert with_column(JoinDate(year="年", month="月"), "月", "月次") == JoinDate(year="年", month="月次")
    assert with_column(Rename(names=(("a", "b"),)), "a", "c") == Rename(names=(("c", "b"),))


def test_created_columns_are_called_otherwise_and_later_steps_follow() -> None:
    words = {"年": "Year", "年月": "Month", "値": "Value", "期間": "Period", "基準日": "As-of date"}
    steps = (
        HEAD,
        AddColumn(name="年", source="file_name", what="year"),
        JoinDate(name="年月", year="年", month="month"),
        Unpivot(),
        Unit(columns=("値",), unit="千円"),
    )
    assert with_created_names(steps, words, ["支店", "month"]) == (
        HEAD,
        AddColumn(name="Year", source="file_name", what="year"),
        JoinDate(name="Month", year="Year", month="month"),
        Unpivot(period="Period", value="Value"),
        Unit(columns=("Value",), unit="千円"),
    )
    kept = (JoinDate(name="年月", year="年月"),)  # the file's own column keeps its name
    assert with_created_names(kept, words, ["年月"]) == kept


def test_a_name_given_to_labels_follows_the_language_and_later_steps_follow_it() -> None:
    words = {"項目": "Item"}
    steps = [Rename(names=(("column_1", "項目"),)), DropTotals(column="項目", words=("計",))]
    named = with_created_names(steps, words, ["column_1", "売上"])
    assert named == (Rename(names=(("column_1", "Item"),)), DropTotals(column="Item", words=("計",)))
    own = [Rename(names=(("売上／項目", "項目"),))]
    assert with_created_names(own, words, ["売上／項目"]) == tuple(own)  # the file's own word


def test_fiscal_years_begin_as_the_workshops_do() -> None:
    steps = (HEAD, Unpivot(year=2025), JoinDate(year="年度", month="月"))
    assert beginning_in(steps, 1) == (HEAD, Unpivot(year=2025, start=1), JoinDate(year="年度", month="月", start=1))
