"""A chart of ours on a page: in the theme's colours, with its finding as the text that screen readers read."""

from __future__ import annotations

import streamlit as st

from kpi_core.charts.columns import Frame
from kpi_core.charts.notation import Spec
from kpi_core.charts.palette import Palette, palette


def chart(rows: Frame, spec: Spec, finding: str, *, key: str) -> None:
    """Draws ``spec`` over ``rows`` as it is (``theme=None``: it has its own colours and font)."""
    st.vega_lite_chart(rows, {**spec, "description": finding}, theme=None, key=key)


def colours() -> Palette:
    """The palette of the theme that the browser shows."""
    return palette(st.context.theme.type)
