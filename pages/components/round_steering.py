"""The facilitator's part of a round of ideas: begin it, take it from phase to phase, close it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from kpi_core.model.node import Node
from kpi_core.services.rounds import RoundView, close_round, lock_round, open_round, reveal, start_voting
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import NodeKind, Page, Role, RoundPhase, RoundTopic
from pages.components.labels import distinct
from pages.components.participant import participant
from pages.components.room_outcome import act
from pages.components.session import current, raw, state, t


def begin(page: Page, snap: Snapshot) -> None:
    """Topic, anonymity and votes, and the button that begins; everyone else is told what will come."""
    if participant().role is not Role.FACILITATOR:
        st.caption(t("room.round_none"))
        return
    st.caption(t("room.round_explain"))
    topic = st.segmented_control(
        t("room.topic"),
        list(RoundTopic),
        format_func=lambda one: t(f"room.topic_{RoundTopic(one).value}"),
        default=RoundTopic.KPI if page is Page.KPI_DESIGN else RoundTopic.KSF,
        required=True,
        key=f"room.topic.{page.value}",
    )
    node = _about(snap) if topic == RoundTopic.KPI else None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        dots = st.number_input(t("room.dots"), min_value=1, max_value=20, value=3, key="room.dots", width=140)
        anonymous = st.toggle(t("room.anonymous"), key="room.anonymous", help=t("room.anonymous_help"))
    st.button(
        t("room.open"),
        key="room.open",
        type="primary",
        icon=":material/lightbulb:",
        disabled=topic == RoundTopic.KPI and node is None,
        on_click=_open,
        args=(RoundTopic(topic or RoundTopic.KSF), node, bool(anonymous), int(dots)),
    )


def _about(snap: Snapshot) -> str | None:
    """The KSF or KPI that KPIs are sought for; the one chosen in the tree (or the KSF above it) at first."""
    language = current().language
    names = {node.code: node.name.in_language(language) or node.code for node in _places(snap)}
    chosen = snap.workshop.node(st.session_state.get("kpi_design.node") or "")
    while chosen is not None and chosen.kind is NodeKind.KPI:
        chosen = snap.workshop.node(chosen.parent or "")
    codes = list(names)
    first = codes.index(chosen.code) if chosen is not None and chosen.code in names else (0 if codes else None)
    return st.selectbox(
        t("room.topic_node"),
        codes,
        index=first,
        format_func=distinct(names, lambda code: names.get(code, code)),
        key="room.topic.node",
        placeholder=raw("room.factor_needed"),
    )


def _places(snap: Snapshot) -> tuple[Node, ...]:
    return (*snap.workshop.of_kind(NodeKind.KSF), *snap.workshop.of_kind(NodeKind.KPI))


def _open(topic: RoundTopic, node: str | None, anonymous: bool, dots: int) -> None:
    def opened() -> None:
        with state() as here:
            open_round(here, current().workshop or "", topic, node, participant(), anonymous=anonymous, dots=dots)

    act("ideas", opened, "room.opened")


def steering(view: RoundView) -> None:
    """The next phase as the one strong button, the rest quiet beside it."""
    code, phase = view.round.code, view.round.phase
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if phase is RoundPhase.ENTRY:
            if view.mine or view.others:
                _step("reveal", lambda here, at: reveal(here, at, code, participant()), strong=True)
            else:
                _step("close", lambda here, at: close_round(here, at, code, participant()))
        elif phase is RoundPhase.REVEALED:
            _step("vote_start", lambda here, at: start_voting(here, at, code, participant()), strong=True)
            _step("close", lambda here, at: close_round(here, at, code, participant()))
        else:
            _step("close_count", lambda here, at: close_round(here, at, code, participant()), strong=True)
        if phase is not RoundPhase.VOTING:
            locked = view.round.locked
            name = "unlock" if locked else "lock"
            _step(name, lambda here, at: lock_round(here, at, code, not locked, participant()))


def _step(name: str, action: Callable[..., None], strong: bool = False) -> None:
    kind = "primary" if strong else "tertiary"
    st.button(t(f"room.{name}"), key=f"room.{name}", type=kind, on_click=_do, args=(action,))


def _do(action: Callable[..., None]) -> None:
    def done() -> None:
        with state() as here:
            action(here, current().workshop or "")

    act("ideas", done)
