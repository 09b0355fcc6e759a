"""Changing a workshop: one transaction, the revision check first, nothing wrong let in, every change on the feed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from kpi_core.errors import MissingError, Problem, RefusedError, StaleError
from kpi_core.model.base import Model
from kpi_core.model.references import broken_references
from kpi_core.model.workshop import Workshop
from kpi_core.services.basis import drop_outdated
from kpi_core.services.people import Who, authorise
from kpi_core.services.snapshots import Snapshot, remember, snapshot
from kpi_core.store import changes, items, node_records, observations, people, versions
from kpi_core.store.state import Connection, State
from kpi_core.vocabulary import Role

Place = tuple[str, str]
"""(section, code) of an item."""

#: What only a facilitator changes: the frame, who may do what, and how a round of ideas goes on.
_FACILITATORS_OWN = frozenset({"settings", "departments", "members", "rounds"})


def save(state: State, workshop_id: str, section: str, item: Model, revision: int | None, who: Who) -> int:
    """Store an item, new (``revision=None``, put last) or in place of the one read at ``revision``; its new revision.

    Raises ``StaleError``: ``stale`` when it was changed since, ``stale_removed`` when it was removed since (``current``
    is ``None``; save with ``revision=None`` to put it back), ``already_there`` for a new one whose code is taken.
    Raises ``RefusedError('change_refused')`` with the problems that this change would bring in.
    """
    _check_section(section, item)
    code = items.code_of(item)

    def replaced(workshop: Workshop) -> Workshop:
        old = items.items_of(workshop, section)
        if revision is None:
            return items.with_items(workshop, section, (*old, item))
        return items.with_items(workshop, section, tuple(item if items.code_of(x) == code else x for x in old))

    after = change(state, workshop_id, who, replaced, expect={(section, code): revision}, mine=item)
    return after.revisions[section, code]


def remove(state: State, workshop_id: str, section: str, code: str, revision: int, who: Who) -> None:
    """Take an item away; refused while others refer to it. Raises as ``save``."""
    _check_section(section)
    if section == "settings":
        raise RefusedError("section_unknown", section=section)

    def without(workshop: Workshop) -> Workshop:
        left = tuple(item for item in items.items_of(workshop, section) if items.code_of(item) != code)
        return items.with_items(workshop, section, left)

    change(state, workshop_id, who, without, expect={(section, code): revision})


def reorder(state: State, workshop_id: str, section: str, codes: Sequence[str], who: Who) -> None:
    """Put a section's items into the order of ``codes``; items not named keep their order behind them."""
    _check_section(section)

    def ordered(workshop: Workshop) -> Workshop:
        by_code = {items.code_of(item): item for item in items.items_of(workshop, section)}
        unknown = [code for code in codes if code not in by_code]
        if unknown:
            raise MissingError("item_missing", item=unknown[0])
        first = [by_code.pop(code) for code in dict.fromkeys(codes)]
        return items.with_items(workshop, section, (*first, *by_code.values()))

    change(state, workshop_id, who, ordered)


def change(
    state: State,
    workshop_id: str,
    who: Who,
    make: Callable[[Workshop], Workshop],
    *,
    expect: Mapping[Place, int | None] | None = None,
    mine: Model | None = None,
    renamed: Mapping[Place, str] | None = None,
    undoes: int | None = None,
    restores: int | None = None,
) -> Snapshot:
    """Apply ``make`` to the workshop as it is now, in one transaction, and give the workshop after it.

    ``expect`` names the revisions the caller read; they are checked before anything else. Measured values whose
    definition or calendar this changes are dropped in the same transaction. ``undoes``: the act this takes back;
    ``restores``: the one whose deleted nodes this puts back, all or some.
    Raises ``RefusedError('not_allowed')`` where it would read a database's table that was not connected to it.
    """
    state.admit(workshop_id)
    authorise(who)
    with state.writing(shared=True) as connection:
        before = snapshot(state, workshop_id)
        for place, revision in (expect or {}).items():
            _refuse_stale(before, place, revision, mine)
        after = make(before.workshop)
        found = tuple(items.differences(before.workshop, after, renamed or {}))
        if any(difference.section in _FACILITATORS_OWN for difference in found):
            authorise(who, Role.FACILITATOR)
        if _read_from(after) - _read_from(before.workshop):
            authorise(who, Role.FACILITATOR, everywhere=True)
        _refuse_new_problems(before.workshop, after)
        revisions, number = _write(connection, before, found, who, undoes, restores)
        _drop_outdated(connection, workshop_id, before.workshop, after, renamed or {})
        result = Snapshot(workshop_id, after, revisions, number)
        remember(state, result)
    remember(state, result)
    if any(difference.section == "datasets" and difference.action == "removed" for difference in found):
        versions.drop_unused_files(state)
    return result


def _read_from(workshop: Workshop) -> set[tuple[str, str | None]]:
    """The tables of databases that a workshop reads: only who runs the server lets it read another one."""
    places = ((workshop.connection_of(one.code), one.table) for one in workshop.datasets if one.table is not None)
    return {(connection, table) for connection, table in places if connection is not None}


def _check_section(section: str, item: Model | None = None) -> None:
    model = items.SECTIONS.get(section)
    if model is None or (item is not None and not isinstance(item, model)):
        raise RefusedError("section_unknown", section=section)


def _refuse_stale(found: Snapshot, place: Place, revision: int | None, mine: Model | None) -> None:
    stored = found.revisions.get(place)
    if stored == revision:
        return
    section, code = place
    current = next((item for item in items.items_of(found.workshop, section) if items.code_of(item) == code), None)
    code_of_error = "already_there" if revision is None else "stale" if stored is not None else "stale_removed"
    raise StaleError(code_of_error, current=current, mine=mine, revision=stored or 0, item=code)


def _refuse_new_problems(before: Workshop, after: Workshop) -> None:
    """Refuse what this change breaks; what was broken before does not stand in its way."""
    found = broken_references(after)
    if not found:
        return
    known = Counter(_kind(problem) for problem in broken_references(before))
    fresh: list[Problem] = []
    for problem in found:
        if known[_kind(problem)] > 0:
            known[_kind(problem)] -= 1
        else:
            fresh.append(problem)
    if fresh:
        raise RefusedError("change_refused", fresh, count=len(fresh))


def _kind(problem: Problem) -> tuple[object, ...]:
    """A problem without its position, which shifts when items come and go."""
    return (problem.code, tuple(sorted(problem.params.items(), key=str)), re.sub(r"\[\d+\]", "[]", problem.path or ""))


def _write(
    connection: Connection,
    before: Snapshot,
    found: Sequence[items.Difference],
    who: Who,
    undoes: int | None,
    restores: int | None,
) -> tuple[dict[Place, int], int]:
    revisions = dict(before.revisions)
    number = before.change
    act: int | None = None
    for difference in found:
        number = changes.append(
            connection,
            before.id,
            who.name,
            difference.section,
            difference.code,
            difference.action,
            difference.before,
            difference.after,
            act=act,
            undoes=undoes,
        )
        act = act or number
        items.write_difference(connection, before.id, difference, number)
        if (difference.section, difference.action) == ("nodes", "removed"):
            node_records.set_aside(connection, before.id, difference.code, number)
        if (difference.section, difference.action) == ("nodes", "added"):
            node_records.take_back(connection, before.id, difference.code, difference.after, restores)
        if difference.section == "datasets" and difference.action == "removed":
            versions.drop_versions(connection, before.id, difference.code)
        if difference.section == "members" and difference.action in ("removed", "renamed"):
            people.drop_member(connection, before.id, difference.code)
        if difference.action != "ordered":
            revisions.pop((difference.section, difference.code), None)
        if difference.action in ("added", "saved", "renamed"):
            revisions[difference.section, difference.new_code] = number
    return revisions, number


def _drop_outdated(
    connection: Connection, workshop_id: str, before: Workshop, after: Workshop, renamed: Mapping[Place, str]
) -> None:
    for (section, code), new_code in renamed.items():
        if section == "nodes":
            observations.rename_observations(connection, workshop_id, code, new_code)
            node_records.follow_code(connection, workshop_id, code, new_code)
    if before.nodes is after.nodes and before.datasets is after.datasets and before.settings is after.settings:
        return
    drop_outdated(connection, workshop_id, after)
