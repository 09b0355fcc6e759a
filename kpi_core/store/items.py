"""Rows ↔ model: each part of a workshop that people edit is a row with its own revision and its place in the order."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from kpi_core.model.base import Model
from kpi_core.model.dataset import Dataset, Source
from kpi_core.model.node import Candidate, Link, Node, Signoff
from kpi_core.model.operation import Action, AgreedAnswer, Handover, Meeting, MemberAnswer, Review, View
from kpi_core.model.precedence import Precedence
from kpi_core.model.revision import Revision
from kpi_core.model.room import Decision, Idea, ParkedItem, Round
from kpi_core.model.scenario import Negotiation, Scenario
from kpi_core.model.workshop import Checklist, Department, Member, Settings, Workshop

#: section → the model of its items, in the order of the workshop file. A dotted section lies inside another model.
SECTIONS: Mapping[str, type[Model]] = {
    "settings": Settings,
    "departments": Department,
    "members": Member,
    "sources": Source,
    "datasets": Dataset,
    "candidates": Candidate,
    "nodes": Node,
    "links": Link,
    "handovers": Handover,
    "signoffs": Signoff,
    "views": View,
    "reviews": Review,
    "meetings": Meeting,
    "revisions": Revision,
    "actions": Action,
    "checklist.answers": MemberAnswer,
    "checklist.agreed": AgreedAnswer,
    "rounds": Round,
    "ideas": Idea,
    "parked": ParkedItem,
    "decisions": Decision,
    "scenarios": Scenario,
    "negotiations": Negotiation,
    "precedences": Precedence,
}

#: section → its items in a workshop.
_LISTED = {section: attrgetter(section) for section in SECTIONS if section != "settings"}


@dataclass(frozen=True)
class Row:
    """One stored item; ``body`` is its JSON as in the workshop file."""

    section: str
    code: str
    revision: int
    body: str


def code_of(item: Model) -> str:
    """What names an item within its section; the settings, of which there is one, have the empty code."""
    return str(getattr(item, "code", ""))


def items_of(workshop: Workshop, section: str) -> tuple[Model, ...]:
    """The items of a section, in order."""
    if section == "settings":
        return (workshop.settings,)
    return tuple(_LISTED[section](workshop))


def with_items(workshop: Workshop, section: str, items: tuple[Model, ...]) -> Workshop:
    """The workshop with a section's items replaced; nothing is validated here."""
    if section == "settings":
        return workshop.model_copy(update={"settings": items[0]})
    if section.startswith("checklist."):
        checklist = workshop.checklist.model_copy(update={section.removeprefix("checklist."): items})
        return workshop.model_copy(update={"checklist": checklist})
    return workshop.model_copy(update={section: items})


def body_of(item: Model) -> str:
    """An item as the workshop file writes it."""
    document = item.model_dump(mode="json", by_alias=True, exclude_defaults=not isinstance(item, Settings))
    return json.dumps(document, ensure_ascii=False)


def read_rows(connection: sqlite3.Connection, workshop: str) -> tuple[Row, ...]:
    """All rows of a workshop, each section in its order."""
    query = "SELECT section, code, revision, body FROM items WHERE workshop = ? ORDER BY section, position, code"
    return tuple(Row(*values) for values in connection.execute(query, (workshop,)))


def assemble(rows: tuple[Row, ...], known: Callable[[Row], Model | None] = lambda row: None) -> Workshop:
    """The workshop that rows describe; ``known`` may hand in an item that is parsed already."""
    sections: dict[str, list[Model]] = {section: [] for section in SECTIONS}
    for row in rows:
        item = known(row) or SECTIONS[row.section].model_validate_json(row.body)
        sections[row.section].append(item)
    plain = {name: tuple(items) for name, items in sections.items() if "." not in name and name != "settings"}
    checklist = Checklist.model_construct(
        answers=tuple(sections["checklist.answers"]),  # type: ignore[arg-type]  # the section's model, see SECTIONS
        agreed=tuple(sections["checklist.agreed"]),  # type: ignore[arg-type]  # as above
    )
    whole: dict[str, Any] = {**plain, "settings": sections["settings"][0], "checklist": checklist}
    return Workshop.model_construct(**whole)


@dataclass(frozen=True)
class Difference:
    """What one change does to one item. ``before``/``after`` are bodies; ``code`` is the item's code before it.

    ``action`` is ``added``, ``saved``, ``renamed``, ``removed`` or ``ordered`` (then both are lists of codes).
    """

    section: str
    code: str
    action: str
    before: str | None
    after: str | None
    new_code: str


def differences(old: Workshop, new: Workshop, renamed: Mapping[tuple[str, str], str]) -> Iterator[Difference]:
    """How ``new`` differs from ``old``, item by item: added, saved, renamed, removed, moved in the order.

    ``renamed``: (section, old code) → new code, where the same item goes on under another code.
    """
    for section in SECTIONS:
        before, after = items_of(old, section), items_of(new, section)
        if before is after or (
            len(before) == len(after) and all(one is other for one, other in zip(before, after, strict=True))
        ):
            continue
        yield from _section_differences(section, before, after, renamed)


def _section_differences(
    section: str, before: tuple[Model, ...], after: tuple[Model, ...], renamed: Mapping[tuple[str, str], str]
) -> Iterator[Difference]:
    places = {code_of(item): at for at, item in enumerate(before)}
    codes = [code_of(item) for item in after]
    came_from = {renamed.get((section, code), code): code for code in places}
    kept = {came_from.get(code) for code in codes}
    gone = [code for code in places if code not in kept]
    survivors = [code for code in places if code in kept]
    if gone and survivors and [*survivors, *gone] != list(places):  # so that the feed keeps where they stood
        yield Difference(section, "", "ordered", _listed(places), _listed([*survivors, *gone]), "")
    for code in reversed(gone):  # the last first: taken back in turn, they stand as they stood
        yield Difference(section, code, "removed", body_of(before[places[code]]), None, code)
    order = [came_from[code] for code in codes if code in came_from]
    appended_only = order == survivors and all(code in came_from for code in codes[: len(order)])
    for code, item in zip(codes, after, strict=True):
        if code not in came_from:
            yield Difference(section, code, "added", None, body_of(item), code)
            continue
        old_code = came_from[code]
        was = before[places[old_code]]
        if was is item and old_code == code:
            continue
        old_body, new_body = (None, None) if was is item else (body_of(was), body_of(item))
        if old_code != code:
            yield Difference(section, old_code, "renamed", old_body, new_body, code)
        elif old_body != new_body:
            yield Difference(section, code, "saved", old_body, new_body, code)
    if not appended_only:
        yield Difference(section, "", "ordered", _listed(places), _listed(codes), "")


def _listed(codes: Iterable[str]) -> str:
    return json.dumps(list(codes), ensure_ascii=False)


def write_difference(connection: sqlite3.Connection, workshop: str, change: Difference, revision: int) -> None:
    """Bring the stored rows to where ``change`` leads.

    ``revision`` is the number of the change: it only ever grows, so an item that was removed and added again never
    answers to the revision that somebody read before.
    """
    key = (workshop, change.section, change.code)
    if change.action == "removed":
        connection.execute("DELETE FROM items WHERE workshop = ? AND section = ? AND code = ?", key)
    elif change.action == "added":
        connection.execute(
            "INSERT INTO items (workshop, section, code, position, revision, body) VALUES (?, ?, ?, "
            "(SELECT coalesce(max(position), -1) + 1 FROM items WHERE workshop = ? AND section = ?), ?, ?)",
            (*key, workshop, change.section, revision, change.after),
        )
    elif change.action == "ordered":
        codes = json.loads(change.after or "[]")
        connection.executemany(
            "UPDATE items SET position = ? WHERE workshop = ? AND section = ? AND code = ?",
            [(at, workshop, change.section, code) for at, code in enumerate(codes)],
        )
    else:
        connection.execute(
            "UPDATE items SET code = ?, body = ?, revision = ? WHERE workshop = ? AND section = ? AND code = ?",
            (change.new_code, change.after, revision, *key),
        )


def insert_all(connection: sqlite3.Connection, workshop_id: str, workshop: Workshop, revision: int) -> None:
    """Store every item of a new workshop."""
    rows = [
        (workshop_id, section, code_of(item), at, revision, body_of(item))
        for section in SECTIONS
        for at, item in enumerate(items_of(workshop, section))
    ]
    connection.executemany(
        "INSERT INTO items (workshop, section, code, position, revision, body) VALUES (?, ?, ?, ?, ?, ?)", rows
    )
