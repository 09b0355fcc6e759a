# ruff: noqa: DTZ001 - the tables hold the clock as written, without a zone
"""A workbook's numbers and times are read as such with the same outcome as by way of their text."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import fastexcel
import openpyxl
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_core.data.reading import Limits, ReadOptions
from kpi_core.data.reading.sheet_cells import Sheet, cells_of, load_sheet
from kpi_core.data.reading.table import type_grid
from kpi_core.data.reading.workbook import read_workbook
from kpi_core.data.reading.workbook_values import as_texts
from kpi_core.vocabulary import ColumnType

_NUMBERS = st.one_of(
    st.integers(-(10**17), 10**17),
    st.integers(0, 300),
    st.floats(-1e9, 1e9, allow_nan=False),  # the reader writes larger ones with digits that nobody entered
    st.integers(-(10**9), 10**9).map(lambda number: number / 100),
    st.integers(-(10**9), 10**9).map(lambda number: number / 7e6),
    st.integers(-99, 99).map(lambda number: number * 0.1),
    st.floats(-1e-5, 1e-5, allow_nan=False),
    st.integers(-120, 120).map(lambda number: number / 1e7),
).map(lambda number: number + 0)  # -0.0 is 0, which its text is not
_TIMES = st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(2199, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0)
)
_DAYS = _TIMES.map(lambda moment: moment.replace(hour=0, minute=0, second=0))
_FRACTIONS = st.datetimes(dt.datetime(2000, 3, 1), dt.datetime(2050, 12, 31))
_WORDS = st.sampled_from(["受注", "NA", "N/A", "null", "12", "1,200", "2026/4/1", "TRUE", "", "a_1"])
_COLUMN = st.one_of(
    st.lists(_NUMBERS, min_size=1, max_size=12),
    st.lists(st.one_of(_NUMBERS, st.none()), min_size=1, max_size=12),
    st.lists(st.one_of(_NUMBERS, st.none(), _WORDS), min_size=1, max_size=12),
    st.lists(st.one_of(st.integers(0, 2), st.booleans()), min_size=1, max_size=12),
    st.lists(_DAYS, min_size=1, max_size=12),
    st.lists(st.one_of(_TIMES, st.none(), st.times().map(lambda clock: clock.replace(microsecond=0))), max_size=12),
    st.lists(st.one_of(_FRACTIONS, st.none()), max_size=12),
    st.lists(st.one_of(_WORDS, st.booleans(), _TIMES, st.none()), max_size=12),
)


def _book(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def _sheet(path: Path, *, values: bool) -> tuple[fastexcel.ExcelReader, Sheet]:
    book = fastexcel.read_excel(path)
    sheet = load_sheet(book, book.sheet_names[0], path, "xlsx", Limits(), alone=True, values=values)
    return book, sheet


def _texts(path: Path, *, values: bool) -> list[tuple[str | None, ...]]:
    first, cells, _ = cells_of(*_sheet(path, values=values), Limits())
    rows = cells.with_columns(as_texts(cells)).rows()
    return rows if first is None else [first, *rows]


def _typed(path: Path, target: Path, options: ReadOptions, *, values: bool) -> tuple[object, list[tuple[object, ...]]]:
    """What a person is told of the sheet and the stored table; without ``values`` by way of the whole sheet's text."""
    grid = read_workbook(path, "xlsx", options, Limits())
    if not values:
        text = grid.texts.collect()
        grid = type(grid)(**{**grid.__dict__, "frame": text.lazy()})
    target.unlink(missing_ok=True)
    typed = type_grid(grid, options, Limits(), target)
    return typed, pl.read_parquet(target).rows() if target.exists() else []


@given(columns=st.lists(_COLUMN, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_values_say_what_their_text_says(tmp_path: Path, columns: list[list[object]]) -> None:
    height = max(map(len, columns))
    padded = [[f"列{at}", *column, *[None] * (height - len(column))] for at, column in enumerate(columns)]
    path = _book(tmp_path / "book.xlsx", [list(row) for row in zip(*padded, strict=True)])
    assert _texts(path, values=True) == _texts(path, values=False)
    by_value, by_text = (
        _typed(path, tmp_path / "table.parquet", ReadOptions(header_row=1), values=values) for values in (True, False)
    )
    assert by_value == by_text


def _rows(number: object) -> list[list[object]]:
    return [["名", "数"], ["a", 1.5], ["b", number], ["c", 3.5]]


@pytest.mark.parametrize("word", ["NA", "N/A", "#N/A", "null", "None", "NaN", "<NA>"])
def test_a_word_among_numbers_is_kept_whatever_the_reader_takes_it_for(tmp_path: Path, word: str) -> None:
    assert _texts(_book(tmp_path / "book.xlsx", _rows(word)), values=True)[2] == ("b", word)


def test_true_among_numbers_is_no_number(tmp_path: Path) -> None:
    path = _book(tmp_path / "book.xlsx", _rows(number=True))
    assert _texts(path, values=True)[2] == ("b", "true")


@pytest.mark.parametrize(
    "head",
    [
        ["名", 2024],
        ["名", dt.datetime(2024, 4, 1)],
        ["名", None],
        ["売上", "売上"],
        ["売上", "売上_1"],
        [None, None],
        ["__UNNAMED__0", "x"],
    ],
)
def test_the_first_row_is_read_as_it_stands(tmp_path: Path, head: list[object]) -> None:
    path = _book(tmp_path / "book.xlsx", [head, *_rows(2)])
    assert _texts(path, values=True) == _texts(path, values=False)


def test_a_plain_sheet_is_not_read_as_text(tmp_path: Path) -> None:
    path = _book(tmp_path / "book.xlsx", [["名", "数", "日"], ["a", 1.5, dt.datetime(2026, 4, 1)], ["b", None, None]])
    assert _sheet(path, values=True)[1].values is not None


def test_numbers_are_text_where_the_person_says_so(tmp_path: Path) -> None:
    path = _book(tmp_path / "book.xlsx", [["店", "日"], [101, 20260401], [102, 20260402]])
    options = ReadOptions(types={"店": ColumnType.TEXT, "日": ColumnType.DATE})
    _, rows = _typed(path, tmp_path / "table.parquet", options, values=True)
    assert rows == [("101", dt.date(2026, 4, 1)), ("102", dt.date(2026, 4, 2))]


@pytest.mark.parametrize("pieces", [b"<r><t>N</t></r><r><t>A</t></r>", b"<t>N<!-- -->A</t>", b"<t>N<?a b?>A</t>"])
def test_a_word_in_pieces_is_kept(tmp_path: Path, pieces: bytes) -> None:
    """Shared strings may hold a word in pieces of different looks."""
    path = _book(tmp_path / "book.xlsx", _rows("runs"))
    torn = tmp_path / "torn.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(torn, "w") as out:
        for name in source.namelist():
            xml = source.read(name).replace(b"<t>runs</t>", pieces)
            out.writestr(name, xml)
    assert _texts(torn, values=True)[2] == ("b", "NA")
