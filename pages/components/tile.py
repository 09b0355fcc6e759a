"""One KPI in one period: value, target, achievement, change, sparkline, and its definition a click away."""

from __future__ import annotations

import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.model.workshop import Workshop
from kpi_core.services.dashboards import Tile
from kpi_core.text.numbers import format_percent
from kpi_core.text.periods import format_datetime, format_period
from kpi_core.vocabulary import Direction
from pages.components.frame import named
from pages.components.plain import plain
from pages.components.session import current, t
from pages.components.status import COLOURS, status_badge


def tile(one: Tile, workshop: Workshop) -> None:
    """The tile; "larger" below it puts its node into ``st.session_state['dashboard.node']``."""
    writing = Writing.of(one.node, workshop.settings, current().language)
    with st.container(border=True, height="stretch"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{named(name_of(one))}**")
            status_badge(one.standing.status)
        value_with_change(one, writing)
        target_line(one, writing)
        with st.container(horizontal=True):
            st.button(
                t("dashboard.larger"),
                key=f"dashboard.larger.{one.node.code}",
                type="tertiary",
                on_click=_show,
                args=(one.node.code,),
            )
            with st.popover(t("dashboard.about"), type="tertiary"):
                about(one, workshop)


def name_of(one: Tile) -> str:
    """The node's name in the page's language, as typed."""
    return one.node.name.in_language(current().language) or one.node.code


def value_with_change(one: Tile, writing: Writing) -> None:
    """The value, large, with its change against the previous period and the sparkline."""
    spark = [value for value in one.spark if value is not None]
    st.metric(
        one.node.code,
        plain(writing.value(one.standing.actual)),
        delta=None if one.change is None else plain(writing.change(one.change)),
        delta_color=COLOURS[one.standing.status],
        delta_arrow="off" if not one.change else "up" if one.change > 0 else "down",
        delta_description=t("dashboard.against_previous") if one.change is not None else None,
        label_visibility="collapsed",
        chart_data=spark if len(spark) > 1 else None,
    )


def target_line(one: Tile, writing: Writing) -> None:
    """Target and achievement; says so where there is no target, or where values are missing within the period."""
    goal = one.standing.goal_to_date
    if goal is None:
        st.caption(t("dashboard.no_target"))
    else:
        share = format_percent(one.achievement, writing.language, decimals=0, short=True)
        key = "dashboard.target_down" if one.node.direction is Direction.DOWN else "dashboard.target"
        st.caption(t(key, target=writing.value(goal), share=share))
        if one.achievement is not None:
            st.progress(min(1.0, max(0.0, one.achievement)))
    if 0 < one.coverage < 1:
        share = format_percent(one.coverage, writing.language, decimals=0)
        st.caption(t("dashboard.partly_measured", share=share))


def about(one: Tile, workshop: Workshop) -> None:
    """The definition card in short: meaning, formula, source, owner, standard action, freshness."""
    node = one.node
    rows = [
        ("definition", node.definition),
        ("formula", node.formula or ""),
        ("source", source_of(one, workshop)),
        ("owner", node.owner),
        ("action", node.action),
    ]
    for name, text in rows:
        st.markdown(f"**{t(f'dashboard.about_{name}')}**  \n{named(text)}")
    st.caption(fresh_line(one, workshop))


def source_of(one: Tile, workshop: Workshop) -> str:
    """Where the number comes from, in words: dataset and column, a formula, typed by hand; empty for nowhere."""
    measure = one.node.measure
    if measure is not None:
        datasets = dict.fromkeys(part.dataset for part in measure.parts)
        names = []
        for code in datasets:
            dataset = workshop.dataset(code)
            names.append((dataset.name.in_language(current().language) if dataset else "") or code)
        return " / ".join(names)
    if one.node.manual:
        return t("dashboard.by_hand", who=one.node.updater or one.node.owner or "–")
    return t("dashboard.by_formula") if one.node.formula else ""


def fresh_line(one: Tile, workshop: Workshop) -> str:
    """How fresh the number is: its latest period, and when its data were uploaded."""
    fresh = one.freshness
    if fresh is None or fresh.period is None:
        return t("dashboard.never_measured")
    start = workshop.settings.fiscal_year_start
    period = format_period(fresh.period, current().language, start)
    if fresh.uploaded_at is None:
        return t("dashboard.fresh_until", period=period)
    at = format_datetime(fresh.uploaded_at, current().language, workshop.settings.timezone)
    return t("dashboard.fresh_from_file", period=period, file=fresh.file_name or "–", at=at)


def _show(code: str) -> None:
    st.session_state["dashboard.node"] = code
