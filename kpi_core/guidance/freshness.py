"""How old a node's value is, against how often it was promised."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from kpi_core.guidance.facts import Facts
from kpi_core.model.node import Node
from kpi_core.model.period import parse_period
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Cadence

#: The longest a value may be old, in days, to be as fresh as the cadence promises.
DAYS: dict[Cadence, int] = {
    Cadence.DAY: 1,
    Cadence.WEEK: 7,
    Cadence.MONTH: 31,
    Cadence.QUARTER: 92,
    Cadence.YEAR: 366,
}


def age_in_days(workshop: Workshop, node: Node, facts: Facts) -> int | None:
    """Days since the day a node's latest value speaks of; ``None`` while it has no value.

    That day is the last one of the latest period with a value, or, where that period is still running, the day its
    rows were uploaded (today, when nobody uploads them).
    """
    key = facts.latest.get(node.code)
    if key is None:
        return None
    last_day = parse_period(key, workshop.settings.fiscal_year_start).end - timedelta(days=1)
    zone = ZoneInfo(workshop.settings.timezone)
    return max(0, (facts.today - min([last_day, *_uploads(node, facts, zone)])).days)


def _uploads(node: Node, facts: Facts, zone: ZoneInfo) -> Iterable[date]:
    """The days, as the workshop's clocks say, on which the rows behind a node were uploaded."""
    parts = node.measure.parts if node.measure is not None else ()
    return (facts.versions[part.dataset].astimezone(zone).date() for part in parts if part.dataset in facts.versions)
