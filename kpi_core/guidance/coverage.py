"""Whether a node's targets reach over the fiscal year that is being steered."""

from __future__ import annotations

from datetime import date

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
    stated = [parse_period(target.period, start) for target in node.targets]
    year = max(year, *(period.at(Grain.YEAR) for period in stated))
    covered = {inner.key for period in stated for inner in periods_within(period, workshop.settings.grain)}
    covered |= {period.key for period in stated}
    wanted = periods_within(year, workshop.settings.grain)
    return year.key, tuple(period.key for period in wanted if period.key not in covered)
