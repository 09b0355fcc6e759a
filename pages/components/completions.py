"""The codes that may stand next in a formula, with their names; picking one puts it where the word was begun."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import streamlit as st

from kpi_core.model.workshop import Workshop
from pages.components.draft import Draft
from pages.components.plain import plain
from pages.components.session import current, t

_LAST_WORD = re.compile(r"[^\W\d]\w*$")


def shown_completions(workshop: Workshop, codes: Sequence[str], *, on_pick: Callable[[str], None]) -> None:
    """The codes as buttons, each with its node's name; functions by their name alone."""
    language = current().language
    if not codes:
        st.caption(t("kpi_design.no_codes"))
    for code in codes:
        node = workshop.node(code)
        name = node.name.in_language(language) if node else ""
        label = f"{plain(name)} `{code}`" if name else f"`{code}`"
        st.button(label, key=f"completion/{code}", type="tertiary", on_click=on_pick, args=(code,))


def completed(draft: Draft, code: str, field: str = "formula") -> None:
    """In a callback: puts ``code`` in place of the word that the formula ends in, or behind it."""
    text = str(draft.value(field) or "")
    begun = _LAST_WORD.search(text)
    unfinished = begun is not None and text == text.rstrip()
    draft.put(field, f"{text[: begun.start()] if begun and unfinished else text}{code} ")
