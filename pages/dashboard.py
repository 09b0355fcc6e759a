"""Step 5: an executive view and a field view per department, for any period."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.operation import View
from kpi_core.services.dashboards import Board, board
from kpi_core.services.datasets import today_of
from kpi_core.services.measuring import refresh
from kpi_core.services.recency import late
from kpi_core.services.views import add_missing_views, missing_views
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Audience, Page
from pages.components.dialog import ask, asked
from pages.components.executive_board import executive_board, tiles
from pages.components.frame import address, heading, named, needs_workshop, next_step, script_of
from pages.components.node_detail import node_detail
from pages.components.outcome import attempt
from pages.components.period_picker import grain_picker, period_picker
from pages.components.room import in_the_room
from pages.components.session import current, opened, raw, state, t
from pages.components.tile import DETAIL, name_of
from pages.components.view_editor import view_editor

_EDITOR = "dashboard.editor"


def main() -> None:
    snap = opened()
    if needs_workshop(Page.DASHBOARD) or snap is None:
        return
    heading(Page.DASHBOARD)
    with in_the_room(Page.DASHBOARD):
        if not snap.workshop.views:
            _no_views(snap)
        else:
            _dashboard(snap)
    next_step(Page.DASHBOARD)


def _dashboard(snap: Snapshot) -> None:
    wanted = asked()
    view, found = _controls(snap)
    if found.period is None:
        _nothing_measured(snap)
    else:
        _age_warning(found, view)
        if view.audience is Audience.EXECUTIVE:
            executive_board(found, snap.workshop, view)
        else:
            _field(found, snap, view)
    if wanted == (_EDITOR, view.code):
        view_editor(view.code)
    elif wanted is not None and wanted[0] == DETAIL and wanted[1] in found.tiles:
        node_detail(found, snap.workshop, found.tiles[wanted[1]])


def _controls(snap: Snapshot) -> tuple[View, Board]:
    """View, length of a period and period; what was chosen, and its numbers."""
    view = _view_picker(snap)
    with st.container(horizontal=True, vertical_alignment="center", key="dashboard_controls"):
        grain = grain_picker(snap.workshop.settings.grain)
        with state() as here:
            found = board(here, snap.id, grain, st.session_state.get("dashboard.period"), today=today_of(snap.workshop))
        if found.period is not None:
            period_picker(found.periods, found.period)
        st.button(
            t("dashboard.edit_view"),
            key="dashboard.edit",
            icon=":material/edit:",
            on_click=ask,
            args=(_EDITOR, view.code),
        )
        if missing_views(snap.workshop):
            st.button(t("dashboard.add_missing_views"), on_click=_add_views, args=(snap.id,))
    return view, found


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
        label_visibility="collapsed",
    )
    return views.get(chosen or "", next(iter(views.values())))


def _age_warning(found: Board, view: View) -> None:
    old = late(view, {code: one.recency for code, one in found.tiles.items()})
    if not old or view.refresh is None:
        return
    oldest = found.tiles[old[0]]
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="dashboard_late"):
        st.markdown(
            t(
                "dashboard.late",
                count=len(old),
                cadence=raw(f"vocabulary.cadence.{view.refresh.value}"),
                name=name_of(oldest),
                days=oldest.recency.days if oldest.recency else 0,
            ),
            width="content",
        )
        _to_data()


def _field(found: Board, snap: Snapshot, view: View) -> None:
    shown = [found.tiles[code] for code in view.nodes if code in found.tiles]
    if shown:
        tiles(found, shown, snap.workshop)
    else:
        st.info(t("dashboard.empty_view"))


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
            _to_data()
            st.button(t("dashboard.refresh"), on_click=_refresh, args=(snap.id,))


def _to_data() -> None:
    st.page_link(
        script_of(Page.DATA_SOURCES),
        label=t("dashboard.to_data"),
        icon=":material/arrow_forward:",
        query_params=address(),
    )


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
