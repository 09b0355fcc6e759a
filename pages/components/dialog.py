"""Dialogs that write: what was done closes them, what failed is told inside and loses nothing typed."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from kpi_core.errors import KpiError
from pages.components.draft import Draft
from pages.components.outcome import attempt
from pages.components.session import t
from pages.components.trouble import show_error

_FAILED = "dialog.failed"
_DONE = "dialog.done"
_ASKED = "dialog.asked"


def ask(name: str, *about: str) -> None:
    """In a callback: opens the dialog ``name`` on the next draw."""
    st.session_state[_ASKED] = (name, *about)
    begin()


def begin() -> None:
    """Where a button opens a dialog itself: what failed in the one before is not told in this one."""
    st.session_state.pop(_FAILED, None)


def asked() -> tuple[str, ...] | None:
    """The dialog to open in this run, with what it is about; asked for once."""
    found: tuple[str, ...] | None = st.session_state.pop(_ASKED, None)
    return found


def act(action: Callable[[], object], done: str, draft: Draft | None = None) -> None:
    """In a dialog's callback: runs the write; the dialog closes when it went well, else it tells why not.

    ``draft``: what was typed for it; it is kept until it is written.
    """
    st.session_state.pop(_FAILED, None)
    if draft is not None:
        draft.take_up()
    try:
        action()
    except KpiError as error:
        st.session_state[_FAILED] = error
        return
    if draft is not None:
        draft.discard()
    attempt(lambda: None, done)
    st.session_state[_DONE] = True


def foot(draft: Draft, action: Callable[[], object], label: str, done: str, *, key: str) -> None:
    """The button of a dialog with fields, and the way back where they hold what was typed before and not written."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(label, type="primary", key=key, on_click=act, args=(action, done, draft))
        if draft.changed and draft.recovered:
            st.button(t("pages.frame.discard"), type="tertiary", key=f"{key}.discard", on_click=draft.discard)
            st.caption(t("pages.frame.recovered"))


def told_or_closed() -> None:
    """At the top of a dialog's body: closes it after a write, or shows what failed."""
    if st.session_state.pop(_DONE, False):
        st.rerun()
    failed = st.session_state.get(_FAILED)
    if failed is not None:
        show_error(failed)
