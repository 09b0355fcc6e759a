"""The baseline as a dashed line across a chart of values by period, with its words at the left."""

from __future__ import annotations

from typing import Any

from kpi_core.charts.notation import LABEL_SIZE, Spec
from kpi_core.charts.palette import LIGHT, Palette


def with_baseline(spec: Spec, value: float, text: str, *, colours: Palette = LIGHT) -> Spec:
    """A layered ``spec`` (``trend.spec``) with the line at ``value`` on top; ``text`` says what it is."""
    y = {"datum": value, "type": "quantitative"}
    whole: list[dict[str, Any]] = [{"aggregate": [{"op": "count", "as": "rows"}]}]
    words = {"type": "text", "text": text, "align": "left", "baseline": "bottom", "dy": -3, "fontSize": LABEL_SIZE}
    halo = {**words, "stroke": colours.background, "strokeWidth": 4, "strokeJoin": "round"}
    line = {"type": "rule", "color": colours.accent, "strokeDash": [5, 4], "strokeWidth": 1.5}
    encoding = {"y": y, "x": {"value": 4}}
    layers = [
        {"transform": whole, "mark": line, "encoding": {"y": y}},
        {"transform": whole, "mark": halo, "encoding": encoding},
        {"transform": whole, "mark": {**words, "color": colours.accent}, "encoding": encoding},
    ]
    return {**spec, "layer": [*spec["layer"], *layers]}
