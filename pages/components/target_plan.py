"""The target over a fiscal year: a year's number divided over its periods, the table to type in, and the curve."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from kpi_core.charts import trend
from kpi_core.charts.baseline import with_baseline
from kpi_core.charts.palette import palette
from kpi_core.charts.writing import Writing
from kpi_core.errors import RefusedError
from kpi_core.insight.baseline import level, step
from kpi_core.model.node import Node
from kpi_core.model.period import Period, parse_period
from kpi_core.services.datasets import today_of
from kpi_core.services.targets import Course, adds_up, course, divided, periods_of_year, year_in_focus
from kpi_core.services.workshops import Snapshot
from kpi_core.text.amounts import read_amount
from kpi_core.text.numbers import format_percent, format_period
from kpi_core.tree.units import RATIO
from pages.components.draft import Draft
from pages.components.outcome import attempt
from pages.components.session import current, raw, state, t
from pages.components.target_table import target_field, target_table
from pages.components.trouble import told

METHODS = ("even", "seasonal")


def target_plan(draft: Draft, snap: Snapshot, node: Node | None, offered: Sequence[Period]) -> dict[str, float | None]:
    """Draws the section and gives the chosen year's targets as they stand; ``offered`` are the years to choose from."""
    workshop, language = snap.workshop, current().language
    start = workshop.settings.fiscal_year_start
    years = {year.key: year for year in offered}
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
    start = _baseline(draft, settings.fiscal_year_start)
    sums = adds_up(unit, node.roll_up if node else None)
    if start is not None:
        _from_baseline(start, stated, writing, sums=sums)
    rows = trend.frame(periods, known.actual, stated, known.previous_year, writing, today=today_of(snap.workshop))
    spec = trend.spec(
        writing,
        settings.grain,
        previous_year=any(math.isfinite(value) for value in known.previous_year),
        height=330,
        colours=palette(st.context.theme.type),
    )
    line = level(*start, settings.grain, adds_up=sums) if start is not None else None
    if line is not None:
        words = raw("kgi.baseline_mean" if sums and start and start[1].grain is not settings.grain else "kgi.baseline")
        spec = with_baseline(spec, line, words, colours=palette(st.context.theme.type))
    st.vega_lite_chart(rows, spec, theme=None, key="kgi.curve")


def _baseline(draft: Draft, fiscal_year_start: int) -> tuple[float, Period] | None:
    """The baseline as it is typed now; ``None`` while it is not complete."""
    try:
        value = read_amount(draft.value("baseline_value") or "", draft.value("unit") or "")
    except RefusedError:
        return None
    key = draft.value("baseline_period")
    return None if value is None or not key else (value, parse_period(key, fiscal_year_start))


def _from_baseline(
    start: tuple[float, Period], stated: Sequence[float | None], writing: Writing, *, sums: bool
) -> None:
    """How far the target lies from where it starts."""
    found = step(*start, stated, adds_up=sums)
    if found is None:
        return
    language = current().language
    words = {
        "period": format_period(start[1], language),
        "baseline": writing.value(found.baseline, compact=True),
        "change": writing.change(found.change),
    }
    if found.share is None or writing.unit == RATIO:
        st.caption(t("kgi.from_baseline", **words))
    else:
        st.caption(t("kgi.from_baseline_share", **words, share=format_percent(found.share, language, signed=True)))


def amount_told(text: str, unit: str, writing: Writing) -> str:
    """What a typed amount was understood as, or why it was not; empty for an empty field."""
    try:
        value = read_amount(text, unit)
    except RefusedError as error:
        return f":red[{told(error)}]"
    return "" if value is None else t("kgi.understood", value=writing.value(value))
