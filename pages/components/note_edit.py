"""A decision or a parked question written anew where it stands: its text, who brought it up, what it is about."""

from __future__ import annotations

from typing import Any

import streamlit as st

from kpi_core.services.notes import Note, reword
from kpi_core.services.workshops import Snapshot
from pages.components.draft import Draft, Values
from pages.components.participant import participant
from pages.components.session import allowed, current, raw, state, t

_OPEN = "room.note.edited"


def edit_button(code: str) -> None:
    """Opens the fields of the note; draws nothing for people who only read."""
    if allowed():
        st.button(
            t("room.edit"),
            key=f"room.edit.{code}",
            type="tertiary",
            icon=":material/edit:",
            on_click=_open,
            args=(code,),
        )


def edited(snap: Snapshot, section: str, note: Note) -> bool:
    """Draws the fields in the note's place while it is being edited; whether it did."""
    if st.session_state.get(_OPEN) != note.code or not allowed():
        return False
    revision = snap.revisions[section, note.code]
    draft = Draft(f"room.note.{note.code}", _read(note), revision, _read)
    names = {node.code: node.name.in_language(current().language) or node.code for node in snap.workshop.nodes}
    with st.container(border=True, key=f"room.edit_of.{note.code}"):
        draft.area("text", t("room.edit_text"), height=100, max_chars=1000)
        draft.text("author", t("room.edit_author"), max_chars=100)
        draft.choice(
            "node",
            t("room.about_node"),
            list(names),
            lambda one: names.get(one, one),
            placeholder=raw("room.about_whole"),
        )

        def store(values: Values, read_at: int | None) -> None:
            with state() as here:
                reword(here, snap.id, section, note.code, values, read_at or 0, participant())
            st.session_state.pop(_OPEN, None)

        draft.foot(store, done=None)
        st.button(t("room.edit_end"), key=f"room.edit_end.{note.code}", type="tertiary", on_click=_close, args=(draft,))
    return True


def _read(note: Any) -> Values:
    return {"text": note.text, "author": note.author, "node": note.node}


def _open(code: str) -> None:
    st.session_state[_OPEN] = code


def _close(draft: Draft) -> None:
    draft.discard()
    st.session_state.pop(_OPEN, None)
