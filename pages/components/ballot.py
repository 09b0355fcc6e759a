"""Ideas that were shown: alike ones together, votes given and taken back, and what is adopted from them."""

from __future__ import annotations

import streamlit as st

from kpi_core.guidance.ideas import alike_groups
from kpi_core.model.room import Idea
from kpi_core.services.adopting import Adoption, adopt, is_adopted
from kpi_core.services.ideas import merge, vote
from kpi_core.services.rounds import RoundView
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Role, RoundPhase, RoundTopic
from pages.components.live import draw_page
from pages.components.participant import participant
from pages.components.plain import plain
from pages.components.room_outcome import act
from pages.components.session import current, state, t


def ballot(snap: Snapshot, view: RoundView) -> None:
    """All ideas of a round that goes on."""
    voting = view.round.phase is RoundPhase.VOTING
    if voting:
        words = t("room.voters", count=view.voters)
        if participant().name and participant().role is not Role.VIEWER:
            words = f"**{t('room.votes_left', left=view.dots_left, dots=view.round.dots)}** · {words}"
        st.markdown(words)
    groups = ((idea,) for idea in view.ideas) if voting else alike_groups(view.ideas)
    for group in groups:
        if len(group) == 1:
            _card(snap, view, group[0])
            continue
        with st.container(border=True, gap="xsmall", key=f"room_alike_{group[0].code}"):
            st.caption(f":material/join: {t('room.alike')}")
            for idea in group:
                _card(snap, view, idea, alike=group[0] if idea is not group[0] else None)


def results(snap: Snapshot, view: RoundView) -> None:
    """A closed round's ideas, the most votes first."""
    for idea in view.ideas:
        _card(snap, view, idea)


def _card(snap: Snapshot, view: RoundView, idea: Idea, alike: Idea | None = None) -> None:
    with st.container(border=True, gap="xsmall", key=f"room.idea.{idea.code}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(_words(view, idea), width="stretch")
            if idea.votes is not None:
                st.badge(t("room.votes", count=idea.votes), color="primary" if idea.votes else "gray")
            if view.round.phase is RoundPhase.VOTING:
                _vote_button(view, idea)
        if participant().role is Role.FACILITATOR and view.round.phase is not RoundPhase.VOTING:
            with st.container(horizontal=True, gap="small"):
                _adoption(snap, view, idea)
                if view.round.phase is RoundPhase.REVEALED:
                    _merging(view, idea, alike)


def _words(view: RoundView, idea: Idea) -> str:
    merged = (view.merged or {}).get(idea.code, ())
    authors = [one.author for one in (idea, *merged) if one.author]
    lines = [plain(idea.text)]
    if merged:
        lines.append(f":small[:gray[{t('room.with_merged', texts=' / '.join(one.text for one in merged))}]]")
    if authors:
        lines.append(f":small[:gray[{plain(' · '.join(dict.fromkeys(authors)))}]]")
    return "  \n".join(lines)


def _vote_button(view: RoundView, idea: Idea) -> None:
    if not participant().name or participant().role is Role.VIEWER:
        return
    given = idea.code in view.voted
    st.button(
        t("room.vote_back" if given else "room.vote"),
        key=f"room.vote.{idea.code}",
        icon=":material/check_circle:" if given else ":material/radio_button_unchecked:",
        type="primary" if given else "secondary",
        disabled=not given and view.dots_left <= 0,
        on_click=_vote,
        args=(view.round.code, idea.code, not given),
    )


def _vote(code: str, idea: str, given: bool) -> None:
    def voted() -> None:
        with state() as here:
            vote(here, current().workshop or "", code, idea, given, participant())

    act("ideas", voted)


def _adoption(snap: Snapshot, view: RoundView, idea: Idea) -> None:
    if is_adopted(snap.workshop, idea):
        st.badge(t("room.adopted"), color="green", icon=":material/check:")
        return
    ways: tuple[Adoption, ...] = ("kpi",)
    if view.round.topic is RoundTopic.KSF:
        ways = ("candidate", "ksf") if snap.workshop.kgi is not None else ("candidate",)
    for way in ways:
        key = f"room.adopt_{way}.{idea.code}"
        st.button(t(f"room.adopt_{way}"), key=key, type="tertiary", on_click=_adopt, args=(idea.code, way))


def _adopt(idea: str, way: Adoption) -> None:
    def adopted() -> None:
        with state() as here:
            adopt(here, current().workshop or "", idea, way, participant())

    if act("ideas", adopted, "room.was_adopted"):
        draw_page()


def _merging(view: RoundView, idea: Idea, alike: Idea | None) -> None:
    code = view.round.code
    if alike is not None:
        key = f"room.merge.{idea.code}"
        st.button(t("room.merge_do"), key=key, type="tertiary", on_click=_merge, args=(code, idea.code, alike.code))
    else:
        others = {one.code: one.text for one in view.ideas if one is not idea}
        if others:
            _merge_elsewhere(code, idea, others)
    for one in (view.merged or {}).get(idea.code, ()):
        key = f"room.part.{one.code}"
        label = f"{t('room.part_again')}: {plain(one.text[:20])}"
        st.button(label, key=key, type="tertiary", on_click=_merge, args=(code, one.code, None))


def _merge_elsewhere(code: str, idea: Idea, others: dict[str, str]) -> None:
    field = f"room.merge_into.{idea.code}"
    with st.popover("⋯", type="tertiary", help=t("room.merge_help")):
        st.selectbox(
            t("room.merge_into"), list(others), index=None, format_func=lambda one: others.get(one, one), key=field
        )
        st.button(
            t("room.merge_do"),
            key=f"room.merge.{idea.code}",
            on_click=lambda: _merge(code, idea.code, st.session_state.get(field)),
            disabled=st.session_state.get(field) is None,
        )


def _merge(code: str, idea: str, into: str | None) -> None:
    def merged() -> None:
        with state() as here:
            merge(here, current().workshop or "", code, idea, into, participant())

    act("ideas", merged)
