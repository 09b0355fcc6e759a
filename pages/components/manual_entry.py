"""Typing in values that no system holds: a table of the last periods per KPI."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from kpi_core.model.node import Node
from kpi_core.model.period import Period, period_of
from kpi_core.services.datasets import today_of
from kpi_core.services.measuring import set_manual
from kpi_core.services.workshops import Snapshot
from kpi_core.text.numbers import axis_unit
from kpi_core.text.periods import format_period
from kpi_core.tree.units import RATIO
from kpi_core.tree.writing import formula_in_words
from kpi_core.vocabulary import NodeKind, NodeStatus
from pages.components.draft import Draft, Values, amount
from pages.components.labels import distinct
from pages.components.session import current, raw, state, t
from pages.components.values_in_excel import values_in_excel

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
    nodes.sort(key=lambda node: (bool(node.formula), not node.manual))
    names = {node.code: node.name.in_language(current().language) or node.code for node in nodes}
    st.caption(t("data_sources.manual_help"))
    values_in_excel(snap)
    if st.session_state.get("data_sources.hand") not in names:
        st.session_state["data_sources.hand"] = nodes[0].code
    chosen = st.selectbox(
        t("data_sources.manual_kpi"),
        list(names),
        format_func=distinct(names, names.__getitem__),
        key="data_sources.hand",
        width=420,
    )
    node = next(one for one in nodes if one.code == chosen)
    if node.formula:
        words = formula_in_words(node.formula, snap.workshop, current().language)
        st.caption(t("data_sources.manual_over_formula", formula=words))
    _form(snap, node)


def _form(snap: Snapshot, node: Node) -> None:
    language, settings = current().language, snap.workshop.settings
    last = period_of(today_of(snap.workshop), settings.grain, settings.fiscal_year_start)
    periods = [last.shift(-back) for back in range(_PERIODS)]
    draft = Draft(f"manual.{node.code}", _read(node, periods), snap.revisions["nodes", node.code], _reader(periods))
    unit = axis_unit(node.unit, language, currency=settings.currency) if node.unit else ""
    value = raw("data_sources.value_in", unit=unit) if unit else raw("data_sources.value")
    is_ratio = node.unit == RATIO  # numbers of the unit word "%" are typed and stored as they are shown: 35 is 35%
    draft.table(
        "values",
        t("data_sources.manual_values"),
        ("period", "value"),
        beside={"label": [format_period(one, language, settings.fiscal_year_start, style="name") for one in periods]},
        amounts={"value": node.unit},
        hide_index=True,
        column_order=["label", "value"],
        disabled=["label"],
        column_config={
            "label": st.column_config.TextColumn(raw("dashboard.period")),
            "value": st.column_config.TextColumn(
                value,
                alignment="right",
                help=t("data_sources.manual_ratio") if is_ratio else None,
            ),
        },
        placeholder="",
        row_height=32,
        height="content",
        width=420,
    )
    if is_ratio:
        st.caption(t("data_sources.manual_ratio"))
    workshop_id, who = snap.id, current().who

    def store(values: Values, revision: int | None) -> None:
        typed = {row["period"]: amount(row.get("value")) for row in values["values"]}
        with state() as here:
            set_manual(here, workshop_id, node.code, typed, revision or 0, who)

    draft.foot(store)


def _reader(periods: list[Period]) -> Callable[[Node], Values]:
    return lambda node: _read(node, periods)


def _read(node: Node, periods: list[Period]) -> Values:
    kept = {entry.period: entry.value for entry in node.manual}
    return {"values": [{"period": one.key, "value": kept.get(one.key)} for one in periods]}
