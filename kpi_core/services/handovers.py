"""Hand-overs as both departments see them: what was accepted, how soon it was answered, what waits, what came back."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from kpi_core.data.handovers import Followed, HandedOver, follow
from kpi_core.data.tables import Tables
from kpi_core.errors import RefusedError
from kpi_core.insight.proportion import wilson
from kpi_core.model.operation import Handover
from kpi_core.model.period import Period
from kpi_core.model.workshop import Workshop
from kpi_core.services.basis import dataset_basis, group_versions
from kpi_core.services.datasets import tables_of
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.store.versions import versions_of
from kpi_core.vocabulary import Grain


@dataclass(frozen=True)
class Share:
    """``part`` of ``whole``, with the 95 % Wilson interval of the rate."""

    part: int
    whole: int

    @property
    def rate(self) -> float:
        return self.part / self.whole

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.part, self.whole) or (0.0, 1.0)


@dataclass(frozen=True)
class Measured:
    """One hand-over followed at a grain; ``missing`` says in a code why nothing is measured, with ``followed`` absent.

    ``no_tracking``: nobody named the columns; ``no_rows``: nothing is uploaded; ``refused``: ``error`` says why.
    """

    handover: Handover
    followed: Followed | None
    missing: str = ""
    error: RefusedError | None = None


#: As many hand-overs as are looked at: an edit elsewhere in the workshop changes nothing in their rows.
_MOST = 64
_followed: OrderedDict[Hashable, Followed] = OrderedDict()
_lock = threading.Lock()


def measured_handovers(state: State, workshop_id: str, grain: Grain) -> tuple[Measured, ...]:
    """Every hand-over of the workshop, in its order, measured by periods of ``grain``."""
    with state.reading() as connection:
        workshop = snapshot(state, workshop_id).workshop
        kept = group_versions(versions_of(connection, workshop_id))
        rows = tables_of(state, workshop_id, workshop, kept)
    now = datetime.now(ZoneInfo(workshop.settings.timezone)).replace(tzinfo=None)
    hour = now.replace(minute=0, second=0, microsecond=0)
    found = []
    for one in workshop.handovers:
        basis = dataset_basis(workshop, one.dataset or "", kept)
        calendar = (grain, workshop.settings.fiscal_year_start, hour)
        key = (str(state.path), state.instance, workshop_id, one.model_dump_json(), basis, calendar)
        found.append(_measured(workshop, rows, one, grain, hour, key))
    return tuple(found)


def acceptance(one: HandedOver) -> Share | None:
    """Accepted of what was decided; ``None`` where nothing was, or no outcome is tracked."""
    if one.accepted is None or one.rejected is None:
        return None
    return _share(one.accepted, one.accepted + one.rejected)


def within_sla(one: HandedOver) -> Share | None:
    """Answered within the SLA, of what was answered or is past it; ``None`` without an SLA or times of answers."""
    return None if one.on_time is None or one.due is None else _share(one.on_time, one.due)


def undecided(one: HandedOver) -> int | None:
    """Handed over and neither accepted nor rejected."""
    if one.accepted is None or one.rejected is None:
        return None
    return one.handed - one.accepted - one.rejected


def in_period(followed: Followed, period: Period) -> HandedOver | None:
    """What was handed over in ``period``; ``None``: nothing."""
    return next((one for one in followed.periods if one.period == period), None)


def reasons_in(followed: Followed, period: Period) -> Mapping[str, int]:
    """Reason → how many came back for it in ``period``, the most first."""
    return followed.reasons.get(period, {})


def _share(part: int, whole: int) -> Share | None:
    return Share(part, whole) if whole else None


def _measured(workshop: Workshop, kept: Tables, one: Handover, grain: Grain, now: datetime, key: Hashable) -> Measured:
    """The hand-over followed; the answer is kept under ``key``, which names all it depends on."""
    if one.tracking is None or one.dataset is None:
        return Measured(one, None, "no_tracking")
    if not kept.get(one.dataset):
        return Measured(one, None, "no_rows")
    with _lock:
        known = _followed.get(key)
    if known is None:
        try:
            known = follow(workshop, kept, one, grain, now=now)
        except RefusedError as error:
            return Measured(one, None, "refused", error)
    with _lock:
        _followed[key] = known
        _followed.move_to_end(key)
        while len(_followed) > _MOST:
            _followed.popitem(last=False)
    return Measured(one, known)
