"""Steps that change, join, split or add columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date

import polars as pl

from kpi_core.data.reading.header import is_unnamed
from kpi_core.data.shaping.periods import date_in, era_begins, number_in, period_in, split_name, year_in
from kpi_core.data.shaping.sheet import ROW, Sheet
from kpi_core.data.shaping.units import scale_of, written_out
from kpi_core.data.shaping.wanted import StepError, existing
from kpi_core.model.recipe import AddColumn, Blocks, DropColumns, DropEmpty, JoinDate, Rename, Unit, Unpivot

_FISCAL = re.compile(r"年度$|^fiscal[ _]?year$|^FY$", re.IGNORECASE)


def rename(sheet: Sheet, step: Rename) -> Sheet:
    changes = dict(step.names)
    existing(sheet, changes)
    after = [changes.get(name, name) for name in sheet.names]
    if twice := next((name for name in after if after.count(name) > 1), None):
        raise StepError("step_column_twice", name=twice)
    return sheet.having(sheet.cells.rename(changes))


def drop_columns(sheet: Sheet, step: DropColumns) -> Sheet:
    existing(sheet, step.columns)
    return sheet.having(sheet.cells.drop(step.columns))


def drop_empty(sheet: Sheet, _: DropEmpty) -> Sheet:
    empty = [name for name in sheet.names if is_unnamed(name)]
    empty = [name for name in empty if sheet.cells[name].null_count() == sheet.cells.height]
    return sheet.having(sheet.cells.drop(empty))


def blocks(sheet: Sheet, step: Blocks) -> Sheet:
    names = sheet.names
    if len(names) % step.width:
        raise StepError("step_blocks_uneven", columns=len(names), width=step.width)
    first = names[: step.width]
    parts = [
        sheet.cells.select(ROW, *names[at : at + step.width]).rename(
            dict(zip(names[at : at + step.width], first, strict=True))
        )
        for at in range(0, len(names), step.width)
    ]
    stacked = pl.concat(parts)
    return sheet.having(stacked.filter(pl.any_horizontal(pl.col(list(first)).is_not_null())))


def unit(sheet: Sheet, step: Unit) -> Sheet:
    existing(sheet, step.columns)
    scale = scale_of(step.unit)
    if scale is None:
        raise StepError("step_unit_unknown", unit=step.unit)
    return _changed(sheet, step.columns, lambda text: written_out(text, scale))


def _changed(sheet: Sheet, columns: Sequence[str], change: Callable[[str], str | None]) -> Sheet:
    """Each different cell of ``columns`` changed once."""
    cells = sheet.cells
    for column in columns:
        old = cells[column].drop_nulls().unique().to_list()
        new = [change(text) for text in old]
        cells = cells.with_columns(pl.col(column).replace_strict(old, new, default=None, return_dtype=pl.String))
    return sheet.having(cells)


def unpivot(sheet: Sheet, step: Unpivot) -> Sheet:
    existing(sheet, step.columns)
    periods: dict[date, dict[str, str]] = {}  # first day -> column of the value -> column of the file
    for name in step.columns or sheet.names:
        written, rest = split_name(name)
        if written is None:
            if step.columns:
                raise StepError("step_no_period", name=name)
            continue
        day = written.first_day(step.year, step.start)
        if day is None:
            raise StepError("step_year_missing", name=name)
        into = rest or step.value
        if into in periods.setdefault(day, {}):
            raise StepError("step_period_twice", name=name, other=periods[day][into])
        periods[day][into] = name
    if not periods:
        raise StepError("step_no_periods")
    wide = {name for columns in periods.values() for name in columns.values()}
    kept = [name for name in sheet.names if name not in wide]
    values = list(dict.fromkeys(into for columns in periods.values() for into in columns))
    if clash := next((name for name in (step.period, *values) if name in kept), None):
        raise StepError("step_column_twice", name=clash)
    missing = pl.lit(None, dtype=pl.String)
    parts = [
        sheet.cells.select(
            ROW,
            *kept,
            pl.lit(day.isoformat()).alias(step.period),
            *((pl.col(columns[into]) if into in columns else missing).alias(into) for into in values),
        )
        for day, columns in sorted(periods.items())
    ]
    return sheet.having(pl.concat(parts).filter(pl.any_horizontal(pl.col(values).is_not_null())))


def join_date(sheet: Sheet, step: JoinDate) -> Sheet:
    """A row whose parts make no date keeps them as they are written, so that typing tells it."""
    parts = [one for one in (step.era, step.year, step.month, step.day) if one]
    existing(sheet, parts)
    if step.name in sheet.names and step.name not in parts:
        raise StepError("step_column_twice", name=step.name)
    different = sheet.cells.select(parts).unique()
    joined = [_joined(dict(zip(parts, row, strict=True)), step) for row in different.iter_rows()]
    days = different.with_columns(pl.Series("\0day", joined, dtype=pl.String))
    cells = sheet.cells.join(days, on=parts, how="left", nulls_equal=True, maintain_order="left")
    at = min(sheet.names.index(one) for one in parts)
    others = [name for name in sheet.names if name not in parts]
    before = [name for name in sheet.names[:at] if name in others]
    after = [name for name in others if name not in before]
    return sheet.having(cells.select(ROW, *before, pl.col("\0day").alias(step.name), *after))


def is_fiscal(column: str) -> bool:
    """Whether a column of years is named as one of fiscal years: 年度, FY."""
    return _FISCAL.search(column) is not None


def _joined(cells: dict[str, str | None], step: JoinDate) -> str | None:
    if not any(cells.values()):
        return None
    if not step.month and not step.day and not step.era and (written := period_in(cells[step.year] or "")):
        day_one = written.first_day(None, step.start)
        return cells[step.year] if day_one is None else day_one.isoformat()
    era = era_begins(cells[step.era] or "") if step.era else 0
    year = number_in(cells[step.year] or "")
    month = number_in(cells[step.month] or "") if step.month else 1
    day = number_in(cells[step.day] or "") if step.day else 1
    try:
        if era is None or year is None or month is None or day is None:
            raise ValueError
        later = step.month and month < step.start and is_fiscal(step.year)  # February of 2025年度 is one of 2026
        return date(era + year + (1 if later else 0), month, day).isoformat()
    except ValueError:
        return " ".join(cell for cell in cells.values() if cell)


def add_column(sheet: Sheet, step: AddColumn) -> Sheet:
    if step.name in sheet.names:
        raise StepError("step_column_twice", name=step.name)
    value = found_value(sheet, step)
    if value is None:
        raise StepError("step_value_missing", name=step.name)
    return sheet.having(sheet.cells.with_columns(pl.lit(value).alias(step.name)))


def found_value(sheet: Sheet, step: AddColumn) -> str | None:
    """What the step finds in this file."""
    if step.source == "title":
        texts = [cell for row in sheet.top[: sheet.above] for cell in row if cell.strip()]
    else:
        texts = [sheet.file_name.rsplit(".", 1)[0] if step.source == "file_name" else sheet.sheet]
    for text in texts:
        if step.what == "text":
            found: object = text.strip() or None
        elif step.what == "year":
            found = year_in(text)
        else:
            found = date_in(text)
        if isinstance(found, date) and step.what == "month":
            found = found.replace(day=1)
        if found is not None:
            return str(found)
    return None
