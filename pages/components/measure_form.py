"""Mapping a KPI to rows: an aggregate or a ratio of two, with its live result by month before it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from kpi_core.charts import trend
from kpi_core.charts.writing import Writing
from kpi_core.errors import KpiError
from kpi_core.model.measure import RatioMeasure, SimpleMeasure
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.services.datasets import today_of
from kpi_core.services.mapping import (
    DatasetColumns,
    dataset_columns,
    frequent_values,
    measure_from,
    measure_values,
    preview_course,
    save_measure,
)
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Aggregate, ColumnType, Op
from pages.components.draft import Draft, Values
from pages.components.session import current, raw, state, t
from pages.components.trouble import show_error, told

#: Ways a KPI gets its value from rows.
MODES = ("simple", "ratio")
_DATES = (ColumnType.DATE, ColumnType.DATETIME)
_NUMBERS = (ColumnType.INTEGER, ColumnType.DECIMAL)
_MOST_DIMENSIONS = 5


def measure_form(snap: Snapshot, node: Node) -> None:
    """The form of ``node``'s measure: mode, parts, dimensions; then what it gives; then save."""
    with state() as here:
        tables = dataset_columns(here, snap.id)
    if not tables:
        st.info(t("data_sources.no_rows_yet"))
        return
    draft = Draft(f"measure.{node.code}", measure_values(node.measure), snap.revisions["nodes", node.code], _reread)
    label = t("data_sources.mode")
    draft.segments("mode", label, list(MODES), lambda one: t(f"data_sources.mode_{one}"), required=True)
    if draft.value("mode") == "ratio":
        left, right = st.columns(2, gap="medium")
        with left:
            st.markdown(f"**{t('data_sources.numerator')}**")
            _part(draft, "numerator", snap.workshop, tables)
        with right:
            st.markdown(f"**{t('data_sources.denominator')}**")
            _part(draft, "denominator", snap.workshop, tables)
    else:
        _part(draft, "simple", snap.workshop, tables, columns=4)
    _dimensions(draft, tables)
    _result(snap, node, draft)
    workshop_id, who = snap.id, current().who

    def store(values: Values, revision: int | None) -> None:
        with state() as here:
            save_measure(here, workshop_id, node.code, measure_from(values), revision or 0, who)

    draft.foot(store, label=t("data_sources.save_measure"), done="data_sources.measure_saved")


def _reread(node: Any) -> Values:
    return measure_values(node.measure)


def _part(draft: Draft, part: str, workshop: Workshop, tables: Mapping[str, DatasetColumns], columns: int = 1) -> None:
    """One aggregate: of what, over which rows, by which date; its fields in ``columns`` beside each other."""
    language = current().language

    def dataset_name(code: str) -> str:
        found = workshop.dataset(code)
        return (found.name.in_language(language) if found else "") or code

    with st.grid(columns, min_column_width=260):
        draft.choice(f"{part}.dataset", t("data_sources.dataset"), list(tables), dataset_name)
        chosen = tables.get(draft.value(f"{part}.dataset") or "")
        if chosen is None:
            return
        aggregates = [one.value for one in Aggregate]
        draft.choice(f"{part}.aggregate", t("data_sources.aggregate"), aggregates, _aggregate_word)
        aggregate = draft.value(f"{part}.aggregate")
        if aggregate not in (None, Aggregate.COUNT.value):
            wanted = _NUMBERS if aggregate in ("sum", "mean", "median") else tuple(ColumnType)
            names = [name for name, kind in chosen.columns.items() if kind in wanted]
            draft.choice(f"{part}.column", t("data_sources.column"), names, str)
        dates = [name for name, kind in chosen.columns.items() if kind in _DATES]
        draft.choice(f"{part}.date", t("data_sources.date"), dates, str, help=t("data_sources.date_help"))
    _filters(draft, part, chosen)
    if aggregate == Aggregate.SUM.value:
        draft.flag(f"{part}.zero", t("data_sources.empty_zero"), help=t("data_sources.empty_zero_help"))


def _aggregate_word(one: str) -> str:
    return raw(f"vocabulary.aggregate.{one}")


def _filters(draft: Draft, part: str, chosen: DatasetColumns) -> None:
    """The conditions, one a row; values people may mean are named below."""
    st.caption(t("data_sources.filters"))
    words = {one.value: raw(f"vocabulary.op.{one.value}") for one in Op}
    draft.table(
        f"{part}.where",
        t("data_sources.filters"),
        ("column", "op", "value"),
        num_rows="dynamic",
        hide_index=True,
        column_config={
            "column": st.column_config.SelectboxColumn(raw("data_sources.filter_column"), options=list(chosen.columns)),
            "op": st.column_config.SelectboxColumn(
                raw("data_sources.filter_op"), options=list(words), format_func=lambda one: words.get(one, one)
            ),
            "value": st.column_config.TextColumn(raw("data_sources.filter_value")),
        },
    )
    named = [row.get("column") for row in draft.value(f"{part}.where") or [] if row.get("column")]
    for column in dict.fromkeys(named):
        with state() as here:
            values = frequent_values(here, current().workshop or "", chosen.code, str(column))
        listed = "、".join(f"{value} ({rows:,})" for value, rows in values)
        if listed:
            st.caption(t("data_sources.frequent", column=str(column), values=listed))


def _dimensions(draft: Draft, tables: Mapping[str, DatasetColumns]) -> None:
    parts = ("numerator", "denominator") if draft.value("mode") == "ratio" else ("simple",)
    chosen = [tables[code] for part in parts if (code := draft.value(f"{part}.dataset")) in tables]
    if len(chosen) < len(parts):
        return
    shared = [name for name in chosen[0].columns if all(name in one.columns for one in chosen)]
    draft.several(
        "dimensions",
        t("data_sources.dimensions"),
        [name for name in shared if chosen[0].columns[name] in (ColumnType.TEXT, ColumnType.BOOLEAN)],
        str,
        help=t("data_sources.dimensions_help"),
        max_selections=_MOST_DIMENSIONS,
        placeholder=raw("data_sources.dimensions_placeholder"),
    )


def _result(snap: Snapshot, node: Node, draft: Draft) -> None:
    """What the measure gives, by period, from the rows as they are now."""
    try:
        measure: SimpleMeasure | RatioMeasure | None = measure_from(draft.values)
    except KpiError as error:
        if draft.changed:
            show_error(error)
        return
    if measure is None:
        return
    with state() as here:
        course, problems = preview_course(here, snap.id, measure)
    for problem in problems:
        st.warning(told(problem))
    if not course.periods:
        if not problems:
            st.info(t("data_sources.preview_empty"))
        return
    writing = Writing.of(node, snap.workshop.settings, current().language)
    nothing = [None] * len(course.periods)
    rows = trend.frame(course.periods, course.actual, nothing, nothing, writing, today=today_of(snap.workshop))
    st.markdown(f"**{t('data_sources.preview')}**")
    chart, table = st.columns([3, 2], gap="medium")
    spec = trend.spec(writing, snap.workshop.settings.grain, target=False, previous_year=False, height=200)
    chart.vega_lite_chart(rows, spec, key=f"data_sources.preview.{node.code}")
    shown = rows.select(["period_text", "actual_text"]).rename_columns(
        [raw("dashboard.period"), raw("data_sources.value")]
    )
    table.dataframe(shown.to_pandas().iloc[::-1], hide_index=True, height=200)
