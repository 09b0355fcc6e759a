"""A page's parts as tabs of which only the open one is drawn; a button elsewhere can open another."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from pages.components.outcome import forget_outcome
from pages.components.session import current


def part_tabs(place: str, words: Mapping[str, str], draw: Mapping[str, Callable[[], object]]) -> None:
    """A tab for each part (code → word); the open part is kept in ``st.session_state[place]`` and drawn."""
    if st.session_state.get(place) not in words:
        st.session_state[place] = next(iter(words))
    key = f"{place}/{current().language}"
    st.session_state[key] = words[st.session_state[place]]

    def keep() -> None:
        open_part(place, next(code for code, word in words.items() if word == st.session_state[key]))

    for tab, code in zip(st.tabs(list(words.values()), key=key, on_change=keep), words, strict=True):
        if code == st.session_state[place]:
            with tab:
                draw[code]()


def open_part(place: str, part: str) -> None:
    """In a callback: opens a part; what went wrong in the part before is told no longer."""
    if st.session_state.get(place) != part:
        forget_outcome()
    st.session_state[place] = part
