"""The card's targets: by period over a fiscal year, thresholds, the baseline they start from, and why."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.errors import RefusedError
from kpi_core.model.base import PeriodValue
from kpi_core.model.node import Node, Thresholds
from kpi_core.model.period import Period
from kpi_core.model.workshop import Workshop
from kpi_core.services.composing import composed
from kpi_core.services.target_years import baseline_periods, fiscal_years, years_of_data
from kpi_core.services.targets import (
    adds_up,
    course,
    divided,
    grown,
    periods_of_year,
    with_targets,
    year_in_focus,
)
from kpi_core.services.workshops import Snapshot
from kpi_core.text.amounts import read_amount, write_amount
from kpi_core.text.numbers import format_period
from kpi_core.vocabulary import Direction
from pages.components.card_draft import card_draft, card_foot
from pages.components.draft import Draft, Values
from pages.components.outcome import attempt
from pages.components.session import current, raw, state, t
from pages.components.target_plan import amount_told
from pages.components.target_table import target_field, target_rows, target_table, typed_targets

_LIMITS = ("goal", "red", "goal_upper", "red_upper")


def card_targets(snap: Snapshot, node: Node) -> None:
    """The form of the third tab."""
    workshop = snap.workshop
    with state() as here:
        measured = years_of_data(here, snap.id)
    years = fiscal_years(workshop, node, measured)
    draft = card_draft(snap, node, "targets", lambda found: _read(workshop, found, years))
    writing = Writing.of(node, workshop.settings, current().language)
    year = _year(workshop, node, years)
    periods = periods_of_year(workshop, year)
    with state() as here:
        known = course(here, snap.id, node.code, periods)
    _fill(draft, node, year, periods, known.previous_year)
    targets = target_table(draft, workshop, node, year=year, periods=periods, previous_year=known.previous_year)
    given = [value for value in targets.values() if value is not None]
    if given and adds_up(node.unit, node.roll_up):
        st.markdown(f"**{t('kgi.sum_of', count=len(given), sum=writing.value(math.fsum(given), compact=True))}**")
    draft.area("target_rationale", t("kgi.rationale"), placeholder=raw("kgi.rationale_hint"), height=72)
    _thresholds(draft, node, writing)
    _baseline(draft, workshop, node, writing, baseline_periods(workshop, measured))
    card_foot(draft, snap, node, lambda values: _fields(workshop, node, values))


def _year(workshop: Workshop, node: Node, offered: Sequence[Period]) -> Period:
    start, language = workshop.settings.fiscal_year_start, current().language
    years = {year.key: year for year in offered}
    key = "kpi_design.year"
    if st.session_state.get(key) not in years:
        st.session_state[key] = year_in_focus(workshop, node).key
    st.selectbox(
        t("kgi.year"), list(years), format_func=lambda one: format_period(one, language, start), key=key, width=180
    )
    return years[st.session_state[key]]


def _fill(draft: Draft, node: Node, year: Period, periods: Sequence[Period], previous: Sequence[float]) -> None:
    """Three quick ways to fill the table, behind one button."""
    with st.popover(t("kpi_design.fill"), icon=":material/auto_fix_high:"):
        hint = raw("kgi.total_hint_ratio" if node.unit == "ratio" else "kgi.total_hint")
        draft.text("total", t("kgi.total"), placeholder=hint)
        sums = adds_up(node.unit, node.roll_up)
        nothing = not (draft.value("total") or "").strip()
        even = t("kpi_design.fill_even" if sums else "kpi_design.fill_same")
        st.button(even, key="fill.even", on_click=_divide, args=(draft, node, year, periods, None), disabled=nothing)
        whole = all(math.isfinite(value) for value in previous)
        if sums and whole:
            seasonal = (draft, node, year, periods, tuple(previous))
            label = t("kpi_design.fill_seasonal")
            st.button(label, key="fill.seasonal", on_click=_divide, args=seasonal, disabled=nothing)
        if any(math.isfinite(value) for value in previous):
            st.number_input(
                t("kpi_design.factor"), value=110.0, min_value=0.0, max_value=1000.0, step=5.0, key="fill.factor"
            )
            st.button(
                t("kpi_design.fill_factor"),
                key="fill.grow",
                on_click=_grow,
                args=(draft, node, year, periods, tuple(previous)),
            )


def _divide(draft: Draft, node: Node, year: Period, periods: Sequence[Period], shape: tuple[float, ...] | None) -> None:
    def fill() -> None:
        total = read_amount(draft.value("total") or "", node.unit)
        sums = adds_up(node.unit, node.roll_up)
        decimals = node.decimals or 0
        parts = None if total is None else divided(total, len(periods), sums=sums, shape=shape, decimals=decimals)
        if parts is None:
            raise RefusedError("year_not_divided")
        _put(draft, year, periods, parts)

    attempt(fill)


def _grow(draft: Draft, node: Node, year: Period, periods: Sequence[Period], previous: tuple[float, ...]) -> None:
    _put(draft, year, periods, grown(previous, st.session_state["fill.factor"] / 100, node.unit, node.decimals))


def _put(draft: Draft, year: Period, periods: Sequence[Period], parts: Sequence[float | None]) -> None:
    rows = [{"period": one.key, "value": part} for one, part in zip(periods, parts, strict=True)]
    draft.put(target_field(year), rows)


def _thresholds(draft: Draft, node: Node, writing: Writing) -> None:
    banded = node.direction is Direction.RANGE
    with st.expander(t("kpi_design.thresholds"), expanded=node.thresholds is not None):
        st.caption(t(f"kpi_design.thresholds_help_{node.direction.value}"))
        columns = st.columns(2, gap="small")
        for at, name in enumerate(_LIMITS if banded else _LIMITS[:2]):
            with columns[at % 2]:
                _amount(draft, name, t(f"kpi_design.field.{name}"), node, writing)


def _baseline(draft: Draft, workshop: Workshop, node: Node, writing: Writing, keys: Sequence[str]) -> None:
    language, start = current().language, workshop.settings.fiscal_year_start
    held = draft.value("baseline_period")
    left, right = st.columns(2, gap="small")
    with left:
        draft.choice(
            "baseline_period",
            t("kgi.baseline_period"),
            list(dict.fromkeys([*keys, *([held] if held else [])])),
            lambda key: format_period(key, language, start),
            placeholder=raw("kgi.baseline_hint"),
        )
    with right:
        _amount(draft, "baseline_value", t("kpi_design.field.baseline"), node, writing)


def _amount(draft: Draft, field: str, label: str, node: Node, writing: Writing) -> None:
    said = amount_told(draft.text(field, label, max_chars=60) or "", node.unit, writing)
    if said:
        st.caption(said)


def _read(workshop: Workshop, node: Node, years: Sequence[Period]) -> Values:
    limits = {name: getattr(node.thresholds, name) if node.thresholds else None for name in _LIMITS}
    values: Values = {
        "total": "",
        "target_rationale": node.target_rationale,
        "baseline_period": node.baseline.period if node.baseline else None,
        "baseline_value": write_amount(node.baseline.value, node.unit) if node.baseline else "",
        **{name: write_amount(value, node.unit) for name, value in limits.items()},
    }
    for year in years:
        values[target_field(year)] = target_rows(node, periods_of_year(workshop, year))
    return values


def _fields(workshop: Workshop, node: Node, values: Values) -> dict[str, object]:
    amount = read_amount(values["baseline_value"], node.unit)
    if (amount is None) != (values["baseline_period"] is None):
        raise RefusedError("baseline_incomplete")
    limits = {name: read_amount(values[name], node.unit) for name in _LIMITS}
    if (limits["goal"] is None) != (limits["red"] is None):
        raise RefusedError("kpi_design.thresholds_incomplete")
    stated = {name: value for name, value in limits.items() if value is not None}
    return {
        "thresholds": composed(Thresholds, stated) if stated else None,
        "baseline": None if amount is None else PeriodValue(period=values["baseline_period"], value=amount),
        "targets": with_targets(node.targets, typed_targets(values), workshop.settings.fiscal_year_start),
        "target_rationale": values["target_rationale"],
    }
