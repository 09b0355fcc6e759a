"""Cells as values of the type a column was found to have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kpi_core.data.reading import calendar_notation as calendar
from kpi_core.data.reading import notation
from kpi_core.data.reading.verdict import Verdict
from kpi_core.vocabulary import ColumnType

if TYPE_CHECKING:
    import polars as pl

NOTATION = "notation"
"""The form of cells that are written in a notation but need no tidying."""

VALUE = "value"
"""The form of cells that are no text but numbers or times."""


def converted(tidy: pl.Expr, verdict: Verdict) -> pl.Expr:
    """The tidied cells as values of the verdict's type, by all notations it allows."""
    import polars as pl

    match verdict.type:
        case ColumnType.INTEGER:
            return notation.integer(tidy)
        case ColumnType.DECIMAL:
            value = notation.decimal(tidy)
            if not verdict.percent_only:
                return value
            return pl.when(tidy.str.contains(notation.PERCENT) | (value == 0)).then(value)
        case ColumnType.BOOLEAN:
            return notation.boolean(tidy)
        case ColumnType.DATE | ColumnType.DATETIME:
            cell = calendar.without_weekday(tidy)
            moment = calendar.moment(cell, day_first=verdict.day_first, asked=verdict.asked, to_utc=verdict.to_utc)
            return moment.cast(pl.Date) if verdict.type is ColumnType.DATE else moment
        case ColumnType.TEXT:
            return tidy


def plain(cell: pl.Expr, verdict: Verdict, form: str) -> pl.Expr:
    """The cells as values, for cells that all obey ``form``; null where one does not."""
    import polars as pl

    if form == NOTATION:
        return converted(cell, verdict)
    if form == VALUE:
        return cell.cast(_kinds()[verdict.type])
    match verdict.type:
        case ColumnType.INTEGER:
            return cell.cast(pl.Int64, strict=False)
        case ColumnType.DECIMAL:
            return cell.cast(pl.Float64, strict=False)
        case ColumnType.BOOLEAN:
            no = {"TRUE": "FALSE", "true": "false", "True": "False"}[form]
            return pl.when((cell == form) | (cell == no)).then(cell == form)
        case ColumnType.DATE if "%H" not in form:
            return cell.str.to_date(form, strict=False)
        case ColumnType.DATE:
            return cell.str.to_datetime(form, time_unit="us", strict=False).cast(pl.Date)
        case ColumnType.DATETIME:
            return cell.str.to_datetime(form, time_unit="us", strict=False)
        case ColumnType.TEXT:
            return cell


def _kinds() -> Mapping[ColumnType, pl.DataType]:
    import polars as pl

    return {
        ColumnType.INTEGER: pl.Int64(),
        ColumnType.DECIMAL: pl.Float64(),
        ColumnType.DATE: pl.Date(),
        ColumnType.DATETIME: pl.Datetime("us"),
    }
