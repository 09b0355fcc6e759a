"""Finding a node by name or code: choosing it opens its card and unfolds the tree down to it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from kpi_core.model.workshop import Workshop
from kpi_core.tree.structure import order
from pages.components.labels import distinct
from pages.components.session import current, raw, t


def node_search(workshop: Workshop, *, key: str, on_select: Callable[[str], None]) -> None:
    """A list that narrows as one types; it empties itself, ready for the next search."""
    language = current().language
    names = {one.code: f"{one.name.in_language(language) or one.code}　{one.code}" for one in order(workshop)}

    def take() -> None:
        chosen = st.session_state[key]
        st.session_state[key] = None
        if chosen is not None:
            on_select(chosen)

    st.selectbox(
        t("tree.search"),
        list(names),
        index=None,
        format_func=distinct(list(names), lambda one: names.get(one, "")),
        placeholder=raw("tree.search_hint"),
        label_visibility="collapsed",
        key=key,
        on_change=take,
    )
