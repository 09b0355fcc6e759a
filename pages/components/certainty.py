"""How far to trust one KPI's number: usual variation, few cases, unripe cohorts, formula against measure."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.errors import KpiError
from kpi_core.model.measure import RatioMeasure
from kpi_core.model.workshop import Workshop
from kpi_core.services.closing import NodeClosure, closures
from kpi_core.services.closure_words import closure_words
from kpi_core.services.dashboards import Board, Tile
from kpi_core.services.variation import counted_rate, node_maturity
from kpi_core.services.variation_words import interval_words, maturity_words, variation_detail
from kpi_core.text.periods import format_period
from kpi_core.vocabulary import ClosureVerdict
from pages.components.plain import plain
from pages.components.presenting import presenting
from pages.components.session import current, raw, state, t
from pages.components.variation import signals_of

#: Periods of a closure that the table shows, the latest ones.
_SHOWN = 13


def certainty(board: Board, workshop: Workshop, one: Tile, writing: Writing) -> None:
    """Below the number, in small: what to keep in mind before acting on it."""
    if board.period is None or one.standing.actual is None or presenting():
        return
    signals = signals_of(board, workshop, one.node.code)
    lines = [variation_detail(signals, board.period, writing, workshop.settings.grain)]
    if isinstance(one.node.measure, RatioMeasure):
        lines += board.once(("certainty", one.node.code, writing.language), lambda: _of_rate(board, one, writing))
    st.caption("  \n".join(plain(line) for line in lines if line))


def _of_rate(board: Board, one: Tile, writing: Writing) -> list[str]:
    if board.period is None:
        return []
    workshop, code = current().workshop or "", one.node.code
    try:
        with state() as here:
            rates = counted_rate(here, workshop, code, today=board.today)
            ripe = node_maturity(here, workshop, code, today=board.today)
    except KpiError:  # rows that cannot be read now: the data page says so
        return []
    return [
        interval_words(rates, board.period, writing.language),
        *maturity_words(ripe, board.period, writing.language),
    ]


def closure_part(board: Board, workshop: Workshop, one: Tile, writing: Writing, *, key: str) -> None:
    """Where a node has a formula and its own values: how they fit, closed at first."""
    node = one.node
    if presenting() or not node.formula or not (node.measure or node.manual):
        return
    with st.expander(t("why.closure"), key=f"{key}.closure.{node.code}", on_change="rerun") as shown:
        if not shown.open:
            return
        with state() as here:
            every = closures(here, current().workshop or "", today=board.today)
        found = next((each for each in every if each.node == node.code), None)
        if found is None:
            return
        words = closure_words(found.found, workshop, writing.language)
        sign = "●" if found.found.verdict is ClosureVerdict.CLOSES else "▲"
        st.markdown(f"{sign} {plain(words)}")
        _table(found, writing, key=f"{key}.closure_table.{node.code}")


def _table(found: NodeClosure, writing: Writing, *, key: str) -> None:
    rows = []
    numbers = zip(found.periods, found.found.measured, found.found.computed, found.found.residual, strict=True)
    for period, measured, computed, residual in numbers:
        if math.isfinite(measured) or math.isfinite(computed):
            gap = writing.change(float(residual)) if math.isfinite(residual) else "–"
            words = format_period(period, writing.language)
            rows.append((words, writing.value(measured, short=True), writing.value(computed, short=True), gap))
    heads = [raw(f"why.closure_{name}") for name in ("period", "measured", "computed", "gap")]
    st.dataframe(pd.DataFrame(rows[: -_SHOWN - 1 : -1], columns=heads), hide_index=True, key=key)
