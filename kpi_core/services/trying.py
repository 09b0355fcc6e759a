"""What a formula would give, before it is saved: computed from the values there are."""

from __future__ import annotations

import math
from datetime import date

from kpi_core.errors import MissingError
from kpi_core.model.period import Period, period_of
from kpi_core.services.basis import without_waiting
from kpi_core.services.datasets import today_of
from kpi_core.services.snapshots import snapshot
from kpi_core.store import observations
from kpi_core.store.state import State
from kpi_core.tree.evaluation import evaluate


def try_formula(
    state: State, workshop_id: str, code: str, formula: str, *, count: int = 6, today: date | None = None
) -> tuple[tuple[Period, float], ...]:
    """The formula's results in the last ``count`` periods that have one, oldest first; empty where none has.

    The node's own measured and typed values stay out, so that the result is the formula's alone. The formula must
    hold (``kpi_core.tree.checking``). Raises ``MissingError('item_missing')``.
    """
    with state.reading() as connection:
        workshop = without_waiting(connection, workshop_id, snapshot(state, workshop_id).workshop)
        values = observations.overall(connection, workshop_id)
    node = workshop.node(code)
    if node is None:
        raise MissingError("item_missing", item=code)
    bare = node.model_copy(update={"formula": formula, "measure": None, "manual": ()})
    nodes = tuple(bare if one.code == code else one for one in workshop.nodes)
    tried = workshop.model_copy(update={"nodes": nodes})
    values.pop(code, None)
    settings = workshop.settings
    last = period_of(today or today_of(workshop), settings.grain, settings.fiscal_year_start)
    periods = [last.shift(back) for back in range(-4 * count, 1)]
    found = evaluate(tried, values, periods, nodes=[code]).actual[code].tolist()
    known = [(period, value) for period, value in zip(periods, found, strict=True) if math.isfinite(value)]
    return tuple(known[-count:])
