"""Keeping what the sliders say as a scenario with a name."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.base import MAX_LINE
from kpi_core.services.scenarios import VIEWS, keep_scenario, scenarios_of
from pages.components.outcome import attempt
from pages.components.participant import participant
from pages.components.session import allowed, raw, state, t
from pages.components.simulation_scope import Scope

_NAME = "simulation.scenario_name"


def scenario_form(scope: Scope, levels: dict[str, float]) -> None:
    """A name, chosen or typed, and the button."""
    if not allowed():
        return
    known = [one.name for one in scenarios_of(scope.snap.workshop, scope.goal.code, scope.period.key)]
    names = list(dict.fromkeys([*(raw(f"simulation.view.{view}") for view in VIEWS), *known]))
    typed = st.session_state.get(_NAME)
    if typed and typed not in names:
        names.append(typed)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="simulation_save"):
        st.selectbox(
            t("simulation.save.title"),
            names,
            index=None,
            key=_NAME,
            accept_new_options=True,
            placeholder=raw("simulation.save.name_hint"),
        )
        st.button(
            t("simulation.save.do"),
            key="simulation.save",
            icon=":material/bookmark_add:",
            on_click=_save,
            args=(scope, dict(levels)),
        )


def _save(scope: Scope, levels: dict[str, float]) -> None:
    name = str(st.session_state.get(_NAME) or "")[:MAX_LINE]

    def keep() -> None:
        with state() as here:
            keep_scenario(
                here, scope.snap.id, name, scope.goal.code, scope.period.key, scope.basis, levels, participant()
            )

    attempt(keep, "simulation.save.done", name=name.strip())
    st.rerun()
