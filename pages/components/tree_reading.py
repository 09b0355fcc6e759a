"""The tree for people who only read: the same drawing, and what the chosen node means."""

from __future__ import annotations

import streamlit as st

from kpi_core.services.dashboards import board
from kpi_core.services.datasets import today_of
from kpi_core.services.workshops import Snapshot
from pages.components.frame import named
from pages.components.session import current, state, t
from pages.components.tile_definition import definition
from pages.components.tree_board import tree_board
from pages.components.tree_choice import chosen_node


def tree_reading(snap: Snapshot) -> None:
    """Tree left, the chosen node's definition right."""
    node = chosen_node(snap.workshop)
    st.caption(f":material/visibility: {t('sharing.read_only')}")
    tree, card = st.columns([5, 3], gap="medium")
    with tree:
        tree_board(snap, node)
    if node is None:
        return
    with card, st.container(border=True):
        st.badge(t(f"vocabulary.node_kind.{node.kind.value}"), color="primary")
        st.markdown(f"#### {named(node.name.in_language(current().language) or node.code)}")
        with state() as here:
            found = board(here, snap.id, snap.workshop.settings.grain, today=today_of(snap.workshop))
        if node.code in found.tiles:
            definition(found, found.tiles[node.code], snap.workshop)
