"""The KGI's way to the end of the year on the executive view: its pace, and where it lands (着地見込み).

Finding a landing takes seconds, so the page is drawn without it; this piece asks again by itself until it is known.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.model.workshop import Workshop
from kpi_core.services.dashboards import Board, Tile, year_target
from kpi_core.services.foreseen import Outlook, find_meanwhile, outlook
from kpi_core.services.landing import Landing
from kpi_core.services.landing_words import certainty, why_none
from kpi_core.text.numbers import format_percent
from kpi_core.text.periods import format_period
from kpi_core.vocabulary import Grain
from pages.components.dialog import ask
from pages.components.plain import plain
from pages.components.presenting import presenting
from pages.components.session import current, later, raw, state, t

#: The dialog with the basis of a node's landing; its second part is the node's code.
LANDING = "dashboard.landing"
#: Seconds between two looks whether it is known.
_EVERY = 2.0
_LOOKS = "dashboard.landing.looks"


def with_landing(
    board: Board, workshop: Workshop, one: Tile, writing: Writing, draw: Callable[[Landing | None], None]
) -> None:
    """Draws ``draw`` with the year's landing, and the landing in words below it; of the current year only."""
    if board.period is None or not board.period.at(Grain.YEAR).start <= board.today < board.period.at(Grain.YEAR).end:
        draw(None)
        return
    found = _known(board, one)
    if found is not None:
        _drawn(board, workshop, one, writing, found, draw)
        return
    st.session_state[_LOOKS] = 0

    def piece() -> None:
        """The page's own run only says that it is being found: finding begins when all of the page is drawn."""
        looks = st.session_state[_LOOKS]
        st.session_state[_LOOKS] = looks + 1
        now = _known(board, one) if looks else None
        if looks and now is None:
            who = current().who
            find_meanwhile(later(), current().workshop or "", one.node.code, who, today=board.today)
        _drawn(board, workshop, one, writing, now, draw)

    st.fragment(piece, run_every=_EVERY)()


def _known(board: Board, one: Tile) -> Outlook | None:
    with state() as here:
        return outlook(here, current().workshop or "", one.node.code, today=board.today)


def _drawn(
    board: Board,
    workshop: Workshop,
    one: Tile,
    writing: Writing,
    found: Outlook | None,
    draw: Callable[[Landing | None], None],
) -> None:
    year = None if found is None else found.year
    draw(year)
    if found is None:
        st.caption(f":material/hourglass_empty: {t('landing.finding')}")
    elif year is None:
        st.caption(t("landing.failed"))
    else:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="dashboard_landing"):
            st.markdown(_words(board, workshop, one, writing, year, found.period), width="stretch")
            # within the piece a click draws the piece alone, and the drawer is the page's
            if not presenting() and st.button(t("landing.basis"), key="dashboard.landing_basis", type="tertiary"):
                ask(LANDING, one.node.code)
                st.rerun()


def _words(
    board: Board, workshop: Workshop, one: Tile, writing: Writing, year: Landing, running: Landing | None
) -> str:
    """``着地見込み(2026年度) 672百万円 目標570百万円の118%``, below it how sure that is, and the running period's."""
    head = t("landing.head", period=format_period(year.period, writing.language))
    if year.value is None:
        reason = next((why_none(method, year, workshop, writing) for method in year.methods), "")
        return f"{head} – :small[:gray[{t('landing.none', reason=reason)}]]"
    words = f"{head} **{plain(writing.value(year.value))}**"
    target = year_target(board, one.node.code)
    if target is not None and target > 0:
        share = format_percent(year.value / target, writing.language, decimals=0)
        words += f" ・ {t('landing.of_target', target=writing.value(target), share=share)}"
    lines = [certainty(year, writing)]
    if running is not None and running.value is not None:
        period = format_period(running.period, writing.language)
        lines.append(raw("landing.running", period=period, value=writing.value(running.value)))
    return f"{words}  \n:small[:gray[{plain(' ・ '.join(lines))}]]"
