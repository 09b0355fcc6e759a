"""From the definition card: where the node's number of a period comes from, the latest one at first."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.node import Node
from kpi_core.model.period import Period
from kpi_core.services.dashboards import board
from kpi_core.services.datasets import today_of
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_period
from pages.components.lineage import LINEAGE, lineage_drawer
from pages.components.session import current, opened, state, t


def card_lineage(code: str) -> None:
    """Opens the drawer of the node with that code, if it is still there."""
    snap = opened()
    node = snap.workshop.node(code) if snap is not None else None
    if snap is None or node is None:
        return

    def chosen() -> Period | None:
        periods = _valued(snap, node)
        if not periods:
            return None
        words = {one.key: format_period(one, current().language, one.fiscal_year_start) for one in periods}
        key = st.selectbox(
            t("lineage.period"), list(words), format_func=words.__getitem__, key=f"{LINEAGE}.period.{code}"
        )
        return next((one for one in periods if one.key == key), periods[0])

    lineage_drawer(snap.workshop, node, chosen)


def _valued(snap: Snapshot, node: Node) -> list[Period]:
    """The periods in which the node has a value, the latest first."""
    with state() as here:
        found = board(here, snap.id, snap.workshop.settings.grain, today=today_of(snap.workshop))
    series = found.evaluated.series.get((node.code, None))
    if series is None:
        return []
    valued = [period for period, value in zip(found.evaluated.periods, series.actual, strict=True) if value == value]
    return valued[::-1]
