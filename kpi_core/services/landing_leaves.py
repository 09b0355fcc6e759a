"""What landings rest on: the leaves' known values, rates in their two parts, and open deals."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from kpi_core.data.deals import counted_deals
from kpi_core.data.tables import Tables
from kpi_core.errors import RefusedError
from kpi_core.insight.landing import leaves_of
from kpi_core.insight.pipeline import Weighted, weighted
from kpi_core.insight.tracks import Leaf
from kpi_core.model.node import Node
from kpi_core.model.period import Period, periods_between, periods_within
from kpi_core.model.workshop import Workshop
from kpi_core.services.actuals import Actuals, actuals
from kpi_core.services.datasets import tables
from kpi_core.services.rates import rate_parts
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.tree.plan import plan_of, structure_of
from kpi_core.vocabulary import Grain, RollUp

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Ground:
    """``leaves`` over ``axis``, the ended periods; ``pipelines``: what each node's open deals say of the year."""

    workshop: Workshop
    grain: Grain
    axis: tuple[Period, ...]
    leaves: Mapping[str, Leaf]
    pipelines: Mapping[str, Weighted]

    def known_to(self, code: str) -> Period | None:
        """The last period that is known of all the leaves of a node; ``None`` where one has no value at all."""
        needed = leaves_of(self.workshop, code)
        known = [self.leaves[leaf].known(len(self.axis)) if leaf in self.leaves else 0 for leaf in needed]
        least = min(known, default=0)
        return self.axis[least - 1] if least else None


def ground_of(state: State, workshop_id: str, codes: Collection[str], year: Period, *, today: date) -> Ground:
    """The leaves of ``codes`` as they are known on ``today``."""
    workshop = snapshot(state, workshop_id).workshop
    needed = dict.fromkeys(
        leaf for code in codes for pipelines in (False, True) for leaf in leaves_of(workshop, code, pipelines=pipelines)
    )
    nodes = {node.code: node for node in workshop.nodes if node.code in needed}
    known = actuals(state, workshop_id, list(nodes), today=today)
    rows = tables(state, workshop_id)
    rules = plan_of(structure_of(workshop)).rules
    leaves: dict[str, Leaf] = {}
    pipelines: dict[str, Weighted] = {}
    for code, node in nodes.items():
        tracks = _tracks(workshop, rows, node, known)
        leaf = Leaf(
            code,
            known.periods,
            tracks,
            len(tracks) == 2 or code in known.additive,
            rules[code].roll_up is RollUp.LAST,
            begun=known.begun.get(code),
        )
        if node.pipeline is not None and code in known.additive:
            said = _weighted(workshop, rows, node, leaf, year)
            if said is not None:
                pipelines[code] = said
                leaf = replace(leaf, rest=said.rest)
        leaves[code] = leaf
    return Ground(workshop, workshop.settings.grain, known.periods, leaves, pipelines)


def _tracks(workshop: Workshop, rows: Tables, node: Node, known: Actuals) -> tuple[Numbers, ...]:
    """A node's values, or its two parts where it is a rate of things that add up, measured as it stands."""
    values = known.series[node.code]
    parts = rate_parts(workshop, rows, node) if np.isfinite(values).any() else None
    if parts is None:
        return (values,)
    there = np.isfinite(values)
    return tuple(np.where(there, _laid_out(part, known.periods), np.nan) for part in parts)


def _laid_out(values: Mapping[str, float], periods: Sequence[Period]) -> Numbers:
    return np.array([values.get(period.key, np.nan) for period in periods])


def _weighted(workshop: Workshop, rows: Tables, node: Node, leaf: Leaf, year: Period) -> Weighted | None:
    """What the open deals say of the periods after the last known one; ``None`` where they cannot be read."""
    pipeline, known = node.pipeline, leaf.known(len(leaf.axis))
    if pipeline is None or not known:
        return None
    last = periods_within(year, workshop.settings.grain)[-1]
    ahead = periods_between(leaf.axis[known - 1].shift(1), last)
    try:
        deals = counted_deals(workshop, rows, pipeline)
    except RefusedError:
        return None
    return weighted(pipeline, deals, ahead)
