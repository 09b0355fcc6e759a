"""Where the header row is: below titles, notes and units, above the first row that looks like the data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from kpi_core.data.reading import notation
from kpi_core.errors import Param, Problem
from kpi_core.vocabulary import Severity

Rows = Sequence[Sequence[str]]

_VALUE = re.compile(
    r"^[(\-+△▲−]?\s*[¥$€]?\s*[-+△▲−]?[\d][\d,./:\-eE+TZ ]*\)?\s*[KkMm円%]?$"
    r"|^\d{4}年\d+月(\d+日)?.*$|^(令和|平成|昭和|大正|明治)(元|\d+)年\d+月\d+日$|^(true|false)$",
    re.IGNORECASE,
)
_LACK = re.compile(notation.SIGN_ONLY)
_DIGIT = re.compile(r"\d")
_UNNAMED = re.compile(r"^column_\d+(_\d+)?$")
_YEAR = re.compile(r"^(19|20)\d\d$")
_PERIOD = re.compile(
    r"^(?:(?:19|20)\d\d|(?:令和|平成|昭和)(?:元|\d{1,2}))(?:[-/.](?:1[0-2]|0?[1-9])|年(?:度|(?:1[0-2]|0?[1-9])月(?:分|度)?)?)$"
)


@dataclass(frozen=True)
class Header:
    """``row`` counts from 1, 0 without a header; ``names`` are unique and not empty, one for each column."""

    row: int
    names: tuple[str, ...]
    problems: tuple[Problem, ...]


def find_header(rows: Rows, width: int, asked: int | None, sheet: str | None = None) -> Header:
    """The header among the first ``rows`` of a table of ``width`` columns; ``asked`` is the person's choice."""
    row = detect_row(rows) if asked is None else asked
    problems: list[Problem] = []
    if row > 1 and any(cell.strip() for cells in rows[: row - 1] for cell in cells):
        problems.append(
            Problem("rows_above_header", {"count": row - 1, "header_row": row}, Severity.INFO, sheet=sheet, row=row)
        )
    if row == 0:
        problems.append(Problem("no_header", {}, Severity.WARNING, sheet=sheet, row=1))
        return Header(0, tuple(f"column_{index + 1}" for index in range(width)), tuple(problems))
    cells = list(rows[row - 1]) if row <= len(rows) else []
    names, renamed = unique_names([*cells, *[""] * (width - len(cells))], row, sheet)
    return Header(row, names, (*problems, *renamed))


def unique_names(cells: Sequence[str], row: int, sheet: str | None) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """The cells of the header as names: trimmed, empty ones ``column_<n>``, repeated ones numbered; each told."""
    problems: list[Problem] = []
    names: list[str] = []
    plain = [" ".join(cell.replace("\ufeff", "").split()) for cell in cells]
    taken = {name for name in plain if name}
    used: set[str] = set()
    for index, name in enumerate(plain):
        chosen = name or f"column_{index + 1}"
        number = 2
        while chosen in used or (chosen != name and chosen in taken):
            chosen = f"{name or f'column_{index + 1}'}_{number}"
            number += 1
        used.add(chosen)
        names.append(chosen)
        if chosen != name:
            code = "header_repeated" if name else "header_empty"
            params: dict[str, Param] = {"name": name, "renamed": chosen, "position": index + 1}
            problems.append(Problem(code, params, Severity.WARNING, sheet=sheet, row=row, column=chosen))
    return tuple(names), tuple(problems)


def is_unnamed(name: str) -> bool:
    """Whether a column is called as ``unique_names`` calls one without a name."""
    return _UNNAMED.match(name) is not None


def detect_row(rows: Rows) -> int:
    """The 1-based header row, 0 when the first full row is data already.

    The data start at the first row that carries values (numbers, dates) where the rows further down carry them. Above
    it the row with the most different, filled, wordy cells is the header; of equals the lower. Where no column holds
    values the first full row is the header.
    """
    wide, start = _full_rows(rows)
    if not wide:
        return 1
    if start is None:
        return wide[0] + 1
    above = [index for index in wide if index < start]
    if above:
        width = max(sum(1 for cell in rows[index] if cell.strip()) for index in wide)
        return max(above, key=lambda index: (_wordiness(rows[index], width), index)) + 1
    if _is_row_of_years(rows[start]) or _is_row_of_periods(rows[start], rows[start + 1 :]):
        return start + 1
    return 0


def data_start(rows: Rows) -> int | None:
    """The 1-based first row that carries values; ``None`` where no column holds values."""
    start = _full_rows(rows)[1]
    return None if start is None else start + 1


def is_value(cell: str) -> bool:
    """Whether a cell is a number or a date rather than a word."""
    return _is_value(cell)


def is_lack(cell: str) -> bool:
    """Whether a cell says that there is no value: －, …, x."""
    return _LACK.match(unicodedata.normalize("NFKC", cell.strip())) is not None


def _full_rows(rows: Rows) -> tuple[list[int], int | None]:
    """The indices of rows that are about as full as the fullest, and the first of them that carries values."""
    counts = [sum(1 for cell in cells if cell.strip()) for cells in rows]
    if not any(counts):
        return [], None
    full = max(2, max(counts) * 0.5) if max(counts) > 1 else 1
    wide = [index for index, count in enumerate(counts) if count >= full]
    valued = _value_columns([rows[index] for index in wide])
    return wide, next((index for index in wide if _carries_values(rows[index], valued)), None)


def _value_columns(rows: Rows) -> frozenset[int]:
    """Columns that hold values in the last third of the rows."""
    lower = rows[len(rows) * 2 // 3 :] if len(rows) > 1 else rows
    found = set()
    for column in range(max((len(cells) for cells in lower), default=0)):
        cells = [cells[column] for cells in lower if column < len(cells) and cells[column].strip()]
        if cells and sum(map(_is_value, cells)) >= 0.8 * len(cells):
            found.add(column)
    return frozenset(found)


def _carries_values(cells: Sequence[str], valued: frozenset[int]) -> bool:
    filled = [cells[column] for column in valued if column < len(cells) and cells[column].strip()]
    return bool(filled) and sum(map(_is_value, filled)) >= 0.5 * len(filled)


def _is_value(cell: str) -> bool:
    return _VALUE.match(unicodedata.normalize("NFKC", cell.strip())) is not None


def _wordiness(cells: Sequence[str], width: int) -> float:
    words = [cell.strip() for cell in cells if cell.strip()]
    different = {word for word in words if not _is_value(word) and not is_lack(word)}
    with_digits = sum(1 for word in different if _DIGIT.search(unicodedata.normalize("NFKC", word)))
    return round((len(different) - 0.3 * with_digits) / width, 6)


def _is_row_of_periods(cells: Sequence[str], below: Rows) -> bool:
    """A header like 支店, 2026年4月, 2026年5月: each another period, with other values than periods below them."""
    periods = {column: word for column, cell in enumerate(cells) if _PERIOD.match(word := _tight(cell))}
    if len(periods) < 2 or len(set(periods.values())) < len(periods):
        return False
    under = [_tight(row[column]) for row in below for column in periods if column < len(row) and row[column].strip()]
    return bool(under) and not any(map(_PERIOD.match, under))


def _tight(cell: str) -> str:
    return "".join(unicodedata.normalize("NFKC", cell).split())


def _is_row_of_years(cells: Sequence[str]) -> bool:
    """A header like 地域, 2019, 2020, 2021: values, but each a different year."""
    values = [cell.strip() for cell in cells if cell.strip() and _is_value(cell)]
    return len(values) > 1 and len(set(values)) == len(values) and all(_YEAR.match(value) for value in values)
