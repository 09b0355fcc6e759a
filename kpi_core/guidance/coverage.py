"""Whether a node's targets reach over the fiscal year that is being steered."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from kpi_core.model.node import Node
from kpi_core.model.period import parse_period, period_of, periods_within
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Grain


def uncovered_periods(workshop: Workshop, node: Node, today: date) -> tuple[str, tuple[str, ...]]:
    """The fiscal year looked at, and its periods (of the workshop's grain) that no target of ``node`` covers.

    The year is the running one, or a later one that has targets already. A quarter's or the year's target covers its
    periods. Nothing is uncovered while a node has no target at all.
    """
    start = workshop.settings.fiscal_year_start
    year = period_of(today, Grain.YEAR, start)
    if not node.targets:
        return year.key, ()
    grain = workshop.settings.grain
    spans = [_span(target.period, grain, start) for target in node.targets]
    key = max(year.key, *(fiscal_year for fiscal_year, _ in spans))
    covered = {period for _, periods in spans for period in periods}
    return key, tuple(period for period in _span(key, grain, start)[1] if period not in covered)


@lru_cache(maxsize=4096)
def _span(key: str, grain: Grain, fiscal_year_start: int) -> tuple[str, tuple[str, ...]]:
    """The fiscal year of a period, and the periods of ``grain`` that it covers."""
    period = parse_period(key, fiscal_year_start)
    within = tuple(inner.key for inner in periods_within(period, grain))
    return period.at(Grain.YEAR).key, within
