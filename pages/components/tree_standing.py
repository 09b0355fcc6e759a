"""How a tree stands in the last period that ended: what its boxes are coloured by and what stands in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.services.dashboards import board
from kpi_core.services.datasets import today_of
from kpi_core.services.unjudged import unjudged
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_period
from kpi_core.vocabulary import Status, Unjudged
from pages.components.session import current, state, t


class TreeStanding(NamedTuple):
    """By node: its status, its value in words, and why it has no status."""

    statuses: Mapping[str, Status]
    values: Mapping[str, str]
    unjudged: Mapping[str, Unjudged]


#: Of a tree that is not coloured by status.
NO_STANDING = TreeStanding({}, {}, {})


def standing(snap: Snapshot) -> TreeStanding:
    """How every node stands in the last period that ended; says which period that is."""
    language, settings = current().language, snap.workshop.settings
    with state() as here:
        found = board(here, snap.id, settings.grain, today=today_of(snap.workshop))
    if found.period is None:
        st.caption(t("tree.nothing_measured"))
        return NO_STANDING
    st.caption(t("tree.as_of", period=format_period(found.period, language, settings.fiscal_year_start)))
    values = {
        code: Writing.of(tile.node, settings, language).value(tile.standing.actual, compact=True)
        for code, tile in found.tiles.items()
        if tile.standing.actual is not None
    }
    return TreeStanding(found.statuses, values, unjudged(found))
