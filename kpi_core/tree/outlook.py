"""A node in a period that is still open: what of it is fact, what stands as it is now, and what can be moved.

*Now* is the last period in which every leaf of the node has a value. Up to it values are facts; after it a leaf stands
at its latest value until somebody moves it. It can be moved from the next period on, and what is moved is seen its
delay later (the lag stated on the edges, where the formula itself does not look back). Moving a leaf changes all its
open periods by the same percentage. A period that is over is opened again as a whole: what would it have taken?

A node with a formula that was typed or measured too is what was told (``facts``): there the way down ends, and nothing
below it moves it. Only the node asked for follows its formula in a period that is opened again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kpi_core.model.expression import Call, calls_in, names_in
from kpi_core.model.period import Period, periods_between, periods_within
from kpi_core.model.workshop import Workshop
from kpi_core.tree.entries import Values
from kpi_core.tree.evaluation import evaluate
from kpi_core.tree.facts import told
from kpi_core.tree.network import Network, Numbers
from kpi_core.tree.plan import Plan, plan_of, structure_of
from kpi_core.tree.structure import edges
from kpi_core.tree.unrolling import unroll
from kpi_core.vocabulary import Basis

#: How many periods back a leaf's latest value and history are looked for.
LOOK_BACK = 60


@dataclass(frozen=True)
class Outlook:
    """``standing``: each cell's value as things stand. ``levers``: leaf → the cells that moving it changes (none where
    it cannot act in time). ``history``: leaf → its values up to now, by period, at the workshop's grain (NaN = none).
    ``unknown`` are leaves of the node that never had a value. ``borrowed``: leaves that stand at a finer period's value
    in a coarser one, for want of any way to make theirs (a median of rows that are not there yet)."""

    node: str
    period: Period
    now: Period
    network: Network
    standing: Mapping[int, float]
    levers: Mapping[str, tuple[int, ...]]
    history: Mapping[str, Numbers]
    history_periods: tuple[Period, ...]
    unknown: tuple[str, ...]
    borrowed: frozenset[str] = frozenset()

    @cached_property
    def values(self) -> list[Numbers]:
        """Every step's value as things stand."""
        return self.network.run({at: np.array([value]) for at, value in self.standing.items()})

    @property
    def value(self) -> float:
        """The node's value as things stand; NaN = none."""
        return float(self.values[self.network.top][0])

    def step(self, leaf: str) -> float:
        """What a change of 100 % of a leaf that stands at 0 means: the largest value it ever had, else 1."""
        known = np.abs(self.history[leaf][np.isfinite(self.history[leaf])])
        return float(known.max()) if known.any() else 1.0

    def moved(self, leaf: str, changes: Numbers) -> dict[int, Numbers]:
        """The leaf's open cells under relative changes (0.1 = 10 % more)."""
        return {at: self._moved(leaf, self.standing[at], changes) for at in self.levers[leaf]}

    def _moved(self, leaf: str, value: float, changes: Numbers) -> Numbers:
        return value * (1 + changes) if value else self.step(leaf) * changes

    def results(self, leaves: Collection[str], changes: Numbers) -> Numbers:
        """The node's value for each column of ``changes``, a row a leaf."""
        cells: dict[int, Numbers] = {}
        for leaf, row in zip(leaves, changes, strict=True):
            cells |= self.moved(leaf, row)
        found = self.network.run_changed(self.values, cells)
        return np.broadcast_to(found.get(self.network.top, self.values[self.network.top]), changes.shape[1:])

    def level(self, leaf: str, cells: Mapping[int, float] | None = None) -> float:
        """The leaf's value in its open cells (their mean), as things stand or in ``cells``; else its latest one."""
        source = self.standing if cells is None else cells
        at = self.levers[leaf] or [at for at, (code, _) in self.network.cells.items() if code == leaf][-1:]
        return float(np.mean([source[place] for place in self._finest(at)]))

    def is_made_of_finer(self, leaf: str) -> bool:
        """Whether the leaf's value in the period is made from its cells, and so follows them."""
        at = self.network.nodes.get((leaf, (self.period, self.period)))
        return at is not None and self.network.steps[at].what != "cell"

    def _finest(self, cells: Sequence[int]) -> list[int]:
        """Without the coarser ones where a leaf has both: a year's own value is no month's."""
        periods = {at: self.network.cells[at][1][1] for at in cells}
        fine = [at for at, period in periods.items() if period is not None and period.grain is self.now.grain]
        return fine or list(cells)


def outlook(
    workshop: Workshop,
    values: Values,
    code: str,
    period: Period,
    *,
    also: Collection[str] = (),
    whole: bool = True,
    basis: Basis = Basis.LATEST,
    weights: Mapping[str, Mapping[str, float]] | None = None,
) -> Outlook:
    """The outlook for ``code`` in ``period``; a coarser period is made from its finer ones. ``also``: other nodes
    whose values in the period are wanted in the network.

    ``basis``: open periods stand at a leaf's latest value, or (``SEASON``) at last year's of the same period times its
    growth, the last 12 months over the 12 before; a leaf without two full years stands at its latest value.

    ``weights``: measured rate or mean → period key → its denominator or number of rows, which its open quarter or year
    is weighted by where no formula multiplies it with anything."""
    plan = plan_of(structure_of(workshop))
    network = unroll(plan, code, (period, period), fine=True, also=also)
    fine = tuple(dict.fromkeys(p for _, slot in network.cells.values() for p in slot if p and p.grain is plan.grain))
    parts = periods_within(period, plan.grain)
    first = min((parts[0], *fine)).shift(-LOOK_BACK)
    axis = periods_between(first, max((parts[-1], *fine)))
    coarse = sorted({p for _, slot in network.cells.values() for p in slot if p and p.grain is not plan.grain})
    column = {each: at for at, each in enumerate([*axis, *coarse])}
    needed = {*network.leaves, *(plan.open_weighings and plan.rules)}
    series = evaluate(workshop, values, list(column), nodes=needed, whole=whole).actual
    rows = np.array([series[leaf][: len(axis)] for leaf in network.own_leaves]).reshape(-1, len(axis))
    known = np.flatnonzero(np.isfinite(rows).all(axis=0) & bool(len(rows)))
    latest = int(known[-1]) if len(known) else len(axis) - len(parts) - 1
    over = axis[latest] >= parts[-1]
    now = parts[0].shift(-1) if over else axis[latest]
    facts = told(workshop, values, network, now, period if over else None, whole=whole)
    told_weights = {
        leaf: _weights(one, axis, now, basis)
        for leaf, one in (weights or {}).items()
        if leaf in network.leaves and leaf not in plan.open_weighings
    }
    slot = (period, period)
    if facts or told_weights or (coarse and plan.open_weighings):
        network = unroll(plan, code, slot, facts, fine=True, also=also, now=axis[latest], weights=told_weights)
    leaves = tuple(leaf for leaf in network.leaves if leaf not in {name for name, _ in facts})
    delays = {} if over else _delays(workshop, plan, code)
    standing: dict[int, float] = {}
    borrowed = set()
    levers: dict[str, list[int]] = {leaf: [] for leaf in leaves}
    for at, place in network.cells.items():
        leaf, (_, where) = place
        if place in facts:
            standing[at] = facts[place]
            continue
        if where is None:
            standing[at] = 0.0
            continue
        last = where if where.grain is plan.grain else periods_within(where, plan.grain)[-1]
        value = float(series[leaf][column[where]])
        if np.isnan(value) and where is not last:
            borrowed.add(leaf)
            value = _latest(series[leaf][: column.get(last, len(axis) - 1) + 1])
        standing[at] = _stands(series[leaf], column, where, now, basis) if np.isnan(value) else value
        if last > now.shift(delays.get(leaf, 0)):
            levers[leaf].append(at)
    until = axis.index(now) + 1 if now in axis else len(axis)
    lacking = {network.cells[at][0] for at, value in standing.items() if np.isnan(value)}
    unknown = tuple(leaf for leaf in network.own_leaves if leaf in lacking)
    return Outlook(
        code, period, now, network, standing, {leaf: tuple(at) for leaf, at in levers.items()},
        {leaf: series[leaf][:until] for leaf in leaves}, axis[:until], unknown, frozenset(borrowed),
    )  # fmt: skip


def _weights(told: Mapping[str, float], axis: Sequence[Period], now: Period, basis: Basis) -> dict[Period, float]:
    """What each period counts: as told by its rows (none: nothing), after the last known one as a leaf stands."""
    column = {period: at for at, period in enumerate(axis)}
    series = np.array([told.get(period.key, np.nan) for period in axis])
    known = np.flatnonzero(np.isfinite(series))
    end = min(int(known[-1]) if len(known) else -1, column.get(now, len(axis)))
    series[end + 1 :] = np.nan
    past = {period: float(np.nan_to_num(series[at])) for period, at in column.items() if at <= end}
    return {
        period: past[period] if period in past else float(np.nan_to_num(_stands(series, column, period, now, basis)))
        for period in axis
    }


def _stands(series: Numbers, column: Mapping[Period, int], where: Period, now: Period, basis: Basis) -> float:
    """Where a leaf stands in a period of the workshop's grain that has no value."""
    season = _as_last_year(series, column, where, now) if basis is Basis.SEASON else np.nan
    return _latest(series[: column[where] + 1]) if np.isnan(season) else season


def _latest(series: Numbers) -> float:
    known = series[np.isfinite(series)]
    return float(known[-1]) if len(known) else np.nan


def _as_last_year(series: Numbers, column: Mapping[Period, int], where: Period, now: Period) -> float:
    """Last year's value of the same period times the leaf's growth over a year; NaN where that cannot be told."""
    before, last = where.year_before(), column.get(now)
    if before not in column or last is None:
        return np.nan
    year = last - column[now.year_before()] if now.year_before() in column else 0
    if not year or last + 1 < 2 * year:
        return np.nan
    this, former = series[last + 1 - year : last + 1].sum(), series[last + 1 - 2 * year : last + 1 - year].sum()
    return float(series[column[before]] * this / former) if former > 0 and this >= 0 else np.nan


def _delays(workshop: Workshop, plan: Plan, code: str) -> dict[str, int]:
    """Leaf → the stated lags on its shortest way up to ``code``; an edge whose formula looks back itself has none."""
    stated = {(edge.source, edge.target): edge.lag or 0 for edge in edges(workshop)}
    own = {node.code: node.lag or 0 for node in workshop.nodes}
    found = {code: 0}
    for user in reversed(list(plan.expressions)):  # users before their inputs
        if user not in found or (user in plan.measured and user != code):
            continue
        expression = plan.expressions[user]
        looks_back = {name for call in calls_in(expression) if call.function == "lag" for name in _names(call)}
        for name in names_in(expression):
            lag = 0 if name in looks_back else stated.get((name, user), own.get(name, 0))
            found[name] = min(found.get(name, found[user] + lag), found[user] + lag)
    return found


def _names(call: Call) -> tuple[str, ...]:
    return names_in(call.arguments[0])
