"""The rows of a hand-over: a line for each piece of work that met the criterion and has a time of hand-over."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import ibis

from kpi_core.data.query import Term, kept_rows
from kpi_core.data.relation import Rows
from kpi_core.data.uncomputable import UncomputableError
from kpi_core.data.values import DAYS, Value, as_day, as_text, type_of
from kpi_core.model.operation import Handover, Tracking
from kpi_core.vocabulary import Aggregate, ColumnType


def handed_rows(rows: Rows, handover: Handover, tracking: Tracking, until: datetime) -> tuple[Value, bool]:
    """A row for each piece of work, and whether its hours are whole days (a column holds days without a time).

    Columns: ``handed``, ``hours`` to the answer (no value without one), ``age`` in hours at ``until``, ``accepted``,
    ``rejected``, ``reason`` (``""``: none), ``waits`` (neither answered nor decided, as far as that is tracked).
    """
    names = (tracking.handed_at, tracking.answered_at, tracking.outcome, tracking.reason, tracking.key)
    for name in [*(name for name in names if name), *(entry.column for entry in handover.where)]:
        rows.add(name)
    handed = _moment(rows, tracking.handed_at)
    answered = _moment(rows, tracking.answered_at) if tracking.answered_at else None
    times = [handed] if answered is None else [handed, answered]
    by_day = any(type_of(one) is ColumnType.DATE for one in times)
    kept = kept_rows(rows, Term.of(Aggregate.COUNT, None, handover.where).where)
    there = handed.notnull() if kept is None else kept & handed.notnull()
    outcome = as_text(rows[tracking.outcome]).strip() if tracking.outcome else ibis.null("string")
    number = rows.row_number()
    table = rows.table.filter(there).select(
        handed=handed.cast("timestamp"),
        hours=ibis.null("float64") if answered is None else _hours(handed, answered, by_day),
        age=_hours(handed, ibis.literal(_last_day(until) if by_day else until), by_day),
        accepted=_is_one_of(outcome, tracking.accepted),
        rejected=_is_one_of(outcome, tracking.rejected),
        reason=as_text(rows[tracking.reason]).strip().fill_null("") if tracking.reason else ibis.literal(""),
        key=as_text(rows[tracking.key]) if tracking.key else ibis.null("string"),
        position=ibis.literal(0) if number is None else number,
        outcome=outcome,
    )
    once = _one_each(table) if tracking.key else table
    tracked = bool(tracking.answered_at or tracking.outcome)
    waits = ibis.literal(tracked) & once.hours.isnull() & ~once.accepted & ~once.rejected
    return once.mutate(waits=waits), by_day


def _last_day(until: datetime) -> date:
    """The day that ``until`` ends or lies in."""
    return (until - timedelta(microseconds=1)).date()


def _one_each(table: Value) -> Value:
    """The first row of each key, and every row without one.

    The rows of a database have no order: the first is the one handed over and answered first.
    """
    order = [table.position, table.handed, table.hours.isnull(), table.hours, table.outcome.isnull(), table.outcome]
    at = ibis.row_number().over(ibis.window(group_by=table.key, order_by=order))
    marked = table.mutate(at=at)
    return marked.filter(marked.key.isnull() | (marked["at"] == 0))


def _moment(rows: Rows, column: str) -> Value:
    value = rows[column]
    if type_of(value) not in DAYS:
        raise UncomputableError("date_not_date", place="date", column=column, type=type_of(value).value)
    return value


def _hours(start: Value, end: Value, by_day: bool) -> Value:
    if by_day:
        return (as_day(end).epoch_days() - as_day(start).epoch_days()).cast("float64") * 24
    # cut first: of a fraction PostgreSQL would round the seconds, DuckDB not
    first, last = (one.cast("timestamp").truncate("s").epoch_seconds() for one in (start, end))
    return (last - first).cast("float64") / 3600


def _is_one_of(outcome: Value, words: tuple[str, ...]) -> Value:
    return outcome.isin([word.strip() for word in words]).fill_null(False) if words else ibis.literal(False)
