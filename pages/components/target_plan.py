"""The target over a fiscal year: a year's number divided over its periods, the table to type in, and the curve."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from kpi_core.charts import trend
from kpi_core.charts.palette import palette
from kpi_core.charts.writing import Writing
from kpi_core.errors import RefusedError
from kpi_core.model.node import Node
from kpi_core.model.period import Period
from kpi_core.services.datasets import today_of
from kpi_core.services.targets import Course, adds_up, course, divided, fiscal_years, periods_of_year, year_in_focus
from kpi_core.services.workshops import Snapshot
from kpi_core.text.amounts import read_amount
from kpi_core.text.numbers import format_period
from pages.components.draft import Draft
from pages.components.outcome import attempt
from pages.components.session import current, raw, state, t
from pages.components.target_table import target_field, target_table
from pages.components.trouble import told

METHODS = ("even", "seasonal")


def target_plan(draft: Draft, snap: Snapshot, node: Node | None) -> dict[str, float | None]:
    """Draws the section and gives the chosen year's targets as they stand."""
    workshop, language = snap.workshop, current().language
    start = workshop.settings.fiscal_year_start
    years = {year.key: year for year in fiscal_years(workshop, node)}
    if st.session_state.get("kgi.year") not in years:
        st.session_state["kgi.year"] = year_in_focus(workshop, node).key
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            t("kgi.year"),
            list(years),
            format_func=lambda key: format_period(key, language, start),
            key="kgi.year",
            width=150,
        )
        year = years[st.session_state["kgi.year"]]
        periods = periods_of_year(workshop, year)
        with state() as here:
            known = course(here, snap.id, node.code if node else "", periods)
        _division(draft, node, year, periods, known)
    table, curve = st.columns([2, 3], gap="medium")
    unit = draft.value("unit") or ""
    with table:
        targets = target_table(
            draft,
            workshop,
            node,
            year=year,
            periods=periods,
            unit=unit,
            previous_year=known.previous_year,
        )
    with curve:
        _curve(draft, snap, node, periods, known, targets)
    return targets


def _division(draft: Draft, node: Node | None, year: Period, periods: Sequence[Period], known: Course) -> None:
    """A year's number, and how it becomes the periods' targets."""
    unit = draft.value("unit") or ""
    sums = adds_up(unit, node.roll_up if node else None)
    seasonal = sums and all(math.isfinite(value) for value in known.previous_year)
    draft.text(
        "total",
        t("kgi.total"),
        placeholder=raw("kgi.total_hint" if unit != "ratio" else "kgi.total_hint_ratio"),
        width=210,
    )
    if seasonal:
        st.segmented_control(
            t("kgi.method"),
            METHODS,
            format_func=lambda one: t(f"kgi.method_{one}"),
            default="seasonal",
            required=True,
            key="kgi.method",
            help=t("kgi.method_help"),
        )
    shape = known.previous_year if seasonal and st.session_state.get("kgi.method") == "seasonal" else None
    st.button(
        t("kgi.divide") if sums else t("kgi.same_each"),
        key="kgi.divide",
        disabled=not (draft.value("total") or "").strip(),
        on_click=_divide,
        args=(draft, year, periods, sums, shape),
    )


def _divide(draft: Draft, year: Period, periods: Sequence[Period], sums: bool, shape: Sequence[float] | None) -> None:
    def fill() -> None:
        unit = draft.value("unit") or ""
        total = read_amount(draft.value("total") or "", unit)
        decimals = draft.value("decimals") or 0
        parts = None if total is None else divided(total, len(periods), sums=sums, shape=shape, decimals=decimals)
        if parts is None:
            raise RefusedError("year_not_divided")
        draft.put(
            target_field(year),
            [{"period": one.key, "value": part} for one, part in zip(periods, parts, strict=True)],
        )

    attempt(fill)


def _curve(
    draft: Draft,
    snap: Snapshot,
    node: Node | None,
    periods: Sequence[Period],
    known: Course,
    targets: dict[str, float | None],
) -> None:
    """Targets beside what was reached and last year, once there is something to draw."""
    settings, language = snap.workshop.settings, current().language
    stated = [targets.get(one.key) for one in periods]
    if all(value is None for value in stated) and not any(math.isfinite(value) for value in known.previous_year):
        with st.container(border=True):
            st.caption(t("kgi.curve_empty"))
        return
    unit = draft.value("unit") or ""
    writing = Writing(language, unit, settings.currency, settings.display_unit, draft.value("decimals"))
    given = [value for value in stated if value is not None]
    if given and adds_up(unit, node.roll_up if node else None):
        st.markdown(f"**{t('kgi.sum_of', count=len(given), sum=writing.value(math.fsum(given), compact=True))}**")
    elif given:
        st.markdown(f"**{t('kgi.last_of', value=writing.value(given[-1], compact=True))}**")
    rows = trend.frame(periods, known.actual, stated, known.previous_year, writing, today=today_of(snap.workshop))
    spec = trend.spec(
        writing,
        settings.grain,
        previous_year=any(math.isfinite(value) for value in known.previous_year),
        height=330,
        colours=palette(st.context.theme.type),
    )
    st.vega_lite_chart(rows, spec, theme=None, key="kgi.curve")


def amount_told(text: str, unit: str, writing: Writing) -> str:
    """What a typed amount was understood as, or why it was not; empty for an empty field."""
    try:
        value = read_amount(text, unit)
    except RefusedError as error:
        return f":red[{told(error)}]"
    return "" if value is None else t("kgi.understood", value=writing.value(value))
