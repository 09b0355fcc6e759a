"""Taking back what was done: an act is undone as a whole, and only while nobody changed the same items since."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kpi_core.errors import MissingError, Problem, RefusedError
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.services.editing import change
from kpi_core.services.history import tree_at
from kpi_core.services.measuring import refresh
from kpi_core.services.people import Who, may
from kpi_core.services.snapshots import snapshot
from kpi_core.store import items, rewinding
from kpi_core.store.changes import Change, recent
from kpi_core.store.state import State
from kpi_core.tree.structure import formula_names
from kpi_core.vocabulary import Role

#: What belongs to the design; an act that touches anything else is not undone here.
UNDOABLE = frozenset({"nodes", "links", "handovers", "candidates", "views", "signoffs"})
#: What may go along with a change of the design in one act: the negotiation that its targets were agreed in.
_ALONG = frozenset({"negotiations"})
_MOST = 600


@dataclass(frozen=True)
class Act:
    """What somebody did at once: all its changes, oldest first. ``live`` while nothing has taken it back."""

    number: int
    at: datetime
    who: str
    changes: tuple[Change, ...]
    undoes: int | None
    live: bool

    @property
    def undoable(self) -> bool:
        sections = {entry.section for entry in self.changes}
        return self.live and sections <= UNDOABLE | _ALONG and not sections <= _ALONG


def acts(state: State, workshop_id: str) -> tuple[Act, ...]:
    """The last acts of a workshop (about 600 changes), the newest first."""
    snapshot(state, workshop_id)
    feed = recent(state.connection, workshop_id, _MOST)
    grouped: dict[int, list[Change]] = {}
    for entry in feed:
        grouped.setdefault(entry.act, []).append(entry)
    if len(feed) == _MOST:  # the oldest one may have begun before
        grouped.pop(feed[-1].act)
    undone: set[int] = set()
    found: list[Act] = []
    for number, entries in grouped.items():
        live, undoes = number not in undone, entries[0].undoes
        if live and undoes is not None:
            undone.add(undoes)
        found.append(Act(number, entries[0].at, entries[0].who, tuple(reversed(entries)), undoes, live))
    return tuple(found)


def next_undo(found: Sequence[Act], who: Who) -> Act | None:
    """The person's own last act that stands."""
    return next((act for act in found if act.who == who.name and act.undoes is None and act.undoable), None)


def next_redo(found: Sequence[Act], who: Who) -> Act | None:
    """The undoing that the person may take back: the last one, while nothing new was done by them since."""
    original = {act.number for act in found if act.undoes is None}
    for act in found:
        if act.who != who.name or not act.undoable:
            continue
        if act.undoes is None:
            return None
        if act.undoes in original:
            return act
    return None


def undo(state: State, workshop_id: str, number: int, who: Who) -> Act:
    """Take an act back, whoever did it; gives it. An undoing is itself an act and can be undone.

    Raises ``MissingError('item_missing')``; ``RefusedError``: ``sign_own_department`` for another department's
    signature, ``undo_done`` when it was taken back already, ``undo_not`` for an act beyond the design,
    ``undo_changed_since`` when one of its items was changed since, ``undo_used_since`` when something was built on it
    since.
    """
    snapshot(state, workshop_id)
    known = {act.number: act for act in acts(state, workshop_id)}
    act = known.get(number)
    if act is None:
        raise MissingError("item_missing", item=str(number))

    def undone(workshop: Workshop) -> Workshop:
        # asked again inside the transaction: two people may press at the same moment
        if not next(one for one in acts(state, workshop_id) if one.number == number).live:
            raise RefusedError("undo_done")
        if not act.undoable:
            raise RefusedError("undo_not")
        for entry in act.changes:
            _refuse_foreign_signature(entry, who)
            _refuse_changed(state, workshop_id, workshop, entry, act)
        before = rewinding.before_all(workshop, reversed(act.changes))
        if act.undoes is None:  # what was deleted before, with such formulas in sight, may be deleted again
            _refuse_used(workshop, before, tree_at(state, workshop_id, act.changes[0].id - 1))
        return before

    renamed = {
        (entry.section, rewinding.code_after(entry)): entry.code for entry in act.changes if entry.action == "renamed"
    }
    try:
        after = change(state, workshop_id, who, undone, renamed=renamed, undoes=number)
    except RefusedError as error:
        if error.code == "change_refused":
            raise RefusedError("undo_used_since", error.problems) from None
        raise
    refresh_changed(state, workshop_id, act.changes, after.workshop, who)
    return act


def refresh_changed(state: State, workshop_id: str, changes: Sequence[Change], workshop: Workshop, who: Who) -> None:
    """Measure again the nodes that ``changes`` concern, where they are there and have a measure."""
    nodes = {entry.code for entry in changes if entry.section == "nodes"}
    measured = [node.code for node in workshop.nodes if node.code in nodes and node.measure is not None]
    if measured:
        refresh(state, workshop_id, who, nodes=measured)


def _refuse_foreign_signature(entry: Change, who: Who) -> None:
    """What a department signed is taken back by its own people or a facilitator, as it is signed."""
    if entry.section != "signoffs" or entry.action == "removed":
        return
    department = entry.code.rpartition("→")[2]
    if who.member is not None and who.department != department and not may(who, Role.FACILITATOR):
        raise RefusedError("sign_own_department")


def _refuse_changed(state: State, workshop_id: str, workshop: Workshop, entry: Change, act: Act) -> None:
    """Only what stands as the act left it may go back."""
    found = {items.code_of(item): item for item in items.items_of(workshop, entry.section)}
    if entry.action == "ordered":
        left = [code for code in json.loads(entry.after or "[]") if code in found]
        untouched = left == [code for code in found if code in set(left)]
    else:
        stands = found.get(rewinding.code_after(entry))
        was = rewinding.item_of(entry.section, entry.after) if entry.after else None
        untouched = stands == was
    if untouched:
        return
    later = (one for one in recent(state.connection, workshop_id, _MOST) if one.id > act.changes[-1].id)
    by = next((one.who for one in later if (one.section, one.code) == (entry.section, entry.code)), "")
    name = rewinding.code_after(entry)
    item = found.get(name)
    if isinstance(item, Node):
        name = item.name.ja or item.name.en or name
    raise RefusedError("undo_changed_since", item=name, who=by or "–")


def _refuse_used(workshop: Workshop, before: Workshop, then: Workshop) -> None:
    """A code that would vanish may not be named by a formula of ``before`` that did not name it ``then``."""
    vanishing = {node.code for node in workshop.nodes} - {node.code for node in before.nodes}
    named_then = formula_names(then)
    used = {
        name
        for code, names in formula_names(before).items()
        for name in names
        if name in vanishing and name not in named_then.get(code, ())
    }
    if used:
        problems = [Problem("formula_unknown_name", {"name": name}) for name in sorted(used)]
        raise RefusedError("undo_used_since", problems)
