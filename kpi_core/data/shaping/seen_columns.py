"""What columns are: gaps, blocks side by side, periods, parts of a date."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from kpi_core.data.reading.header import is_lack, is_unnamed, is_value
from kpi_core.data.shaping.column_steps import found_value
from kpi_core.data.shaping.periods import Written, date_in, fiscal_year_in, number_in, period_in, split_name, year_in
from kpi_core.data.shaping.seen_corner import is_nameless
from kpi_core.data.shaping.seen_rows import TOTALS, sums_among
from kpi_core.data.shaping.sheet import Sheet
from kpi_core.model.recipe import (
    JOINT,
    AddColumn,
    Blocks,
    DropColumns,
    DropEmpty,
    FillDown,
    JoinDate,
    Step,
    Unpivot,
)

_NUMBERED = re.compile(r"^(.+)_\d+$")
_SUMS = TOTALS | {"通期", "通年", "年間", "平均", "average"}
_SUM_OF = re.compile(
    r"^(?:(?:fy)?\d{2,4}年?度?|(?:令和|平成)(?:元|\d+)年度?|年度?|年間|通年|通期|第?[1-4]四半期|四半期|q[1-4]|[1-4]q|[上下]半?期|半期|期|月)"
    r"の?(?:合計|総計|累計|小計|計|平均|total|average)$"
)
_DAY = re.compile(r"^\d{1,4}[-/年.]\d{1,2}[-/月.]\d{1,4}")
_ENOUGH = 0.8
_AS_OF = re.compile(r"現在|時点|年.{1,3}月|as of", re.IGNORECASE)
_OF_ROWS = re.compile(r"現在|時点|末|as of", re.IGNORECASE)
_PART = {"year": ("年", "年度", "year"), "month": ("月", "month"), "day": ("日", "day")}
_SPAN = {"year": range(1868, 2200), "month": range(1, 13), "day": range(1, 32)}


def gaps(sheet: Sheet) -> tuple[Step, ...]:
    """Columns without a name and a value."""
    empty = any(is_unnamed(name) and not _cells(sheet, name) for name in sheet.names)
    return (DropEmpty(step="drop_empty"),) if empty else ()


def side_by_side(sheet: Sheet) -> tuple[Step, ...]:
    """The same names over and over."""
    names = sheet.names
    words = [found[1] if (found := _NUMBERED.match(name)) and found[1] in names else name for name in names]
    for width in range(2, len(words) // 2 + 1):
        if len(words) % width == 0 and all(word == words[at % width] for at, word in enumerate(words)):
            return (Blocks(step="blocks", width=width),)
    return ()


def years_once(sheet: Sheet) -> tuple[Step, ...]:
    """Labels written once for the rows below them."""
    found = []
    sums = _rows_of_sums(sheet)
    for at, name in enumerate(sheet.names[:3]):
        cells = [cell for cell, is_sum in zip(sheet.cells[name].to_list(), sums, strict=True) if not is_sum]
        filled = [cell for cell in cells if cell]
        if not filled or not cells or not cells[0] or len(filled) > 0.7 * len(cells):
            continue
        if len(set(filled)) < len(filled) or at + 1 >= len(sheet.names):
            continue
        if len(filled) < 2 and not _is_year_of_all(sheet, name):
            continue
        beside = [cell for cell, is_sum in zip(sheet.cells[sheet.names[at + 1]], sums, strict=True) if not is_sum]
        if all(other for cell, other in zip(cells, beside, strict=True) if not cell):
            found.append(name)
    return (FillDown(step="fill_down", columns=tuple(found)),) if found else ()


def _is_year_of_all(sheet: Sheet, name: str) -> bool:
    """Whether a single year stands for all rows below it: 年度 does; 年 not where the months begin anew."""
    month = _part_column(sheet, "month")
    if month is None or _part_column(sheet, "year") != name:
        return False
    numbers = [number_in(cell) or 0 for cell in _cells(sheet, month)]
    return name.strip().endswith("年度") or numbers == sorted(numbers)


def _rows_of_sums(sheet: Sheet) -> list[bool]:
    labels = sheet.cells.select(sheet.names[:3]).rows()
    sums = sums_among(labels)
    return [any(_is_sum(cell) or "".join(cell.split()) in sums for cell in row if cell) for row in labels]


def wide_periods(sheet: Sheet) -> tuple[Step, ...]:
    """Columns that are periods; those that sum up others are left out, the finest periods stay."""
    read = {name: split_name(name) for name in sheet.names}
    periods = {name: (written, rest) for name, (written, rest) in read.items() if written is not None}
    if not periods:
        return ()
    fine = min(_size(written) for written, _ in periods.values())
    chosen = {name: rest for name, (written, rest) in periods.items() if _size(written) == fine}
    if len(chosen) < 2 or min(Counter(chosen.values()).values()) < 2:
        return ()
    filled = [name for name in chosen if _values(sheet, name)]  # months to come are empty yet
    if len(filled) < 2 or not all(holds_numbers(sheet, name) for name in filled):
        return ()
    sums = [name for name in periods if name not in chosen]
    sums += [name for name, (written, rest) in read.items() if written is None and _is_sum(rest)]
    start = Unpivot(step="unpivot")
    if all(periods[name][0].year is None for name in chosen):
        start = start.model_copy(update={"year": stated_year(sheet)})
    dropped: tuple[Step, ...] = (DropColumns(step="drop_columns", columns=tuple(sums)),) if sums else ()
    return (*dropped, start)


def _size(written: Written) -> int:
    return 1 if written.month else 3 if written.quarter else 6 if written.half else 12


def _is_sum(name: str) -> bool:
    words = ["".join(unicodedata.normalize("NFKC", part).split()).casefold() for part in name.split(JOINT)]
    return any(word in _SUMS or _SUM_OF.match(word) for word in words)


def stated_year(sheet: Sheet, start: int = 4, known: int | None = None) -> int | None:
    """The fiscal year of the title, else of the file's name: 2025年度, 2026年3月期, else the year of a date in it.

    Where one of them says outright another than the ``known`` one, it is that: a title is easily left as it was. A day
    that is not said to be the rows' own is when the file was made, and says no other year than the ``known`` one.
    """
    texts = [*(cell for row in sheet.top[: sheet.above] for cell in row if cell.strip()), sheet.file_name]
    outright = [year for text in texts if (year := fiscal_year_in(text)) is not None]
    other = next((year for year in outright if known is not None and year != known), None)
    dated = texts if known is None else [text for text in texts if not _says_a_day(text)]
    weaker = (year for text in dated if (year := year_in(text, start)) is not None)
    return other or next(iter(outright), None) or next(weaker, None)


def _says_a_day(text: str) -> bool:
    """出力日 2026/04/10, 売上_20260410: a day, but not the one that rows are of."""
    return date_in(text, whole=True) is not None and not _OF_ROWS.search(text)


def split_date(sheet: Sheet) -> tuple[Step, ...]:
    """年, 月 and 日 in columns of their own; a month alone takes the year of the file's name."""
    parts = {part: _part_column(sheet, part) for part in _PART}
    others = [name for name in sheet.names if name not in parts.values()]
    if parts["month"] is None or any(holds_dates(sheet, name) for name in others):
        return ()
    steps: tuple[Step, ...] = ()
    year = parts["year"]
    if year is None:
        if year_in(sheet.file_name) is None or "年" in sheet.names:
            return ()
        steps, year = (AddColumn(step="add_column", name="年", source="file_name", what="year"),), "年"
    name = "日付" if parts["day"] else "年月"
    return (*steps, JoinDate(step="join_date", name=name, year=year, month=parts["month"], day=parts["day"]))


def periods_in_words(sheet: Sheet) -> tuple[Step, ...]:
    """A column of months, quarters or fiscal years as words: 2019/04, 令和6年度."""
    for name in sheet.names[:3]:
        cells = _cells(sheet, name)
        if cells and all(not cell.isdecimal() and (found := period_in(cell)) and found.year for cell in set(cells)):
            spoken = not (is_nameless(name) or JOINT in name)  # else a corner of several header rows
            return (JoinDate(step="join_date", name=name if spoken or "年月" in sheet.names else "年月", year=name),)
    return ()


def _part_column(sheet: Sheet, part: str) -> str | None:
    for name in sheet.names:
        if not any(name.strip().casefold().endswith(word) for word in _PART[part]):
            continue
        cells = set(_cells(sheet, name))
        if cells and all(number_in(cell) in _SPAN[part] for cell in cells):
            return name
    return None


def holds_dates(sheet: Sheet, name: str) -> bool:
    """Whether the first filled cells of a column are dates or periods."""
    cells = _cells(sheet, name)[:50]
    return bool(cells) and all(_DAY.match(cell) or (period_in(cell) and not cell.isdecimal()) for cell in cells)


def day_of_title(sheet: Sheet) -> tuple[Step, ...]:
    """The day the title speaks of, where no column holds a date."""
    if "基準日" in sheet.names or any(holds_dates(sheet, name) for name in sheet.names):
        return ()
    step = AddColumn(step="add_column", name="基準日", source="title", what="date")
    stated = any(_AS_OF.search(cell) for row in sheet.top[: sheet.above] for cell in row)
    return (step,) if stated and found_value(sheet, step) is not None else ()


def _cells(sheet: Sheet, name: str) -> list[str]:
    return [str(cell) for cell in sheet.cells[name].drop_nulls().to_list()]


def _values(sheet: Sheet, name: str) -> list[str]:
    """The filled cells without those that say there is no value."""
    return [cell for cell in _cells(sheet, name) if not is_lack(cell)]


def holds_numbers(sheet: Sheet, name: str) -> bool:
    """Whether the filled cells of a column are numbers, but for a few; dashes count as none of them."""
    cells = _values(sheet, name)
    codes = any(re.match(r"^0\d", cell) for cell in cells)
    return bool(cells) and not codes and sum(map(is_value, cells)) >= _ENOUGH * len(cells)
