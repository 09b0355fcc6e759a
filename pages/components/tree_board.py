"""The tree beside its card: as a drawing, an outline or a table, three views of the same choice."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.model.node import Node
from kpi_core.services.dashboards import board
from kpi_core.services.datasets import today_of
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_period
from kpi_core.tree.layout import counts_below
from kpi_core.vocabulary import Status
from pages.components.session import current, state, t
from pages.components.tree_choice import choose_node, fold, fold_all, folded_nodes, unfold_all
from pages.components.tree_outline import tree_outline
from pages.components.tree_table import tree_table
from pages.components.tree_view import refit, tree_view

_VIEWS = ("tree", "outline", "table")
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
    if view == "outline":
        tree_outline(snap.workshop, selected, key="kpi_design.outline", on_select=choose_node)
    elif view == "table":
        tree_table(snap.workshop, selected, key="kpi_design.table", on_select=choose_node)
    else:
        _drawing(snap, selected)


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
    statuses, values = _standing(snap) if coloured == "status" else ({}, {})
    tree_view(
        snap.workshop,
        key=_KEY,
        colour=coloured,
        statuses=statuses,
        values=values,
        selected=selected.code if selected else None,
        folded=folded_nodes(snap.workshop, selected.code if selected else None),
        height=640,
        on_select=choose_node,
    )


def _standing(snap: Snapshot) -> tuple[Mapping[str, Status], Mapping[str, str]]:
    """Status and value of every node in the last period that ended; says which period that is."""
    language, settings = current().language, snap.workshop.settings
    with state() as here:
        found = board(here, snap.id, settings.grain, today=today_of(snap.workshop))
    if found.period is None:
        st.caption(t("tree.nothing_measured"))
        return {}, {}
    st.caption(t("tree.as_of", period=format_period(found.period, language, settings.fiscal_year_start)))
    values = {
        code: Writing.of(tile.node, settings, language).value(tile.standing.actual, compact=True)
        for code, tile in found.tiles.items()
        if tile.standing.actual is not None
    }
    return found.statuses, values
