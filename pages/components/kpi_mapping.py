"""Which KPI comes from which field of which system: the matrix of all, and the mapping of the chosen one."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from kpi_core.model.node import Node
from kpi_core.services.evaluating import freshness
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_period
from kpi_core.vocabulary import NodeKind, NodeStatus
from pages.components.frame import named
from pages.components.measure_form import measure_form
from pages.components.session import current, raw, state, t

_CHOSEN = "data_sources.node"


def kpi_mapping(snap: Snapshot) -> None:
    """A line per KPI; the chosen line's mapping below."""
    nodes = [
        node for node in snap.workshop.nodes if node.kind is not NodeKind.KSF and node.status is not NodeStatus.RETIRED
    ]
    if not nodes:
        st.info(t("data_sources.no_kpis"))
        return
    st.caption(t("data_sources.matrix_help"))
    picked = st.dataframe(
        _matrix(snap, nodes),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="data_sources.matrix",
        height=min(420, 36 * (len(nodes) + 1) + 2),
    )
    rows = picked.selection.rows
    codes = [node.code for node in nodes]
    if rows and rows[0] < len(codes):
        st.session_state[_CHOSEN] = codes[rows[0]]
    if st.session_state.get(_CHOSEN) not in codes:
        st.session_state[_CHOSEN] = next((node.code for node in nodes if _way(node) == "none"), codes[0])
    node = next(one for one in nodes if one.code == st.session_state[_CHOSEN])
    with st.container(border=True, key="mapping"):
        st.subheader(named(node.name.in_language(current().language) or node.code), anchor=False)
        if node.formula:
            st.caption(t("data_sources.has_formula", formula=node.formula))
        measure_form(snap, node)


def _matrix(snap: Snapshot, nodes: list[Node]) -> pd.DataFrame:
    language = current().language
    with state() as here:
        fresh = freshness(here, snap.id)
    start = snap.workshop.settings.fiscal_year_start
    rows = []
    for node in nodes:
        found = fresh.get(node.code)
        latest = format_period(found.period, language, start) if found and found.period else ""
        rows.append(
            (
                node.name.in_language(language) or node.code,
                snap.workshop.department_name(node.department, language),
                raw(f"data_sources.way_{_way(node)}"),
                _datasets(snap, node),
                ", ".join(_fields(node)) or node.field,
                raw(f"vocabulary.availability.{node.availability.value}") if node.availability else "",
                latest,
            )
        )
    heads = ("kpi", "department", "way", "dataset", "fields", "availability", "latest")
    return pd.DataFrame(rows, columns=[raw(f"data_sources.matrix_{one}") for one in heads])


def _way(node: Node) -> str:
    """How the node gets its value: ``measure``, ``formula``, ``manual`` or ``none``."""
    if node.measure is not None:
        return "measure"
    if node.formula:
        return "formula"
    return "manual" if node.manual or node.updater else "none"


def _datasets(snap: Snapshot, node: Node) -> str:
    if node.measure is None:
        return node.system
    names = []
    for code in dict.fromkeys(part.dataset for part in node.measure.parts):
        dataset = snap.workshop.dataset(code)
        names.append((dataset.name.in_language(current().language) if dataset else "") or code)
    return ", ".join(names)


def _fields(node: Node) -> list[str]:
    if node.measure is None:
        return []
    named_columns = [name for part in node.measure.parts for name in (part.column, part.date) if name]
    return list(dict.fromkeys(named_columns))
