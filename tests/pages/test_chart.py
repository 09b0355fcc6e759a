"""A chart that was made once is sent again as it was, and never in another one's place."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from streamlit.testing.v1 import AppTest

ROWS = pa.table({"x": [1.0, 2.0], "y": [3.0, 4.0]})
RISING = {"mark": "line", "description": "a line", "encoding": {"x": {"field": "x"}, "y": {"field": "y"}}}
BARS = {**RISING, "mark": "bar"}
#: What the page draws: frame, spec and finding; a test puts others there.
shown: list[tuple[pa.Table, dict[str, Any], str]] = []


def page() -> None:
    import streamlit as st

    from pages.components.chart import settled_chart
    from tests.pages.test_chart import shown

    with st.container(border=True):
        for number, one in enumerate(shown):
            settled_chart(*one, key=f"chart{number}")
        st.markdown("below")


def drawn(tab: AppTest) -> list[tuple[str, str, bytes]]:
    """Type, spec and data of what stands in the container, in its order."""
    (box,) = tab.main.children.values()
    found = []
    for child in box.children.values():
        chart = child.proto if child.type == "vega_lite_chart" else None
        found.append((child.type, chart.spec if chart else "", chart.data.data if chart else b""))
    return found


def test_it_stands_where_it_stood_with_the_same_words_and_numbers() -> None:
    shown[:] = [(ROWS, RISING, "rises"), (ROWS, BARS, "rises")]
    tab = AppTest.from_function(page).run()
    first = drawn(tab)
    assert [kind for kind, *_ in first] == ["vega_lite_chart", "vega_lite_chart", "markdown"]
    assert '"line"' in first[0][1]
    assert '"bar"' in first[1][1]
    assert drawn(tab.run()) == first
    assert drawn(AppTest.from_function(page).run()) == first


def test_other_numbers_another_look_or_another_finding_is_another_chart() -> None:
    shown[:] = [(ROWS, RISING, "rises")]
    tab = AppTest.from_function(page).run()
    first = drawn(tab)
    for other in (
        (pa.table({"x": [1.0, 2.0], "y": [5.0, 6.0]}), RISING, "rises"),
        (ROWS, dict(BARS), "rises"),
        (ROWS, RISING, "falls"),
    ):
        shown[:] = [other]
        assert drawn(tab.run()) != first
    shown[:] = [(ROWS, RISING, "rises")]
    assert drawn(tab.run()) == first
