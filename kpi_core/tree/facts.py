"""Where a node that has a formula was typed or measured too, and so is what was told, not what its formula gives."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kpi_core.model.period import Period, periods_within
from kpi_core.model.workshop import Workshop
from kpi_core.tree.entries import Values
from kpi_core.tree.matching import not_by_formula, reader
from kpi_core.tree.network import Network, Place
from kpi_core.tree.plan import plan_of, structure_of
from kpi_core.tree.rules import FROM_FINER


def told(
    workshop: Workshop, values: Values, network: Network, now: Period, opened: Period | None, *, whole: bool
) -> Mapping[Place, float]:
    """The places of formulas whose own value is known and another than what their inputs' own values give.

    A coarser period counts once it is over (``now`` is the last one known): until then its own value is but a part, and
    the finer periods that were told count, where they roll up. The top's own formula stays in the period asked for, and
    in all of a period that is ``opened`` again.
    """
    plan = plan_of(structure_of(workshop))
    top = next(code for (code, _), at in network.nodes.items() if at == network.top)
    keys = _entered(workshop, values)
    entered = keys.keys() & {code for code, _ in network.nodes}
    if not entered:
        return {}
    finer = {
        (code, part)
        for code, (_, period) in network.nodes
        if code in entered and period is not None and period.grain is not plan.grain
        if plan.rules[code].manual in FROM_FINER
        for part in periods_within(period, plan.grain)
        if part.key in keys[code] and (code, (part, part)) not in network.nodes
    }
    value_of = reader(workshop, values, network, whole=whole, also={part for _, part in finer})
    differing = {(code, period) for code, (_, period) in not_by_formula(network, value_of) if code in entered}
    found: dict[Place, float] = {}
    for code, period in finer | differing:
        if period is None or (period.grain is not plan.grain and period.end > now.end):
            continue
        if code == top and opened is not None and opened.holds(period):
            continue
        own = value_of(code, 1, period)
        if not np.isnan(own):
            found[code, (period, period)] = own
    return found


def _entered(workshop: Workshop, values: Values) -> dict[str, frozenset[str]]:
    """Nodes with a formula → the keys of the periods for which they were typed or measured too."""
    found = {
        node.code: frozenset({entry.period for entry in node.manual}.union(values.get(node.code, ())))
        for node in workshop.nodes
        if node.formula is not None
    }
    return {code: keys for code, keys in found.items() if keys}
