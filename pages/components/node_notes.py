"""What the room said of a node: the idea it came from, decisions about it, and questions that are still open."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.node import Node
from kpi_core.services.notes import decision_log, parking_lot
from kpi_core.services.workshops import Snapshot
from pages.components.notes_part import decision_line
from pages.components.origin import origin_words
from pages.components.plain import plain
from pages.components.session import t


def node_notes(snap: Snapshot, node: Node) -> None:
    """Nothing where nothing was said."""
    origin = origin_words(snap.workshop, node.code)
    if origin:
        st.markdown(origin)
    for one in decision_log(snap.workshop, node.code):
        decision_line(snap, one)
    for item in parking_lot(snap.workshop, node=node.code):
        st.markdown(f":orange-badge[? {t('room.kind_parked')}] {plain(item.text)}")
