"""Where a number comes from: its formula, the measures below it, their rows, file, version, uploader and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import numpy as np

from kpi_core.data.rows import rows_total, version_behind
from kpi_core.data.tables import Table
from kpi_core.errors import Problem, RefusedError
from kpi_core.model.dataset import Dataset, DerivedColumn
from kpi_core.model.expression import names_in, parse_derived
from kpi_core.model.measure import SimpleMeasure
from kpi_core.model.node import Node
from kpi_core.model.period import Period, parse_period
from kpi_core.services.datasets import Version, tables, versions
from kpi_core.services.history import NodeVersion, node_history
from kpi_core.services.snapshots import snapshot
from kpi_core.services.standing import Standpoint, standpoint
from kpi_core.store import observations
from kpi_core.store.state import State
from kpi_core.tree.evaluation import evaluate
from kpi_core.tree.inputs import inputs_of
from kpi_core.tree.plan import Plan, plan_of, structure_of

#: Beyond so many numbers below one (a rolling year of a year to date) the rest is left out, and said so.
MOST = 300


class Way(StrEnum):
    """What gave a number: rows, a person, a formula; or nothing does."""

    MEASURE = "measure"
    TYPED = "typed"
    FORMULA = "formula"
    NONE = "none"


@dataclass(frozen=True)
class LookedUp:
    """Another dataset that columns were taken from, and the version it had."""

    dataset: str
    version: Version | None


@dataclass(frozen=True)
class Rows:
    """One part of a measure in one period: how many rows of which version, and what they give.

    ``derived`` are the computed columns it uses. ``problems`` say why its rows cannot be read; then ``count`` is
    ``None``, as it is where nobody asked for it.
    """

    part: SimpleMeasure
    source: str
    version: Version | None
    count: int | None = None
    value: float | None = None
    derived: tuple[DerivedColumn, ...] = ()
    lookups: tuple[LookedUp, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Typed:
    """A value somebody typed in for ``period``; ``who`` and ``at`` are unknown where it came with a file."""

    period: str
    value: float
    who: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Origin:
    """Where the value of ``node`` in ``period`` comes from.

    ``inputs`` are what its formula takes, ``rows`` the parts of its measure (a ratio's numerator first), ``typed`` the
    entries within the period that no measured value stands before. ``cut``: there are more inputs than ``MOST``. A node
    with a measure and a formula has its value from the measure; the formula's inputs are what it is held against.
    """

    node: str
    period: Period
    value: float | None
    way: Way
    formula: str | None = None
    inputs: tuple[Origin, ...] = ()
    rows: tuple[Rows, ...] = ()
    typed: tuple[Typed, ...] = ()
    computed_at: datetime | None = None
    cut: bool = False


def lineage(state: State, workshop_id: str, code: str, period: str, *, counted: bool = True) -> Origin:
    """The whole chain below a node's value in the period with that key, down to files and people.

    ``counted``: rows are counted and added up (a query for each part). Raises ``RefusedError``: ``node_unknown``,
    ``period_unreadable``, ``grain_too_fine``.
    """
    with state.reading() as connection:
        here = standpoint(state, workshop_id)
        here.node(code)
        asked = here.period(period)
        kept = tables(state, workshop_id)
        uploads = {version.id: version for version in versions(state, workshop_id)}
        measured = observations.measured(connection, workshop_id)
        computed = {name: one.computed_at for name, one in measured.items()}
        tracing = _Tracing(state, here, kept, uploads, computed, counted)
        return tracing.origin(code, asked, frozenset())


def counted(state: State, workshop_id: str, rows: Rows, period: Period) -> Rows:
    """The same with its rows counted and added up, where they can be read."""
    workshop = snapshot(state, workshop_id).workshop
    if rows.version is None or rows.count is not None:
        return rows
    try:
        count, value = rows_total(workshop, tables(state, workshop_id), rows.part, period)
    except RefusedError as refusal:
        return replace(rows, problems=tuple(refusal.problems))
    return replace(rows, count=count, value=value)


def datasets_of(origin: Origin) -> tuple[str, ...]:
    """Every dataset a number rests on, look-ups included, in the order of the chain."""
    found: dict[str, None] = {}
    waiting = [origin]
    while waiting:
        one = waiting.pop(0)
        for rows in one.rows:
            found[rows.part.dataset] = None
            found.update(dict.fromkeys(looked.dataset for looked in rows.lookups))
        waiting += one.inputs if one.way is Way.FORMULA else ()
    return tuple(found)


@dataclass
class _Tracing:
    """One chain being followed: each number once, however many formulas use it."""

    state: State
    here: Standpoint
    kept: Mapping[str, Sequence[Table]]
    uploads: Mapping[str, Version]
    computed: Mapping[str, datetime]
    counted: bool

    def __post_init__(self) -> None:
        self.plan: Plan = plan_of(structure_of(self.here.workshop))
        self.known: dict[tuple[str, Period], Origin] = {}
        self.values: dict[Period, Mapping[str, float]] = {}
        self.pasts: dict[str, tuple[NodeVersion, ...]] = {}

    def origin(self, code: str, period: Period, above: frozenset[tuple[str, Period]]) -> Origin:
        if (code, period) not in self.known:
            self.known[code, period] = self._origin(self.here.node(code), period, above)
        return self.known[code, period]

    def _origin(self, node: Node, period: Period, above: frozenset[tuple[str, Period]]) -> Origin:
        place = (node.code, period)
        begun = Origin(node.code, period, self._value(node.code, period), Way.NONE, node.formula)
        measured = period.key in self.here.values.get(node.code, {})
        typed = self._typed(node, period)
        if typed and not measured:
            return replace(begun, way=Way.TYPED, typed=typed)
        inputs, cut = self._inputs(place, above)
        begun = replace(begun, inputs=inputs, cut=cut)
        if node.measure is not None:
            rows = tuple(self._rows(part, period) for part in node.measure.parts)
            return replace(begun, way=Way.MEASURE, rows=rows, typed=typed, computed_at=self.computed.get(node.code))
        return replace(begun, way=Way.FORMULA) if inputs else begun

    def _inputs(
        self, place: tuple[str, Period], above: frozenset[tuple[str, Period]]
    ) -> tuple[tuple[Origin, ...], bool]:
        """What the formula takes, and whether some of it is left out."""
        if place in above:
            return (), False
        inputs: list[Origin] = []
        wanted = [one for one in inputs_of(self.plan, *place) if self.here.workshop.node(one[0]) is not None]
        for name, when in wanted:
            if len(self.known) >= MOST:
                break
            inputs.append(self.origin(name, when, above | {place}))
        return tuple(inputs), len(inputs) < len(wanted)

    def _value(self, code: str, period: Period) -> float | None:
        if period not in self.values:
            found = evaluate(self.here.workshop, self.here.values, (period,), whole=True)
            self.values[period] = {name: float(one[0]) for name, one in found.actual.items()}
        value = self.values[period].get(code, np.nan)
        return None if np.isnan(value) else value

    def _typed(self, node: Node, period: Period) -> tuple[Typed, ...]:
        start = self.here.workshop.settings.fiscal_year_start
        known = self.here.values.get(node.code, {})
        open_ = [entry for entry in node.manual if entry.period not in known]  # what was measured stands before them
        exact = [entry for entry in open_ if entry.period == period.key]
        within = exact or [entry for entry in open_ if period.holds(parse_period(entry.period, start))]
        if not within:
            return ()
        if node.code not in self.pasts:
            self.pasts[node.code] = node_history(self.state, self.here.id, node.code)
        past = self.pasts[node.code]
        return tuple(_entered(entry.period, float(entry.value), past) for entry in within)

    def _rows(self, part: SimpleMeasure, period: Period) -> Rows:
        workshop = self.here.workshop
        dataset = workshop.dataset(part.dataset)
        source = dataset.source if dataset else ""
        derived, lookups = self._used(dataset, part) if dataset else ((), ())
        try:
            table = version_behind(workshop, self.kept, part, period)
            count, value = rows_total(workshop, self.kept, part, period) if self.counted else (None, None)
        except RefusedError as refusal:
            return Rows(part, source, None, derived=derived, lookups=lookups, problems=tuple(refusal.problems))
        return Rows(part, source, self.uploads.get(table.version), count, value, derived, lookups)

    def _used(self, dataset: Dataset, part: SimpleMeasure) -> tuple[tuple[DerivedColumn, ...], tuple[LookedUp, ...]]:
        """The computed columns and look-ups that a part's columns need, through one another."""
        waiting = [name for name in (part.column, part.date, *(entry.column for entry in part.where)) if name]
        columns: dict[str, None] = {}
        derived: dict[str, DerivedColumn] = {}
        while waiting:
            name = waiting.pop()
            if name in columns:
                continue
            columns[name] = None
            computed = next((one for one in dataset.derived if one.name == name), None)
            if computed is not None:
                derived[name] = computed
                waiting += names_in(parse_derived(computed.expression))
        looked = [one.dataset for one in dataset.lookups if set(one.columns) & set(columns)]
        newest = {code: self.kept[code][0].version for code in looked if self.kept.get(code)}
        return tuple(derived.values()), tuple(
            LookedUp(code, self.uploads.get(newest.get(code, ""))) for code in dict.fromkeys(looked)
        )


def _entered(period: str, value: float, past: Sequence[NodeVersion]) -> Typed:
    """The entry with who typed it: the newest change after which it had this value and before which it had not."""
    for one in past:
        if _entry(one.after, period) != value:
            continue
        if _entry(one.before, period) != value:
            return Typed(period, value, one.who, one.at)
    return Typed(period, value)


def _entry(node: Node | None, period: str) -> float | None:
    return next((float(entry.value) for entry in node.manual if entry.period == period), None) if node else None
