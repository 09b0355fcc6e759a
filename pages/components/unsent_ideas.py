"""Ideas that came too late: not handed in, kept for their writer, with the ways to hand them in after all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from kpi_core.model.room import Round
from kpi_core.services import drafts
from kpi_core.services.ideas import put_in
from kpi_core.services.notes import park
from kpi_core.services.rounds import round_of
from kpi_core.services.workshops import Snapshot, snapshot
from kpi_core.vocabulary import RoundPhase, RoundTopic
from pages.components.participant import participant
from pages.components.plain import plain
from pages.components.room_outcome import act
from pages.components.session import current, state, t

_PLACE = "room.unsent"
_MOST = 20


def keep_unsent(code: str, text: str) -> None:
    """In a callback: keeps what round ``code`` did not take, behind what was kept before; the same text once."""
    late = {"round": code, "text": text.strip()}
    _change(lambda kept: [*(one for one in kept if one != late), late][-_MOST:])


def unsent(snap: Snapshot, going: Round | None) -> None:
    """What is kept, each with its ways out; draws nothing where nothing is."""
    kept = _kept()
    if not kept:
        return
    takes = going is not None and not going.locked and going.phase in (RoundPhase.ENTRY, RoundPhase.REVEALED)
    with st.container(border=True, key="room.unsent"):
        st.markdown(f"**:material/drafts: {t('room.unsent')}**")
        st.caption(t("room.unsent_explain"))
        for at, one in enumerate(kept):
            st.markdown(plain(one["text"]))
            with st.container(horizontal=True, gap="small"):
                if takes and going is not None:
                    _way("room.unsent_put", at, "send", partial(_put, one, going.code))
                _way("room.unsent_park", at, "park", partial(_park, one))
                _way("room.unsent_drop", at, "drop", partial(_drop, one))


def _way(label: str, at: int, name: str, action: Callable[[], None]) -> None:
    st.button(t(label), key=f"room.unsent.{name}.{at}", type="tertiary", on_click=lambda: act("ideas", action, None))


def _put(one: dict[str, str], code: str) -> None:
    if one not in _kept():  # done with in another tab
        return
    with state() as here:
        put_in(here, current().workshop or "", code, one["text"], participant())
    _drop(one)


def _park(one: dict[str, str]) -> None:
    """Into the parking lot, where the facilitator and everyone find it; tied to what its round asked about."""
    if one not in _kept():
        return
    with state() as here:
        workshop = snapshot(here, current().workshop or "").workshop
        asked = round_of(workshop, one["round"])
        node = asked.node if asked.topic is RoundTopic.KPI and workshop.node(asked.node or "") else None
        park(here, current().workshop or "", one["text"], node, participant())
    _drop(one)


def _drop(done: dict[str, str]) -> None:
    _change(lambda kept: [one for one in kept if one != done])


def _kept() -> list[dict[str, str]]:
    with state() as here:
        found = drafts.kept(here, current().workshop or "", _PLACE, participant())
    return list(found.values["ideas"]) if found else []


def _change(make: Callable[[list[dict[str, str]]], list[dict[str, str]]]) -> None:
    def made(values: Mapping[str, Any]) -> Mapping[str, Any]:
        ideas = make(list(values.get("ideas", ())))
        return {"ideas": ideas} if ideas else {}

    with state() as here:
        drafts.change(here, current().workshop or "", _PLACE, participant(), made)
