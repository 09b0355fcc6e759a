"""The definition card of the chosen node: its parts as tabs, each saved by itself, what is missing marked."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from kpi_core.guidance.card import PARTS, Part, missing_parts
from kpi_core.guidance.rewriting import awaiting_rewrite
from kpi_core.model.node import Node
from kpi_core.services.revising import last_decision
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_date
from kpi_core.vocabulary import NodeKind, NodeStatus, Page, RevisionChoice
from pages.components.card_agreement import card_agreement
from pages.components.card_formula import card_formula
from pages.components.card_history import card_history
from pages.components.card_meaning import card_meaning
from pages.components.card_source import card_source
from pages.components.card_targets import card_targets
from pages.components.dialog import ask
from pages.components.frame import address, entry_of, named
from pages.components.lineage import lineage_button
from pages.components.node_dialogs import child_kind
from pages.components.session import current, raw, t

_DRAWN: dict[Part, Callable[[Snapshot, Node], None]] = {
    "meaning": card_meaning,
    "formula": card_formula,
    "targets": card_targets,
    "source": card_source,
    "agreement": card_agreement,
    "history": card_history,
}


def definition_card(snap: Snapshot, node: Node) -> None:
    """Head, tabs and the part that is open."""
    with st.container(border=True, key="definition_card"):
        _head(snap, node)
        _decided(snap, node)
        missing = missing_parts(snap.workshop, node)
        parts = [part for part in PARTS if part != "targets" or node.kind is not NodeKind.KSF]
        if st.session_state.get("kpi_design.part") not in parts:
            st.session_state["kpi_design.part"] = parts[0]
        part = st.pills(
            t("kpi_design.parts"),
            parts,
            format_func=lambda one: t(f"kpi_design.part.{one}") + (":orange[▲]" if one in missing else ""),
            required=True,
            key="kpi_design.part",
            label_visibility="collapsed",
        )
        chosen: Part = part or "meaning"
        if chosen in missing:
            names = raw("tree.separator").join(raw(f"kpi_design.field.{name}") for name in missing[chosen])
            st.caption(f":orange[▲] {t('kpi_design.missing', fields=names)}")
        _DRAWN[chosen](snap, node)


def _decided(snap: Snapshot, node: Node) -> None:
    """What the last revision decided and what follows from it: a card to rewrite, or one that is out of use."""
    language = current().language
    waiting = awaiting_rewrite(snap.workshop).get(node.code)
    if waiting is not None:
        day = format_date(waiting[0].held_on, language)
        st.warning(t("kpi_design.rewrite_pending", date=day, reason=waiting[1].reason), icon=":material/edit_note:")
    if node.status is not NodeStatus.RETIRED:
        return
    last = last_decision(snap.workshop, node.code)
    if last is None or last[1].choice is not RevisionChoice.RETIRE:
        st.info(t("kpi_design.retired_since"), icon=":material/block:")
        return
    words = t("kpi_design.retired_on", date=format_date(last[0].held_on, language), reason=last[1].reason)
    st.info(f"{words} {t('kpi_design.reinstate_where')}", icon=":material/block:")


def _head(snap: Snapshot, node: Node) -> None:
    language = current().language
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(t(f"vocabulary.node_kind.{node.kind.value}"), color="primary")
        st.markdown(f"#### {named(node.name.in_language(language) or node.code)}", width="stretch")
    department = snap.workshop.department_name(node.department, language)
    facts = [
        f"`{node.code}`",
        *([named(department)] if department else []),
        *([named(node.owner)] if node.owner else []),
    ]
    st.caption(" ・ ".join([*facts, t(f"vocabulary.node_status.{node.status.value}")]))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        below = raw(f"vocabulary.node_kind.{child_kind(node).value}")
        st.button(
            t("kpi_design.add_here", kind=below),
            icon=":material/add:",
            key="kpi_design.add",
            on_click=ask,
            args=("add", node.code),
        )
        wanted = ["code"] if node.kind is NodeKind.KGI else ["code", "move", "delete"]
        chosen = st.menu_button(
            t("kpi_design.change"),
            wanted,
            format_func=lambda one: t(f"kpi_design.menu_{one}"),
            key="kpi_design.menu",
            type="tertiary",
            icon=":material/more_horiz:",
        )
        if chosen is not None:
            ask(chosen, node.code)
        if node.kind is not NodeKind.KSF:
            lineage_button(node.code, key="kpi_design.lineage")
        if node.kind is NodeKind.KGI:
            st.page_link(entry_of(Page.KGI), label=t("kpi_design.to_kgi"), query_params=address())
