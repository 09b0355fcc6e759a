"""Typing in values that no system holds: a table of the last periods per KPI."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.node import Node
from kpi_core.model.period import Period, period_of
from kpi_core.services.datasets import today_of
from kpi_core.services.measuring import set_manual
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_period
from kpi_core.vocabulary import NodeKind, NodeStatus
from pages.components.draft import Draft, Values
from pages.components.session import current, raw, state, t

#: Periods offered for typing: a year and a quarter back, the running one included.
_PERIODS = 15


def manual_entry(snap: Snapshot) -> None:
    """The KPIs without a measure or formula first; any may be typed in."""
    nodes = [
        node
        for node in snap.workshop.nodes
        if node.kind is not NodeKind.KSF and node.status is not NodeStatus.RETIRED and node.measure is None
    ]
    if not nodes:
        st.info(t("data_sources.nothing_by_hand"))
        return
    nodes.sort(key=lambda node: (not node.manual, bool(node.formula)))
    names = {node.code: node.name.in_language(current().language) or node.code for node in nodes}
    st.caption(t("data_sources.manual_help"))
    chosen = st.selectbox(
        raw("data_sources.manual_kpi"),
        list(names),
        format_func=lambda code: names.get(code, code),
        key="data_sources.hand",
    )
    _form(snap, next(node for node in nodes if node.code == (chosen or nodes[0].code)))


def _form(snap: Snapshot, node: Node) -> None:
    language = current().language
    settings = snap.workshop.settings
    last = period_of(today_of(snap.workshop), settings.grain, settings.fiscal_year_start)
    periods = [last.shift(-back) for back in range(_PERIODS)]
    words = {format_period(period, language): period for period in periods}
    heads = (raw("dashboard.period"), raw("data_sources.value"))
    draft = Draft(f"manual.{node.code}", _read(node, words, heads), snap.revisions["nodes", node.code])
    draft.table(
        "values",
        t("data_sources.manual_values"),
        heads,
        hide_index=True,
        disabled=[heads[0]],
        column_config={
            heads[1]: st.column_config.NumberColumn(heads[1], help=t("data_sources.manual_unit", unit=node.unit or "–"))
        },
        width=420,
    )
    workshop_id, who = snap.id, current().who

    def store(values: Values, revision: int | None) -> None:
        typed = {words[row[heads[0]]].key: row.get(heads[1]) for row in values["values"] if row.get(heads[0]) in words}
        with state() as here:
            set_manual(here, workshop_id, node.code, typed, revision or 0, who)

    draft.foot(store)


def _read(node: Node, words: dict[str, Period], heads: tuple[str, str]) -> Values:
    kept = {entry.period: entry.value for entry in node.manual}
    return {"values": [{heads[0]: word, heads[1]: kept.get(period.key)} for word, period in words.items()]}
