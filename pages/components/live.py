"""What others enter appears within two seconds, without a reload and without touching what is being typed here.

A fragment asks the state every second for two numbers (one indexed read): of the last change and of the last one in
the room. A piece of the room whose mark is older is drawn again by itself; its fields keep their keys, so what is typed
into them stays. The page draws again when sections it shows were changed, but only while nobody types on it or has a
dialog open: until then a button offers it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from kpi_core.errors import MissingError
from kpi_core.services.changes import changes_in, pulse
from pages.components.script_run import in_a_piece
from pages.components.session import current, opened, raw, state

#: Seconds between two looks.
EVERY = 1.0
#: Sections that only pieces of the room show.
ROOM_SECTIONS = ("rounds", "ideas", "parked", "decisions")
_PAGE = "live.page"
_PIECES = "live.pieces"
_FOLDER = Path(__file__).parent

Mark = tuple[int, int]


def watch(sections: Collection[str]) -> None:
    """Once on a page, before its pieces: from now on the page follows changes in ``sections``, its pieces their own."""
    workshop = current().workshop
    if workshop is None:
        return
    st.session_state[_PAGE] = _now(workshop)
    st.session_state[_PIECES] = {}
    _look(workshop, tuple(sections))


def live_piece(name: str, draw: Callable[[], None]) -> None:
    """A piece of the room that is drawn again by itself whenever something happens there; after ``watch``."""

    @st.fragment(key=name)
    def piece() -> None:
        st.session_state.setdefault(_PIECES, {})[name] = _now(current().workshop or "")
        draw()

    piece()


def draw_page() -> None:
    """In a callback of a piece: draws the whole page again, since something outside the piece changed, too."""
    st.rerun()


@st.fragment(run_every=EVERY)
def _look(workshop: str, sections: tuple[str, ...]) -> None:
    try:
        with state() as here:
            found = pulse(here, workshop)
            pending = _changed(here, workshop, st.session_state[_PAGE], found, sections)
            stale = [
                name
                for name, mark in st.session_state[_PIECES].items()
                if mark[1] != found[1] or _changed(here, workshop, mark, found, ROOM_SECTIONS)
            ]
    except MissingError:  # deleted meanwhile: the next click tells
        return
    data = {
        "room": f"{found[0]}/{found[1]}" if stale else "",
        "pending": pending,
        "change": found[0],
        "label": raw("room.others_changed", count=pending),
    }
    _component()(
        key="live",
        data=data,
        on_room_change=lambda: _draw_pieces(stale),
        on_page_change=lambda: st.rerun() if in_a_piece() else None,
    )


def _draw_pieces(names: list[str]) -> None:
    """In a callback: draws these pieces again, unless the run draws the whole page anyway.

    The browser's word may arrive together with the next click. A run of pieces would then take the place of the run of
    the page, at places of the page that was: the next page would stay undrawn, and the browser find an element where it
    looks for a container ("'setIn' cannot be called on an ElementNode").
    """
    if names and in_a_piece():
        st.rerun(names)


def _changed(here: Any, workshop: str, mark: Mark, found: Mark, sections: Collection[str]) -> int:
    return 0 if mark[0] == found[0] else changes_in(here, workshop, mark[0], sections)


def _now(workshop: str) -> Mark:
    """What is on the page: a change that came since the run read the workshop is still to be shown."""
    drawn = opened()
    if drawn is None:
        return (0, 0)
    try:
        with state() as here:
            change, room = pulse(here, workshop)
    except MissingError:
        return (0, 0)
    return (min(change, drawn.change), room)


@cache
def _component() -> Any:
    html = '<button type="button" class="pill" hidden></button>'
    script, style = ((_FOLDER / f"live.{kind}").read_text("utf-8") for kind in ("js", "css"))
    return st.components.v2.component("kpi_live", html=html, css=style, js=script)
