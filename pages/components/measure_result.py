"""What a measure gives before it is saved: its course by period, its numbers, and the fiscal years' totals."""

from __future__ import annotations

import streamlit as st

from kpi_core.charts import trend
from kpi_core.charts.palette import palette
from kpi_core.charts.writing import Writing
from kpi_core.errors import KpiError, Problem
from kpi_core.model.measure import RatioMeasure, SimpleMeasure
from kpi_core.model.node import Node
from kpi_core.services.dashboards import Course
from kpi_core.services.datasets import today_of
from kpi_core.services.mapping import measure_from, preview_course
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_period
from kpi_core.vocabulary import Grain
from pages.components.draft import Draft
from pages.components.session import current, raw, state, t
from pages.components.trouble import show_details, show_error, told

_KEPT = "data_sources.previewed"
_YEARS = 4
#: What only says that something is still to be chosen.
_UNFINISHED = ("file_measure_column_missing", "file_measure_date_missing")


def measure_result(snap: Snapshot, node: Node, draft: Draft) -> bool:
    """Draws it; tells whether the form says a whole measure."""
    try:
        measure = measure_from(draft.values)
    except KpiError as error:
        if all(problem.code in _UNFINISHED for problem in getattr(error, "problems", ())):
            st.caption(t("data_sources.preview_later"))
        else:
            show_error(error)
        return False
    if measure is None:
        st.caption(t("data_sources.preview_later"))
        return False
    course, years, problems = _previewed(snap, measure)
    for problem in problems:
        st.warning(told(problem))
    show_details(problems)
    if not course.periods:
        if not problems:
            st.info(t("data_sources.preview_empty"))
        return True
    _draw(snap, node.model_copy(update={"measure": measure}), course, years)
    return True


def _draw(snap: Snapshot, node: Node, course: Course, years: Course) -> None:
    language, settings = current().language, snap.workshop.settings
    writing = Writing.of(node, settings, language)
    nothing = [None] * len(course.periods)
    rows = trend.frame(course.periods, course.actual, nothing, nothing, writing, today=today_of(snap.workshop))
    st.markdown(f"**{t('data_sources.preview')}**")
    colours = palette(st.context.theme.type)
    spec = trend.spec(writing, settings.grain, target=False, previous_year=False, height=200, colours=colours)
    chart, table = st.columns([3, 2], gap="medium")
    chart.vega_lite_chart(rows, spec, theme=None, key=f"data_sources.preview.{node.code}")
    shown = rows.select(["period_text", "actual_text"]).rename_columns(
        [raw("dashboard.period"), raw("data_sources.value")]
    )
    table.dataframe(shown.to_pandas().iloc[::-1], hide_index=True, height=200)
    written = [
        f"{format_period(period, language, settings.fiscal_year_start)} **{writing.value(value)}**"
        for period, value in zip(years.periods, years.actual, strict=True)
    ]
    if written:
        st.markdown(f"{t('data_sources.by_year')} {' ・ '.join(written[-_YEARS:])}")


def _previewed(snap: Snapshot, measure: SimpleMeasure | RatioMeasure) -> tuple[Course, Course, tuple[Problem, ...]]:
    """The measure's course and its fiscal years; computed when the measure, the rows or the workshop change."""
    key = (snap.id, snap.change, measure.model_dump_json())
    kept = st.session_state.get(_KEPT)
    if kept is None or kept[0] != key:
        with state() as here:
            course, problems = preview_course(here, snap.id, measure)
            years, _ = preview_course(here, snap.id, measure, Grain.YEAR)
        st.session_state[_KEPT] = kept = (key, (course, years, problems))
    return kept[1]
