"""The notation every chart shares: actual solid, target outlined, forecast hatched, previous year grey, zero line.

A spec carries no data: the page hands the frame over with it. It is built once per shape and kept as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any, ParamSpec, cast

import altair as alt

from kpi_core.charts.palette import FONT, Palette
from kpi_core.charts.writing import Writing
from kpi_core.text import say
from kpi_core.text.wrapping import text_width
from kpi_core.vocabulary import Grain, Language

Spec = dict[str, Any]
Shape = ParamSpec("Shape")

TEXT_SIZE = 13
LABEL_SIZE = 12


def cached_spec(build: Callable[Shape, Spec]) -> Callable[Shape, Spec]:
    """``build`` run once per arguments; every call gets its own copy, so that a page may change what it drew."""

    @cache
    def written(*args: Any, **kwargs: Any) -> str:
        return json.dumps(build(*args, **kwargs))

    def spec(*args: Shape.args, **kwargs: Shape.kwargs) -> Spec:
        copy: Spec = json.loads(written(*args, **kwargs))  # type: ignore[arg-type]  # a spec's arguments are frozen
        return copy

    spec.__doc__ = build.__doc__
    spec.__name__ = build.__name__
    return spec


def finished(
    layers: list[alt.Chart], description: str, colours: Palette, *, height: float | alt.Step, top: int = 4
) -> Spec:
    """One layered chart as wide as its container, with the font, the calm axes and the text for screen readers."""
    chart = alt.layer(*layers).properties(width="container", height=height, description=description)
    spec: Spec = chart.to_dict()
    del spec["datasets"]  # Altair's stand-in for the frame that the page hands over
    for layer in spec["layer"]:
        layer.pop("data", None)
    spec["config"] = configuration(colours)
    spec["padding"] = {"left": 4, "right": 8, "top": top, "bottom": 4}
    spec["background"] = "transparent"
    return spec


def configuration(colours: Palette) -> Spec:
    """Vega-Lite's ``config``: quiet axes, no frame, the font stack.

    A screen reader is told the chart's description, in the page's language, and not each mark, in Vega's English.
    """
    return {
        "font": FONT,
        "mark": {"aria": False},
        "legend": {"aria": False},
        "view": {"stroke": None},
        "axis": {
            "aria": False,
            "labelColor": colours.muted,
            "titleColor": colours.muted,
            "labelFontSize": LABEL_SIZE,
            "titleFontSize": LABEL_SIZE,
            "titleFontWeight": "normal",
            "domain": False,
            "ticks": False,
            "gridColor": colours.line,
            "labelFont": FONT,
            "titleFont": FONT,
        },
        "text": {"font": FONT, "fontSize": LABEL_SIZE, "fill": colours.text},
        "header": {"labelFont": FONT, "titleFont": FONT},
    }


def hatched(colours: Palette, *, stripes: int = 7, lying: bool = False) -> Spec:
    """The fill of what is expected: slanting stripes of the actual's colour, to be given to a mark as its ``color``.

    Vega-Lite knows no patterns; a gradient with hard edges is one, and prints. With it goes the actual's colour as
    ``stroke``. A gradient is stretched with its mark, so ``lying`` bars have one that runs along them.
    """
    edges = [step / (2 * stripes) for step in range(2 * stripes + 1)]
    stops = [
        {"offset": offset, "color": colours.actual if at % 2 else colours.background}
        for at, (start, end) in enumerate(pairwise(edges))
        for offset in (start, end)
    ]
    return {"gradient": "linear", "x1": 0, "y1": 0, "x2": 1, "y2": 0.06 if lying else 1, "stops": stops}


#: How a line goes on where it is expected: the dark stripes of the hatching.
FORECAST_DASH = (2, 3)


def amount_axis(writing: Writing, *, ticks: int = 4, room: int | None = None) -> alt.Axis:
    """The vertical axis of amounts: numbers in the chosen unit, the unit itself lying above them.

    ``room``: the least width in pixels, so that charts one above the other have their periods in line.
    """
    return alt.Axis(
        minExtent=alt.Undefined if room is None else room,
        labelExpr=writing.axis_expression,
        tickCount=ticks,
        labelPadding=6,
        title=writing.axis_title or None,
        titleAngle=0,
        titleAlign="right",
        titleAnchor="end",
        titleBaseline="bottom",
        titleX=-6,
        titleY=-10,
    )


def lying_amount_axis(writing: Writing) -> alt.Axis:
    """The horizontal axis of amounts below lying bars: the unit in a line of its own, at the right."""
    axis = amount_axis(writing)
    axis.titleAlign, axis.titleAnchor, axis.titleBaseline = "right", "end", "top"
    axis.titleX, axis.titleY = alt.Undefined, alt.Undefined
    return axis


def period_axis(grain: Grain, language: Language) -> alt.Axis:
    """The horizontal axis of periods over their keys: 4月 with the year below where it begins."""
    return alt.Axis(
        labelExpr=_period_expression(grain, language),
        title=None,
        grid=False,
        labelAngle=0,
        labelPadding=6,
        labelOverlap="greedy",
        labelSeparation=4,
        labelLineHeight=16,
    )


def _period_expression(grain: Grain, language: Language) -> str:
    key = "datum.value"
    year = f"slice({key},0,4)"
    if grain is Grain.YEAR:
        return _in_words("numbers.period.year", language, "year", key)
    if grain is Grain.QUARTER:
        fiscal_year = _in_words("numbers.period.year", language, "year", year)
        return f"['Q'+slice({key},6), slice({key},6)=='1'||datum.index==0?{fiscal_year}:'']"
    calendar_year = _in_words("charts.axis.year", language, "year", year)
    if grain is Grain.WEEK:
        number = f"toNumber(slice({key},6))"
        return f"['W'+{number}, {number}==1||datum.index==0?{calendar_year}:'']"
    number = f"toNumber(slice({key},5))"
    names = ",".join(f"'{month}'" for month in say("charts.axis.months", language).split(" "))
    return f"[[{names}][{number}-1], {number}==1||datum.index==0?{calendar_year}:'']"


def _in_words(key: str, language: Language, name: str, expression: str) -> str:
    """A sentence as a Vega expression, with ``expression`` in the place of its placeholder."""
    before, _, after = say(key, language, **{name: "\0"}).partition("\0")
    return f"('{before}'+{expression}+'{after}')"


def key_to_series(
    language: Language, colours: Palette, *, target: bool = True, previous_year: bool = True, landing: bool = False
) -> list[alt.Chart]:
    """The key above a chart, at the left: ■ actual, ▨ forecast, □ target, ■ previous year; only what is drawn."""
    signs = [
        ("■", colours.actual, "actual", True),
        ("▨", colours.actual, "landing", landing),
        ("□", colours.target, "target", target),
        ("■", colours.previous_year, "previous_year", previous_year),
    ]
    layers, left = [], 0.0
    for sign, colour, name, is_on in signs:
        if not is_on:
            continue
        word = say(f"charts.series.{name}", language)
        layers += [note(sign, colour, left), note(word, colours.muted, left + 15)]
        left += 15 + text_width(word) * LABEL_SIZE + 14
    return layers


def note(text: str, colour: str, left: float, *, above: float = 16) -> alt.Chart:
    """One fixed text above the plot, ``left`` pixels from its edge."""
    fixed: alt.Chart = (
        alt.Chart()
        .transform_aggregate(rows="count()")
        .mark_text(text=text, color=colour, align="left", baseline="middle", fontSize=LABEL_SIZE, tooltip=False)
        .encode(x=alt.value(left), y=alt.value(-above))
    )
    return fixed


def named_target(language: Language, colours: Palette) -> list[alt.Chart]:
    """The target across lying bars: a dashed line, named at its head; from ``target`` and ``target_text``."""
    aim = (
        alt.Chart()
        .transform_filter("isValid(datum.target)")
        .transform_aggregate(groupby=["target", "target_text"], rows="count()")
    )
    named = aim.transform_calculate(words=f"'{say('charts.series.target', language)} ' + datum.target_text")
    return [
        aim.mark_rule(color=colours.target, strokeDash=[4, 3], strokeWidth=1.5).encode(x="target:Q"),
        named.mark_text(baseline="bottom").encode(x="target:Q", y=alt.value(-3), text="words:N"),
    ]


def pointer(x: alt.X, shown: list[tuple[str, str]], language: Language) -> alt.Chart:
    """The whole height over each position of ``x`` answers the pointer; ``shown``: columns with their heads' keys."""
    heads = [alt.Tooltip(f"{column}:N", title=say(key, language)) for column, key in shown]
    whole: alt.Chart = (
        alt.Chart()
        .mark_bar(opacity=0, width=alt.RelativeBandSize(1.2))
        .encode(x=x, y=alt.value(0), y2=alt.value("height"), tooltip=heads)
    )
    return whole


def value_label(layer: alt.Chart, colours: Palette, **mark: Any) -> list[alt.Chart]:
    """A text on a halo of the background, so that it is read over bars and lines; ``layer`` holds its encoding."""
    halo = layer.mark_text(stroke=colours.background, strokeWidth=4, strokeJoin="round", **mark)
    return [halo, layer.mark_text(**{"color": colours.text, **mark})]


def enlarged(spec: Spec, factor: float) -> Spec:
    """The spec with its texts larger, to be read from the back of a room; a mark's and an axis' sizes alike."""
    return cast("Spec", _enlarged(spec, factor))


def _enlarged(part: Any, factor: float) -> Any:
    if isinstance(part, list):
        return [_enlarged(one, factor) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        name: round(value * factor)
        if name.lower().endswith("fontsize") and isinstance(value, int | float)
        else _enlarged(value, factor)
        for name, value in part.items()
    }


def described(spec: Spec, title: str) -> Spec:
    """The spec with the finding in its text for screen readers, before what is drawn.

    Give this to ``st.vega_lite_chart`` rather than its ``alt``, which would replace the description and log that.
    """
    return {**spec, "description": f"{title} {spec['description']}"}
