"""The tree alone on the screen, for the room: large enough to read from four metres, a click opens what lies below."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.workshop import Workshop
from kpi_core.services.workshops import Snapshot
from kpi_core.tree.layout import counts_below, folded_to_fit, opened_to
from pages.components.frame import named
from pages.components.node_search import node_search
from pages.components.presenting import end
from pages.components.session import current, opened, t
from pages.components.style import style
from pages.components.tree_choice import choose_node, chosen_node
from pages.components.tree_standing import NO_STANDING, standing
from pages.components.tree_view import refit, tree_view

_KEY = "stage.tree"
#: More boxes than this at once cannot be read from the back of a room.
_READABLE = 12
#: The frame's own height once it has one; it is fitted when it has none yet.
_HEIGHT = "max(100vh, 740px)"


def tree_stage() -> None:
    """One line of controls that stay small, then the tree over the whole screen."""
    snap = opened()
    if snap is None:
        return
    style("tree_stage")
    node = chosen_node(snap.workshop)
    folded = _folded(snap.workshop, node.code if node else None)
    with st.container(key="stage"):
        _controls(snap, folded)
        coloured = st.session_state.get("stage.colour", "department")
        found = standing(snap) if coloured == "status" else NO_STANDING
        tree_view(
            snap.workshop,
            key=_KEY,
            colour=coloured,
            statuses=found.statuses,
            values=found.values,
            unjudged=found.unjudged,
            selected=node.code if node else None,
            folded=folded,
            height=_HEIGHT,
            room=True,
            on_select=_open,
        )


def _controls(snap: Snapshot, folded: frozenset[str]) -> None:
    language = current().language
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="stage_controls"):
        st.markdown(f"**{named(snap.workshop.settings.name)}**", width="stretch")
        with st.container(width=300):
            node_search(snap.workshop, key="stage.search", on_select=choose_node)
        st.segmented_control(
            t("tree.colour"),
            ("department", "status"),
            format_func=lambda one: t(f"tree.colour_{one}"),
            default="department",
            required=True,
            key="stage.colour",
            label_visibility="collapsed",
        )
        node = chosen_node(snap.workshop)
        if node is not None and counts_below(snap.workshop)[node.code]:
            st.button(
                t("tree.unfold" if node.code in folded else "tree.fold"),
                key="stage.fold",
                on_click=_turn,
                args=(node.code,),
                help=node.name.in_language(language) or node.code,
            )
        with st.popover(t("tree.more")):
            st.button(t("tree.unfold_all"), key="stage.unfold_all", on_click=_set, args=(frozenset(),), width="stretch")
            begun = folded_to_fit(snap.workshop, _READABLE)
            st.button(t("stage.overview"), key="stage.overview", on_click=_set, args=(begun,), width="stretch")
            st.button(t("tree.fit"), key="stage.fit", on_click=refit, args=(_KEY,), width="stretch")
            st.caption(t("stage.moving"))
        st.button(t("stage.end"), icon=":material/close_fullscreen:", key="stage.end", on_click=end)


def _folded(workshop: Workshop, selected: str | None) -> frozenset[str]:
    """What is folded on the stage, apart from the page's own; what was chosen elsewhere is in sight."""
    key, seen = _place(), f"{_place()}/seen"
    if key not in st.session_state:
        st.session_state[key] = folded_to_fit(workshop, _READABLE)
        st.session_state[seen] = selected
    if st.session_state.get(seen) != selected:
        st.session_state[key] = opened_to(workshop, st.session_state[key], selected)
        st.session_state[seen] = selected
    folded: frozenset[str] = st.session_state[key]
    return folded & {node.code for node in workshop.nodes}


def _open(code: str) -> None:
    """A click chooses a node and shows what lies below it."""
    choose_node(code)
    if code in st.session_state.get(_place(), frozenset()):
        _turn(code)


def _turn(code: str) -> None:
    _set(st.session_state.get(_place(), frozenset()) ^ {code})


def _set(folded: frozenset[str]) -> None:
    st.session_state[_place()] = folded


def _place() -> str:
    return f"stage.folded/{current().workshop}"
