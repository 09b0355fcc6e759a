"""The grid that the matrices share: long names in rows at the left, short heads on top, a text in each cell."""

from __future__ import annotations

import altair as alt

from kpi_core.charts.notation import LABEL_SIZE, Spec, finished, text_width
from kpi_core.charts.palette import Palette

ROW_HEIGHT = 38
_NAME_WIDTH = 150.0
_HEAD_WIDTH = 92.0


def wrapped(name: str, width: float, *, lines: int = 2) -> str:
    """``name`` broken by ``\n`` into at most ``lines`` of about ``width`` pixels, evenly; the last ends in … where cut.

    Latin words stay whole where they fit; Japanese breaks anywhere.
    """
    made = _broken(name, width)
    if len(made) > lines:
        return "\n".join([*made[: lines - 1], f"{made[lines - 1][:-1]}…"])
    while len(made) > 1 and len(narrower := _broken(name, width - 4)) == len(made):
        made, width = narrower, width - 4
    return "\n".join(made)


def _broken(name: str, width: float) -> list[str]:
    made, line = [], ""
    for piece in _pieces(name):
        if line and text_width(line + piece.rstrip()) > width:
            made.append(line.rstrip())
            line = ""
        line += piece
    return [*made, line.rstrip()]


def _pieces(name: str) -> list[str]:
    pieces: list[str] = []
    for character in name:
        glued = pieces and pieces[-1][-1] not in " -/" and ord(character) <= 0x2E7F and ord(pieces[-1][-1]) <= 0x2E7F
        if glued:
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def row_name(name: str) -> str:
    return wrapped(name, _NAME_WIDTH)


def column_name(name: str, count: int) -> str:
    """The head of one of ``count`` columns; two lines always (the first empty for a short name), as Vega lets the
    lines of an axis label grow downwards into the cells.
    """
    lines = wrapped(name, min(_HEAD_WIDTH, 6 * _HEAD_WIDTH / max(count, 1)))
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
