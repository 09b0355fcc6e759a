"""The grid that the matrices share: long names in rows at the left, short heads on top, a text in each cell."""

from __future__ import annotations

import altair as alt

from kpi_core.charts.notation import LABEL_SIZE, Spec, finished
from kpi_core.charts.palette import Palette
from kpi_core.text.wrapping import wrapped

ROW_HEIGHT = 38
_NAME_WIDTH = 150.0
_HEAD_WIDTH = 92.0


def in_lines(name: str, width: float, *, lines: int = 2) -> str:
    """``name`` broken by ``\n`` into at most ``lines`` of about ``width`` pixels, evenly; cut, it ends in …."""
    room = width / LABEL_SIZE
    needed = len(wrapped(name, room))
    if needed > lines:
        return "\n".join(wrapped(name, room, lines))
    while needed > 1 and len(wrapped(name, room - 0.25)) == needed:
        room -= 0.25
    return "\n".join(wrapped(name, room))


def row_name(name: str) -> str:
    return in_lines(name, _NAME_WIDTH)


def column_name(name: str, count: int) -> str:
    """The head of one of ``count`` columns; two lines always (the first empty for a short name), as Vega lets the
    lines of an axis label grow downwards into the cells.
    """
    lines = in_lines(name, min(_HEAD_WIDTH, 6 * _HEAD_WIDTH / max(count, 1)))
    return lines if "\n" in lines else f"\n{lines}"


def axes() -> tuple[alt.X, alt.Y]:
    """The columns ``column`` and ``row`` of a frame, as given, their ``\\n`` as line breaks."""
    lines = "split(datum.label,'\\n')"
    head = alt.Axis(orient="top", title=None, labelAngle=0, labelExpr=lines, labelPadding=24, grid=False, labelLimit=0)
    side = alt.Axis(title=None, labelExpr=lines, labelAlign="left", labelPadding=_NAME_WIDTH, grid=False, labelLimit=0)
    gaps = alt.Scale(paddingInner=0.04, paddingOuter=0.02)
    return alt.X("column:N", sort=None, axis=head, scale=gaps), alt.Y("row:N", sort=None, axis=side, scale=gaps)


def matrix(
    description: str, colours: Palette, background: alt.Color, foreground: alt.Color, heads: list[alt.Tooltip]
) -> Spec:
    """Cells in ``background`` with the frame's ``text`` in ``foreground``."""
    x, y = axes()
    layers = [
        alt.Chart().mark_rect(cornerRadius=2).encode(x=x, y=y, color=background, tooltip=heads),
        alt.Chart()
        .mark_text(fontSize=LABEL_SIZE + 1, fontWeight="bold")
        .encode(x=x, y=y, text="text:N", color=foreground, tooltip=heads),
    ]
    drawn = finished(layers, description, colours, height=alt.Step(ROW_HEIGHT))
    drawn["resolve"] = {"scale": {"color": "independent"}}
    drawn["config"]["axis"]["labelColor"] = colours.text
    return drawn
