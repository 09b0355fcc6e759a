"""Step 1: the one goal, its card and its target over the fiscal year."""

from __future__ import annotations

import streamlit as st

from kpi_core.services.goals import keep_goal
from kpi_core.services.measuring import refresh
from kpi_core.services.target_years import baseline_periods, fiscal_years, years_of_data
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Page
from pages.components.draft import Draft, Values
from pages.components.frame import heading, needs_workshop, next_step
from pages.components.kgi_form import composed_goal, goal_fields, read_goal
from pages.components.room import in_the_room
from pages.components.session import current, opened, raw, state, t
from pages.components.smart_check import smart_check
from pages.components.target_plan import target_plan


def work(snap: Snapshot) -> None:
    workshop, node = snap.workshop, snap.workshop.kgi
    revision = snap.revisions["nodes", node.code] if node else None
    place = f"nodes.{node.code}.goal" if node else "nodes.new.goal"
    with state() as here:
        measured = years_of_data(here, snap.id)
    years = fiscal_years(workshop, node, measured)
    draft = Draft(place, read_goal(workshop, node, years), revision, lambda found: read_goal(workshop, found, years))

    def store(values: Values, seen: int | None) -> None:
        fields = composed_goal(workshop, node, values)
        with state() as here:
            code = keep_goal(here, snap.id, node, fields, values["code"], seen, current().who)
            refresh(here, snap.id, current().who, nodes=[code])

    wide, narrow = st.columns([2, 1], gap="medium")
    with wide:
        if node is None:
            st.info(t("kgi.empty"), icon=":material/flag:")
        with st.container(border=True):
            st.markdown(f"**{t('kgi.card')}**")
            goal_fields(draft, workshop, baseline_periods(workshop, measured))
    with st.container(border=True):
        st.markdown(f"**{t('kgi.plan')}**")
        st.caption(t("kgi.plan_help"))
        targets = target_plan(draft, snap, node, years)
        draft.area("target_rationale", t("kgi.rationale"), placeholder=raw("kgi.rationale_hint"), height=80)
    with narrow:
        smart_check(draft.values, targets)
    draft.foot(store, label=t("kgi.save"))


if needs_workshop(Page.KGI):
    st.stop()
heading(Page.KGI)
opened_now = opened()
if opened_now is not None:
    with in_the_room(Page.KGI):
        work(opened_now)
    next_step(Page.KGI)
