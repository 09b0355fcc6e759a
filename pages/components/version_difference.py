"""What differs between two versions of a dataset: its KPIs by period, rows, columns, cells."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.data.differing import MOST_ROWS, Differences
from kpi_core.errors import KpiError
from kpi_core.model.node import Node
from kpi_core.model.period import parse_period
from kpi_core.model.workshop import Settings
from kpi_core.services.version_changes import NodeChange, compare_versions
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_period
from pages.components.plain import plain
from pages.components.session import current, raw, state, t
from pages.components.trouble import show_error

_SHOWN = 24


def version_difference(snap: Snapshot, code: str, before: str, after: str) -> None:
    """First what people steer by, then the rows."""
    try:
        with st.spinner(t("versions.comparing")), state() as here:
            found = compare_versions(here, snap.id, code, before, after)
    except KpiError as error:
        show_error(error)
        return
    _rows(found.rows)
    st.markdown(f"**{t('versions.kpis')}**")
    if not found.nodes:
        st.caption(t("versions.no_kpis"))
    moved = [node for node in found.nodes if node.values]
    for at, node in enumerate(moved):
        _node(snap, node, expanded=at == 0)
    _unmoved(snap, [node for node in found.nodes if not node.values])
    _cells(found.rows)


def _rows(rows: Differences) -> None:
    if rows.keys:
        st.markdown(t("versions.row_counts", before=f"{rows.rows_before:,}", after=f"{rows.rows_after:,}"))
        st.caption(t("versions.by_key", keys=raw("lineage.comma").join(rows.keys)))
        counts = (("added", rows.added), ("removed", rows.removed), ("changed", rows.changed), ("same", rows.same))
        with st.container(horizontal=True, gap="large"):
            for name, count in counts:
                st.metric(t(f"versions.count_{name}"), f"{count:,}", width="content")
        if rows.doubled:
            names = raw("lineage.comma").join(" / ".join(key) for key in rows.doubled_keys)
            before, after = (f"{count:,}" for count in rows.doubled_rows)
            words = t("versions.doubled", count=f"{rows.doubled:,}", before=before, after=after, names=names)
            st.caption(f":orange[▲] {words}")
        if any(rows.repeated):
            before, after = (f"{count:,}" for count in rows.repeated)
            st.caption(t("versions.repeated", before=before, after=after))
    else:
        st.markdown(t("versions.row_counts", before=f"{rows.rows_before:,}", after=f"{rows.rows_after:,}"))
        st.caption(t("versions.too_many", most=f"{MOST_ROWS:,}") if rows.too_many else t("versions.no_key"))
    comma = raw("lineage.comma")
    if rows.columns_added:
        st.markdown(t("versions.columns_added", columns=comma.join(rows.columns_added)))
    if rows.columns_removed:
        st.markdown(f":orange[▲] {t('versions.columns_removed', columns=comma.join(rows.columns_removed))}")
    if rows.columns_retyped:
        names = comma.join(name for name, _, _ in rows.columns_retyped)
        st.markdown(f":orange[▲] {t('versions.columns_retyped', columns=names)}")


def _unmoved(snap: Snapshot, nodes: Sequence[NodeChange]) -> None:
    """The KPIs that stay as they are, in one line."""
    names = [
        found.name.in_language(current().language) or found.code
        for one in nodes
        if (found := snap.workshop.node(one.node))
    ]
    if names:
        st.markdown(f":green[●] {t('versions.kpis_same', names=raw('lineage.comma').join(names))}")


def _node(snap: Snapshot, change: NodeChange, *, expanded: bool) -> None:
    """A KPI's values from both, by period; the latest first."""
    node = snap.workshop.node(change.node)
    if node is None:
        return
    language, settings = current().language, snap.workshop.settings
    name = plain(node.name.in_language(language) or node.code)
    label = t("versions.kpi_differs", name=name, count=len(change.values), all=change.periods)
    with st.expander(f":orange[▲] {label}", expanded=expanded):
        _values(node, settings, change)


def _values(node: Node, settings: Settings, change: NodeChange) -> None:
    language = current().language
    writing = Writing.of(node, settings, language)
    rows = []
    for key, (old, new) in list(change.values.items())[::-1][:_SHOWN]:
        period = format_period(parse_period(key, settings.fiscal_year_start), language, settings.fiscal_year_start)
        moved = writing.change(new - old) if old is not None and new is not None else "–"
        rows.append((period, writing.value(old), writing.value(new), moved))
    heads = [raw(f"versions.head_{one}") for one in ("period", "before", "after", "change")]
    st.dataframe(
        pd.DataFrame(rows, columns=heads), hide_index=True, height="content", key=f"versions.node.{change.node}"
    )
    if len(change.values) > _SHOWN:
        st.caption(t("versions.more_periods", count=len(change.values) - _SHOWN))


def _cells(rows: Differences) -> None:
    """Which columns changed how often, and the first rows that did."""
    if not rows.changed_columns:
        return
    named = [raw("versions.cells_of", column=name, count=f"{count:,}") for name, count in rows.changed_columns]
    st.markdown(f"**{t('versions.cells')}**  \n{plain(raw('lineage.comma').join(named))}")
    heads = [raw(f"versions.head_{one}") for one in ("row", "column", "before", "after")]
    listed = [
        (raw("lineage.comma").join(one.key), column, old or "", new or "")
        for one in rows.examples
        for column, old, new in one.cells
    ]
    st.dataframe(pd.DataFrame(listed, columns=heads), hide_index=True, key="versions.cells")
