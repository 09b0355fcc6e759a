"""The KGI's card: what the goal is, how it is measured, by whom and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.errors import RefusedError
from kpi_core.model.base import Bilingual, PeriodValue
from kpi_core.model.node import Node
from kpi_core.model.period import Period
from kpi_core.model.workshop import Workshop
from kpi_core.services.targets import periods_of_year, with_targets
from kpi_core.text.amounts import read_amount, write_amount
from kpi_core.text.numbers import axis_unit, format_period
from kpi_core.vocabulary import Direction
from pages.components.draft import Draft, Values
from pages.components.session import current, raw, t
from pages.components.target_plan import amount_told
from pages.components.target_table import target_field, target_rows, typed_targets

_UNITS = ("count", "ratio", "days", "hours", "score")


def read_goal(workshop: Workshop, node: Node | None, years: Sequence[Period]) -> Values:
    """Field → value as the form holds it, with the targets of ``years``.

    Of an absent node the values a new one begins with.
    """
    seen = node or Node(code="kgi", kind="kgi", unit=workshop.settings.currency)
    values: Values = {
        "name_ja": seen.name.ja,
        "name_en": seen.name.en,
        "definition": seen.definition,
        "unit": seen.unit or None,
        "decimals": seen.decimals,
        "direction": seen.direction.value,
        "owner": seen.owner,
        "due": seen.due,
        "baseline_period": seen.baseline.period if seen.baseline else None,
        "baseline_value": write_amount(seen.baseline.value, seen.unit) if seen.baseline else "",
        "formula": seen.formula or "",
        "code": node.code if node else "",
        "target_rationale": seen.target_rationale,
        "total": "",
    }
    for year in years:
        values[target_field(year)] = target_rows(node, periods_of_year(workshop, year))
    return values


def goal_fields(draft: Draft, workshop: Workshop, baselines: Sequence[str]) -> None:
    """The form's fields, without the targets; ``baselines`` are the keys of the periods a baseline can be of."""
    left, right = st.columns(2)
    with left:
        draft.text("name_ja", t("kgi.name_ja"), placeholder=raw("kgi.name_ja_hint"), live=True, max_chars=200)
    with right:
        draft.text("name_en", t("kgi.name_en"), placeholder=raw("kgi.name_en_hint"), live=True, max_chars=200)
    draft.area("definition", t("kgi.definition"), placeholder=raw("kgi.definition_hint"), height=92, max_chars=5000)
    left, right = st.columns(2)  # a row of its own: on a phone the fields then follow in this order
    with left:
        _unit(draft, workshop)
    with right:
        draft.choice(
            "direction",
            t("kgi.direction"),
            [one.value for one in Direction],
            lambda one: raw(f"vocabulary.direction.{one}"),
            index=0,
        )
    left, right = st.columns(2)
    with left:
        draft.text("owner", t("kgi.owner"), placeholder=raw("kgi.owner_hint"), live=True, max_chars=200)
    with right:
        draft.date("due", t("kgi.due"))
    left, right = st.columns(2)
    with left:
        _baseline_period(draft, workshop, baselines)
    with right:
        _baseline_value(draft, workshop)
    with st.expander(t("kgi.more")):
        draft.text("formula", t("kgi.formula"), placeholder=raw("kgi.formula_hint"), help=t("kgi.formula_help"))
        left, right = st.columns(2)
        with left:
            draft.text("code", t("kgi.code"), placeholder=raw("kgi.code_hint"), help=t("kgi.code_help"), max_chars=64)
        with right:
            draft.choice("decimals", t("kgi.decimals"), [0, 1, 2, 3], str, placeholder=raw("kgi.decimals_hint"))


def _unit(draft: Draft, workshop: Workshop) -> None:
    language, currency = current().language, workshop.settings.currency
    held = draft.value("unit")
    known = dict.fromkeys([currency, *_UNITS, *([held] if held else [])])

    def words(unit: str) -> str:
        name = axis_unit(unit, language, currency=currency)
        return raw("kgi.unit_money", currency=name, code=unit) if unit == currency else raw_unit(unit, name)

    draft.choice(
        "unit",
        t("kgi.unit"),
        list(known),
        words,
        accept_new_options=True,
        help=t("kgi.unit_help"),
        placeholder=raw("kgi.unit_hint"),
    )


def raw_unit(unit: str, name: str) -> str:
    """A unit of the list in words; the team's own word as it is."""
    return raw(f"kgi.unit_{unit}") if unit in _UNITS else name


def _baseline_period(draft: Draft, workshop: Workshop, keys: Sequence[str]) -> None:
    language, start = current().language, workshop.settings.fiscal_year_start
    held = draft.value("baseline_period")
    draft.choice(
        "baseline_period",
        t("kgi.baseline_period"),
        list(dict.fromkeys([*keys, *([held] if held else [])])),
        lambda key: format_period(key, language, start),
        help=t("kgi.baseline_help"),
        placeholder=raw("kgi.baseline_hint"),
    )


def _baseline_value(draft: Draft, workshop: Workshop) -> None:
    settings, unit = workshop.settings, draft.value("unit") or ""
    hint = raw("kgi.total_hint_ratio" if unit == "ratio" else "kgi.total_hint")
    text = draft.text("baseline_value", t("kgi.baseline_value"), placeholder=hint, live=True, max_chars=60)
    writing = Writing(current().language, unit, settings.currency, settings.display_unit, draft.value("decimals"))
    said = amount_told(text, unit, writing)
    if said:
        st.caption(said)


def composed_goal(workshop: Workshop, node: Node | None, values: Values) -> dict[str, Any]:
    """The node's fields from the form's values. Raises ``RefusedError`` for an amount that cannot be read."""
    unit = values["unit"] or ""
    amount = read_amount(values["baseline_value"], unit)
    if (amount is None) != (values["baseline_period"] is None):
        raise RefusedError("baseline_incomplete")
    baseline = None if amount is None else PeriodValue(period=values["baseline_period"], value=amount)
    start = workshop.settings.fiscal_year_start
    return {
        "name": Bilingual(ja=values["name_ja"].strip(), en=values["name_en"].strip()),
        "definition": values["definition"],
        "unit": unit,
        "decimals": values["decimals"],
        "direction": values["direction"],
        "owner": values["owner"].strip(),
        "due": values["due"],
        "baseline": baseline,
        "formula": values["formula"] or None,
        "target_rationale": values["target_rationale"],
        "targets": with_targets(node.targets if node else (), typed_targets(values), start),
    }
