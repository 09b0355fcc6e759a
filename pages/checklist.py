"""The readiness checklist: 15 items, the state's verdict beside the team's own and agreed answers."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from kpi_core.guidance.readiness import GROUPS, Verdict
from kpi_core.services.answering import agreed_on, tally
from kpi_core.services.checks import readiness
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Answer, Page
from pages.components.answerer import answerer
from pages.components.checklist_item import checklist_item
from pages.components.frame import heading, needs_workshop
from pages.components.room import in_the_room
from pages.components.session import opened, state, t


def score(snap: Snapshot, verdicts: Sequence[Verdict]) -> None:
    """How many items are met, and what the room agreed on."""
    counted = tally(snap.workshop)
    count = len(verdicts)
    with st.container(horizontal=True, gap="large", vertical_alignment="center", border=True):
        met = sum(one.met for one in verdicts)
        st.metric(t("checklist.score_met"), t("checklist.of", number=met, count=count), width=190)
        st.metric(t("checklist.score_agreed"), t("checklist.of", number=counted[Answer.YES], count=count), width=190)
        with st.container(width="stretch"):
            st.progress(met / count, text=t("checklist.progress", open=count - met))
            words = {answer.value: counted[answer] for answer in Answer}
            st.caption(t("checklist.tally", **words, open=count - sum(counted.values())))


def open_first(verdicts: Sequence[Verdict], group: Sequence[int], snap: Snapshot) -> list[Verdict]:
    """A group's items in their order, or those not yet met (or not agreed) before the others."""
    chosen = [one for one in verdicts if one.item in group]
    if not st.session_state.get("checklist.open_first"):
        return chosen
    return sorted(chosen, key=lambda one: (one.met, agreed_on(snap.workshop, one.item) is not None))


def work(snap: Snapshot) -> None:
    with state() as here:
        verdicts = readiness(here, snap.id)
    score(snap, verdicts)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        asked = answerer(snap)
        st.toggle(t("checklist.open_first"), key="checklist.open_first")
    st.session_state["checklist.asked"] = asked
    st.session_state["checklist.seen"] = {
        one.item: snap.revisions.get(("checklist.agreed", f"{one.item}")) for one in verdicts
    }
    if asked is None:
        st.caption(t("checklist.pick_first"))
    for group, items in GROUPS.items():
        found = [one for one in verdicts if one.item in items]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(t(f"guidance.readiness.group.{group}"), anchor=False, width="content")
            st.badge(t("checklist.of", number=sum(one.met for one in found), count=len(found)), color="gray")
        for verdict in open_first(verdicts, items, snap):
            checklist_item(snap, verdict, asked)


if needs_workshop(Page.CHECKLIST):
    st.stop()
heading(Page.CHECKLIST)
opened_now = opened()
if opened_now is not None:
    with in_the_room(Page.CHECKLIST):
        work(opened_now)
