"""The Excel template for typed values: what it holds, and reading it back filled in well and badly."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from kpi_core.errors import RefusedError
from kpi_core.model.file import read_workshop
from kpi_core.model.node import Node
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.values_template import FILLED, OFFERED, offered_periods, values_template
from kpi_core.services.values_upload import TypedValue, ValuesUpload, read_values, store_values
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.text.periods import format_period
from kpi_core.vocabulary import Language, Role

WHO = Who("test")
DOCUMENT = """{
  "format": "kpi-workshop/1",
  "workshop": {"name": "=HYPERLINK(1)", "fiscal_year_start": 4},
  "nodes": [
    {"code": "goal", "kind": "kgi", "formula": "calls * rate"},
    {"code": "more", "kind": "ksf", "parent": "goal"},
    {"code": "calls", "kind": "kpi", "parent": "more", "unit": "count", "name": {"ja": "=cmd|' /C calc'!A0"},
     "definition": "+1", "manual": [{"period": "2020-01", "value": 12}]},
    {"code": "rate", "kind": "kpi", "parent": "more", "unit": "ratio", "name": {"ja": "受注率", "en": "Win rate"}},
    {"code": "old", "kind": "kpi", "parent": "more", "status": "retired"}
  ]
}"""
CALLS, RATE = 3, 4
Fill = Callable[[Worksheet], None]


@pytest.fixture
def typed(state: State) -> str:
    return create_workshop(state, read_workshop(DOCUMENT), WHO)


def periods(state: State, workshop: str) -> list[str]:
    """The periods that stand in the template, as keys, the earliest first."""
    return [one.key for one in offered_periods(snapshot(state, workshop).workshop)][-FILLED:]


def template(state: State, workshop: str, language: Language = Language.JA) -> Any:
    return load_workbook(io.BytesIO(values_template(snapshot(state, workshop).workshop, language)))


@pytest.fixture
def filled(state: State, typed: str, tmp_path: Path) -> Callable[..., Path]:
    """``filled(fill, language)``: the template with ``fill`` done to its first sheet, saved as a file."""

    def made(fill: Fill, language: Language = Language.JA) -> Path:
        book = template(state, typed, language)
        fill(book.worksheets[0])
        path = tmp_path / "values.xlsx"
        book.save(path)
        return path

    return made


def read(state: State, workshop: str, path: Path) -> ValuesUpload:
    return read_values(state, workshop, path, "values.xlsx")


def codes(found: ValuesUpload) -> list[tuple[str, int | None]]:
    return [(one.code, one.row) for one in found.problems]


def test_what_changed_since_the_person_looked_is_not_stored_unseen(state: State, typed: str, filled) -> None:
    path = filled(lambda sheet: sheet.cell(3, CALLS, 40))
    seen = read_values(state, typed, path, "v.xlsx").changes
    assert store_values(state, typed, filled(lambda sheet: sheet.cell(3, CALLS, 41)), "v.xlsx", WHO) == len(seen)
    path = filled(lambda sheet: sheet.cell(3, CALLS, 40))
    with pytest.raises(RefusedError, match="values_changed"):
        store_values(state, typed, path, "v.xlsx", WHO, seen)  # it would write over 41, not over what was there
    assert store_values(state, typed, path, "v.xlsx", WHO, read_values(state, typed, path, "v.xlsx").changes) == 1


@pytest.mark.parametrize("language", list(Language))
def test_an_untouched_template_changes_nothing(state, typed, filled, language) -> None:
    found = read(state, typed, filled(lambda sheet: None, language))
    assert (found.changes, found.problems) == ((), ())


@pytest.mark.parametrize("language", list(Language))
def test_what_is_filled_in_is_what_is_stored(state, typed, filled, language) -> None:
    first, second = periods(state, typed)[:2]

    def fill(sheet: Worksheet) -> None:
        sheet.cell(3, CALLS, 40)
        sheet.cell(3, RATE, 0.25)
        sheet.cell(4, CALLS, 41.5)

    path = filled(fill, language)
    expected = (
        TypedValue("calls", first, 40, None),
        TypedValue("rate", first, 0.25, None),
        TypedValue("calls", second, 41.5, None),
    )
    assert sorted(read(state, typed, path).changes, key=str) == sorted(expected, key=str)
    assert store_values(state, typed, path, "values.xlsx", WHO) == 3
    workshop = snapshot(state, typed).workshop
    assert {entry.period: entry.value for entry in node(state, typed, "calls").manual} == {
        "2020-01": 12,  # outside the filled-in rows, and still there
        first: 40,
        second: 41.5,
    }
    assert workshop.node("old") is not None


def node(state: State, workshop: str, code: str) -> Node:
    found = snapshot(state, workshop).workshop.node(code)
    assert found is not None
    return found


def test_stored_values_stand_in_the_next_template_and_an_empty_cell_deletes_none(state, typed, filled) -> None:
    store_values(state, typed, filled(lambda sheet: sheet.cell(3, CALLS, 40)), "v.xlsx", WHO)
    sheet = template(state, typed).worksheets[0]
    assert sheet.cell(3, CALLS).value == 40

    def empty(sheet: Worksheet) -> None:
        sheet.cell(3, CALLS).value = None

    found = read(state, typed, filled(empty))
    assert (found.changes, found.same) == ((), 0)


def test_a_row_number_that_is_no_number_is_no_row(state, typed, filled) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.cell(3, 1, "²")
        sheet.cell(3, CALLS, "many")

    assert codes(read(state, typed, filled(fill))) == [("values_no_number", None)]


def test_an_overwritten_value_is_told_with_the_stored_one(state, typed, filled) -> None:
    first = periods(state, typed)[0]
    store_values(state, typed, filled(lambda sheet: sheet.cell(3, CALLS, 40)), "v.xlsx", WHO)
    found = read(state, typed, filled(lambda sheet: sheet.cell(3, CALLS, 45)))
    assert found.changes == (TypedValue("calls", first, 45, 40),)


def test_every_problem_is_told_by_the_row_its_reader_sees_and_nothing_is_stored(state, typed, filled) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.cell(3, CALLS, "たくさん")
        sheet.cell(5, CALLS, 1)
        sheet.cell(6, 2, sheet.cell(5, 2).value)
        sheet.cell(6, CALLS, 2)
        sheet.cell(7, 2).value = None
        sheet.cell(7, RATE, 0.1)
        sheet.cell(9, 2, "いつか")
        sheet.cell(9, CALLS, 3)
        sheet.cell(10, 2, "2099-01")
        sheet.cell(10, CALLS, 3)
        sheet.cell(11, 2, "2026-Q1")
        sheet.cell(11, CALLS, 3)
        sheet.cell(12, CALLS, "#DIV/0!")

    path, before = filled(fill), snapshot(state, typed).change
    expected = [
        ("values_no_number", 3),
        ("values_twice", 6),
        ("values_period_missing", 7),
        ("values_period_unreadable", 9),
        ("values_period_future", 10),
        ("values_period_grain", 11),
        ("values_no_number", 12),
    ]
    assert codes(read(state, typed, path)) == expected
    with pytest.raises(RefusedError) as refused:
        store_values(state, typed, path, "values.xlsx", WHO)
    assert [(one.code, one.row) for one in refused.value.problems] == expected
    assert snapshot(state, typed).change == before


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        (CALLS, "1,200", 1200),
        (CALLS, "８００件", 800),
        (CALLS, "△5", -5),
        (CALLS, 0, 0),
        (RATE, "25%", 0.25),
        (RATE, 0.1 + 0.2, 0.3),  # a spreadsheet keeps 15 digits
    ],
)
def test_numbers_as_people_write_them(state, typed, filled, column, cell, value) -> None:
    (found,) = read(state, typed, filled(lambda sheet: sheet.cell(3, column, cell))).changes
    assert found.value == pytest.approx(value, rel=1e-12)


def test_a_month_that_the_spreadsheet_made_a_date_is_that_month(state, typed, filled) -> None:
    first = periods(state, typed)[0]
    year, month = (int(part) for part in first.split("-"))

    def fill(sheet: Worksheet) -> None:
        sheet.cell(3, 2, date(year, month, 1)).number_format = "yyyy/mm/dd"
        sheet.cell(3, CALLS, 7)

    assert read(state, typed, filled(fill)).changes == (TypedValue("calls", first, 7, None),)


def test_an_earlier_period_can_be_chosen_in_a_free_row(state, typed, filled) -> None:
    earliest = offered_periods(snapshot(state, typed).workshop)[0]

    def fill(sheet: Worksheet) -> None:
        sheet.cell(3 + FILLED, 2, format_period(earliest, Language.EN, 4, style="name"))
        sheet.cell(3 + FILLED, CALLS, 7)

    assert read(state, typed, filled(fill)).changes == (TypedValue("calls", earliest.key, 7, None),)


def test_a_percent_without_its_sign_is_asked_about(state, typed, filled) -> None:
    found = read(state, typed, filled(lambda sheet: sheet.cell(3, RATE, 35)))
    assert codes(found) == [("values_large_ratio", 3)]
    assert not found.blocked


def test_a_column_whose_kpi_is_gone_blocks_only_with_values(state, typed, filled) -> None:
    def rename(sheet: Worksheet) -> None:
        sheet.cell(1, CALLS, "nobody")

    assert codes(read(state, typed, filled(rename))) == []

    def fill(sheet: Worksheet) -> None:
        rename(sheet)
        sheet.cell(3, CALLS, 1)

    assert codes(read(state, typed, filled(fill))) == [("values_not_by_hand", None)]


def test_another_workbook_is_refused(state, typed, filled) -> None:
    with pytest.raises(RefusedError, match="values_no_template"):
        read(state, typed, filled(lambda sheet: sheet.cell(1, 1, "商談一覧")))


def test_a_viewer_stores_nothing(state, typed, filled) -> None:
    path = filled(lambda sheet: sheet.cell(3, CALLS, 1))
    with pytest.raises(RefusedError, match="not_allowed"):
        store_values(state, typed, path, "v.xlsx", Who("v", Role.VIEWER))


@pytest.mark.parametrize("language", list(Language))
def test_no_cell_is_a_formula_and_names_stay_as_typed(state, typed, language) -> None:
    book = template(state, typed, language)
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    named = [cell for cell in cells if str(cell.value).startswith("=cmd")]
    assert named
    assert all(cell.quotePrefix for cell in named)


def test_the_sheet_lets_only_values_and_periods_be_typed_and_checks_them(state, typed) -> None:
    book = template(state, typed)
    values, offered, guide = book.worksheets
    assert [sheet.title for sheet in book.worksheets] == ["入力", "期間一覧", "使い方"]
    assert (values.protection.sheet, guide.protection.sheet, offered.sheet_state) == (True, True, "hidden")
    assert [values.cell(2, at).protection.locked for at in (2, CALLS, RATE)] == [True, True, True]
    assert [values.cell(3, at).protection.locked for at in (1, 2, CALLS, RATE)] == [True, False, False, False]
    assert offered.max_row == OFFERED
    checks = {str(one.sqref): one for one in values.data_validations.dataValidation}
    last = 2 + FILLED + 15
    assert checks[f"B3:B{last}"].formula1 == f"='期間一覧'!$A$1:$A${OFFERED}"
    assert [checks[f"{letter}3:{letter}{last}"].type for letter in "CD"] == ["decimal", "decimal"]
    assert values.cell(3, RATE).number_format == "0.0%"
