"""Scenarios side by side: the goal under each against the target, and how far each moves which driver.

Answers: what does each path bring, and what does it ask for?
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import altair as alt
import pyarrow as pa

from kpi_core.charts.columns import Frame, floats, texts
from kpi_core.charts.notation import Spec, cached_spec, finished, hatched, lying_amount_axis, named_target, value_label
from kpi_core.charts.palette import LIGHT, Palette
from kpi_core.charts.writing import Writing
from kpi_core.text import say
from kpi_core.text.numbers import format_percent
from kpi_core.vocabulary import Language


class Reached(NamedTuple):
    """A scenario by name and the goal under it; ``None`` = no value."""

    name: str
    value: float | None


class Moved(NamedTuple):
    """How far a scenario moves a driver, as a share of where it stands."""

    driver: str
    scenario: str
    share: float


def frame(reached: Sequence[Reached], target: float | None, writing: Writing) -> Frame:
    """A row a scenario, in order: ``name``, ``value``, ``target`` (float64; null = none), and both in words: ``label``,
    ``target_text``."""
    return pa.table(
        {
            "name": texts(one.name for one in reached),
            "value": floats(one.value for one in reached),
            "target": floats(target for _ in reached),
            "target_text": texts(writing.value(target, compact=True) for _ in reached),
            "label": texts(writing.value(one.value, compact=True) for one in reached),
        }
    )


def drivers_frame(moved: Sequence[Moved], language: Language) -> Frame:
    """A row a driver and scenario: ``driver``, ``scenario``, ``share`` (float64), ``label`` (``強気 +12%``)."""
    return pa.table(
        {
            "driver": texts(one.driver for one in moved),
            "scenario": texts(one.scenario for one in moved),
            "share": floats(one.share for one in moved),
            "label": texts(
                f"{one.scenario} {format_percent(one.share, language, decimals=0, signed=True)}" for one in moved
            ),
        }
    )


@cached_spec
def spec(writing: Writing, *, colours: Palette = LIGHT) -> Spec:
    """A bar a scenario from zero, hatched as what is expected is, with its number at the end; the target a dashed line
    with its name."""
    axis = lying_amount_axis(writing)
    y = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=160, labelPadding=8, grid=False))
    x = alt.X("value:Q", axis=axis, scale=alt.Scale(nice=True, padding=60))
    base, fill = alt.Chart(), hatched(colours, stripes=24, lying=True)
    layers = [
        base.mark_bar(height=20, color=fill, stroke=colours.actual, strokeWidth=1).encode(y=y, x=x),
        *named_target(writing.language, colours),
        *value_label(base.encode(y=y, x=x, text="label:N"), colours, align="left", dx=6),
    ]
    words = say("charts.scenarios.description", writing.language)
    return finished(layers, words, colours, height=alt.Step(36), top=22)


@cached_spec
def drivers_spec(language: Language, *, colours: Palette = LIGHT) -> Spec:
    """For each driver a thin bar a scenario from no change, named at its right: a name never meets a driver's."""
    y = alt.Y("driver:N", sort=None, title=None, axis=alt.Axis(labelLimit=160, labelPadding=8, grid=False))
    x = alt.X(
        "share:Q",
        title=None,
        axis=alt.Axis(labelExpr=Writing(language, "ratio").axis_expression, tickCount=4),
        scale=alt.Scale(nice=True, padding=90),
    )
    base = alt.Chart().encode(y=y, x=x, yOffset=alt.YOffset("scenario:N", sort=None))
    layers = [
        base.mark_bar(height=10, color=colours.actual),
        base.transform_filter("datum.share >= 0").mark_text(align="left", dx=5).encode(text="label:N"),
        base.transform_filter("datum.share < 0").mark_text(align="left", dx=5).encode(x=alt.datum(0), text="label:N"),
        alt.Chart().mark_rule(color=colours.muted).encode(x=alt.datum(0)),
    ]
    return finished(layers, say("charts.scenarios.drivers", language), colours, height=alt.Step(22))
