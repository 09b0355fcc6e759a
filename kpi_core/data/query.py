"""What is asked of one dataset's rows at once, and the one SQL statement that answers it.

All aggregates over the same dataset, date column, grain and dimension are conditional aggregates of one grouped query;
an aggregate that several measures share is in it once. A compiled statement is kept: it depends on the datasets'
descriptions and columns only, not on the version that is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce

import ibis

from kpi_core.data.calendar import number_of
from kpi_core.data.filters import condition
from kpi_core.data.layout import Catalogue
from kpi_core.data.relation import Rows
from kpi_core.data.uncomputable import UncomputableError
from kpi_core.data.values import DAYS, Value, number_column, type_of
from kpi_core.model.measure import Filter
from kpi_core.vocabulary import Aggregate, ColumnType, Grain

MOST_GROUPS = 200_000


@dataclass(frozen=True, order=True)
class Term:
    """One aggregate of the rows that ``where`` keeps; filters are JSON, sorted, each once."""

    aggregate: Aggregate
    column: str | None
    where: tuple[str, ...]

    @staticmethod
    def of(aggregate: Aggregate, column: str | None, where: tuple[Filter, ...]) -> Term:
        return Term(aggregate, column, tuple(sorted({entry.model_dump_json() for entry in where})))


@dataclass(frozen=True)
class Grouping:
    """Rows of ``dataset`` by period of ``date`` (``None``: all, a snapshot) and by the cells of ``dimension``."""

    dataset: str
    date: str | None
    grain: Grain | None
    dimension: str | None


@dataclass(frozen=True)
class Compiled:
    """``sql`` gives per group: the period's number, the dimension's cell, then a value for each of ``terms``.

    ``refused`` are the terms that cannot be computed; ``refusal`` is set instead where the grouping itself cannot.
    """

    sql: str
    terms: tuple[Term, ...]
    refused: Mapping[Term, UncomputableError]
    refusal: UncomputableError | None = None


@lru_cache(maxsize=1024)
def compiled(catalogue: Catalogue, grouping: Grouping, terms: tuple[Term, ...], fiscal_year_start: int) -> Compiled:
    """The statement for ``terms`` in one grouping."""
    try:
        rows = Rows(catalogue, grouping.dataset)
        add_grouping(rows, grouping)
    except UncomputableError as refusal:
        return Compiled("", (), {}, refusal)
    refused: dict[Term, UncomputableError] = {}
    for term in terms:
        try:
            add_columns(rows, term)
        except UncomputableError as refusal:
            refused[term] = refusal
    values: dict[Term, Value] = {}
    for term in terms:
        if term not in refused:
            try:
                values[term] = aggregate(rows, grouping, term)
            except UncomputableError as refusal:
                refused[term] = refusal
    columns = {f"value {at}": value for at, value in enumerate(values.values())}
    grouped = rows.table.group_by(period=period_of(rows, grouping, fiscal_year_start), cell=cell_of(rows, grouping))
    groups = grouped.aggregate(rows=rows.table.count(), **columns)
    kept = groups if grouping.date is None else groups.filter(groups.period.notnull())
    return Compiled(catalogue.sql(kept.limit(MOST_GROUPS + 1)), tuple(values), refused)


def add_grouping(rows: Rows, grouping: Grouping) -> None:
    """Makes the columns of a grouping readable; raises ``UncomputableError``."""
    if grouping.date is not None:
        try:
            rows.add(grouping.date)
            if type_of(rows[grouping.date]) not in DAYS:
                raise UncomputableError("date_not_date", column=grouping.date, type=type_of(rows[grouping.date]).value)
        except UncomputableError as refusal:
            raise refusal.at("date") from None
    if grouping.dimension is not None:
        try:
            rows.add(grouping.dimension)
        except UncomputableError as refusal:
            raise refusal.at("dimension") from None


def add_columns(rows: Rows, term: Term) -> None:
    """Makes the columns of a term readable; raises ``UncomputableError``."""
    if term.column is not None:
        rows.add(term.column)
    for text in term.where:
        try:
            rows.add(Filter.model_validate_json(text).column)
        except UncomputableError as refusal:
            raise refusal.at(text) from None


def period_of(rows: Rows, grouping: Grouping, fiscal_year_start: int) -> Value:
    """The number of the period that a row falls in; of a snapshot it is 0."""
    if grouping.date is None or grouping.grain is None:
        return ibis.literal(0)
    return number_of(rows[grouping.date], grouping.grain, fiscal_year_start)


def cell_of(rows: Rows, grouping: Grouping) -> Value:
    """The segment that a row falls in; empty text and an empty cell are one."""
    if grouping.dimension is None:
        return ibis.literal("")
    column = rows[grouping.dimension]
    return column.fill_null("") if type_of(column) is ColumnType.TEXT else column


def kept_rows(rows: Rows, where: tuple[str, ...]) -> Value | None:
    """The condition of all filters, their columns added before; ``None`` where there is none."""
    conditions = []
    for text in where:
        entry = Filter.model_validate_json(text)
        try:
            conditions.append(condition(rows[entry.column], entry, rows.dialect))
        except UncomputableError as refusal:
            raise refusal.at(text) from None
    return reduce(lambda left, right: left & right, conditions) if conditions else None


def aggregate(rows: Rows, grouping: Grouping, term: Term) -> Value:
    """The aggregate itself, its columns added before."""
    kept = kept_rows(rows, term.where)
    if term.column is None:
        return rows.table.count(where=kept)
    column = rows[term.column]
    if term.aggregate is Aggregate.COUNT:
        return column.count(where=kept)
    if term.aggregate is Aggregate.COUNT_DISTINCT:
        return column.nunique(where=kept)
    number = number_column(column, term.column, term.aggregate)
    if term.aggregate is Aggregate.LAST and grouping.date is not None:  # the model asks for a date with ``last``
        return _last(rows, rows[grouping.date], number, kept)
    if term.aggregate is Aggregate.MEDIAN and rows.dialect == "pyspark" and kept is not None:
        number, kept = ibis.ifelse(kept, number, ibis.null(number.type())), None  # Ibis's own condition fails there
    return _NUMERIC[term.aggregate](number, kept).cast("float64")


_NUMERIC: Mapping[Aggregate, Callable[[Value, Value | None], Value]] = {
    Aggregate.SUM: lambda number, kept: number.sum(where=kept),
    Aggregate.MEAN: lambda number, kept: number.cast("float64").mean(where=kept),
    Aggregate.MEDIAN: lambda number, kept: number.cast("float64").median(where=kept),
    Aggregate.MIN: lambda number, kept: number.min(where=kept),
    Aggregate.MAX: lambda number, kept: number.max(where=kept),
}


def _last(rows: Rows, moment: Value, number: Value, kept: Value | None) -> Value:
    """The value with the latest date; of several the one lowest in the file, in a table the largest."""
    position = rows.row_number()
    known = number.notnull() & moment.notnull()
    order = ibis.struct({"moment": moment, "position": number if position is None else position})
    return number.argmax(order, where=known if kept is None else known & kept).cast("float64")
