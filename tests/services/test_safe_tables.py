"""Exported tables hold no cell that a spreadsheet would run, and numbers stay numbers."""

from __future__ import annotations

import csv
import io
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from kpi_core.services.exporting import csv_bytes, safe_text, xlsx_bytes

RUNS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "－x"]


@pytest.mark.parametrize("text", RUNS)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert safe_text(text) == f"'{text}"


@pytest.mark.parametrize("text", ["受注", "a=b", "-5", "+1,200.5", "-3.5e-7", "-12%", "", "1-2", "'x", "△5"])
def test_other_text_and_numbers_stay(text: str) -> None:
    assert safe_text(text) == text


def test_a_csv_opens_in_excel_with_its_numbers() -> None:
    rows = [
        (-5, -2.5, True, date(2026, 4, 1), None, float("nan"), "=x"),
        (np.int64(-7), np.float64(0.1), np.bool_(False), pd.NaT, pd.NA, "", "改\n行"),
    ]
    content = csv_bytes(["整数", "=b", "c", "d", "e", "f", "g"], rows)
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))) == [
        ["整数", "'=b", "c", "d", "e", "f", "g"],
        ["-5", "-2.5", "True", "2026-04-01", "", "", "'=x"],
        ["-7", "0.1", "False", "", "", "", "改\n行"],
    ]


def test_a_workbook_holds_text_as_text_and_numbers_as_numbers() -> None:
    rows = [("=1+1", -5, 0.25, date(2026, 4, 1), None, "a\x00b")]
    content = xlsx_bytes({"実績/目標": (["名前", "b", "c", "d", "e", "f"], rows)})
    (sheet,) = load_workbook(io.BytesIO(content))
    assert sheet.title == "実績 目標"
    first, second, third, fourth, fifth, sixth = next(sheet.iter_rows(min_row=2))
    assert (first.value, first.data_type) == ("=1+1", "s")
    assert (second.value, third.value, fourth.value.date(), fifth.value) == (-5, 0.25, date(2026, 4, 1), None)
    assert sixth.value == "a\ufffdb"


@given(st.text())
def test_no_cell_begins_like_a_formula(text: str) -> None:
    cell = safe_text(text)
    is_number = cell.replace(",", "").replace("%", "").lstrip("+-").replace(".", "").replace("e", "").isascii()
    assert is_number or not cell.lstrip(" \u3000").startswith(("=", "+", "-", "@", "\t", "\r"))
