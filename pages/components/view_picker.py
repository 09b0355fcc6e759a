"""Which view of the dashboard is shown; kept while the session lasts."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.operation import View
from kpi_core.model.workshop import Workshop
from pages.components.frame import named
from pages.components.labels import distinct
from pages.components.session import current, t

_CHOSEN = "dashboard.view"


def view_picker(workshop: Workshop) -> View:
    """All views beside each other (on a phone they scroll sideways); the first at first."""
    views = {view.code: view for view in workshop.views}
    if st.session_state.get(_CHOSEN) not in (None, *views):
        del st.session_state[_CHOSEN]  # removed since, of another workshop, or of a link that somebody typed
    first = {} if _CHOSEN in st.session_state else {"default": next(iter(views))}
    language = current().language
    chosen: str | None = st.segmented_control(
        t("dashboard.view"),
        list(views),
        format_func=distinct(list(views), lambda code: named(views[code].name.in_language(language) or code)),
        key=_CHOSEN,
        **first,
        required=True,
        persist_state="session",
        label_visibility="collapsed",
    )
    return views.get(chosen or "", next(iter(views.values())))


def chosen_view(workshop: Workshop) -> View:
    """The same choice without its picker."""
    views = {view.code: view for view in workshop.views}
    return views.get(st.session_state.get(_CHOSEN) or "", next(iter(views.values())))


def choose_view(code: str) -> None:
    """In a callback: shows the view from the next run on."""
    st.session_state[_CHOSEN] = code
