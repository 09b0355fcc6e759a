"""A look at the rows themselves: a dataset's columns, a column's values, the rows behind a number."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce

import ibis
import pandas as pd

from kpi_core.data.binding import bound
from kpi_core.data.calendar import number_in, number_of
from kpi_core.data.engine import Session, session
from kpi_core.data.layout import Catalogue
from kpi_core.data.query import Grouping, Term, aggregate, kept_rows
from kpi_core.data.relation import Rows
from kpi_core.data.running import engine_refusals
from kpi_core.data.tables import Table, Tables, newest
from kpi_core.data.uncomputable import UncomputableError
from kpi_core.data.values import DAYS, Value, as_text, type_of, written
from kpi_core.errors import RefusedError
from kpi_core.model.measure import RatioMeasure, SimpleMeasure
from kpi_core.model.period import Period, period_of
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import ColumnType

#: Rows that a download may fetch from a database.
MOST_FETCHED = 100_000


def columns(table: Table, tables: Tables, workshop: Workshop) -> tuple[tuple[str, ColumnType], ...]:
    """Name and type of every column that can be used: stored, derived and looked up.

    One that cannot be made (its problem is among ``observe``'s) is left out.
    """
    with _opened(workshop, tables, table) as (_, catalogue):
        rows = Rows(catalogue, table.dataset.code)
        return tuple([(name, type_of(rows[name])) for name in all_that_can_be(rows)])


def column_values(
    table: Table, tables: Tables, workshop: Workshop, column: str, limit: int = 50
) -> tuple[tuple[str | None, int], ...]:
    """The column's most frequent values as text, with their numbers of rows; ``None`` are the empty cells.

    Raises ``RefusedError('rows_refused')`` with the reason where the column cannot be read.
    """
    with _opened(workshop, tables, table) as (engine, catalogue):
        rows = Rows(catalogue, table.dataset.code)
        rows.add(column)
        flat = rows.table.select(value=as_text(rows[column]))
        counted = flat.group_by("value").aggregate(rows=flat.count())
        ordered = counted.order_by([ibis.desc("rows"), ibis.asc("value")]).limit(limit)
        return tuple((written(value), count) for value, count in engine.fetch(catalogue.sql(ordered), catalogue.home))


def rows_behind(
    workshop: Workshop,
    tables: Tables,
    measure: SimpleMeasure | RatioMeasure,
    period: Period,
    segment: str | None = None,
    dimension: str | None = None,
    limit: int | None = 200,
) -> pd.DataFrame:
    """The rows that a value was computed from, in the order of the file, with all columns under their own names.

    Of a ratio these are the numerator's rows; for the denominator's ask with ``measure.ratio.denominator``. Rows whose
    measured cell is empty do not count and are left out. ``segment`` ``""`` are the empty cells of ``dimension``.
    ``limit`` ``None``: all of them. Raises ``RefusedError('rows_refused')`` with the reason.
    """
    part = measure.parts[0]
    table = version_behind(workshop, tables, part, period)
    with _opened(workshop, tables, table) as (engine, catalogue):
        rows = Rows(catalogue, part.dataset)
        names = all_that_can_be(rows)
        kept = list(_kept(rows, part, period))
        if dimension is not None:
            rows.add(dimension)
            kept.append(_in_segment(rows[dimension], segment or ""))
        number = rows.row_number()
        shown = rows.table.filter(kept) if kept else rows.table
        shown = shown if number is None else shown.order_by(number)
        most = MOST_FETCHED + 1 if limit is None and table.connected is not None else limit
        cut = shown if most is None else shown.limit(most)
        flat = cut.select(**{f"column {at}": rows[name] for at, name in enumerate(names)})
        frame = engine.frame(catalogue.sql(flat), names, catalogue.home)
        if limit is None and table.connected is not None and len(frame) > MOST_FETCHED:
            raise UncomputableError("rows_too_many", dataset=part.dataset, most=MOST_FETCHED)
        return frame


def rows_total(workshop: Workshop, tables: Tables, part: SimpleMeasure, period: Period) -> tuple[int, float | None]:
    """How many rows ``rows_behind`` has without a limit, and the aggregate of these rows alone; ``None`` of none.

    Raises ``RefusedError('rows_refused')`` with the reason.
    """
    table = version_behind(workshop, tables, part, period)
    with _opened(workshop, tables, table) as (engine, catalogue):
        rows = Rows(catalogue, part.dataset)
        kept = list(_kept(rows, part, period))
        grouping = Grouping(part.dataset, part.date, period.grain, None)
        shown = rows.table.filter(reduce(lambda left, right: left & right, kept)) if kept else rows.table
        term = Term.of(part.aggregate, part.column, ())
        value = shown.count() if part.column is None else aggregate(rows, grouping, term)
        ((count, number),) = engine.fetch(
            catalogue.sql(shown.aggregate(rows=shown.count(), value=value)), catalogue.home
        )
    return int(count), None if number is None else float(number)


@contextmanager
def newest_rows(workshop: Workshop, tables: Tables, dataset: str) -> Iterator[tuple[Session, Rows]]:
    """A dataset's newest rows, to be asked where they lie.

    Raises ``RefusedError('rows_refused')`` with the reason, also where nothing was uploaded, and for what the asker
    finds uncomputable.
    """
    versions = tables.get(dataset, ())
    if not versions:
        refusal = UncomputableError("no_rows", dataset=dataset)
        raise RefusedError("rows_refused", (refusal.problem(f"datasets.{dataset}"),), dataset=dataset)
    with _opened(workshop, tables, versions[0]) as (engine, catalogue):
        yield engine, Rows(catalogue, dataset)


def all_that_can_be(rows: Rows) -> list[str]:
    """Adds every column that can be made and names them."""
    made = []
    for name in rows.names:
        try:
            rows.add(name)
        except UncomputableError:
            continue
        made.append(name)
    return made


def _kept(rows: Rows, part: SimpleMeasure, period: Period) -> Iterator[Value]:
    term = Term.of(part.aggregate, part.column, part.where)
    for entry in part.where:
        rows.add(entry.column)
    for name in (part.column, part.date):
        if name is not None:
            rows.add(name)
    where = kept_rows(rows, term.where)
    if where is not None:
        yield where
    if part.column is not None:
        yield rows[part.column].notnull()
    if part.date is not None:
        day = rows[part.date]
        if type_of(day) not in DAYS:
            raise UncomputableError("date_not_date", place="date", column=part.date, type=type_of(day).value)
        yield number_of(day, period.grain, period.fiscal_year_start) == number_in(period)


def _in_segment(cell: Value, segment: str) -> Value:
    return as_text(cell).fill_null("") == segment


def version_behind(workshop: Workshop, tables: Tables, part: SimpleMeasure, period: Period) -> Table:
    """The version of the dataset that a period's value is computed from. Raises as ``rows_behind``."""
    versions = tables.get(part.dataset, ())
    if part.date is None:
        connected = bool(versions) and versions[0].connected is not None
        start = workshop.settings.fiscal_year_start
        versions = [table for table in versions if period_of(table.as_of, period.grain, start).key == period.key]
        versions = sorted(versions, key=lambda table: table.as_of, reverse=True)
        if connected and not versions:
            refusal = UncomputableError("rows_of_that_day_gone", dataset=part.dataset)
            raise RefusedError("rows_refused", (refusal.problem(f"datasets.{part.dataset}"),), dataset=part.dataset)
    if not versions:
        refusal = UncomputableError("no_rows", dataset=part.dataset)
        raise RefusedError("rows_refused", (refusal.problem(f"datasets.{part.dataset}"),), dataset=part.dataset)
    return versions[0]


@contextmanager
def _opened(workshop: Workshop, tables: Tables, table: Table) -> Iterator[tuple[Session, Catalogue]]:
    code = table.dataset.code
    chosen = {**newest(tables), code: table}
    try:
        with engine_refusals(), session() as engine:
            catalogue = bound(workshop, chosen, code, engine)
            yield engine, catalogue
    except UncomputableError as refusal:
        raise RefusedError("rows_refused", (refusal.problem(f"datasets.{code}"),), dataset=code) from None
