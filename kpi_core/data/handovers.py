"""What became of the work that one department handed to the next, counted where the rows lie (decision 0041)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import ibis

from kpi_core.data.binding import bound
from kpi_core.data.calendar import number_of, period_numbered
from kpi_core.data.engine import Session, session
from kpi_core.data.handover_rows import handed_rows
from kpi_core.data.relation import Rows
from kpi_core.data.running import engine_refusals
from kpi_core.data.tables import Tables, newest
from kpi_core.data.uncomputable import UncomputableError
from kpi_core.data.values import Value
from kpi_core.errors import RefusedError
from kpi_core.model.operation import Handover
from kpi_core.model.period import Period
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Grain

#: Upper ends of the ages, in days, by which what waits is counted; the last group is older.
AGES = (1, 3, 7)


@dataclass(frozen=True)
class HandedOver:
    """What was handed over in one period, and what became of it until the rows were taken.

    ``accepted`` and ``rejected`` are ``None`` where no outcome is tracked; ``answered`` (with a time that is not before
    the hand-over), ``median_hours`` and ``on_time`` where no answer is, ``on_time`` and ``due`` also without an SLA.
    ``due`` is what was answered and what is past its SLA without an answer. ``waiting`` is neither answered nor
    decided; ``untimed`` decided without a time of the answer; ``out_of_order`` answered before it was handed over.
    """

    period: Period
    handed: int
    accepted: int | None
    rejected: int | None
    answered: int | None
    median_hours: float | None
    on_time: int | None
    due: int | None
    waiting: int
    untimed: int
    out_of_order: int


@dataclass(frozen=True)
class Followed:
    """A hand-over followed by period, oldest first; ``waiting`` over all of them: a count for each group of ``AGES``.

    ``reasons``: period → reason → how many were rejected for it (``""``: none given), the most first. ``oldest`` is
    since when the longest waits, ``overdue`` how many wait past the SLA. ``by_day``: a column holds days without a
    time, so that hours are whole days. ``until`` is when the rows were taken.
    """

    periods: tuple[HandedOver, ...]
    reasons: Mapping[Period, Mapping[str, int]]
    waiting: tuple[int, ...]
    overdue: int | None
    oldest: datetime | None
    by_day: bool
    until: datetime


def follow(workshop: Workshop, tables: Tables, handover: Handover, grain: Grain, *, now: datetime) -> Followed:
    """The hand-over's newest rows that meet its criterion and have a time of hand-over, by the period of that time.

    What waits is as old as it was at the end of the day the rows were taken, at ``now`` (local, naive) at the latest;
    a connected table is asked ``now``.
    Raises ``RefusedError('rows_refused')`` with the reason, also where nothing is uploaded or no column is named.
    """
    tracking, dataset = handover.tracking, handover.dataset or ""
    try:
        if tracking is None or not tables.get(dataset):
            raise UncomputableError("no_rows", place="dataset", dataset=dataset)
        chosen = newest(tables)
        taken = datetime.combine(chosen[dataset].as_of + timedelta(days=1), datetime.min.time())
        until = now if chosen[dataset].connected is not None else min(now, taken)
        with session() as engine, engine_refusals():
            rows = Rows(bound(workshop, chosen, dataset, engine), dataset)
            flat, by_day = handed_rows(rows, handover, tracking, until)
            counting = _Counting(engine, rows, flat, handover, grain, workshop.settings.fiscal_year_start)
            return counting.all(by_day, until)
    except UncomputableError as refusal:
        raise RefusedError("rows_refused", (refusal.problem(f"datasets.{dataset}"),), dataset=dataset) from refusal


@dataclass(frozen=True)
class _Counting:
    engine: Session
    rows: Rows
    flat: Value
    handover: Handover
    grain: Grain
    start: int

    def all(self, by_day: bool, until: datetime) -> Followed:
        numbered = self.flat.mutate(period=number_of(self.flat.handed, self.grain, self.start))
        table = numbered.mutate(timed=(numbered.hours >= 0).fill_null(False))
        groups, oldest, overdue = self._waiting(table)
        return Followed(self._periods(table), self._reasons(table), groups, overdue, oldest, by_day, until)

    def _periods(self, table: Value) -> tuple[HandedOver, ...]:
        tracking, sla = self.handover.tracking, self.handover.sla_hours
        limit = float(sla or 0)
        grouped = table.group_by("period").aggregate(
            handed=table.count(),
            accepted=table.accepted.sum(),
            rejected=(table.rejected & ~table.accepted).sum(),
            answered=table.timed.sum(),
            median=ibis.ifelse(table.timed, table.hours, ibis.null("float64")).median(),  # Spark's knows no condition
            on_time=(table.timed & (table.hours <= limit).fill_null(False)).sum(),
            due=(table.timed | (table.waits & (table.age > limit))).sum(),
            waiting=table.waits.sum(),
            untimed=(table.hours.isnull() & (table.accepted | table.rejected)).sum(),
            out_of_order=(table.hours < 0).fill_null(False).sum(),
        )
        decided = tracking is not None and tracking.outcome is not None
        timed = tracking is not None and tracking.answered_at is not None
        found = []
        for number, handed, accepted, rejected, answered, median, on_time, due, waiting, untimed, wrong in self._rows(
            grouped.order_by("period")
        ):
            found.append(
                HandedOver(
                    period_numbered(number, self.grain, self.start),
                    int(handed),
                    int(accepted) if decided else None,
                    int(rejected) if decided else None,
                    int(answered) if timed else None,
                    None if median is None else float(median),
                    int(on_time) if timed and sla is not None else None,
                    int(due) if timed and sla is not None else None,
                    int(waiting),
                    int(untimed) if timed else 0,
                    int(wrong),
                )
            )
        return tuple(found)

    def _reasons(self, table: Value) -> Mapping[Period, Mapping[str, int]]:
        rejected = table.filter(table.rejected & ~table.accepted)
        counted = rejected.group_by(["period", "reason"]).aggregate(rows=rejected.count())
        found: dict[Period, dict[str, int]] = {}
        for number, reason, count in self._rows(counted.order_by([ibis.desc("rows"), ibis.asc("reason")])):
            found.setdefault(period_numbered(number, self.grain, self.start), {})[reason] = int(count)
        return found

    def _waiting(self, table: Value) -> tuple[tuple[int, ...], datetime | None, int | None]:
        waiting = table.filter(table.waits)
        ends = [None, *AGES, None]
        groups = {
            f"group {at}": waiting.count(where=_between(waiting.age, low, high))
            for at, (low, high) in enumerate(pairwise(ends))
        }
        sla = self.handover.sla_hours
        overdue = waiting.count(where=waiting.age > float(sla)) if sla is not None else waiting.count()
        (found,) = self._rows(waiting.aggregate(oldest=waiting.handed.min(), overdue=overdue, **groups))
        oldest, late, *counts = found
        # of no rows Spark counts nothing, not 0
        return tuple(int(count or 0) for count in counts), oldest, None if sla is None else int(late or 0)

    def _rows(self, query: Value) -> list[tuple[Any, ...]]:
        return self.rows.fetch(self.engine, query)


def _between(age: Value, low: int | None, high: int | None) -> Value:
    above = ibis.literal(True) if low is None else age > low * 24
    return above if high is None else above & (age <= high * 24)
