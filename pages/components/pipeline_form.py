"""Where a KPI's open deals stand: stages with their dates and ends, and what they say before that is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.errors import KpiError
from kpi_core.model.node import Node
from kpi_core.model.pipeline import Pipeline
from kpi_core.services.datasets import today_of
from kpi_core.services.mapping import DATES, DatasetColumns, frequent_values
from kpi_core.services.pipelines import OpenDeals, missing, pipeline_from, preview_pipeline, reached
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_period
from kpi_core.tree.units import is_currency
from kpi_core.vocabulary import ColumnType
from pages.components.condition_rows import condition_rows
from pages.components.draft import Draft
from pages.components.plain import plain
from pages.components.session import current, raw, state, t
from pages.components.trouble import show_error

_KEPT = "pipeline.previewed"
_NUMBERS = (ColumnType.INTEGER, ColumnType.DECIMAL)


def pipeline_form(snap: Snapshot, node: Node, draft: Draft, tables: Mapping[str, DatasetColumns]) -> None:
    """The switch, the columns, the stages, the live result."""
    st.caption(t("pipeline.about"))
    if not draft.flag("pipeline.use", t("pipeline.use")):
        return
    chosen = _columns(snap, node, draft, tables)
    if chosen is None:
        return
    if draft.value("pipeline.stage"):
        _stages(draft, chosen)
    condition_rows(draft, "pipeline.where", chosen)
    if not missing(draft.values):
        _result(snap, node, draft)


def still_missing(draft: Draft) -> str:
    """What a pipeline in use lacks, in words; empty when nothing."""
    return raw("pipeline.comma").join(raw(f"pipeline.{name}") for name in missing(draft.values))


def _columns(snap: Snapshot, node: Node, draft: Draft, tables: Mapping[str, DatasetColumns]) -> DatasetColumns | None:
    """Dataset and columns; the dataset's columns once it is chosen."""

    def name_of(code: str) -> str:
        found = snap.workshop.dataset(code)
        return (found.name.in_language(current().language) if found else "") or code

    with st.grid(3, min_column_width=200):
        draft.choice(
            "pipeline.dataset", t("pipeline.dataset"), _with_held(draft, "pipeline.dataset", [*tables]), name_of
        )
        chosen = tables.get(draft.value("pipeline.dataset") or "")
        if chosen is None:
            return None
        fields: list[tuple[str, Sequence[ColumnType]]] = [("stage", (ColumnType.TEXT,))]
        if is_currency(node.unit) or draft.value("pipeline.amount"):
            fields.append(("amount", _NUMBERS))
        for field, kinds in (*fields, ("expected", DATES), ("closed", DATES)):
            names = [column for column, kind in chosen.columns.items() if kind in kinds]
            draft.choice(
                f"pipeline.{field}",
                t(f"pipeline.{field}"),
                _with_held(draft, f"pipeline.{field}", names),
                str,
                help=t(f"pipeline.{field}_help"),
                placeholder=raw("pipeline.no_amount" if field == "amount" else "data_sources.choose"),
            )
    return chosen


def _stages(draft: Draft, chosen: DatasetColumns) -> None:
    """Which values of the stage column are open, won and lost, each at one place; since when a deal is at a stage."""
    with state() as here:
        found = dict(frequent_values(here, current().workshop or "", chosen.code, draft.value("pipeline.stage")))
    for field in ("open", "won", "lost"):
        others = {one for other in ("open", "won", "lost") if other != field for one in _held(draft, other)}
        options = [one for one in dict.fromkeys([*found, *_held(draft, field)]) if one not in others]
        draft.several(
            f"pipeline.{field}",
            t(f"pipeline.{field}"),
            list(dict.fromkeys([*options, *_held(draft, field)])),
            lambda one: raw("pipeline.value_rows", value=one, rows=f"{found[one]:,}") if one in found else one,
            help=t(f"pipeline.{field}_help"),
            placeholder=raw("data_sources.choose"),
        )
    dates = [column for column, kind in chosen.columns.items() if kind in DATES]
    stages = _held(draft, "open")
    if not stages:
        return
    st.caption(t("pipeline.reached_help"))
    with st.grid(3, min_column_width=200):
        for stage in stages:
            draft.choice(
                reached(stage),
                t("pipeline.reached", stage=stage),
                _with_held(draft, reached(stage), dates),
                str,
                placeholder=raw("pipeline.reached_all"),
            )


def _held(draft: Draft, field: str) -> list[str]:
    return list(draft.value(f"pipeline.{field}") or [])


def _with_held(draft: Draft, field: str, options: Sequence[str]) -> list[str]:
    held = draft.value(field)
    return [*options, *([held] if held and held not in options else [])]


def _result(snap: Snapshot, node: Node, draft: Draft) -> None:
    """Three totals, the chance of each stage, and the expected periods."""
    try:
        pipeline = pipeline_from(draft.values, node.pipeline)
        deals = _previewed(snap, node, pipeline) if pipeline is not None else None
    except KpiError as error:
        show_error(error)
        return
    if pipeline is None or deals is None:
        return
    found = deals.found
    counted = node if pipeline.amount else node.model_copy(update={"unit": "count", "counting_unit": ""})
    writing = Writing.of(counted, snap.workshop.settings, current().language)
    with st.container(border=True):
        st.markdown(f"**{t('pipeline.result')}**")
        totals = {
            "open_total": sum(stage.open_amount for stage in found.stages),
            "rest_total": float(found.rest.sum()),
            "overdue": found.overdue,
        }
        with st.grid(3, min_column_width=180):
            for name, value in totals.items():
                st.metric(t(f"pipeline.{name}"), plain(writing.value(value)), help=t(f"pipeline.{name}_help"))
        by_stage, by_period = st.columns([3, 2], gap="medium")
        by_stage.table(_stage_rows(deals, writing))
        by_period.table(_period_rows(snap, deals, writing))
        st.caption(t("pipeline.conversion_help"))
        if found.without_amount:
            st.warning(t("pipeline.without_amount", count=found.without_amount), icon=":material/help:")


def _stage_rows(deals: OpenDeals, writing: Writing) -> pd.DataFrame:
    rows = [
        (
            plain(stage.stage),
            t("pipeline.open_here", count=f"{stage.open_deals:,}", amount=writing.value(stage.open_amount)),
            t("pipeline.share", share=f"{stage.conversion:.1%}", won=f"{stage.won:,}", closed=f"{stage.closed:,}"),
        )
        for stage in deals.found.stages
    ]
    heads = [t(f"pipeline.head_{one}") for one in ("stage", "open", "conversion")]
    return pd.DataFrame(rows, columns=heads).set_index(heads[0])


def _period_rows(snap: Snapshot, deals: OpenDeals, writing: Writing) -> pd.DataFrame:
    language, start = current().language, snap.workshop.settings.fiscal_year_start
    rows = [
        (format_period(period, language, start), plain(writing.value(float(value))))
        for period, value in zip(deals.periods, deals.found.rest, strict=True)
    ]
    heads = [t("dashboard.period"), t("pipeline.head_expected")]
    return pd.DataFrame(rows, columns=heads).set_index(heads[0])


def _previewed(snap: Snapshot, node: Node, pipeline: Pipeline) -> OpenDeals:
    """Asked again when the pipeline, the rows or the workshop change."""
    key = (snap.id, snap.change, node.code, pipeline.model_dump_json())
    kept: tuple[object, OpenDeals] | None = st.session_state.get(_KEPT)
    if kept is None or kept[0] != key:
        with state() as here:
            found = preview_pipeline(here, snap.id, node.code, pipeline, today=today_of(snap.workshop))
        st.session_state[_KEPT] = kept = (key, found)
    return kept[1]
