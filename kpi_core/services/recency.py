"""How recent the numbers of a dashboard are: from which upload, until which period, and older than promised or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from kpi_core.guidance.facts import Facts
from kpi_core.guidance.freshness import DAYS, age_in_days
from kpi_core.model.operation import View
from kpi_core.model.workshop import Workshop
from kpi_core.services.checks import facts
from kpi_core.services.evaluating import Freshness, freshness
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.tree.structure import measured_leaves

_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Recency:
    """``period``: key of the last one with a value. ``days``: the age of that value (``guidance.freshness``).

    The upload is the one it was computed from, of a formula the oldest of those its inputs were computed from; both
    are ``None`` for what people type in.
    """

    period: str
    days: int
    uploaded_at: datetime | None
    file_name: str | None


def recency(state: State, workshop_id: str, today: date) -> Mapping[str, Recency]:
    """Every node that has a value; a formula is as old as its oldest input."""
    with state.reading():
        workshop = snapshot(state, workshop_id).workshop
        known = facts(state, workshop_id, today)
        measured = freshness(state, workshop_id, today)
    return {code: _of(workshop, code, known, measured) for code in known.latest}


def late(view: View, recent: Mapping[str, Recency | None]) -> tuple[str, ...]:
    """The view's nodes whose values are older than its refresh cadence allows, the oldest first."""
    if view.refresh is None:
        return ()
    ages = {code: found.days for code in view.nodes if (found := recent.get(code)) is not None}
    return tuple(
        sorted((code for code, days in ages.items() if days > DAYS[view.refresh]), key=lambda code: -ages[code])
    )


def _of(workshop: Workshop, code: str, known: Facts, measured: Mapping[str, Freshness]) -> Recency:
    behind = (code,) if code in measured else (code, *measured_leaves(workshop, code))
    oldest = min((measured[one] for one in behind if one in measured), key=_uploaded, default=None)
    days = max(_ages(workshop, behind, known))
    return Recency(
        known.latest[code], days, oldest.uploaded_at if oldest else None, oldest.file_name if oldest else None
    )


def _uploaded(found: Freshness) -> datetime:
    return found.uploaded_at or _LAST


def _ages(workshop: Workshop, codes: Iterable[str], known: Facts) -> Iterable[int]:
    for code in codes:
        node = workshop.node(code)
        age = None if node is None else age_in_days(workshop, node, known)
        if age is not None:
            yield age
