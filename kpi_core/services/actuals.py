"""What really happened: every node's values in periods that are over, and known to the last day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from kpi_core.model.node import Node
from kpi_core.model.period import Period
from kpi_core.model.workshop import Workshop
from kpi_core.services.basis import Versions, group_versions
from kpi_core.services.datasets import today_of
from kpi_core.services.evaluating import evaluate
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.store.versions import StoredVersion, versions_of
from kpi_core.tree.structure import formula_leaves

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Actuals:
    """Node code → one number a period of the workshop's grain, oldest first; NaN = no value, or not all of it yet.

    ``periods`` end with the last one that is over; ``full_until`` is the day before which a node's periods must end.
    ``additive`` are the nodes whose periods add up. ``begun``: node code → the first period not told in full, and its
    value so far.
    """

    periods: tuple[Period, ...]
    series: Mapping[str, Numbers]
    full_until: Mapping[str, date]
    additive: frozenset[str]
    begun: Mapping[str, tuple[Period, float]] = field(default_factory=dict)


def actuals(
    state: State, workshop_id: str, nodes: Collection[str] | None = None, *, today: date | None = None
) -> Actuals:
    """The values of ``nodes`` (or of all) in ended periods.

    A period counts as over when it ended before ``today`` and, for what is measured from dated rows, is told to its
    last day by the newest upload: rows as of 20 October do not tell October. Raises as ``evaluate``.
    """
    with state.reading() as connection:
        workshop = snapshot(state, workshop_id).workshop
        day = today or today_of(workshop)
        kept = group_versions(versions_of(connection, workshop_id))
        found = evaluate(state, workshop_id, nodes=nodes, today=day)
    until = {code: known_until(workshop, code, kept, day) for code, _ in found.series}
    periods = tuple(period for period in found.periods if period.end <= day)
    ends = np.array([period.end.toordinal() for period in periods])
    series = {
        code: np.where(ends <= until[code].toordinal(), one.actual[: len(periods)], np.nan)
        for (code, _), one in found.series.items()
    }
    begun = {}
    for (code, _), one in found.series.items():
        at = next((at for at, period in enumerate(found.periods) if period.end > until[code]), None)
        if at is not None and np.isfinite(one.actual[at]):
            begun[code] = (found.periods[at], float(one.actual[at]))
    return Actuals(periods, series, until, found.additive, begun)


def known_until(workshop: Workshop, code: str, versions: Versions, today: date) -> date:
    """The first day of which a node's rows need not tell all: ``today``, or the day that an older upload ends with."""
    nodes = {node.code: node for node in workshop.nodes}
    leaves = [nodes[leaf] for leaf in formula_leaves(workshop, code) if leaf in nodes]
    zone = ZoneInfo(workshop.settings.timezone)
    return min([today, *(_told_until(version, zone) for leaf in leaves for version in _newest(leaf, versions))])


def _newest(node: Node, versions: Versions) -> list[StoredVersion]:
    parts = node.measure.parts if node.measure else ()
    return [versions[part.dataset][0] for part in parts if part.date is not None and versions.get(part.dataset)]


def _told_until(version: StoredVersion, zone: ZoneInfo) -> date:
    """The first day that an upload does not tell in full: its day, or the next where it was uploaded on a later one."""
    over = version.as_of < version.uploaded_at.astimezone(zone).date()
    return version.as_of + timedelta(days=1) if over else version.as_of
