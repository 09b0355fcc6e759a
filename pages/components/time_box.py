"""The time box: a clock that everyone sees run, and what the facilitator does with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import streamlit as st

from kpi_core.services.time_box import TimeBox, extend, go_on, pause, put_away, start, time_box
from kpi_core.vocabulary import Page, Role
from pages.components.participant import participant
from pages.components.room_outcome import act
from pages.components.session import current, raw, state, t

_FOLDER = Path(__file__).parent
_MORE = 5
#: Pixels: as wide as the clock ever is, so that the buttons behind it never move away from under a finger.
_WIDE = 170
_PIECE = "room_bar"


def time_box_piece(page: Page) -> None:
    """The clock and, for the facilitator, start, pause, more time, reset."""
    with state() as here:
        box = time_box(here, current().workshop or "")
    steers = participant().role is Role.FACILITATOR
    if box is None:
        if steers:
            _begin(page)
        return
    _clock(box)
    if steers:
        _controls(box)


def _begin(page: Page) -> None:
    with st.popover(t("room.timer_set"), icon=":material/timer:", type="tertiary"):
        st.number_input(
            t("room.timer_minutes"),
            min_value=1,
            max_value=720,
            value=int(raw(f"guide.{page.value}.minutes")),
            step=5,
            key=f"room.minutes.{page.value}",
        )
        st.button(
            t("room.timer_start"),
            key="room.timer.start",
            type="primary",
            icon=":material/play_arrow:",
            on_click=lambda: _do(partial(start, minutes=st.session_state[f"room.minutes.{page.value}"])),
        )


def _controls(box: TimeBox) -> None:
    _button("more", None, partial(extend, minutes=_MORE))
    if box.left > 0:
        name, icon, action = (
            ("pause", ":material/pause:", pause) if box.running else ("go_on", ":material/play_arrow:", go_on)
        )
        _button(name, icon, action)
    _button("reset", ":material/restart_alt:", put_away)


def _button(name: str, icon: str | None, action: Callable[..., None]) -> None:
    key = f"room.timer.{name}"
    st.button(t(f"room.timer_{name}"), key=key, icon=icon, type="tertiary", on_click=_do, args=(action,))


def _do(action: Callable[..., None]) -> None:
    def done() -> None:
        with state() as here:
            action(here, current().workshop or "", who=participant())

    act(_PIECE, done)


def _clock(box: TimeBox) -> None:
    data = {
        "now": time.time() * 1000,
        "ends_at": None if box.ends_at is None else box.ends_at * 1000,
        "left": box.left * 1000,
        "paused": raw("room.timer_paused"),
        "over": raw("room.timer_over"),
        "label": raw("room.timer"),
    }
    _component()(key="room.clock", data=data, width=_WIDE)


@cache
def _component() -> Any:
    parts = '<span class="time"></span><span class="word" aria-live="polite"></span>'
    script, style = ((_FOLDER / f"clock.{kind}").read_text("utf-8") for kind in ("js", "css"))
    return st.components.v2.component(
        "kpi_clock", html=f'<span class="clock" role="timer">{parts}</span>', css=style, js=script
    )
