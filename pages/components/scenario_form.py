"""Keeping what the sliders say as a scenario with a name."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.base import MAX_LINE
from kpi_core.services.scenarios import VIEWS, keep_scenario, scenarios_of
from pages.components.draft import Draft
from pages.components.outcome import attempt
from pages.components.participant import participant
from pages.components.session import allowed, raw, state, t
from pages.components.simulation_scope import Scope

_OFFERED = "simulation.scenario_names"


def scenario_form(scope: Scope, levels: dict[str, float]) -> None:
    """A name, typed or taken from those at hand, and the button."""
    if not allowed():
        return
    known = scenarios_of(scope.snap.workshop, scope.goal.code, scope.period.key)
    names = list(dict.fromkeys([*(raw(f"simulation.view.{view}") for view in VIEWS), *(one.name for one in known)]))
    draft = _draft(scope)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="simulation_save"):
        draft.text("name", t("simulation.save.title"), placeholder=raw("simulation.save.name_hint"), max_chars=MAX_LINE)
        st.button(
            t("simulation.save.do"),
            key="simulation.save",
            icon=":material/bookmark_add:",
            on_click=_save,
            args=(scope, dict(levels)),
        )
    st.pills(
        t("simulation.save.names"),
        names,
        key=_OFFERED,
        on_change=_take,
        args=(scope,),
        label_visibility="collapsed",
    )
    name = str(draft.value("name") or "").strip()
    if any((one.name, one.author) == (name, participant().name) for one in known):
        st.caption(f":orange[▲] {t('simulation.save.replaces', name=name)}")


def _draft(scope: Scope) -> Draft:
    return Draft(f"scenario_name/{scope.place}", {"name": ""}, None)


def _take(scope: Scope) -> None:
    """A name at hand goes into the field."""
    name = st.session_state.get(_OFFERED)
    if name:
        _draft(scope).put("name", name)
    st.session_state[_OFFERED] = None


def _save(scope: Scope, levels: dict[str, float]) -> None:
    draft = _draft(scope)
    draft.take_up()
    name = str(draft.value("name") or "").strip()

    def keep() -> None:
        with state() as here:
            keep_scenario(
                here, scope.snap.id, name, scope.goal.code, scope.period.key, scope.basis, levels, participant()
            )

    if attempt(keep, "simulation.save.done", name=name):
        draft.discard()
    st.rerun()
