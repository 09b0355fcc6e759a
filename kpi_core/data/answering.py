"""Every measured series a workshop needs, from one query per dataset, date column, grain and dimension."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from kpi_core.data.binding import bound
from kpi_core.data.calendar import period_numbered
from kpi_core.data.distinct import distinct_counts, is_sorted
from kpi_core.data.engine import Session
from kpi_core.data.plan import Part
from kpi_core.data.query import Grouping, Term
from kpi_core.data.rolling import base_of, planned, rolled
from kpi_core.data.running import Result, engine_refusals, run, together
from kpi_core.data.tables import Table, Tables, Taken, newest
from kpi_core.data.uncomputable import UncomputableError
from kpi_core.model.period import Period, period_of
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Grain


@dataclass(frozen=True)
class Series:
    """Values by (period, segment), and the version that each period's values come from."""

    values: Mapping[tuple[Period, str | None], float]
    versions: Mapping[Period, str]


@dataclass
class Answers:
    """The answers to all groupings; ``series`` reads them, and notes what was ``taken`` of connected tables."""

    workshop: Workshop
    tables: Tables
    today: date | None = None
    taken: dict[tuple[str, str], Taken] = field(default_factory=dict)
    _results: dict[tuple[Grouping, str], Result] = field(default_factory=dict)

    @property
    def _fiscal_year_start(self) -> int:
        return self.workshop.settings.fiscal_year_start

    def ask(self, groupings: Mapping[Grouping, tuple[Term, ...]], grains: Sequence[Grain], session: Session) -> None:
        """Runs the queries: dated ones on the newest version, snapshots on each version that some period shows."""
        for code in dict.fromkeys(grouping.dataset for grouping in groupings):
            mine = {grouping: terms for grouping, terms in groupings.items() if grouping.dataset == code}
            versions = self.tables.get(code, ())
            shown = {table.version for grain in grains for table in self._snapshots(code, grain).values()}
            for position, table in enumerate(versions):
                due = {
                    grouping: terms
                    for grouping, terms in mine.items()
                    if (position == 0 if grouping.date is not None else table.version in shown)
                }
                self._run(code, table, due, session)

    def _run(self, code: str, table: Table, due: Mapping[Grouping, tuple[Term, ...]], session: Session) -> None:
        if not due:
            return
        chosen = {**newest(self.tables), code: table}
        try:
            with engine_refusals():
                catalogue = bound(self.workshop, chosen, code, session)
        except UncomputableError as refusal:
            for grouping, terms in due.items():
                self._results[grouping, table.version] = Result.refusing(terms, refusal.at("dataset"))
            return
        start, plan = self._fiscal_year_start, planned(due)
        counted = distinct_counts(session, catalogue, plan, start)
        answers: dict[Grouping, Result | None] = {}
        for grouping, terms in plan.items():
            others = tuple(term for term in terms if not is_sorted(catalogue, term))
            found = [run(session, catalogue, grouping, others, start)] if others else []
            found += counted.get(grouping, ())
            answers[grouping] = together(found, {}) if found else None
        for grouping in due:
            finer, answer = base_of(grouping, due), answers[grouping]
            if finer is not None and (base := answers[finer]) is not None:
                answer = rolled(answer, base, grouping, finer, start)
            if answer is not None:
                self._results[grouping, table.version] = answer

    def _snapshots(self, code: str, grain: Grain) -> dict[Period, Table]:
        """The version that each period shows: the latest ``as_of`` in it, of equal ones the newest upload."""
        shown: dict[Period, Table] = {}
        for table in self.tables.get(code, ()):
            period = period_of(table.as_of, grain, self._fiscal_year_start)
            if period not in shown or table.as_of > shown[period].as_of:
                shown[period] = table
        return shown

    def series(self, part: Part, grain: Grain, dimension: str | None) -> Series:
        """The values of one part of a measure; raises ``UncomputableError`` where it cannot be computed."""
        versions = self.tables.get(part.dataset, ())
        if not versions:
            raise UncomputableError("no_rows", place="dataset", dataset=part.dataset)
        if part.date is None and versions[0].connected is not None:
            return self._as_taken(part, grain, dimension, versions[0])
        if part.date is None:
            found: dict[tuple[Period, str | None], float] = {}
            snapshots = self._snapshots(part.dataset, grain)
            for period, table in snapshots.items():
                result = self._results[Grouping(part.dataset, None, None, dimension), table.version]
                found |= {(period, segment): value for (_, segment), value in _values(result, part)}
            return Series(found, {period: table.version for period, table in snapshots.items()})
        version = versions[0].version
        result = self._results[Grouping(part.dataset, part.date, grain, dimension), version]
        values = {
            (period_numbered(number, grain, self._fiscal_year_start), segment): value
            for (number, segment), value in _values(result, part)
        }
        return Series(values, dict.fromkeys((period for period, _ in values), version))

    def _as_taken(self, part: Part, grain: Grain, dimension: str | None, table: Table) -> Series:
        """A table as it is now, and as it was at refreshes before: each day counts as an upload of that day would."""
        result = self._results[Grouping(part.dataset, None, None, dimension), table.version]
        term = [part.term.aggregate.value, part.term.column, *part.term.where]
        key = json.dumps([dimension, part.matched is not None, *term], ensure_ascii=False)
        values = tuple((segment, value) for (_, segment), value in _values(result, part))
        now = Taken(key, self.today or table.as_of, values)
        self.taken[part.dataset, key] = now
        days = {one.as_of: one.values for one in table.taken if one.key == key} | {now.as_of: now.values}
        shown = {period_of(day, grain, self._fiscal_year_start): day for day in sorted(days)}
        found = {(period, segment): value for period, day in shown.items() for segment, value in days[day]}
        return Series(found, dict.fromkeys(shown, table.version))


def _values(result: Result, part: Part) -> Iterable[tuple[tuple[int, str | None], float]]:
    for term in part.terms:
        if term in result.refused:
            raise result.refused[term]
    if not result.groups:
        return
    matched = result.values[part.matched] if part.matched is not None else None
    for at, (group, value) in enumerate(zip(result.groups, result.values[part.term], strict=True)):
        if value is not None:
            if not math.isnan(value):
                yield group, value
        elif matched is not None and matched[at] == 0:
            yield group, 0.0
