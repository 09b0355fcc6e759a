"""The revisions on record, the latest first: each decision with its reason, and the definition as it stood before."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.node import Node
from kpi_core.model.revision import Revision, RevisionDecision
from kpi_core.services.revising import reinstate
from kpi_core.services.workshops import Snapshot
from kpi_core.text.numbers import axis_unit
from kpi_core.text.periods import format_date
from kpi_core.vocabulary import NodeStatus, RevisionChoice
from pages.components.card_link import open_card
from pages.components.frame import named
from pages.components.outcome import attempt
from pages.components.session import current, raw, state, t

#: A decision as a sign beside its word.
SIGNS = {RevisionChoice.KEEP: "●", RevisionChoice.CHANGE: "✎", RevisionChoice.RETIRE: "×"}
_COLOURS = {RevisionChoice.KEEP: "green", RevisionChoice.CHANGE: "primary", RevisionChoice.RETIRE: "gray"}
_TEXTS = ("definition", "includes", "excludes", "counting_unit", "formula", "owner", "action")


def revision_records(snap: Snapshot) -> None:
    """An expander a revision."""
    if not snap.workshop.revisions:
        return
    st.subheader(t("revisions.records"), anchor=False)
    latest_first = sorted(snap.workshop.revisions, key=lambda one: one.held_on, reverse=True)
    for at, revision in enumerate(latest_first):
        counts = {one.value: sum(x.choice is one for x in revision.decisions) for one in RevisionChoice}
        date = format_date(revision.held_on, current().language, weekday=True)
        with st.expander(t("revisions.record_title", date=date, **counts), expanded=at == 0):
            _record(snap, revision)


def _record(snap: Snapshot, revision: Revision) -> None:
    order = list(reversed(RevisionChoice))
    for decision in sorted(revision.decisions, key=lambda one: order.index(one.choice)):
        if decision.choice is not RevisionChoice.KEEP or decision.reason:
            _decision(snap, revision, decision)
    kept = [one for one in revision.decisions if one.choice is RevisionChoice.KEEP and not one.reason]
    if kept:
        names = raw("guidance.list.separator").join(_name(snap, one) for one in kept)
        st.caption(t("revisions.kept", count=len(kept), names=names))


def _decision(snap: Snapshot, revision: Revision, decision: RevisionDecision) -> None:
    word = f"{SIGNS[decision.choice]} {t(f'vocabulary.revision_choice.{decision.choice.value}')}"
    node, before = snap.workshop.node(decision.node), decision.before
    with st.container(border=True):
        st.markdown(f":{_COLOURS[decision.choice]}-badge[{word}] **{named(_name(snap, decision))}**")
        if decision.reason:
            st.markdown(named(decision.reason))
        if before is None:
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            key = f"revisions.before.{revision.code}.{decision.node}"
            with st.popover(t("revisions.before", number=before.version), icon=":material/history:", key=key):
                definition_of(snap, before)
            if decision.choice is RevisionChoice.CHANGE and node is not None:
                st.button(
                    t("revisions.open_card", number=node.version),
                    key=f"revisions.card.{revision.code}.{node.code}",
                    icon=":material/edit:",
                    on_click=open_card,
                    args=(snap.workshop, node.code),
                )
            if node is not None and node.status is NodeStatus.RETIRED:
                st.button(
                    t("revisions.reinstate"),
                    key=f"revisions.reinstate.{revision.code}.{node.code}",
                    type="tertiary",
                    on_click=_reinstate,
                    args=(snap, node),
                )


def definition_of(snap: Snapshot, node: Node) -> None:
    """A definition to read: name, meaning, how it was counted, by whom; what was left empty is left out."""
    language, settings = current().language, snap.workshop.settings
    lines = [
        (raw("revisions.name"), node.name.in_language(language) or node.code),
        *((raw(f"kpi_design.field.{name}"), str(getattr(node, name) or "")) for name in _TEXTS),
    ]
    if node.unit:
        lines.append((raw("kpi_design.field.unit"), axis_unit(node.unit, language, currency=settings.currency)))
    if node.measure is not None:
        names = dict.fromkeys(part.dataset for part in node.measure.parts)
        datasets = [snap.workshop.dataset(code) for code in names]
        told = [
            (one.name.in_language(language) or one.code) if one else code
            for code, one in zip(names, datasets, strict=True)
        ]
        lines.append((raw("kpi_design.field.measure"), " / ".join(told)))
    if node.version_reason:
        lines.append((raw("kpi_design.field.version_reason"), node.version_reason))
    st.markdown("\n\n".join(f"**{named(label)}**  \n{named(text)}" for label, text in lines if text.strip()))


def _name(snap: Snapshot, decision: RevisionDecision) -> str:
    node = snap.workshop.node(decision.node) or decision.before
    return (node.name.in_language(current().language) if node else "") or decision.node


def _reinstate(snap: Snapshot, node: Node) -> None:
    def back() -> None:
        with state() as here:
            reinstate(here, snap.id, node.code, snap.revisions["nodes", node.code], current().who)

    attempt(back, "revisions.reinstated")
