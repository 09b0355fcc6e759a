"""The moments of a workshop whose trees can be compared: now, named versions, the end of each day, its beginning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from kpi_core.services.milestones import milestones
from kpi_core.services.snapshots import snapshot
from kpi_core.services.undoing import UNDOABLE
from kpi_core.store.changes import Change, since
from kpi_core.store.state import State

Kind = Literal["now", "named", "act", "begun"]
_ACTS = 30


@dataclass(frozen=True)
class Moment:
    """``change`` is what ``tree_at`` takes; ``name`` is set for a named version."""

    change: int
    at: datetime
    kind: Kind
    name: str = ""


def moments(state: State, workshop_id: str) -> tuple[Moment, ...]:
    """The moments, newest first: each number once, a named version before an unnamed moment of the same number.

    Of the design's changes the last thirty acts are moments, of older ones the last of each day.
    """
    found = snapshot(state, workshop_id)
    feed = since(state.connection, workshop_id, 0)
    zone = ZoneInfo(found.workshop.settings.timezone)
    named = {one.change: Moment(one.change, one.at, "named", one.name) for one in milestones(state, workshop_id)}
    known: dict[int, Moment] = {}
    for moment in (*named.values(), Moment(found.change, feed[-1].at, "now"), *_acts(feed, zone)):
        known.setdefault(moment.change, moment)
    known.setdefault(feed[0].id, Moment(feed[0].id, feed[0].at, "begun"))
    return tuple(sorted(known.values(), key=lambda one: one.change, reverse=True))


def _acts(feed: tuple[Change, ...], zone: ZoneInfo) -> Iterator[Moment]:
    design = [entry for entry in feed if entry.section in UNDOABLE]
    last = {entry.act: entry for entry in design}
    recent = list(last.values())[-_ACTS:]
    days = {entry.at.astimezone(zone).date(): entry for entry in design}
    for entry in (*recent, *days.values()):
        yield Moment(entry.id, entry.at, "act")
