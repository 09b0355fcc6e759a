"""The success factors as a matrix of impact and controllability, with its finding as the title."""

from __future__ import annotations

import streamlit as st

from kpi_core.charts import candidates
from kpi_core.charts.palette import palette
from kpi_core.services.workshops import Snapshot
from pages.components.plain import plain
from pages.components.session import current, t


def candidate_matrix(snap: Snapshot) -> None:
    """Drawn once something has both scores; the ranks in it are those in the list."""
    language = current().language
    rows = candidates.frame(snap.workshop.candidates, language, chosen=[node.code for node in snap.workshop.nodes])
    if not rows.num_rows:
        if snap.workshop.candidates:
            st.caption(t("ksf.matrix_empty"))
        return
    st.markdown(f"**{plain(candidates.title(rows, language))}**")
    spec = candidates.spec(language, colours=palette(st.context.theme.type))
    st.vega_lite_chart(rows, spec, theme=None, key="ksf.matrix")
    st.caption(t("ksf.matrix_help"))


def ranks(snap: Snapshot) -> dict[str, str]:
    """code → its rank in the matrix; candidates that are not in it are absent."""
    rows = candidates.frame(snap.workshop.candidates, current().language)
    return dict(zip(rows["code"].to_pylist(), rows["rank"].to_pylist(), strict=True))
