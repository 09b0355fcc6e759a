"""What was done lately, each act with the way to take it back, and the trash with the way to restore."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from kpi_core.services.trash import Deleted, restore, trash
from kpi_core.services.undoing import Act, acts, undo
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_datetime
from pages.components.act_words import act_words
from pages.components.frame import named
from pages.components.outcome import attempt
from pages.components.plain import plain
from pages.components.session import current, raw, state, t

_STEP = 12
_SHOWN = "past.shown"
_QUIET = frozenset({"versions", "observations", "quality", "workshop"})


def past_changes(snap: Snapshot, *, on_select: Callable[[str], None]) -> None:
    """The trash first when something lies in it, then the last changes."""
    with state() as here:
        deleted, known = trash(here, snap.id), acts(here, snap.id)
    if deleted:
        st.markdown(f"**:material/delete: {t('past.trash', count=len(deleted))}**")
        for one in deleted:
            _deleted(snap, one, on_select)
        st.markdown(f"**{t('past.changes')}**")
    st.caption(t("past.explain"))
    told = [act for act in known if not {entry.section for entry in act.changes} <= _QUIET]
    if not told:
        st.caption(t("past.none"))
    shown = int(st.session_state.get(_SHOWN, _STEP))
    for act in told[:shown]:
        _act(snap, act, known, on_select)
    if len(told) > shown:
        st.button(t("past.more"), key="past.more", on_click=_more, args=(shown,), icon=":material/expand_more:")


def _more(shown: int) -> None:
    st.session_state[_SHOWN] = shown + _STEP


def _act(snap: Snapshot, act: Act, known: tuple[Act, ...], on_select: Callable[[str], None]) -> None:
    original = next((one for one in known if one.number == act.undoes), None)
    words = act_words(original or act, snap.workshop)
    said = plain(raw("past.taken_back", change=words) if original else words)
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        st.markdown(f"{said}  \n:small[:gray[{_when(snap, act)}]]", width="stretch")
        if not act.live:
            st.markdown(f":gray[{t('past.is_undone')}]", width="content")
            return
        nodes = [entry.code for entry in act.changes if entry.section == "nodes" and snap.workshop.node(entry.code)]
        if nodes:
            st.button(
                t("kpi_design.open_card"),
                key=f"past.open/{act.number}",
                type="tertiary",
                on_click=on_select,
                args=nodes[:1],
            )
        if act.undoable:
            label = t("past.undo_this")
            st.button(label, key=f"past.undo/{act.number}", type="tertiary", on_click=_undo, args=(snap.id, act, words))


def _deleted(snap: Snapshot, one: Deleted, on_select: Callable[[str], None]) -> None:
    name = named(one.node.name.in_language(current().language) or one.node.code)
    below = t("past.with_below", count=len(one.nodes) - 1) if len(one.nodes) > 1 else ""
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        kind = t(f"vocabulary.node_kind.{one.node.kind.value}")
        when = t("past.deleted_by", who=one.who or raw("kpi_design.history.somebody"), at=_at(snap, one))
        st.markdown(f":gray[{kind}] {name} {below}  \n:small[:gray[{when}]]", width="stretch")
        st.button(
            t("past.restore"),
            icon=":material/restore_from_trash:",
            key=f"past.restore/{one.act}/{one.node.code}",
            on_click=_restore,
            args=(snap.id, one.act, one.node.code, on_select),
        )


def _when(snap: Snapshot, act: Act) -> str:
    who = plain(act.who or raw("kpi_design.history.somebody"))
    return f"{_at(snap, act)}　{who}"


def _at(snap: Snapshot, one: Act | Deleted) -> str:
    return format_datetime(one.at, current().language, snap.workshop.settings.timezone)


def _undo(workshop: str, act: Act, words: str) -> None:
    def write() -> None:
        with state() as here:
            undo(here, workshop, act.number, current().who)

    attempt(write, "past.undone", change=words)


def _restore(workshop: str, act: int, code: str, then: Callable[[str], None]) -> None:
    def write() -> None:
        with state() as here:
            restore(here, workshop, act, code, current().who)
        then(code)

    attempt(write, "past.restored")
