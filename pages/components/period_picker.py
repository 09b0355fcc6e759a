"""Choosing the length of a period and the period itself; the choice is kept while the session lasts."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from kpi_core.model.period import Period
from kpi_core.services.dashboards import Board
from kpi_core.text.numbers import format_percent
from kpi_core.text.periods import format_period
from kpi_core.vocabulary import Grain
from pages.components.session import current, raw, t

#: What a dashboard can be cut into; weeks are offered where the workshop works by week.
GRAINS = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)


def grain_picker(finest: Grain) -> Grain:
    """Month, quarter or fiscal year, and what is finer or coarser than the workshop's grain left out."""
    offered = _offered(finest)
    if st.session_state.get("dashboard.grain") not in (None, *offered):
        del st.session_state["dashboard.grain"]  # of another workshop, or of a link that somebody typed
    first = {} if "dashboard.grain" in st.session_state else {"default": finest}
    chosen = st.segmented_control(
        t("dashboard.grain"),
        offered,
        format_func=lambda grain: t(f"vocabulary.grain.{Grain(grain).value}"),
        key="dashboard.grain",
        **first,
        required=True,
        persist_state="session",
        label_visibility="collapsed",
    )
    return Grain(chosen or finest)


def chosen_grain(finest: Grain) -> Grain:
    """The same choice without its picker."""
    chosen = st.session_state.get("dashboard.grain")
    return Grain(chosen) if chosen in _offered(finest) else finest


def _offered(finest: Grain) -> list[Grain]:
    return [Grain.WEEK, *GRAINS] if finest is Grain.WEEK else list(GRAINS[GRAINS.index(finest) :])


def running_words(board: Board) -> str:
    """That the shown period is not over, and how much of it is; empty for one that is."""
    if not board.running or board.period is None:
        return ""
    share = format_percent(board.reached, current().language, decimals=0)
    return f" :small[:gray[{t('dashboard.running_note', share=share)}]]"


def period_picker(periods: Sequence[Period], shown: Period) -> None:
    """A list of periods, the latest first; the choice is kept in ``st.session_state['dashboard.period']``."""
    language = current().language
    words = {period.key: format_period(period, language) for period in reversed(periods)}
    st.session_state["dashboard.period_list"] = shown.key
    st.selectbox(
        raw("dashboard.period"),
        list(words),
        format_func=lambda key: words[key],
        key="dashboard.period_list",
        on_change=_keep,
        width=240,
        label_visibility="collapsed",
    )
    if periods and shown != periods[-1] and st.session_state.get("dashboard.period") != shown.key:
        # nobody chose it: say why it is not the latest, as after a change from months to quarters
        st.caption(t("dashboard.last_complete", period=format_period(periods[-1], language)), width="content")


def _keep() -> None:
    st.session_state["dashboard.period"] = st.session_state["dashboard.period_list"]
