"""The card's calculation: unit, direction, formula checked as it is typed, roll-up, and the edge to the parent."""

from __future__ import annotations

import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.services.trying import try_formula
from kpi_core.services.workshops import Snapshot
from kpi_core.text.numbers import axis_unit
from kpi_core.text.periods import format_period
from kpi_core.tree.checking import FormulaCheck, check_formula
from kpi_core.tree.structure import edges
from kpi_core.vocabulary import Direction, Nature, NodeKind, Relation, RollUp, Severity, Sign
from pages.components.card_draft import card_draft, card_foot
from pages.components.completions import completed, shown_completions
from pages.components.draft import Draft, Values
from pages.components.driver_links import driver_links
from pages.components.kgi_form import raw_unit
from pages.components.plain import plain
from pages.components.session import current, raw, state, t
from pages.components.trouble import told

_UNITS = ("count", "ratio", "days", "hours", "score")
_SHOWN_RESULTS = 4


def card_formula(snap: Snapshot, node: Node) -> None:
    """The form of the second tab; below it the further driver links."""
    draft = card_draft(snap, node, "formula", _read)
    holds = True
    if node.kind is not NodeKind.KSF:
        _nature(draft, snap.workshop)
        holds = _formula(draft, snap, node)
        draft.choice(
            "roll_up",
            t("kpi_design.field.roll_up"),
            [one.value for one in RollUp],
            lambda one: raw(f"vocabulary.roll_up.{one}"),
            placeholder=raw("kpi_design.roll_up_natural"),
            help=t("kpi_design.roll_up_help"),
        )
    if node.parent is not None:
        _relation(draft, snap.workshop, node)
    card_foot(draft, snap, node, _fields, disabled=not holds)
    driver_links(snap, node)


def _nature(draft: Draft, workshop: Workshop) -> None:
    language, currency = current().language, workshop.settings.currency
    held = draft.value("unit")

    def words(unit: str) -> str:
        name = axis_unit(unit, language, currency=currency)
        return raw("kgi.unit_money", currency=name, code=unit) if unit == currency else raw_unit(unit, name)

    known = dict.fromkeys([currency, *_UNITS, *([held] if held else [])])
    left, right = st.columns([3, 2], gap="small", vertical_alignment="bottom")
    with left:
        draft.choice(
            "unit",
            t("kpi_design.field.unit"),
            list(known),
            words,
            accept_new_options=True,
            help=t("kgi.unit_help"),
            placeholder=raw("kgi.unit_hint"),
        )
    with right:
        draft.choice(
            "decimals", t("kpi_design.field.decimals"), list(range(7)), str, placeholder=raw("kpi_design.auto")
        )
    draft.segments(
        "direction",
        t("kpi_design.field.direction"),
        [one.value for one in Direction],
        lambda one: t(f"vocabulary.direction.{one}"),
        required=True,
    )
    draft.segments(
        "nature",
        t("kpi_design.field.nature"),
        [one.value for one in Nature],
        lambda one: t(f"vocabulary.nature.{one}"),
        help=t("kpi_design.nature_help"),
    )


def _formula(draft: Draft, snap: Snapshot, node: Node) -> bool:
    """The formula's field with its check and live result; whether it may be saved."""
    label, hint = t("kpi_design.field.formula"), raw("kpi_design.formula_hint")
    draft.text("formula", label, live=True, placeholder=hint, help=t("kpi_design.formula_help"))
    text = draft.value("formula") or ""
    check = check_formula(snap.workshop, node.code, text)
    for problem in check.problems:
        wrong = problem.severity is Severity.ERROR
        st.markdown(f":{'red' if wrong else 'orange'}[{'✕' if wrong else '▲'} {told(problem)}]")
    if text.strip() and check.holds:
        _result(snap, node, text, check)
    elif node.measure is None and not text.strip():
        st.caption(t("kpi_design.no_formula"))
    with st.popover(t("kpi_design.codes"), type="tertiary", icon=":material/list:"):
        shown_completions(snap.workshop, check.completions, on_pick=lambda code: completed(draft, code))
    return check.holds


def _result(snap: Snapshot, node: Node, text: str, check: FormulaCheck) -> None:
    """What the formula's codes are called, and what it gives in the last periods."""
    language, settings = current().language, snap.workshop.settings
    used = [found for code in check.names if (found := snap.workshop.node(code)) is not None]
    names = raw("tree.separator").join(f"{one.code} = {one.name.in_language(language) or one.code}" for one in used)
    st.caption(f"✓ {t('kpi_design.formula_holds')} {plain(names)}")
    with state() as here:
        found = try_formula(here, snap.id, node.code, text, count=_SHOWN_RESULTS)
    if not found:
        st.caption(t("kpi_design.no_result"))
        return
    writing = Writing.of(node, settings, language)
    start = settings.fiscal_year_start
    values = [
        f"{format_period(period, language, start, style='axis')} **{plain(writing.value(value, compact=True))}**"
        for period, value in found
    ]
    st.caption(f"{t('kpi_design.result')} {'　'.join(values)}")


def _relation(draft: Draft, workshop: Workshop, node: Node) -> None:
    language = current().language
    parent = workshop.node(node.parent or "")
    name = parent.name.in_language(language) or parent.code if parent else ""
    st.markdown(f"**{t('kpi_design.to_parent', parent=name)}**")
    edge = next((one for one in edges(workshop) if (one.source, one.target) == (node.code, node.parent)), None)
    draft.choice(
        "relation",
        t("kpi_design.field.relation"),
        [one.value for one in Relation],
        lambda one: raw(f"vocabulary.relation.{one}"),
        placeholder=raw(
            "kpi_design.relation_derived" if edge and edge.relation and not edge.stated else "kpi_design.relation_open"
        ),
    )
    if draft.value("relation") != Relation.DRIVER.value:
        return
    draft.segments(
        "sign", t("kpi_design.field.sign"), [one.value for one in Sign], lambda one: t(f"vocabulary.sign.{one}")
    )
    draft.number(
        "lag", t("kpi_design.field.lag"), min_value=0, max_value=60, step=1, help=t("kpi_design.lag_help"), width=200
    )


def _read(node: Node) -> Values:
    return {
        "unit": node.unit or None,
        "decimals": node.decimals,
        "direction": node.direction.value,
        "nature": node.nature.value if node.nature else None,
        "formula": node.formula or "",
        "roll_up": node.roll_up.value if node.roll_up else None,
        "relation": node.relation.value if node.relation else None,
        "sign": node.sign.value if node.sign else None,
        "lag": node.lag,
    }


def _fields(values: Values) -> dict[str, object]:
    driver = values["relation"] == Relation.DRIVER.value
    return {
        **values,
        "unit": values["unit"] or "",
        "formula": values["formula"] or None,
        "sign": values["sign"] if driver else None,
    }
