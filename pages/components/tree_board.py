"""The tree beside its card: as a drawing, an outline or a table, three views of the same choice."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.node import Node
from kpi_core.services.workshops import Snapshot
from kpi_core.tree.layout import counts_below
from pages.components.node_search import node_search
from pages.components.presenting import present
from pages.components.session import t
from pages.components.tree_bulk import tree_bulk
from pages.components.tree_choice import choose_node, fold, fold_all, folded_nodes, unfold_all
from pages.components.tree_outline import tree_outline
from pages.components.tree_standing import NO_STANDING, standing
from pages.components.tree_table import tree_table
from pages.components.tree_view import refit, tree_view
from pages.components.undo_buttons import undo_buttons

_VIEWS = ("tree", "outline", "table", "bulk")
_COLOURS = ("department", "status")
_KEY = "kpi_design.tree"


def tree_board(snap: Snapshot, selected: Node | None) -> None:
    """Draws the switches and the chosen view."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        view = st.segmented_control(
            t("tree.view"),
            _VIEWS,
            format_func=lambda one: t(f"tree.view_{one}"),
            default="outline" if _on_a_phone() else "tree",
            required=True,
            key="kpi_design.view",
            label_visibility="collapsed",
        )
        with st.container(width="stretch"):
            node_search(snap.workshop, key="kpi_design.search", on_select=choose_node)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if view == "tree":
            st.segmented_control(
                t("tree.colour"),
                _COLOURS,
                format_func=lambda one: t(f"tree.colour_{one}"),
                default="department",
                required=True,
                key="kpi_design.colour",
                label_visibility="collapsed",
            )
            _folding(snap, selected)
        undo_buttons(snap)
        st.button(
            t("stage.begin"), icon=":material/present_to_all:", type="tertiary", key="stage.begin", on_click=present
        )
    if view == "outline":
        folded = folded_nodes(snap.workshop, selected.code if selected else None)
        tree_outline(snap, selected, key="kpi_design.outline", folded=folded, on_select=choose_node)
    elif view == "table":
        tree_table(snap.workshop, selected, key="kpi_design.table", on_select=choose_node)
    elif view == "bulk":
        tree_bulk(snap)
    else:
        _drawing(snap, selected)


def editing_rows() -> bool:
    """Whether the tree is shown as the table for many rows at once."""
    return st.session_state.get("kpi_design.view") == "bulk"


def show_outline() -> None:
    """In a callback: the tree is shown as the outline from the next draw on."""
    st.session_state["kpi_design.view"] = "outline"


def _on_a_phone() -> bool:
    """A phone begins with the outline: a whole tree would be too small to read there."""
    return "Mobile" in (st.context.headers.get("User-Agent") or "")


def _folding(snap: Snapshot, selected: Node | None) -> None:
    folded = folded_nodes(snap.workshop, selected.code if selected else None)
    if selected is not None and counts_below(snap.workshop)[selected.code]:
        st.button(
            t("tree.unfold" if selected.code in folded else "tree.fold"),
            on_click=fold,
            args=(selected.code,),
            key="kpi_design.fold",
            icon=":material/unfold_more:" if selected.code in folded else ":material/unfold_less:",
        )
    with st.popover(t("tree.more"), type="tertiary"):
        st.button(t("tree.unfold_all"), on_click=unfold_all, key="kpi_design.unfold_all", width="stretch")
        st.button(
            t("tree.fold_all"), on_click=fold_all, args=(snap.workshop,), key="kpi_design.fold_all", width="stretch"
        )
        st.button(t("tree.fit"), on_click=refit, args=(_KEY,), key="kpi_design.fit", width="stretch")
        st.caption(t("tree.moving"))


def _drawing(snap: Snapshot, selected: Node | None) -> None:
    coloured = st.session_state.get("kpi_design.colour", "department")
    found = standing(snap) if coloured == "status" else NO_STANDING
    tree_view(
        snap.workshop,
        key=_KEY,
        colour=coloured,
        statuses=found.statuses,
        values=found.values,
        unjudged=found.unjudged,
        selected=selected.code if selected else None,
        folded=folded_nodes(snap.workshop, selected.code if selected else None),
        height=640,
        on_select=choose_node,
    )
