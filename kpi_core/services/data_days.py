"""Until which day the data behind each node reach: a running period's goal is the one of that day, not of today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from kpi_core.errors import RefusedError
from kpi_core.model.node import Node
from kpi_core.model.period import parse_period
from kpi_core.model.workshop import Workshop
from kpi_core.tree.plan import plan_of, structure_of
from kpi_core.tree.structure import measured_leaves

_DAY = timedelta(days=1)


def data_days(workshop: Workshop, uploaded: Mapping[str, date], codes: Iterable[str]) -> Mapping[str, date]:
    """node → the first day its data say nothing of; nodes of which that cannot be told are absent.

    Rows speak until the day their newest upload was taken (``uploaded``: by dataset), typed values until the end of
    the last period typed in; a formula reaches as far as the input that ends first, of those that add up if any does.
    """
    start = workshop.settings.fiscal_year_start
    nodes = {node.code: node for node in workshop.nodes}
    own = {code: day for code, node in nodes.items() if (day := _own_day(node, uploaded, start)) is not None}
    found: dict[str, date] = {}
    adding = plan_of(structure_of(workshop)).additive
    for code in codes:
        leaves = [leaf for leaf in (code, *measured_leaves(workshop, code)) if leaf in own]
        days = [own[leaf] for leaf in leaves if leaf in adding] or [own[leaf] for leaf in leaves]
        if days:
            found[code] = min(days)
    return found


def _own_day(node: Node, uploaded: Mapping[str, date], fiscal_year_start: int) -> date | None:
    if node.measure is not None:
        days = [uploaded[part.dataset] for part in node.measure.parts if part.dataset in uploaded]
        return min(days) + _DAY if days else None
    ends = [_end(entry.period, fiscal_year_start) for entry in node.manual]
    return max((end for end in ends if end is not None), default=None)


def _end(key: str, fiscal_year_start: int) -> date | None:
    try:
        return parse_period(key, fiscal_year_start).end
    except RefusedError:  # a period no calendar holds any more
        return None
