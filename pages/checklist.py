"""The readiness checklist: 15 items, the state's verdict beside the team's own and agreed answers."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from kpi_core.guidance.readiness import GROUPS, Verdict
from kpi_core.services.answering import Asked, gap, tally
from kpi_core.services.checks import readiness
from kpi_core.services.scores import Progress, agreed_yes, progress
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_datetime
from kpi_core.vocabulary import Answer, Page
from pages.components.answerer import answerer
from pages.components.checklist_item import checklist_item
from pages.components.frame import heading, needs_workshop
from pages.components.going import go_on
from pages.components.room import in_the_room
from pages.components.session import current, opened, raw, state, t


def score(snap: Snapshot, verdicts: Sequence[Verdict]) -> None:
    """How many items are met and agreed on, now and before, and which came and went."""
    with state() as here:
        found = progress(here, snap.id, verdicts)
    counted = tally(snap.workshop)
    met, count = len(found.now.met), len(verdicts)
    with st.container(border=True):
        with st.container(horizontal=True, gap="large", vertical_alignment="center"):
            _metric("met", met, count, None if found.before is None else met - len(found.before.met))
            yes = counted[Answer.YES]
            _metric("agreed", yes, count, None if found.before is None else yes - agreed_yes(found.before))
            with st.container(width="stretch"):
                st.progress(met / count, text=t("checklist.progress", open=count - met))
                words = {answer.value: counted[answer] for answer in Answer}
                st.caption(t("checklist.tally", **words, open=count - sum(counted.values())))
        if found.before is not None:
            _came_and_went(snap, found)


def _metric(name: str, number: int, count: int, change: int | None) -> None:
    st.metric(
        t(f"checklist.score_{name}"),
        t("checklist.of", number=number, count=count),
        delta=change if change else None,
        width=190,
    )


def _came_and_went(snap: Snapshot, found: Progress) -> None:
    if found.before is None:
        return
    at = format_datetime(found.before.at, current().language, snap.workshop.settings.timezone)
    lines = [t("checklist.before", at=at, met=len(found.before.met), agreed=agreed_yes(found.before))]
    for word, items in (("gained", found.gained), ("lost", found.lost)):
        if items:
            names = [f"{item}. {raw(f'guidance.readiness.title.{item}')}" for item in items]
            lines.append(t(f"checklist.{word}", items=raw("guidance.list.separator").join(names)))
    st.caption("  \n".join(lines))


def in_order(verdicts: Sequence[Verdict], group: Sequence[int], snap: Snapshot) -> list[Verdict]:
    """A group's items, those not met before the others unless the list's own order is asked for."""
    chosen = [one for one in verdicts if one.item in group]
    if st.session_state.get("checklist.gaps_only") and _apart(snap, verdicts):
        chosen = [one for one in chosen if gap(snap.workshop, one.item) is not None]
    return sorted(chosen, key=lambda one: one.met) if st.session_state.get("checklist.open_first", True) else chosen


def controls(snap: Snapshot, verdicts: Sequence[Verdict]) -> Asked | None:
    """Who answers, and what is shown in which order."""
    apart = _apart(snap, verdicts)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        asked = answerer(snap)
        with st.container(width="content", gap="xsmall"):
            st.session_state.setdefault("checklist.open_first", True)
            st.toggle(t("checklist.open_first"), key="checklist.open_first")
            st.toggle(t("checklist.gaps_only", count=apart), key="checklist.gaps_only", disabled=not apart)
    return asked


def _apart(snap: Snapshot, verdicts: Sequence[Verdict]) -> int:
    """How many items the departments see differently."""
    return sum(gap(snap.workshop, one.item) is not None for one in verdicts)


def work(snap: Snapshot) -> None:
    with state() as here:
        verdicts = readiness(here, snap.id)
    score(snap, verdicts)
    asked = controls(snap, verdicts)
    st.session_state["checklist.asked"] = asked
    st.session_state["checklist.seen"] = {
        one.item: snap.revisions.get(("checklist.agreed", f"{one.item}")) for one in verdicts
    }
    if asked is None:
        st.caption(t("checklist.pick_first"))
    for group, items in GROUPS.items():
        found, shown = [one for one in verdicts if one.item in items], in_order(verdicts, items, snap)
        if not shown:
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(t(f"guidance.readiness.group.{group}"), anchor=False, width="content")
            st.badge(t("checklist.of", number=sum(one.met for one in found), count=len(found)), color="gray")
        for verdict in shown:
            checklist_item(snap, verdict, asked)


go_on()
if needs_workshop(Page.CHECKLIST):
    st.stop()
heading(Page.CHECKLIST)
opened_now = opened()
if opened_now is not None:
    with in_the_room(Page.CHECKLIST):
        work(opened_now)
