"""Step 3: the KPI tree, and beside it the definition card of the chosen node."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.node import Node
from kpi_core.services.checks import findings
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import NodeKind, Page, Severity
from pages.components.coverage_matrix import coverage_matrix
from pages.components.definition_card import definition_card
from pages.components.dialog import ask
from pages.components.findings_list import findings_list
from pages.components.frame import address, entry_of, heading, needs_workshop, next_step
from pages.components.handover_form import handover_form
from pages.components.hypotheses_list import hypotheses_list
from pages.components.node_dialogs import node_dialogs
from pages.components.past_changes import past_changes
from pages.components.presenting import presenting
from pages.components.room import in_the_room
from pages.components.session import allowed, opened, state, t
from pages.components.tree_board import editing_rows, show_outline, tree_board
from pages.components.tree_choice import choose_node, chosen_node
from pages.components.tree_outline import tree_outline
from pages.components.tree_reading import tree_reading
from pages.components.tree_stage import tree_stage
from pages.components.version_comparison import version_comparison

_BELOW = ("findings", "hypotheses", "handovers", "coverage", "changes", "versions")


def work(snap: Snapshot) -> None:
    """Tree left, card right; below them what to mend, hand-overs and holes."""
    node = chosen_node(snap.workshop)
    if editing_rows():
        tree_board(snap, node)  # the table needs the width
    else:
        tree, card = st.columns([5, 3], gap="medium")
        with tree:
            tree_board(snap, node)
        with card:
            if node is None:
                st.info(t("kpi_design.node_gone"))
            else:
                definition_card(snap, node)
    _below(snap)
    node_dialogs()


def _below(snap: Snapshot) -> None:
    with state() as here:
        found = findings(here, snap.id)
    counts = {"findings": len(found), "handovers": len(snap.workshop.handovers)}
    grave = sum(one.severity is Severity.ERROR for one in found)

    def words(one: str) -> str:
        count = counts.get(one)
        mark = " :red[✕]" if one == "findings" and grave else ""
        return t(f"kpi_design.below_{one}") + (f" {count}" if count is not None else "") + mark

    with st.container(border=True, key="below"):
        shown = st.segmented_control(
            t("kpi_design.below"),
            _BELOW,
            format_func=words,
            default="findings",
            required=True,
            key="kpi_design.below",
            label_visibility="collapsed",
        )
        if shown == "handovers":
            handover_form(snap)
        elif shown == "hypotheses":
            hypotheses_list(snap)
        elif shown == "coverage":
            coverage_matrix(snap.workshop)
        elif shown == "changes":
            past_changes(snap, on_select=choose_node)
        elif shown == "versions":
            version_comparison(snap)
        else:
            findings_list(snap, found, on_select=choose_node)


def begin(snap: Snapshot, kgi: Node | None) -> None:
    """What this step is for, and the first action, while the tree has no factor yet."""
    with st.container(border=True):
        st.markdown(f"**{t('kpi_design.empty_title')}**")
        st.markdown(t("kpi_design.empty_explain"))
        if kgi is None:
            st.markdown(t("kpi_design.empty_kgi"))
            target = Page.KGI
        else:
            st.markdown(t("kpi_design.empty_ksf"))
            target = Page.KSF
        with st.container(horizontal=True, vertical_alignment="center"):
            label = t(f"kpi_design.begin_{target.value}")
            st.page_link(entry_of(target), label=label, icon=":material/arrow_back:", query_params=address())
            if kgi is not None:
                st.button(t("kpi_design.add_ksf"), icon=":material/add:", on_click=ask, args=("add", kgi.code))
            st.page_link(entry_of(Page.HOME), label=t("kpi_design.to_starters"), icon=":material/account_tree:")
    if kgi is not None:
        tree_outline(snap, kgi, key="kpi_design.outline", on_select=_begun)
    node_dialogs()


def _begun(code: str | None) -> None:
    """Who makes the first factor in the outline goes on in it."""
    choose_node(code)
    show_outline()


if needs_workshop(Page.KPI_DESIGN):
    st.stop()
if presenting():
    tree_stage()
    st.stop()
heading(Page.KPI_DESIGN)
opened_now = opened()
if opened_now is not None:
    others = [node for node in opened_now.workshop.nodes if node.kind is not NodeKind.KGI]
    with in_the_room(Page.KPI_DESIGN):
        if not allowed():
            tree_reading(opened_now)
        elif others:
            work(opened_now)
        else:
            begin(opened_now, opened_now.workshop.kgi)
    next_step(Page.KPI_DESIGN)
