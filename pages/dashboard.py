"""Step 5: an executive view and a field view per department, for any period."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.operation import View
from kpi_core.services.dashboards import Board, board
from kpi_core.services.datasets import today_of
from kpi_core.services.measuring import refresh
from kpi_core.services.views import add_missing_views, missing_views
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Audience, Page
from pages.components.executive_board import executive_board
from pages.components.frame import address, heading, named, needs_workshop, next_step, script_of
from pages.components.node_detail import node_detail
from pages.components.outcome import attempt
from pages.components.period_picker import grain_picker, period_picker
from pages.components.session import current, opened, state, t
from pages.components.tile import tile
from pages.components.view_editor import view_editor


def main() -> None:
    snap = opened()
    if needs_workshop(Page.DASHBOARD) or snap is None:
        return
    heading(Page.DASHBOARD)
    if not snap.workshop.views:
        _no_views(snap)
    else:
        _board(snap)
    next_step(Page.DASHBOARD)


def _board(snap: Snapshot) -> None:
    today = today_of(snap.workshop)
    with st.container(horizontal=True, vertical_alignment="bottom", key="dashboard_controls"):
        view = _view_picker(snap)
        grain = grain_picker(snap.workshop.settings.grain)
        with state() as here:
            found = board(here, snap.id, grain, st.session_state.get("dashboard.period"), today=today)
        if found.period is not None:
            period_picker(found.periods, found.period)
        with st.popover(t("dashboard.edit_view"), icon=":material/edit:"):
            view_editor(snap, view)
        if missing_views(snap.workshop):
            st.button(t("dashboard.add_missing_views"), on_click=_add_views, args=(snap.id,))
    if found.period is None:
        _nothing_measured(snap)
        return
    if view.audience is Audience.EXECUTIVE:
        executive_board(found, snap.workshop, view.nodes, today)
    else:
        _field(found, snap, view)
    chosen = found.tiles.get(st.session_state.get("dashboard.node", ""))
    if chosen is not None:
        node_detail(found, snap.workshop, chosen, today)


def _view_picker(snap: Snapshot) -> View:
    views = {view.code: view for view in snap.workshop.views}
    language = current().language
    chosen = st.segmented_control(
        t("dashboard.view"),
        list(views),
        format_func=lambda code: named(views[code].name.in_language(language) or code),
        key="dashboard.view",
        default=next(iter(views)),
        required=True,
        persist_state="session",
    )
    return views.get(chosen or "", next(iter(views.values())))


def _field(found: Board, snap: Snapshot, view: View) -> None:
    shown = [found.tiles[code] for code in view.nodes if code in found.tiles]
    if not shown:
        st.info(t("dashboard.empty_view"))
    if shown and st.session_state.get("dashboard.node") not in found.tiles:
        st.session_state["dashboard.node"] = shown[0].node.code
    with st.grid(4, min_column_width=240):
        for one in shown:
            tile(one, snap.workshop)


def _no_views(snap: Snapshot) -> None:
    with st.container(border=True):
        st.markdown(t("dashboard.no_views"))
        st.button(
            t("dashboard.make_views"),
            type="primary",
            on_click=_add_views,
            args=(snap.id,),
            disabled=not snap.workshop.nodes,
        )


def _nothing_measured(snap: Snapshot) -> None:
    with st.container(border=True):
        st.markdown(t("dashboard.nothing_measured"))
        with st.container(horizontal=True):
            st.page_link(
                script_of(Page.DATA_SOURCES),
                label=t("dashboard.to_data"),
                icon=":material/arrow_forward:",
                query_params=address(),
            )
            st.button(t("dashboard.refresh"), on_click=_refresh, args=(snap.id,))


def _add_views(workshop_id: str) -> None:
    def add() -> None:
        with state() as here:
            add_missing_views(here, workshop_id, current().who)

    attempt(add, "dashboard.views_added")


def _refresh(workshop_id: str) -> None:
    def compute() -> None:
        with state() as here:
            refresh(here, workshop_id, current().who)

    attempt(compute, "dashboard.refreshed")


main()
