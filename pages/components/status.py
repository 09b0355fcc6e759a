"""A status as people see it: colour, sign and word together."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from kpi_core.charts.palette import SIGNS
from kpi_core.vocabulary import Status, Unjudged
from pages.components.session import t

BadgeColour = Literal["green", "orange", "red", "gray"]
#: The theme's named colours are the palette's status colours (``.streamlit/config.toml``).
COLOURS: dict[Status, BadgeColour] = {
    Status.ON_TRACK: "green",
    Status.WATCH: "orange",
    Status.OFF_TRACK: "red",
    Status.NONE: "gray",
}


def status_badge(status: Status, why: Unjudged | None = None) -> None:
    """The status as a badge: ``▼ 要対応``; ``why`` as in ``status_words``."""
    st.badge(status_words(status, why), color=COLOURS[status])


def badge_text(status: Status, why: Unjudged | None = None) -> str:
    """The same within a line of markdown; ``why`` as in ``status_words``."""
    return f":{COLOURS[status]}-badge[{status_words(status, why)}]"


def in_status_colour(text: str, status: Status) -> str:
    """``text`` (markdown) in the status's colour; without a status as it is."""
    return text if status is Status.NONE else f":{COLOURS[status]}[{text}]"


def status_words(status: Status, why: Unjudged | None = None) -> str:
    """Sign and word: ``● 順調``; without a status ``why`` there is none: ``– 目標なし``."""
    word = t(f"vocabulary.unjudged.{why.value}") if why is not None else t(f"vocabulary.status.{status.value}")
    return f"{SIGNS[status]} {word}"
