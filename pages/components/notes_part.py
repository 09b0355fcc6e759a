"""The parking lot and the decision log: one line to add, the open questions, the decisions with their dates."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from kpi_core.model.room import ParkedItem
from kpi_core.services.notes import Logged, decide, decision_log, park, parking_lot, resolve
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_date, format_datetime
from kpi_core.vocabulary import Page, Role
from pages.components.labels import distinct
from pages.components.note_edit import edit_button, edited
from pages.components.participant import name_field, participant
from pages.components.plain import plain
from pages.components.room_outcome import act, told
from pages.components.session import current, raw, state, t

_PIECE = "notes"
_MOST = 20


def notes_part(page: Page, snap: Snapshot) -> None:
    """Entry first, then what is open, then what was decided."""
    told(_PIECE)
    if participant().role is not Role.VIEWER:
        name_field(snap)
        _entry(page, snap)
    st.markdown(f"**{t('room.parked')}**")
    parked = parking_lot(snap.workshop)
    if not parked:
        st.caption(t("room.parked_none"))
    for item in parked:
        _parked_item(snap, item)
    _resolved(snap, parking_lot(snap.workshop, resolved=True))
    st.markdown(f"**{t('room.decisions')}**")
    log = decision_log(snap.workshop)
    if not log:
        st.caption(t("room.decisions_none"))
    for one in log[:_MOST]:
        _decision(snap, one)
    if log[_MOST:]:
        with st.expander(f"+{len(log) - _MOST}"):
            for one in log[_MOST:]:
                _decision(snap, one)


def _entry(page: Page, snap: Snapshot) -> None:
    workshop, language = snap.workshop, current().language
    kind = st.segmented_control(
        t("room.part_notes"),
        ["parked", "decision"],
        format_func=lambda one: t(f"room.kind_{one}"),
        default="parked",
        required=True,
        key="room.note.kind",
        label_visibility="collapsed",
    )
    names = {node.code: node.name.in_language(language) or node.code for node in workshop.nodes}
    chosen = st.session_state.get("kpi_design.node") if page is Page.KPI_DESIGN else None
    if chosen in names and st.session_state.get("room.note.seen") != chosen:
        st.session_state["room.note.node"] = chosen
    st.session_state["room.note.seen"] = chosen
    if st.session_state.get("room.note.node") not in names:
        st.session_state["room.note.node"] = None
    st.selectbox(
        t("room.about_node"),
        list(names),
        index=None,
        format_func=distinct(names, lambda code: names.get(code, code)),
        placeholder=raw("room.about_whole"),
        key="room.note.node",
    )
    hint = raw("room.decide_entry" if kind == "decision" else "room.park_entry")
    st.chat_input(hint, key="room.note", on_submit=_add, max_chars=1000)


def _add() -> None:
    kept = st.session_state
    write = decide if kept["room.note.kind"] == "decision" else park

    def added() -> None:
        with state() as here:
            write(here, current().workshop or "", str(kept["room.note"] or ""), kept["room.note.node"], participant())

    act(_PIECE, added)


def _parked_item(snap: Snapshot, item: ParkedItem) -> None:
    if edited(snap, "parked", item):
        return
    with st.container(border=True, gap="xsmall", key=f"room.parked.{item.code}"):
        st.markdown(plain(item.text))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(_line(snap, item), width="stretch")
            if participant().role is not Role.VIEWER:
                with st.popover(t("room.resolve"), type="tertiary"):
                    st.text_input(t("room.resolve_what"), key=f"room.resolution.{item.code}", max_chars=1000)
                    st.button(
                        t("room.resolve_do"),
                        key=f"room.resolve.{item.code}",
                        type="primary",
                        on_click=_resolve,
                        args=(item.code, True),
                    )
            edit_button(item.code)


def _resolved(snap: Snapshot, items: Sequence[ParkedItem]) -> None:
    if not items:
        return
    with st.expander(t("room.resolved", count=len(items))):
        for item in items:
            st.markdown(f"✓ {plain(item.text)}")
            tail = f" → {plain(item.resolution)}" if item.resolution else ""
            st.caption(f"{_line(snap, item)}{tail}")
            if participant().role is not Role.VIEWER:
                key = f"room.reopen.{item.code}"
                st.button(t("room.reopen"), key=key, type="tertiary", on_click=_resolve, args=(item.code, False))


def _resolve(code: str, done: bool) -> None:
    def resolved() -> None:
        what = str(st.session_state.get(f"room.resolution.{code}") or "") if done else None
        with state() as here:
            resolve(here, current().workshop or "", code, what, participant())

    act(_PIECE, resolved)


def _decision(snap: Snapshot, one: Logged) -> None:
    stored = next((each for each in snap.workshop.decisions if each.code == one.code), None)
    if stored is None:
        decision_line(snap, one)
        return
    if edited(snap, "decisions", stored):
        return
    with st.container(horizontal=True, gap="small", key=f"room.decision.{stored.code}"):
        with st.container(width="stretch"):
            decision_line(snap, one)
        edit_button(stored.code)


def decision_line(snap: Snapshot, one: Logged) -> None:
    """A decision with its date, author and node."""
    language = current().language
    source = raw("room.of_meeting") if one.meeting else one.author
    about = _node_name(snap, one.node)
    tail = " · ".join(part for part in (format_date(one.on, language), source, about) if part)
    st.markdown(f"✔ {plain(one.text)}  \n:small[:gray[{plain(tail)}]]")


def _line(snap: Snapshot, item: ParkedItem) -> str:
    at = format_datetime(item.at, current().language, snap.workshop.settings.timezone)
    return plain(" · ".join(part for part in (_node_name(snap, item.node), item.author, at) if part))


def _node_name(snap: Snapshot, code: str | None) -> str:
    node = snap.workshop.node(code) if code else None
    return (node.name.in_language(current().language) or node.code) if node else ""
