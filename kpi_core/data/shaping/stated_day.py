"""The day a file says its rows are of, in what stands above its table: 2026年10月31日現在, As of Oct 31, 2026."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kpi_core.data.shaping.periods import date_in

_FEW = 2
_BARE = re.compile(r"^[\d\s/.:年月日時分-]+$")  # a date alone: when the file was made
_OF_ROWS = re.compile(r"現在|時点|基準日|\bas (?:of|at)\b", re.IGNORECASE)
_MADE = re.compile(
    r"(?:作成|出力|抽出|集計|更新|発行)(?:日|年月日)?|\b(?:created|generated|exported|run) ?(?:on|date)?\b",
    re.IGNORECASE,
)
_OF_ROWS_WORD = re.compile(r"\S*(?:現在|時点)")  # 2026年9月末現在, beside another day of the same line
_ANY_YEAR = re.compile(r"(?<!\d)20\d{2}年(?!\s*\d)")
_YEAR = re.compile(r"(?<!\d)(?P<year>20\d{2})年(?:(?P<fiscal>度)|末|\s*実績)")
_MONTH = re.compile(r"年\s*\d{1,2}\s*月\s*(?:分|度|末|実績|現在|時点)")
_CLOCK = re.compile(r"\s*\b\d{1,2}(?::\d{2}){1,2}|\s*\d{1,2}時.*$")
_SPAN = re.compile(r"[~〜～]|から")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = rf"\b(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
_ENGLISH = re.compile(
    rf"{_NAME}\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[,\s]+(?P<year>\d{{4}})"
    rf"|\b(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?[-\s]+{_NAME.replace('name', 'name2')}[-,\s]+(?P<year2>\d{{4}})",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class StatedDay:
    """A day and the words of the file that say it."""

    day: date
    words: str


def stated_day(rows: Sequence[Sequence[str]], header_row: int, year_begins: int = 4) -> StatedDay | None:
    """The day said above row ``header_row`` (from 1); 0: in the first rows of one or two cells.

    What says of which day the rows are goes before when the file was made, and that before a month or a year, whose
    last day it is then (of a 年度, that begins with the month ``year_begins``). A span of days says none.
    """
    lines = [line for line in _above(rows, header_row) if not _SPAN.search(line)]
    found = [(line, _day_of_rows(line, year_begins)) for line in lines if _OF_ROWS.search(line)]
    for says in (_MADE, _BARE) if header_row else (_MADE,):  # without a header a date alone may be the table's
        found += [(line, _day_in(line)) for line in lines if says.search(line)]
    found += [(line, _end_in(line, year_begins)) for line in lines]
    return next((StatedDay(day, line) for line, day in found if day is not None), None)


def _above(rows: Sequence[Sequence[str]], header_row: int) -> Iterator[str]:
    for number, row in enumerate(rows, start=1):
        filled = [cell.strip() for cell in row if cell.strip()]
        if number == header_row or (not header_row and len(filled) > _FEW):
            return
        if filled:
            yield unicodedata.normalize("NFKC", " ".join(filled))


def _day_of_rows(line: str, year_begins: int) -> date | None:
    """The day that 現在, 時点 or "as of" is said of; of a month or a year its last."""
    words = [found[0] for found in _OF_ROWS_WORD.finditer(line)]
    days = (day for text in (*words, line) for day in (_day_in(text), _end_in(text, year_begins)))
    return next((day for day in days if day is not None), None)


def _end_in(line: str, year_begins: int) -> date | None:
    """The last day of the month or of the one year that the line speaks of: 年度, 年末 or a year's 実績."""
    month = date_in(line) if _MONTH.search(line) else None
    if month is not None:
        return month.replace(day=monthrange(month.year, month.month)[1])
    year = _YEAR.search(line)
    if year is None or len(_ANY_YEAR.findall(line)) != 1:
        return None
    after = int(year["year"]) + 1
    return date(after, year_begins if year["fiscal"] else 1, 1) - timedelta(days=1)


def _day_in(line: str) -> date | None:
    found = _ENGLISH.search(line)
    if found is None:
        return date_in(_CLOCK.sub("", line), whole=True)
    month = _MONTHS.index((found["name"] or found["name2"])[:3].lower()) + 1
    try:
        return date(int(found["year"] or found["year2"]), month, int(found["day"] or found["day2"]))
    except ValueError:
        return None
