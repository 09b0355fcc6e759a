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
from kpi_core.text.periods import format_period
from kpi_core.vocabulary import Audience, Grain, Page
from pages.components.comparison import comparison_picker
from pages.components.dialog import ask, asked
from pages.components.executive_board import executive_board
from pages.components.field_board import field_board
from pages.components.frame import address, entry_of, heading, named, needs_workshop, next_step
from pages.components.handover_board import handover_board
from pages.components.landing import LANDING
from pages.components.landing_drawer import landing_drawer
from pages.components.lineage import LINEAGE, lineage_drawer
from pages.components.node_detail import node_detail
from pages.components.outcome import attempt
from pages.components.period_picker import chosen_grain, grain_picker, period_picker, running_words
from pages.components.plain import plain
from pages.components.presenting import choices_of_address, present_button, presenting, way_out
from pages.components.room import in_the_room
from pages.components.session import allowed, current, opened, raw, state, t
from pages.components.style import style
from pages.components.tile import DETAIL, name_of
from pages.components.view_editor import new_view, view_editor
from pages.components.view_picker import chosen_view, view_picker
from pages.components.why import WHY, why_drawer

_EDITOR = "dashboard.editor"
_NEW = "dashboard.new_view"


def main() -> None:
    snap = opened()
    if needs_workshop(Page.DASHBOARD) or snap is None:
        return
    style("dashboard")
    if presenting():
        way_out()
        _content(snap)
        return
    heading(Page.DASHBOARD)
    with in_the_room(Page.DASHBOARD):
        _content(snap)
    next_step(Page.DASHBOARD)


def _content(snap: Snapshot) -> None:
    if snap.workshop.views:
        _dashboard(snap)
    else:
        _no_views(snap)


def _dashboard(snap: Snapshot) -> None:
    wanted = asked()
    choices_of_address()
    view, found = _shown_title(snap) if presenting() else _controls(snap)
    if found.period is None:
        _nothing_measured(snap)
    else:
        _age_warning(found, view)
        if view.audience is Audience.EXECUTIVE:
            executive_board(found, snap.workshop, view)
        else:
            field_board(found, snap.workshop, view)
        handover_board(found, snap.workshop, view)
    _dialog(wanted, snap, view, found)


def _dialog(wanted: tuple[str, ...] | None, snap: Snapshot, view: View, found: Board) -> None:
    if wanted == (_EDITOR, view.code):
        view_editor(view.code)
    elif wanted == (_NEW,):
        new_view()
    elif wanted is not None and wanted[0] == DETAIL and wanted[1] in found.tiles:
        node_detail(found, snap.workshop, found.tiles[wanted[1]])
    elif wanted is not None and wanted[0] == WHY and wanted[1] in found.tiles and found.period is not None:
        why_drawer(snap.workshop, found.tiles[wanted[1]].node, found.period)
    elif wanted is not None and wanted[0] == LINEAGE and wanted[1] in found.tiles:
        lineage_drawer(snap.workshop, found.tiles[wanted[1]].node, lambda: found.period)
    elif wanted is not None and wanted[0] == LANDING and wanted[1] in found.tiles:
        landing_drawer(snap.workshop, found.tiles[wanted[1]].node, found.today)


def _board(snap: Snapshot, grain: Grain) -> Board:
    with state() as here:
        return board(here, snap.id, grain, st.session_state.get("dashboard.period"), today=today_of(snap.workshop))


def _shown_title(snap: Snapshot) -> tuple[View, Board]:
    """In front of a room: the chosen view and period as one line instead of the pickers."""
    language = current().language
    view = chosen_view(snap.workshop)
    found = _board(snap, chosen_grain(snap.workshop.settings.grain))
    name = named(view.name.in_language(language) or view.code)
    period = "" if found.period is None else plain(format_period(found.period, language))
    st.markdown(f"**{plain(snap.workshop.settings.name)}**　{name}　**{period}**{running_words(found)}")
    return view, found


def _controls(snap: Snapshot) -> tuple[View, Board]:
    """View, length of a period and period; what was chosen, and its numbers."""
    view = view_picker(snap.workshop)
    with st.container(horizontal=True, vertical_alignment="center", key="dashboard_controls"):
        found = _board(snap, grain_picker(snap.workshop.settings.grain))
        if found.period is not None:
            period_picker(found.periods, found.period)
            comparison_picker()
        if allowed():
            _view_buttons(snap, view, found)
        present_button()
    if found.running:
        st.caption(running_words(found))
    return view, found


def _view_buttons(snap: Snapshot, view: View, found: Board) -> None:
    edit, add = ":material/edit:", ":material/add:"
    st.button(t("dashboard.edit_view"), key="dashboard.edit", icon=edit, on_click=ask, args=(_EDITOR, view.code))
    st.button(t("dashboard.new_view"), key="dashboard.new", icon=add, on_click=ask, args=(_NEW,))
    if found.once("missing_views", lambda: missing_views(snap.workshop)):
        st.button(t("dashboard.add_missing_views"), on_click=_add_views, args=(snap.id,))


def _age_warning(found: Board, view: View) -> None:
    old = late(view, {code: one.recency for code, one in found.tiles.items()})
    if not old or view.refresh is None or presenting():
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


def _no_views(snap: Snapshot) -> None:
    with st.container(border=True):
        st.markdown(t("dashboard.no_views"))
        st.button(
            t("dashboard.make_views"),
            type="primary",
            on_click=_add_views,
            args=(snap.id,),
            disabled=not snap.workshop.nodes or not allowed(),
        )


def _nothing_measured(snap: Snapshot) -> None:
    with st.container(border=True):
        st.markdown(t("dashboard.nothing_measured"))
        with st.container(horizontal=True):
            _to_data()
            if allowed():
                st.button(t("dashboard.refresh"), on_click=_refresh, args=(snap.id,))


def _to_data() -> None:
    if not allowed():
        return
    st.page_link(
        entry_of(Page.DATA_SOURCES),
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
            refresh(here, workshop_id, current().who, again=True)

    attempt(compute, "dashboard.refreshed")


main()
