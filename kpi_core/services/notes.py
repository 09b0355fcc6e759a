"""The parking lot and the decision log: one line each, tied to a node or to the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.room import Decision, ParkedItem
from kpi_core.model.workshop import Workshop
from kpi_core.services.composing import composed
from kpi_core.services.editing import change, save
from kpi_core.services.numbering import numbered
from kpi_core.services.people import Who, authorise
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State, now

Note = ParkedItem | Decision


@dataclass(frozen=True)
class Logged:
    """A decision as the log lists it; those of review meetings (``meeting``) have no author of their own."""

    on: date
    text: str
    node: str | None = None
    author: str = ""
    meeting: str | None = None
    code: str | None = None
    """Of a decision of the room; those of meetings are edited with their meeting."""


def park(state: State, workshop_id: str, text: str, node: str | None, who: Who) -> str:
    """Put a question aside; gives its code. Raises ``RefusedError('room.text_needed')`` for an empty one."""
    made: list[str] = []

    def parked(workshop: Workshop) -> Workshop:
        made.append(numbered("parked", [one.code for one in workshop.parked]))
        fields = {"code": made[-1], "text": _text(text), "node": node, "author": who.name, "at": now()}
        return workshop.model_copy(update={"parked": (*workshop.parked, composed(ParkedItem, fields))})

    change(state, workshop_id, who, parked)
    return made[-1]


def resolve(state: State, workshop_id: str, code: str, resolution: str | None, who: Who) -> None:
    """Close a parked question with what came of it, or open it again (``None``)."""

    def resolved(workshop: Workshop) -> Workshop:
        if not any(one.code == code for one in workshop.parked):
            raise MissingError("item_missing", item=code)
        fields = {
            "resolution": (resolution or "").strip(),
            "resolved_at": None if resolution is None else now(),
        }
        items = tuple(composed(ParkedItem, fields, one) if one.code == code else one for one in workshop.parked)
        return workshop.model_copy(update={"parked": items})

    change(state, workshop_id, who, resolved)


def decide(state: State, workshop_id: str, text: str, node: str | None, who: Who) -> str:
    """Write a decision down; gives its code. Raises ``RefusedError('room.text_needed')`` for an empty one."""
    made: list[str] = []

    def decided(workshop: Workshop) -> Workshop:
        made.append(numbered("decision", [one.code for one in workshop.decisions]))
        fields = {"code": made[-1], "text": _text(text), "node": node, "author": who.name, "at": now()}
        return workshop.model_copy(update={"decisions": (*workshop.decisions, composed(Decision, fields))})

    change(state, workshop_id, who, decided)
    return made[-1]


def reword(
    state: State, workshop_id: str, section: str, code: str, fields: Mapping[str, object], revision: int, who: Who
) -> int:
    """Another ``text``, ``author`` or ``node`` for a note of ``decisions`` or ``parked`` read at ``revision``.

    Gives its new revision; when it was written stays. Raises as ``editing.save``, ``MissingError('item_missing')``
    and ``RefusedError('room.text_needed')`` for an empty text.
    """
    authorise(who)
    notes: tuple[Note, ...] = getattr(snapshot(state, workshop_id).workshop, _sections(section))
    note = next((one for one in notes if one.code == code), None)
    if note is None:
        raise MissingError("item_missing", item=code)
    asked = {name: fields[name] for name in ("author", "node") if name in fields}
    after = composed(type(note), {**asked, "text": _text(str(fields.get("text", note.text)))}, note)
    return save(state, workshop_id, section, after, revision, who)


def _sections(section: str) -> str:
    if section not in ("decisions", "parked"):
        raise RefusedError("section_unknown", section=section)
    return section


def decision_log(workshop: Workshop, node: str | None = None) -> tuple[Logged, ...]:
    """All decisions, the latest first: those of the room and those of review meetings; of one ``node`` where named."""
    zone = ZoneInfo(workshop.settings.timezone)
    found = [Logged(_day(one.at, zone), one.text, one.node, one.author, code=one.code) for one in workshop.decisions]
    for meeting in workshop.meetings:
        found += [Logged(meeting.held_on, text, meeting=meeting.code) for text in meeting.decisions if text.strip()]
    chosen = [one for one in found if node is None or one.node == node]
    return tuple(sorted(chosen, key=lambda one: one.on))[::-1]


def parking_lot(workshop: Workshop, *, resolved: bool = False, node: str | None = None) -> tuple[ParkedItem, ...]:
    """The open questions (or the resolved ones), the latest first; of one ``node`` where named."""
    chosen = [one for one in workshop.parked if (one.resolved_at is not None) == resolved and node in (None, one.node)]
    return tuple(sorted(chosen, key=lambda one: one.at))[::-1]


def _text(text: str) -> str:
    if not text.strip():
        raise RefusedError("room.text_needed")
    return text.strip()


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
