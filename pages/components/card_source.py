"""The card's data and upkeep: who answers for the number, where it comes from, and what is done when it is red."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.node import Node
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Availability, Cadence, NodeKind, Page
from pages.components.card_draft import card_draft, card_foot, department_words
from pages.components.data_grade import card_grades
from pages.components.draft import Draft, Values
from pages.components.frame import address, entry_of
from pages.components.session import current, raw, t

_LINES = ("owner", "updater", "system", "object", "field")
_PROSE = ("input_rule", "action")
_CHOICES = ("department", "availability", "update_frequency", "review", "review_by")


def card_source(snap: Snapshot, node: Node) -> None:
    """The form of the fourth tab."""
    draft = card_draft(snap, node, "source", _read)
    _people(draft, snap)
    if node.kind is not NodeKind.KSF:
        _where(draft, snap, node)
    hint = raw("kpi_design.action_hint")
    draft.area("action", t("kpi_design.field.action"), placeholder=hint, height=88, max_chars=5000)
    language = current().language
    reviews = {one.code: one.name.in_language(language) or one.code for one in snap.workshop.reviews}
    left, right = st.columns(2, gap="small")
    with left:
        draft.choice(
            "review",
            t("kpi_design.field.review"),
            list(reviews),
            lambda code: reviews.get(code, code),
            placeholder=raw("kpi_design.choose" if reviews else "kpi_design.no_reviews"),
        )
    with right:
        draft.date("review_by", t("kpi_design.field.review_by"), help=t("kpi_design.review_by_help"))
    card_foot(draft, snap, node, dict)


def _people(draft: Draft, snap: Snapshot) -> None:
    words = department_words(snap)
    departments = [one.code for one in snap.workshop.departments]
    held = draft.value("department")
    if held and held not in departments:
        departments.append(held)
    left, right = st.columns(2, gap="small")
    with left:
        draft.choice(
            "department",
            t("kpi_design.field.department"),
            departments,
            words,
            placeholder=raw("kpi_design.choose"),
        )
    with right:
        draft.text("owner", t("kpi_design.field.owner"), placeholder=raw("kpi_design.owner_hint"), max_chars=200)
    draft.several(
        "contributors", t("kpi_design.field.contributors"), departments, words, placeholder=raw("kpi_design.choose")
    )


def _where(draft: Draft, snap: Snapshot, node: Node) -> None:
    """System, object and field; the measure itself is mapped on the data page."""
    parts = node.measure.parts if node.measure else ()
    language = current().language
    used = [found for part in parts if (found := snap.workshop.dataset(part.dataset)) is not None]
    names = raw("tree.separator").join(dict.fromkeys(one.name.in_language(language) or one.code for one in used))
    with st.container(border=True):
        if parts:
            st.markdown(t("kpi_design.measured_from", dataset=names))
        elif node.formula:
            st.markdown(t("kpi_design.from_formula"))
        elif node.manual or node.updater:
            st.markdown(t("kpi_design.typed_in"))
        else:
            st.markdown(t("kpi_design.no_source"))
        card_grades(snap.workshop, snap.id, node.code)
        label = t("kpi_design.to_data")
        st.page_link(entry_of(Page.DATA_SOURCES), label=label, icon=":material/arrow_forward:", query_params=address())
    with st.grid(3, min_column_width=130):
        for name in ("system", "object", "field"):
            hint = raw(f"kpi_design.{name}_hint")
            draft.text(name, t(f"kpi_design.field.{name}"), placeholder=hint, max_chars=200)
    with st.grid(2, min_column_width=180):
        draft.choice(
            "availability",
            t("kpi_design.field.availability"),
            [one.value for one in Availability],
            lambda one: raw(f"vocabulary.availability.{one}"),
            placeholder=raw("kpi_design.choose"),
        )
        draft.choice(
            "update_frequency",
            t("kpi_design.field.update_frequency"),
            [one.value for one in Cadence],
            lambda one: raw(f"vocabulary.cadence.{one}"),
            placeholder=raw("kpi_design.choose"),
        )
    draft.text("updater", t("kpi_design.field.updater"), help=t("kpi_design.updater_help"), max_chars=200)
    hint = raw("kpi_design.input_rule_hint")
    draft.area("input_rule", t("kpi_design.field.input_rule"), placeholder=hint, height=72, max_chars=5000)


def _read(node: Node) -> Values:
    values: Values = {name: getattr(node, name) for name in (*_LINES, *_PROSE, *_CHOICES)}
    values["availability"] = node.availability.value if node.availability else None
    values["update_frequency"] = node.update_frequency.value if node.update_frequency else None
    values["contributors"] = list(node.contributors)
    return values
