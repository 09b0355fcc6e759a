"""From one value to another: what each reason added or took, in rows from the top down, on one scale from zero.

Answers: why did it change, and what held against it?
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import altair as alt
import pyarrow as pa

from kpi_core.charts.columns import Frame, floats, texts
from kpi_core.charts.notation import TEXT_SIZE, Spec, cached_spec, finished, note, value_label
from kpi_core.charts.palette import LIGHT, Palette
from kpi_core.charts.writing import Writing
from kpi_core.text import say
from kpi_core.text.wrapping import text_width
from kpi_core.vocabulary import Direction

#: So many reasons have a bar of their own; the smaller ones are one together.
MOST = 8
_ROW = 44
#: Pixels at the right for the values.
_VALUES = 112


class Step(NamedTuple):
    """A reason: how it is called, and what it added (in the explained node's unit)."""

    name: str
    value: float


def frame(
    before: tuple[str, float],
    steps: Sequence[Step],
    after: tuple[str, float],
    writing: Writing,
    direction: Direction = Direction.UP,
    *,
    most: int = MOST,
) -> Frame:
    """One row per bar: the value before, each step from where the last one ended, the value after.

    ``before`` and ``after``: how they are called, and their values. Of more than ``most`` steps the smaller ones are
    added up in one. Columns: ``row`` (float64, 0 at the top), ``name``, ``start``, ``end`` (float64), ``side``
    (``total``, ``good``, ``bad``, ``neither``), ``value_text``.
    """
    shown = _shown(steps, most, writing)
    rows = [(before[0], 0.0, before[1], "total", writing.value(before[1]))]
    at = before[1]
    for step in shown:
        rows.append((step.name, at, at + step.value, _side(step.value, direction), writing.change(step.value)))
        at += step.value
    rows.append((after[0], 0.0, after[1], "total", writing.value(after[1])))
    names, starts, ends, sides, words = zip(*rows, strict=True)
    return pa.table(
        {
            "row": floats(float(place) for place in range(len(rows))),
            "name": texts(names),
            "start": floats(starts),
            "end": floats(ends),
            "side": texts(sides),
            "value_text": texts(words),
        }
    )


def _shown(steps: Sequence[Step], most: int, writing: Writing) -> list[Step]:
    if len(steps) <= most:
        return list(steps)
    kept = sorted(range(len(steps)), key=lambda at: -abs(steps[at].value))[: most - 1]
    rest = [step.value for at, step in enumerate(steps) if at not in kept]
    other = say("charts.split.other", writing.language, count=len(rest))
    return [*(step for at, step in enumerate(steps) if at in kept), Step(other, sum(rest))]


def _side(value: float, direction: Direction) -> str:
    if not value or direction is Direction.RANGE:
        return "neither"
    return "good" if (value > 0) == (direction is Direction.UP) else "bad"


@cached_spec
def spec(writing: Writing, rows: int, *, colours: Palette = LIGHT) -> Spec:
    """``rows`` bars, each below its name and value; thin lines hand the running value on to the next."""
    language = writing.language
    x = alt.X("start:Q", axis=None, scale=alt.Scale(zero=True, nice=False, range=[1, alt.ExprRef(f"width-{_VALUES}")]))
    scale = alt.Scale(domain=[0, rows], reverse=True, nice=False)
    shades = alt.Scale(
        domain=["total", "good", "bad", "neither"],
        range=[colours.actual, colours.on_track, colours.off_track, colours.none],
    )
    words = alt.Scale(
        domain=["total", "good", "bad", "neither"],
        range=[colours.text, colours.on_track_text, colours.off_track_text, colours.none_text],
    )
    places = {"words": 0.22, "top": 0.52, "middle": 0.68, "foot": 0.86, "next": 1.52}
    base = alt.Chart().transform_calculate(**{name: f"datum.row+{place}" for name, place in places.items()})
    heads = [
        alt.Tooltip("name:N", title=say("charts.waterfall.reason", language)),
        alt.Tooltip("value_text:N", title=say("charts.waterfall.value", language)),
    ]
    y = alt.Y("top:Q", axis=None, scale=scale)
    text: dict[str, Any] = {"baseline": "middle", "fontSize": TEXT_SIZE}
    layers = [
        base.mark_rule(color=colours.muted, strokeWidth=1).encode(x=alt.XDatum(0, axis=None)),
        base.mark_rect().encode(
            x=x, x2="end:Q", y=y, y2="foot:Q", color=alt.Color("side:N", scale=shades, legend=None), tooltip=heads
        ),
        base.transform_filter(f"datum.row<{rows - 1}")
        .mark_rule(color=colours.muted, strokeWidth=1)
        .encode(x=alt.X("end:Q", axis=None), y=alt.Y("foot:Q", axis=None, scale=scale), y2="next:Q"),
        *value_label(
            base.encode(x=alt.value(8), y=alt.Y("words:Q", axis=None, scale=scale), text="name:N"),
            colours,
            align="left",
            limit=alt.ExprRef("width-12"),
            **text,
        ),
        base.mark_text(align="right", fontWeight="bold", **text).encode(
            x=alt.value("width"),
            y=alt.Y("middle:Q", axis=None, scale=scale),
            text="value_text:N",
            color=alt.Color("side:N", scale=words, legend=None),
        ),
    ]
    left = 0.0
    for name, shade in (("good", colours.on_track_text), ("bad", colours.off_track_text)):
        key = say(f"charts.waterfall.{name}", language)
        layers.append(note(key, shade, left, above=12))
        left += text_width(key) * 12 + 16
    drawn = finished(layers, say("charts.waterfall.description", language), colours, height=rows * _ROW, top=26)
    drawn["resolve"] = {"scale": {"color": "independent"}}
    return drawn
