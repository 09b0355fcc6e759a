"""Writing ideas: the field, one's own hidden ideas, and how much the others have written."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.room import Round
from kpi_core.services.ideas import put_in, take_back
from kpi_core.services.rounds import RoundView
from kpi_core.vocabulary import RoundPhase
from pages.components.participant import participant
from pages.components.plain import plain
from pages.components.room_outcome import act
from pages.components.session import current, raw, state, t
from pages.components.unsent_ideas import keep_unsent


def entry(one: Round) -> None:
    """The field; it is drawn in every phase under the same key, so that half a line survives the reveal and the end.

    Where the round takes no ideas any more, what is entered is kept for its writer (``unsent``).
    """
    if one.phase is RoundPhase.CLOSED:
        hint = "room.entry_over"
    elif one.locked:
        hint = "room.entry_locked"
    elif one.phase is RoundPhase.ENTRY:
        hint = "room.entry"
    else:
        hint = "room.entry_late" if one.phase is RoundPhase.REVEALED else "room.entry_voting"
    st.chat_input(raw(hint), key="room.idea", on_submit=_put, args=(one.code,), max_chars=5000)


def own_ideas(view: RoundView) -> None:
    """One's own, each with a way back, and the count of the others'."""
    if participant().name:
        st.caption(t("room.mine") if view.mine else t("room.mine_none"))
    for idea in view.mine:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(plain(idea.text), width="stretch")
            st.button(
                "×",
                key=f"room.take_back.{idea.id}",
                type="tertiary",
                help=t("room.take_back"),
                on_click=_take_back,
                args=(view.round.code, idea.id),
            )
    words = t("room.others", writers=view.writers, count=view.others) if view.others else t("room.others_none")
    st.caption(f":material/group: {words}")


def _put(code: str) -> None:
    text = str(st.session_state["room.idea"] or "")

    def put() -> None:
        with state() as here:
            put_in(here, current().workshop or "", code, text, participant())

    if not act("ideas", put) and text.strip():
        keep_unsent(code, text)


def _take_back(code: str, idea: int) -> None:
    def taken() -> None:
        with state() as here:
            take_back(here, current().workshop or "", code, idea, participant())

    act("ideas", taken)
