"""Keeping what is typed in a form before it is saved, so that a reload or a crash loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kpi_core.services.people import Who
from kpi_core.store.drafts import KeptDraft, change_draft, delete_draft, read_draft, write_draft
from kpi_core.store.state import State


def keep(state: State, workshop: str, place: str, revision: int | None, values: Mapping[str, Any], who: Who) -> None:
    """Keep a form's typed values for this person, over what was kept before."""
    _admit(state, workshop)
    write_draft(state, workshop, place, who.key, revision, values)


def change(
    state: State, workshop: str, place: str, who: Who, make: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> None:
    """Keep what ``make`` makes of the kept values; nothing this person keeps in another tab comes between."""
    _admit(state, workshop)
    change_draft(state, workshop, place, who.key, make)


def kept(state: State, workshop: str, place: str, who: Who) -> KeptDraft | None:
    """What this person typed into the form and did not save; ``None`` when there is nothing."""
    _admit(state, workshop)
    return read_draft(state, workshop, place, who.key)


def drop(state: State, workshop: str, place: str, who: Who) -> None:
    """Forget what was kept, after saving or discarding."""
    _admit(state, workshop)
    delete_draft(state, workshop, place, who.key)


def _admit(state: State, workshop: str) -> None:
    if workshop:  # a form on a page without a workshop has none
        state.admit(workshop)
