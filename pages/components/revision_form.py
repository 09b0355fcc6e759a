"""The revision of the KPIs: keep, change or retire each, with a reason, recorded as one decision of the room."""

from __future__ import annotations

from datetime import date

import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.model.node import Node
from kpi_core.model.revision import RevisionDecision
from kpi_core.services.dashboards import Board, board, ksf_of
from kpi_core.services.datasets import today_of
from kpi_core.services.revising import last_decision, next_revision, record_revision, still_using, to_revise
from kpi_core.services.unjudged import why_of
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_date, format_period
from kpi_core.vocabulary import Grain, Page, RevisionChoice
from pages.components.draft import Draft, Values
from pages.components.frame import address, entry_of, named
from pages.components.part_tabs import open_part
from pages.components.revision_records import SIGNS, revision_records
from pages.components.session import current, raw, state, t
from pages.components.status import badge_text

_CHOICE = "choice."
_REASON = "reason."


def revise(snap: Snapshot) -> None:
    """When the next revision is due, a decision a KPI, then the revisions on record."""
    today = today_of(snap.workshop)
    _when(snap, today)
    nodes = to_revise(snap.workshop)
    if not nodes:
        st.info(t("revisions.no_kpis"))
        st.page_link(entry_of(Page.KPI_DESIGN), label=t("revisions.to_design"), query_params=address())
    else:
        _decide(snap, nodes, today)
    revision_records(snap)


def _when(snap: Snapshot, today: date) -> None:
    st.markdown(t("revisions.about"))
    coming = next_revision(snap.workshop, today)
    if coming is not None:
        day = format_date(coming, current().language, weekday=True)
        st.caption(t("revisions.next", date=day, days=(coming - today).days))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f":orange[▲] {t('revisions.next_open')}", width="content")
        st.button(
            t("reviews.tab_setup"), key="revisions.setup", type="tertiary",
            on_click=open_part, args=("reviews.part", "setup"),
        )  # fmt: skip


def _decide(snap: Snapshot, nodes: tuple[Node, ...], today: date) -> None:
    language = current().language
    draft = Draft("revisions.new", {f"{_CHOICE}{node.code}": None for node in nodes}, None)
    with state() as here:
        found = board(here, snap.id, Grain.QUARTER, today=today)
    with st.container(horizontal=True, vertical_alignment="center"):
        _count(draft, nodes)
        open_ones = [node.code for node in nodes if draft.value(f"{_CHOICE}{node.code}") is None]
        st.button(
            t("revisions.keep_rest"),
            key="revisions.keep_rest",
            disabled=not open_ones,
            on_click=_keep_rest,
            args=(draft, open_ones),
        )
    by_ksf: dict[str, list[Node]] = {}
    for node in nodes:
        ksf = ksf_of(snap.workshop, node.code)
        by_ksf.setdefault((ksf.name.in_language(language) or ksf.code) if ksf else "", []).append(node)
    for name, group in by_ksf.items():
        st.markdown(f":small[:gray[KSF]] **{named(name)}**")
        for node in group:
            _kpi(snap, draft, node, found)
    _foot(snap, draft, nodes, today)


def _count(draft: Draft, nodes: tuple[Node, ...]) -> None:
    given = [draft.value(f"{_CHOICE}{node.code}") for node in nodes]
    counts = {one.value: given.count(one.value) for one in RevisionChoice}
    st.markdown(f"**{t('revisions.count', count=len(nodes), open=given.count(None), **counts)}**", width="stretch")


def _keep_rest(draft: Draft, codes: list[str]) -> None:
    for code in codes:
        draft.put(f"{_CHOICE}{code}", RevisionChoice.KEEP.value)


def _kpi(snap: Snapshot, draft: Draft, node: Node, found: Board) -> None:
    """What it is and how it stands on the left, the decision and its reason on the right."""
    language = current().language
    with st.container(border=True, key=f"revisions.kpi.{node.code}"):
        left, right = st.columns([2, 3], gap="medium")
        with left, st.container(gap="xxsmall"):
            one = found.tiles.get(node.code)
            badge = f" {badge_text(one.standing.status, why_of(one))}" if one is not None else ""
            st.markdown(f"**{named(node.name.in_language(language) or node.code)}**{badge}")
            department = snap.workshop.department_name(node.department, language)
            st.caption(" ・ ".join([*([named(department)] if department else []), _version(node)]))
            if one is not None and found.period is not None:
                writing = Writing.of(node, snap.workshop.settings, language)
                actual, goal = writing.value(one.standing.actual), writing.value(one.standing.goal_to_date, short=True)
                period = format_period(found.period, language)
                st.caption(t("revisions.standing", period=period, actual=actual, goal=goal))
            last = last_decision(snap.workshop, node.code)
            if last is not None:
                word = t(f"vocabulary.revision_choice.{last[1].choice.value}")
                st.caption(t("revisions.last_time", date=format_date(last[0].held_on, language), choice=word))
        with right:
            choice = draft.segments(
                f"{_CHOICE}{node.code}",
                t("revisions.choice"),
                [one.value for one in RevisionChoice],
                lambda one: f"{SIGNS[RevisionChoice(one)]} {raw(f'vocabulary.revision_choice.{one}')}",
            )
            if choice is not None:
                hint = raw(f"revisions.reason_hint_{choice}")
                draft.text(f"{_REASON}{node.code}", t(f"revisions.reason_{choice}"), placeholder=hint, max_chars=1000)
            if choice == RevisionChoice.RETIRE.value:
                _still_used(snap, node)


def _version(node: Node) -> str:
    return t("revisions.version", number=node.version)


def _still_used(snap: Snapshot, node: Node) -> None:
    language = current().language
    using = still_using(snap.workshop, node.code)
    if using:
        names = raw("guidance.list.separator").join(one.name.in_language(language) or one.code for one in using)
        st.caption(f":orange[▲] {t('revisions.still_used', names=names)}")


def _foot(snap: Snapshot, draft: Draft, nodes: tuple[Node, ...], today: date) -> None:
    workshop_id, who = snap.id, current().who
    codes = [node.code for node in nodes]

    def store(values: Values, revision: int | None) -> None:
        decisions = [
            RevisionDecision(
                node=code,
                choice=RevisionChoice(values[f"{_CHOICE}{code}"]),
                reason=values.get(f"{_REASON}{code}") or "",
            )
            for code in codes
            if values.get(f"{_CHOICE}{code}")
        ]
        with state() as here:
            record_revision(here, workshop_id, today, decisions, who)

    st.caption(t("revisions.record_help"))
    draft.foot(store, label=t("revisions.record"), done="revisions.recorded")
