"""A node's outlook from what is known today, kept while nothing in the workshop changes: what sliders stand on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from kpi_core.errors import RefusedError
from kpi_core.insight.achievement import standing
from kpi_core.model.base import PeriodValue
from kpi_core.model.period import Period, parse_period, period_of
from kpi_core.model.workshop import Workshop
from kpi_core.services.actuals import known_until
from kpi_core.services.basis import group_versions
from kpi_core.services.datasets import tables, today_of
from kpi_core.services.levers import Lever, lever
from kpi_core.services.rates import level_weights
from kpi_core.services.remembered import Remembered
from kpi_core.services.snapshots import Snapshot
from kpi_core.services.standing import Standpoint, standpoint
from kpi_core.store.state import State
from kpi_core.store.versions import versions_of
from kpi_core.tree.evaluation import evaluate
from kpi_core.tree.outlook import Outlook, outlook
from kpi_core.tree.structure import descendants
from kpi_core.tree.what_if import tornado
from kpi_core.vocabulary import Basis, Grain, NodeKind, Status


@dataclass(frozen=True)
class Prospect:
    """``ahead`` holds all nodes of the tree; ``order``: the node's own drivers, those that move it most first.

    ``targets``: node → its target in the period (those that have one); ``additive``: nodes whose periods add up.
    """

    here: Standpoint
    ahead: Outlook
    order: tuple[str, ...]
    targets: Mapping[str, float]
    additive: frozenset[str]

    @cached_property
    def levers(self) -> tuple[Lever, ...]:
        """The node's own drivers, those that move it most first."""
        return tuple(lever(self.here.node(leaf), self.ahead) for leaf in self.order)

    @cached_property
    def before(self) -> Mapping[str, float | None]:
        """Every node that has a place in the network → its value in the period as things stand.

        ``None`` too where the period has none of its own, and a month's stands in for it.
        """
        slot = (self.ahead.period, self.ahead.period)
        places = {code: at for (code, where), at in self.ahead.network.nodes.items() if where == slot}
        told = {code: float(self.ahead.values[at][0]) for code, at in places.items()}
        return {code: None if np.isnan(value) or code in self.ahead.borrowed else value for code, value in told.items()}

    @cached_property
    def statuses(self) -> Mapping[str, Status]:
        """How every node stands against its goal, as things stand."""
        return {code: judge(self, code, value) for code, value in self.before.items()}


_WORST_FIRST = (Status.OFF_TRACK, Status.WATCH, Status.ON_TRACK, Status.NONE)
_prospects: Remembered[Prospect] = Remembered(16)
_opened: Remembered[tuple[Period, ...]] = Remembered(16)
_outlooks: Remembered[tuple[Standpoint, Outlook]] = Remembered(16)


def prospect(
    state: State, workshop_id: str, node: str, period: str, basis: Basis = Basis.LATEST, *, today: date | None = None
) -> Prospect:
    """The prospect of ``node`` in ``period``. Raises ``RefusedError`` as ``outlook_for``."""

    def make(found: Snapshot) -> Prospect:
        others = [other.code for other in found.workshop.nodes if other.code != node]
        here, ahead = _valued(node, _made(state, found, node, period, basis, others, today))
        own = ahead.network.own_leaves
        told = evaluate(here.workshop, here.values, [ahead.period], whole=True)
        targets = {code: float(row[0]) for code, row in told.target.items() if np.isfinite(row[0])}
        order = tuple(one.node for one in tornado(ahead) if one.node in own)
        closed = tuple(leaf for leaf in own if leaf not in order and leaf in ahead.levers)
        return Prospect(here, ahead, order + closed, targets, told.additive)

    return _prospects.answer(state, workshop_id, (node, period, basis, today or _today(state, workshop_id)), make)


def judge(seen: Prospect, code: str, value: float | None) -> Status:
    """How a node with ``value`` stands once the period is over; not judged where that is but a month's."""
    if code in seen.ahead.borrowed:
        return Status.NONE
    node, settings, period = seen.here.node(code), seen.here.workshop.settings, seen.ahead.period
    target, additive = seen.targets.get(code), code in seen.additive
    return standing(node, settings, period, value, target, today=period.end, additive=additive).status


def with_factors(workshop: Workshop, statuses: Mapping[str, Status]) -> dict[str, Status]:
    """The statuses with those of the success factors, which have no number of their own: as the worst KPI below."""
    found = dict(statuses)
    for factor in workshop.of_kind(NodeKind.KSF):
        below = [statuses[node.code] for node in descendants(workshop, factor.code) if node.code in statuses]
        found[factor.code] = min(below, key=_WORST_FIRST.index, default=Status.NONE)
    return found


def outlook_for(
    state: State, workshop_id: str, node: str, period: str, basis: Basis = Basis.LATEST, *, today: date | None = None
) -> tuple[Standpoint, Outlook]:
    """The outlook for a node's own drivers, with the workshop it was made from.

    Raises ``RefusedError``: ``node_unknown``, ``period_unreadable``, ``grain_too_fine``, ``solve_no_drivers``,
    ``solve_no_value`` (a driver has none), ``solve_not_computable`` (they have, but the formula gives none of them).
    """
    about = (node, period, basis, today or _today(state, workshop_id))
    return _outlooks.answer(
        state, workshop_id, about, lambda found: _valued(node, _made(state, found, node, period, basis, (), today))
    )


def open_periods(state: State, workshop_id: str, node: str, *, today: date | None = None) -> tuple[Period, ...]:
    """The next period that is not known yet, and the fiscal year it lies in: those of them that have a value.

    A year that lacks a month has none, while its next month may have one. Raises as ``outlook_for`` where neither has.
    """
    day = today or _today(state, workshop_id)
    return _opened.answer(state, workshop_id, (node, day), lambda found: _open_periods(state, found, node, day))


def _open_periods(state: State, found: Snapshot, node: str, day: date) -> tuple[Period, ...]:
    year = period_of(day, Grain.YEAR, found.workshop.settings.fiscal_year_start)
    _, ahead = _made(state, found, node, year.key, Basis.LATEST, (), day)
    following = ahead.now.shift(1)
    made = {
        period: _made(state, found, node, period.key, Basis.LATEST, (), day)
        for period in (following, following.at(Grain.YEAR))
    }
    offered = tuple(period for period, (_, there) in made.items() if _has_value(there))
    if not offered:
        _valued(node, made[following])
    return offered


def _valued(node: str, made: tuple[Standpoint, Outlook]) -> tuple[Standpoint, Outlook]:
    """What was made, if the node has a value in it."""
    here, ahead = made
    if ahead.unknown:
        never = [leaf for leaf in ahead.unknown if not (here.node(leaf).manual or here.values.get(leaf))]
        raise RefusedError("solve_no_value", node=node, drivers=", ".join(never or ahead.unknown))
    if not _has_value(ahead):
        raise RefusedError("solve_not_computable", node=node)
    return made


def _has_value(ahead: Outlook) -> bool:
    return not ahead.unknown and not np.isnan(ahead.value)


def _made(
    state: State,
    found: Snapshot,
    node: str,
    period: str,
    basis: Basis,
    also: Collection[str],
    today: date | None,
) -> tuple[Standpoint, Outlook]:
    """The outlook, whether or not the node has a value in it."""
    here = _known(state, found.id, today or today_of(found.workshop))
    if here.node(node).formula is None:
        raise RefusedError("solve_no_drivers", node=node)
    asked = here.period(period)
    whole = asked.grain is not here.workshop.settings.grain
    weights = level_weights(here.workshop, tables(state, found.id), here.workshop.nodes) if whole else {}
    return here, outlook(here.workshop, here.values, node, asked, also=also, basis=basis, weights=weights)


def _known(state: State, workshop_id: str, today: date) -> Standpoint:
    """The workshop without values of periods that are not over, or not told to their last day by the newest upload."""
    here = standpoint(state, workshop_id)
    kept = group_versions(versions_of(state.connection, workshop_id))
    start = here.workshop.settings.fiscal_year_start
    ends: dict[str, date | None] = {}

    def over(key: str, day: date) -> bool:
        if key not in ends:
            ends[key] = _end(key, start)
        end = ends[key]
        return end is not None and end <= day

    until = {code: known_until(here.workshop, code, kept, today) for code in here.values}
    values = {
        code: {key: value for key, value in series.items() if over(key, until[code])}
        for code, series in here.values.items()
    }

    def typed(entries: tuple[PeriodValue, ...]) -> tuple[PeriodValue, ...]:
        return tuple(entry for entry in entries if over(entry.period, today))

    nodes = tuple(
        node.model_copy(update={"manual": typed(node.manual)}) if node.manual else node for node in here.workshop.nodes
    )
    return Standpoint(here.id, here.workshop.model_copy(update={"nodes": nodes}), values, here.uploaded)


def _end(key: str, start: int) -> date | None:
    try:
        return parse_period(key, start).end
    except RefusedError:
        return None  # rows dated 9999-12-31, which many systems write for "never"


def _today(state: State, workshop_id: str) -> date:
    return today_of(standpoint(state, workshop_id).workshop)
