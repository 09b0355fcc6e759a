"""Changing a view: which KPIs it shows, in which order, and how often it is brought up to date."""

from __future__ import annotations

from functools import partial

import streamlit as st

from kpi_core.model.operation import View
from kpi_core.services.composing import composed
from kpi_core.services.editing import save
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Cadence, NodeStatus
from pages.components.draft import Draft, Values
from pages.components.frame import named
from pages.components.session import current, opened, raw, state, t

#: How often a dashboard may be brought up to date.
_REFRESH = (Cadence.DAY, Cadence.WEEK, Cadence.MONTH, Cadence.QUARTER)
_SAVED = "dashboard.view_saved"


def view_editor(code: str) -> None:
    """Opens the form of one view beside the page; saving closes it, closing it keeps what was typed as a draft."""

    @st.dialog(t("dashboard.edit_view"), width=560, position="right", on_dismiss="rerun")
    def drawer() -> None:
        if st.session_state.pop(_SAVED, False):
            st.rerun()
        snap = opened()
        view = None if snap is None else next((one for one in snap.workshop.views if one.code == code), None)
        if snap is not None and view is not None:
            _form(snap, view)

    drawer()


def _form(snap: Snapshot, view: View) -> None:
    language = current().language
    names = {
        node.code: node.name.in_language(language) or node.code
        for node in snap.workshop.nodes
        if node.status is not NodeStatus.RETIRED
    }
    draft = Draft(f"views.{view.code}", _read(view), snap.revisions["views", view.code], _read)
    draft.text("name_ja", t("dashboard.view_name_ja"))
    draft.text("name_en", t("dashboard.view_name_en"))
    draft.several(
        "nodes",
        t("dashboard.view_nodes"),
        [code for code in dict.fromkeys([*draft.value("nodes"), *names]) if code in names],
        lambda code: names.get(code, code),
        placeholder=raw("dashboard.view_nodes_placeholder"),
    )
    _order(draft, names)
    draft.choice(
        "refresh",
        t("dashboard.view_refresh"),
        [one.value for one in _REFRESH],
        lambda one: raw(f"vocabulary.cadence.{one}"),
        help=t("dashboard.view_refresh_help"),
    )
    workshop_id = snap.id

    def store(values: Values, revision: int | None) -> None:
        name = {"ja": values["name_ja"], "en": values["name_en"]}
        changed = composed(View, {"name": name, "nodes": values["nodes"], "refresh": values["refresh"]}, view)
        with state() as here:
            save(here, workshop_id, "views", changed, revision, current().who)
        st.session_state[_SAVED] = True

    draft.foot(store)


def _order(draft: Draft, names: dict[str, str]) -> None:
    """The chosen KPIs in their order, each with buttons that move it."""
    chosen = [code for code in draft.value("nodes") if code in names]
    if len(chosen) < 2:
        return
    st.caption(t("dashboard.view_order"))
    with st.container(border=True, gap="xxsmall"):
        for at, code in enumerate(chosen):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"{at + 1}. {named(names[code])}", width="stretch")
                for step, icon, way in ((-1, "arrow_upward", "up"), (1, "arrow_downward", "down")):
                    st.button(
                        f":material/{icon}:",
                        key=f"dashboard.{way}.{code}",
                        type="tertiary",
                        help=t(f"dashboard.move_{way}"),
                        disabled=not 0 <= at + step < len(chosen),
                        on_click=partial(_move, draft, chosen, at, step),
                    )


def _move(draft: Draft, chosen: list[str], at: int, step: int) -> None:
    moved = list(chosen)
    moved[at], moved[at + step] = moved[at + step], moved[at]
    draft.put("nodes", moved)


def _read(view: View) -> Values:
    return {
        "name_ja": view.name.ja,
        "name_en": view.name.en,
        "nodes": list(view.nodes),
        "refresh": view.refresh.value if view.refresh else None,
    }
