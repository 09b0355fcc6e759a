"""The field view: a department's KPIs as tiles, and below them the chosen one large."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.operation import View
from kpi_core.model.workshop import Workshop
from kpi_core.services.dashboards import Board, Tile, off_track
from pages.components.frame import named
from pages.components.labels import distinct
from pages.components.node_detail import node_large
from pages.components.presenting import presenting
from pages.components.session import t
from pages.components.tile import name_of, tiles


def field_board(board: Board, workshop: Workshop, view: View) -> None:
    """The view's tiles in its order; without any it says how to choose some."""
    shown = {code: board.tiles[code] for code in view.nodes if code in board.tiles}
    if not shown:
        st.info(t("dashboard.empty_view"))
        return
    tiles(board, list(shown.values()), workshop)
    _large(board, workshop, view, shown)


@st.fragment
def _large(board: Board, workshop: Workshop, view: View, shown: dict[str, Tile]) -> None:
    """The KPI chosen here, at first the one most in need; choosing another leaves the tiles as they are."""
    first = next((one.node.code for one in off_track(board, most=None) if one.node.code in shown), next(iter(shown)))
    st.subheader(t("dashboard.in_detail"), anchor=False)
    code = first
    if not presenting():
        picked = st.pills(
            t("dashboard.choose_kpi"),
            list(shown),
            format_func=distinct(list(shown), lambda one: name_of(shown[one])),
            key=f"dashboard.chosen.{view.code}",
            default=first,
            required=True,
            persist_state="session",
            label_visibility="collapsed",
        )
        code = picked if picked in shown else first
    with st.container(border=True):
        if presenting():
            st.markdown(f"**{named(name_of(shown[code]))}**")
        node_large(board, workshop, shown[code])
