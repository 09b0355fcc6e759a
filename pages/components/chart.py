"""A chart of ours on a page: in the theme's colours, with its finding as the text that screen readers read."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from kpi_core.charts.columns import Frame
from kpi_core.charts.notation import Spec, described, enlarged
from kpi_core.charts.palette import Palette, palette
from pages.components.plain import plain
from pages.components.presenting import presenting
from pages.components.session import raw, t

#: How much larger a chart's texts are on a projected dashboard.
PROJECTED = 1.25


def chart(rows: Frame, spec: Spec, finding: str, *, key: str) -> None:
    """Draws ``spec`` over ``rows`` as it is (``theme=None``: it has its own colours and font)."""
    drawn = described(spec, finding)
    st.vega_lite_chart(rows, enlarged(drawn, PROJECTED) if presenting() else drawn, theme=None, key=key)


def settled_chart(rows: Frame, spec: Spec, finding: str, *, key: str) -> None:
    """``chart`` of what was made once: while the same two objects come again, what was sent is sent again."""
    _sent(rows, spec, finding, key, presenting())


#: Charts of the boards people look at; a board of twelve tiles has as many.
_CHARTS = 1_000


@st.cache_resource(max_entries=_CHARTS, show_spinner=False, hash_funcs={Frame: id, dict: id})
def _sent(rows: Frame, spec: Spec, finding: str, key: str, projected: bool) -> tuple[Frame, Spec]:
    """Gives what it drew, so that the objects live as long as what is kept under their identity."""
    chart(rows, spec, finding, key=key)
    return rows, spec


def titled_chart(rows: Frame, spec: Spec, finding: str, heads: Mapping[str, str], *, key: str) -> None:
    """The finding as the chart's title with the numbers as a table beside it, on request; then the chart."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"chart_title_{key}"):
        st.markdown(f"**{plain(finding)}**", width="stretch")
        as_table(rows, heads, key=f"{key}.table")
    chart(rows, spec, finding, key=key)


def as_table(rows: Frame, heads: Mapping[str, str], *, key: str) -> None:
    """A chart's numbers as a table, drawn when it is asked for; ``heads``: the frame's columns and their keys."""
    if presenting():
        return
    with st.popover(
        t("dashboard.as_table"), type="tertiary", key=key, on_change="rerun", icon=":material/table:"
    ) as it:
        if it.open:
            shown = rows.select(list(heads)).rename_columns([raw(head) for head in heads.values()])
            st.dataframe(shown.to_pandas().iloc[::-1], hide_index=True, key=f"{key}/rows")


#: The columns of a chart over time, for ``as_table``.
OVER_TIME = {
    "period_text": "charts.columns.period",
    "actual_text": "charts.series.actual",
    "target_text": "charts.series.target",
    "previous_text": "charts.series.previous_year",
}


def colours() -> Palette:
    """The palette of the theme that the browser shows."""
    return palette(st.context.theme.type)
