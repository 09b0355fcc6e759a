"""A round of ideas in the room: the field to write in stays where it is through all phases, the rest follows them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

import streamlit as st

from kpi_core.model.room import Round
from kpi_core.services.rounds import RoundView, current_round, view_round
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_date
from kpi_core.vocabulary import Page, Role, RoundPhase, RoundTopic
from pages.components.ballot import ballot, results
from pages.components.participant import name_field, participant
from pages.components.room_outcome import told
from pages.components.round_entry import entry, own_ideas
from pages.components.round_steering import begin, steering
from pages.components.session import current, raw, state, t
from pages.components.unsent_ideas import unsent

_WRITTEN = "room.idea.round"
#: The page on which this session last saw a round going on.
_SEEN_ON = "room.idea.page"
#: More ideas than this are more than a screen of the narrow part.
_BESIDE = 6


def ideas_part(page: Page, snap: Snapshot) -> None:
    """The round that goes on; else the way to begin one, and what the last ones brought."""
    told("ideas")
    going, who = current_round(snap.workshop), participant()
    asked = going or _written_in(snap)
    if asked is not None:
        st.markdown(f"**{question(snap, asked)}**")
        if who.role is not Role.VIEWER:
            name_field(snap)
            if who.name:
                st.session_state[_WRITTEN] = asked.code
                entry(asked)
    if who.role is not Role.VIEWER and who.name:
        unsent(snap, going)
    if going is None:
        begin(page, snap)
        _past(page, snap)
        return
    st.session_state[_SEEN_ON] = page
    with state() as here:
        view = view_round(here, snap.id, going.code, who)
    if who.role is Role.FACILITATOR:  # above the ideas: there may be more of them than a screen holds
        steering(view)
    if going.phase is RoundPhase.ENTRY:
        own_ideas(view)
        return
    with spread(view):
        ballot(snap, view)


def _written_in(snap: Snapshot) -> Round | None:
    """The round that this session saw and that is over: half a line may still stand in its field."""
    code = st.session_state.get(_WRITTEN)
    return next((one for one in snap.workshop.rounds if one.code == code), None)


def question(snap: Snapshot, one: Round) -> str:
    """What a round asks."""
    if one.topic is RoundTopic.KSF:
        return t("room.about_ksf")
    node = snap.workshop.node(one.node or "")
    return t("room.about_kpi", node=(node.name.in_language(current().language) if node else "") or one.node or "")


@contextmanager
def spread(view: RoundView) -> Iterator[None]:
    """Many ideas stand in columns over the whole width, the part above the page's work; few beside it."""
    with st.container(key="room_wide" if len(view.ideas) > _BESIDE else "room_narrow", gap="small"):
        yield


def _past(page: Page, snap: Snapshot) -> None:
    """What closed rounds brought; the last one open only on the page where it was seen going on."""
    closed = [one for one in snap.workshop.rounds if one.phase is RoundPhase.CLOSED]
    for place, one in enumerate(reversed(closed)):
        with state() as here:
            view = view_round(here, snap.id, one.code, participant())
        if not view.ideas:
            continue
        fresh = place == 0 and st.session_state.get(_SEEN_ON) is page
        with st.expander(_title(snap, view), expanded=fresh):
            st.caption(question(snap, one))
            results(snap, view)


def _title(snap: Snapshot, view: RoundView) -> str:
    zone = ZoneInfo(snap.workshop.settings.timezone)
    day = format_date(view.round.opened_at.astimezone(zone).date(), current().language)
    topic = raw(f"vocabulary.round_topic.{view.round.topic.value}")
    return t("room.past_one", topic=topic, count=len(view.ideas), day=day)
