"""In the room: above each step a slim bar (clock, guide, ideas, notes), and the part that is opened beside the work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import streamlit as st

from kpi_core.services.notes import parking_lot
from kpi_core.services.rounds import current_round
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Page
from pages.components.guide_part import guide_part
from pages.components.ideas_part import ideas_part
from pages.components.live import live_piece, watch
from pages.components.notes_part import notes_part
from pages.components.room_outcome import told
from pages.components.session import opened, t
from pages.components.time_box import time_box_piece

#: What a page follows while it is open (sections of the change feed).
_FOLLOWED = {
    Page.KGI: ("nodes", "settings"),
    Page.KSF: ("candidates", "nodes"),
    Page.KPI_DESIGN: ("nodes", "links", "handovers", "signoffs", "departments", "hypotheses", "link_tests"),
    Page.DATA_SOURCES: ("sources", "datasets", "versions", "nodes", "quality"),
    Page.DASHBOARD: ("nodes", "views", "observations", "versions", "quality", "handovers"),
    Page.SIMULATION: ("nodes", "observations", "versions", "scenarios"),
    Page.CHECKLIST: ("checklist.answers", "checklist.agreed", "members"),
    Page.REVIEWS: ("reviews", "meetings", "actions", "revisions"),
}
_PARTS: dict[str, Callable[[Page, Snapshot], None]] = {
    "guide": guide_part,
    "ideas": ideas_part,
    "notes": notes_part,
}
_CHOSEN = "room.part"


@contextmanager
def in_the_room(page: Page) -> Iterator[None]:
    """Around a page's work: the bar above it, the opened part beside it, and others' changes as they come."""
    watch(_FOLLOWED[page])
    live_piece("room_bar", partial(_bar, page))
    with st.container(horizontal=True, key="room_frame", gap="medium"):
        work = st.container(key="room_work", width="stretch")
        part = st.session_state.get(_CHOSEN)
        if part in _PARTS:
            with st.container(key=f"room_side_{part}", width=380, border=True):
                live_piece("room_part", partial(_part, part, page))
    with work:
        yield


def _bar(page: Page) -> None:
    snap = opened()
    if snap is None:
        return
    told("room_bar")
    st.session_state.setdefault("room.bar", st.session_state.get(_CHOSEN))
    with st.container(horizontal=True, vertical_alignment="center", key="room_bar", gap="small"):
        st.segmented_control(
            t("room.bar"),
            list(_PARTS),
            format_func=lambda part: t(f"room.part_{part}"),
            key="room.bar",
            label_visibility="collapsed",
            on_change=_choose,
        )
        _going_on(snap)
        time_box_piece(page)


def _choose() -> None:
    st.session_state[_CHOSEN] = st.session_state["room.bar"]
    st.rerun()


def _show(part: str) -> None:
    """In a callback of the bar: opens a part, as its option does."""
    st.session_state["room.bar"] = part
    _choose()


def _going_on(snap: Snapshot) -> None:
    """What waits in the parts; beside the options, not in them: an option whose label changes is another one."""
    going, parked = current_round(snap.workshop), len(parking_lot(snap.workshop))
    if going is not None:
        words = t("room.going", phase=t(f"vocabulary.round_phase.{going.phase.value}"))
        st.button(words, icon=":material/lightbulb:", key="room.to_ideas", on_click=_show, args=("ideas",))
    if parked:
        words = t("room.parked_count", count=parked)
        st.button(words, key="room.to_notes", type="tertiary", on_click=_show, args=("notes",))


def _part(part: str, page: Page) -> None:
    snap = opened()
    if snap is not None:
        _PARTS[part](page, snap)
