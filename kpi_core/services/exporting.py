"""Tables leaving the app, as CSV or XLSX, without a cell that a spreadsheet would run.

The rule: numbers, dates and truth values stay what they are, and so does text that is wholly a number (``-5``,
``+1,200.5``). Any other text whose first character, after spaces, is ``= + - @`` (or their full-width forms), a tab or
a line break gets an apostrophe in front in CSV. In XLSX it is stored as text, which no spreadsheet evaluates; the
apostrophe is the cell's own quote mark there and not part of the text.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

Rows = Iterable[Sequence[Any]]

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "−")
_NUMBER = re.compile(r"[+-]?(\d[\d,]*)(\.\d+)?([eE][+-]?\d+)?%?")
#: Characters that XML, and so XLSX, cannot hold.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SHEET_NAME = re.compile(r"[\\/*?:\[\]\x00-\x1f]")


def safe_text(text: str) -> str:
    """The text as a CSV cell that no spreadsheet runs."""
    if not text.lstrip(" \u3000").startswith(_STARTS) or _NUMBER.fullmatch(text):
        return text
    return f"'{text}"


def csv_bytes(columns: Sequence[str], rows: Rows) -> bytes:
    """A CSV that Excel opens as it is: UTF-8 with BOM, CRLF; no value is an empty cell, dates are ISO 8601."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    writer.writerow([safe_text(column) for column in columns])
    writer.writerows([_csv_cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig", "replace")


def xlsx_bytes(sheets: Mapping[str, tuple[Sequence[str], Rows]]) -> bytes:
    """A workbook of sheet name → (columns, rows); numbers and dates are cells of that kind, no value is empty."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name, (columns, rows) in sheets.items():
        sheet = book.create_sheet(_SHEET_NAME.sub(" ", name)[:31] or "1")
        sheet.append([_xlsx_cell(sheet, column) for column in columns])
        for row in rows:
            sheet.append([_xlsx_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _plain(value: Any) -> Any:
    """A value of a library's own kind (numpy, pandas) as Python's; what is missing as ``None``."""
    if value is None or isinstance(value, str | bool | int | datetime | date | time):
        return None if value is not None and value != value else value  # pandas' NaT is a datetime unequal to itself
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "item"):
        return _plain(value.item())
    text = str(value)
    return None if text in ("<NA>", "NaT") else text


def _csv_cell(value: Any) -> Any:
    plain = _plain(value)
    if plain is None:
        return ""
    if isinstance(plain, str):
        return safe_text(plain)
    return plain.isoformat() if isinstance(plain, datetime | date | time) else plain


def _xlsx_cell(sheet: Any, value: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell

    plain = _plain(value)
    if isinstance(plain, datetime) and plain.tzinfo is not None:
        plain = plain.isoformat()  # a spreadsheet's date has no zone
    if not isinstance(plain, str):
        return plain
    return stored_text(WriteOnlyCell(sheet), plain)


def stored_text(cell: Any, text: str) -> Any:
    """An openpyxl cell that holds ``text`` as text, whatever it begins with; gives the cell."""
    cell.value = _NOT_XML.sub("\ufffd", text)[:32_767]
    if not text:
        return cell
    cell.data_type = "s"
    if safe_text(text) != text:
        cell.quotePrefix = True
    return cell
