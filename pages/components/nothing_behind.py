"""The line where no KPI needs action: whether that was seen of all KPIs, of a part of them, or of none."""

from __future__ import annotations

import streamlit as st

from kpi_core.services.dashboards import Board
from kpi_core.services.unjudged import judged
from pages.components.session import t


def nothing_behind(board: Board, all_well: str = "dashboard.nothing_off_track") -> None:
    """Says it in green only of KPIs that could be judged; ``all_well`` is the sentence where all could."""
    found = board.once("judged", lambda: judged(board))
    if not found.judged and not found.without:
        st.info(t("dashboard.no_kpis_here"))
        return
    if found.all:
        st.success(t(all_well), icon=":material/check_circle:")
        return
    reasons = t("dashboard.reason_separator").join(
        t("dashboard.reason_count", why=t(f"vocabulary.unjudged.{why.value}"), count=count)
        for why, count in found.without.items()
    )
    if found.judged:
        st.success(t("dashboard.nothing_off_track_of", count=found.judged, reasons=reasons))
    else:
        st.info(t("dashboard.nothing_judged", reasons=reasons))
