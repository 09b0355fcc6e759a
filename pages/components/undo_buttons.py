"""Undo and redo of what the person did last, each saying what it would take back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from kpi_core.services.people import Who
from kpi_core.services.undoing import Act, acts, next_redo, next_undo, undo
from kpi_core.services.workshops import Snapshot, snapshot
from pages.components.act_words import act_words
from pages.components.outcome import attempt
from pages.components.session import current, state, t

Choose = Callable[[Sequence[Act], Who], Act | None]


def undo_buttons(snap: Snapshot) -> None:
    """Two buttons; greyed out where there is nothing to take back."""
    with state() as here:
        known = acts(here, snap.id)
    for what, act in (("undo", next_undo(known, current().who)), ("redo", next_redo(known, current().who))):
        st.button(
            t(f"past.{what}"),
            icon=f":material/{what}:",
            key=f"past.{what}",
            type="tertiary",
            disabled=act is None,
            help=_help(snap, known, act, what),
            on_click=attempt,
            args=(undo_last if what == "undo" else redo_last,),
        )


def undo_last(workshop: str | None = None) -> Act | None:
    """In a callback: takes back the person's last act, says which it was and gives it. Raises as ``undo``."""
    return _take_back(workshop, next_undo, "past.undone")


def redo_last(workshop: str | None = None) -> Act | None:
    """In a callback: does again what the person took back last, and gives that. Raises as ``undo``."""
    return _take_back(workshop, next_redo, "past.redone")


def _take_back(workshop: str | None, choose: Choose, said: str) -> Act | None:
    workshop = workshop or current().workshop or ""
    with state() as here:
        known = acts(here, workshop)
        act = choose(known, current().who)
        if act is None:
            return None
        original = next((one for one in known if one.number == act.undoes), act)
        words = act_words(original, snapshot(here, workshop).workshop)
        undo(here, workshop, act.number, current().who)
    attempt(lambda: None, said, change=words)
    return act


def _help(snap: Snapshot, known: Sequence[Act], act: Act | None, what: str) -> str:
    if act is None:
        return t(f"past.{what}_nothing")
    original = next((one for one in known if one.number == act.undoes), act)
    return t(f"past.{what}_help", change=act_words(original, snap.workshop))
