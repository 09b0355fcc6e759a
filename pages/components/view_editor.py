"""Changing a view: which KPIs it shows, in which order, and how often it is brought up to date."""

from __future__ import annotations

from functools import partial

import streamlit as st

from kpi_core.model.base import Bilingual
from kpi_core.model.operation import View
from kpi_core.services.composing import composed
from kpi_core.services.editing import remove, save
from kpi_core.services.views import add_view, move_view
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Audience, Cadence, Language, NodeStatus
from pages.components.dialog import act, told_or_closed
from pages.components.draft import Draft, Values
from pages.components.frame import named
from pages.components.labels import distinct
from pages.components.outcome import attempt
from pages.components.session import current, opened, raw, state, t
from pages.components.view_picker import choose_view

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


def new_view() -> None:
    """Opens the form of a view that is still to be made; made, it is shown."""

    @st.dialog(t("dashboard.new_view"), width="small", on_dismiss="rerun")
    def window() -> None:
        told_or_closed()
        snap = opened()
        if snap is not None:
            _new(snap)

    window()


def _new(snap: Snapshot) -> None:
    language, places = current().language, snap.workshop.departments
    audience = st.segmented_control(
        t("dashboard.view_audience"),
        list(Audience),
        format_func=lambda one: t(f"vocabulary.audience.{Audience(one).value}"),
        default=Audience.FIELD,
        required=True,
        key="dashboard.new.audience",
    )
    codes = [one.code for one in places]
    words = distinct(codes, lambda code: snap.workshop.department_name(code, language))
    department = None
    if audience is Audience.FIELD:
        department = st.selectbox(
            raw("dashboard.view_department"),
            codes,
            index=None,
            format_func=words,
            key="dashboard.new.department",
            placeholder=raw("dashboard.view_department_placeholder"),
        )
    name = st.text_input(raw("dashboard.view_name"), key="dashboard.new.name", max_chars=80)

    def make() -> None:
        named = Bilingual(ja=name, en=name if language is Language.EN else "")
        with state() as here:
            code = add_view(here, snap.id, named, Audience(audience), department, current().who)
        choose_view(code)

    st.button(
        t("dashboard.make_view"),
        type="primary",
        key="dashboard.make",
        on_click=act,
        args=(make, "dashboard.view_made"),
        disabled=audience is Audience.FIELD and department is None and not name.strip(),
    )


def _arrange(snap: Snapshot, view: View) -> None:
    """Moves the view among the others, or takes it away."""
    codes = [one.code for one in snap.workshop.views]
    at = codes.index(view.code)

    def move(step: int) -> None:
        with state() as here:
            move_view(here, snap.id, view.code, step, current().who)

    def take_away() -> None:
        with state() as here:
            remove(here, snap.id, "views", view.code, snap.revisions["views", view.code], current().who)
        st.session_state[_SAVED] = True

    with st.container(horizontal=True, vertical_alignment="center"):
        for step, way in ((-1, "left"), (1, "right")):
            st.button(
                t(f"dashboard.view_{way}"),
                key=f"dashboard.view_{way}",
                icon=f":material/arrow_{'back' if step < 0 else 'forward'}:",
                disabled=not 0 <= at + step < len(codes),
                on_click=attempt,
                args=(partial(move, step), "dashboard.view_moved"),
            )
        with st.popover(t("dashboard.remove_view"), icon=":material/delete:", disabled=len(codes) < 2):
            st.markdown(t("dashboard.remove_view_sure"))
            st.button(
                t("dashboard.remove_view"),
                key="dashboard.remove_view",
                type="primary",
                on_click=attempt,
                args=(take_away, "pages.frame.removed"),
            )


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
    st.divider()
    _arrange(snap, view)


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
