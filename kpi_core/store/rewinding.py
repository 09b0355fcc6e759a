"""A workshop as it was before a change: what the change table recorded, taken back on the model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from kpi_core.model.base import Model
from kpi_core.model.workshop import Workshop
from kpi_core.store import items
from kpi_core.store.changes import Change


def before_all(workshop: Workshop, changes: Iterable[Change]) -> Workshop:
    """The workshop before ``changes`` (newest first), which led to it; changes of rows and values say nothing of it."""
    for change in changes:
        workshop = before(workshop, change)
    return workshop


def before(workshop: Workshop, change: Change) -> Workshop:
    """The workshop before one change, which was the last that concerned its item."""
    if change.section not in items.SECTIONS:
        return workshop
    found = items.items_of(workshop, change.section)
    if change.action == "ordered":
        codes: list[str] = json.loads(change.before or "[]")
        return items.with_items(workshop, change.section, _in_order(found, codes))
    if change.action == "added":
        return items.with_items(workshop, change.section, tuple(x for x in found if items.code_of(x) != change.code))
    if change.before is None:
        return workshop
    was = item_of(change.section, change.before)
    if change.action == "removed":
        return items.with_items(workshop, change.section, (*found, was))
    now = code_after(change)
    return items.with_items(workshop, change.section, tuple(was if items.code_of(x) == now else x for x in found))


def item_of(section: str, body: str) -> Model:
    """The item that a change recorded."""
    return items.SECTIONS[section].model_validate_json(body)


def code_after(change: Change) -> str:
    """The code under which the item goes on after a change."""
    if change.action != "renamed" or change.after is None:
        return change.code
    return items.code_of(item_of(change.section, change.after))


def _in_order(found: Sequence[Model], codes: Sequence[str]) -> tuple[Model, ...]:
    """The items of ``codes`` in that order; each other one stays behind the item that it stands behind now."""
    by_code = {items.code_of(item): item for item in found}
    named = [code for code in codes if code in by_code]
    known = set(named)
    behind: dict[str | None, list[Model]] = {}
    last: str | None = None
    for code, item in by_code.items():
        if code in known:
            last = code
        else:
            behind.setdefault(last, []).append(item)
    ordered = list(behind.get(None, ()))
    for code in named:
        ordered += [by_code[code], *behind.get(code, ())]
    return tuple(ordered)
