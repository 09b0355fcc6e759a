"""What a tile's change is told against: the previous period, the previous year or the target; kept for the session."""

from __future__ import annotations

from enum import StrEnum

import streamlit as st

from kpi_core.services.dashboards import Tile
from pages.components.session import raw, t

_CHOSEN = "dashboard.compare"


class Comparison(StrEnum):
    """The other side of a difference."""

    PREVIOUS = "previous"
    YEAR = "year"
    TARGET = "target"


def comparison_picker() -> None:
    """A short list; the choice holds for every tile and drawer."""
    words = {one.value: raw(f"dashboard.against_{one.value}") for one in Comparison}
    st.selectbox(
        raw("dashboard.compare"),
        list(words),
        format_func=lambda one: words[one],
        key=_CHOSEN,
        persist_state="session",
        width=190,
        label_visibility="collapsed",
    )


def comparison() -> Comparison:
    """What was chosen, the previous period at first."""
    return Comparison(st.session_state.get(_CHOSEN) or Comparison.PREVIOUS)


def change_of(one: Tile, against: Comparison) -> float | None:
    """The tile's difference; ``None`` where one side has no value."""
    return {
        Comparison.PREVIOUS: one.change,
        Comparison.YEAR: one.year_change,
        Comparison.TARGET: one.goal_change,
    }[against]


def against_words(against: Comparison) -> str:
    """``前年比``, beside the difference."""
    return t(f"dashboard.against_{against.value}")
