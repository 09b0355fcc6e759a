"""KPIs by their achievement in per cent of the target, furthest behind first, in status colours with sign and word.

Answers: which of them need us now?
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import altair as alt
import pyarrow as pa

from kpi_core.charts.columns import Frame, floats, known, texts
from kpi_core.charts.notation import Spec, cached_spec, finished
from kpi_core.charts.palette import LIGHT, SIGNS, Palette
from kpi_core.text import say
from kpi_core.text.numbers import format_percent
from kpi_core.vocabulary import Direction, Language, Status

#: Bars end here; the number beside them tells the rest.
LONGEST = 1.5
_ORDER = (Status.OFF_TRACK, Status.WATCH, Status.ON_TRACK, Status.NONE)


class Achieved(NamedTuple):
    """A node in a period: actual and target in its own unit, its status (``insight.achievement``), both in words."""

    code: str
    name: str
    actual: float | None
    target: float | None
    status: Status
    actual_text: str
    target_text: str
    direction: Direction = Direction.UP


def achievement(actual: float | None, target: float | None, direction: Direction = Direction.UP) -> float | None:
    """Share of the target reached: actual/target, or target/actual where lower is better.

    None where a share says nothing: no value, a band as target, either number at or below zero (an actual of 0 against
    a positive target that should be exceeded is 0 %).
    """
    if actual is None or target is None or not known(actual) or not known(target) or direction is Direction.RANGE:
        return None
    if target <= 0 or actual < 0:
        return None
    if direction is Direction.DOWN:
        return target / actual if actual > 0 else None
    return actual / target


def frame(nodes: Sequence[Achieved], language: Language) -> Frame:
    """One row per node; off track first, then by achievement, without one last.

    Columns: ``code``, ``name``, ``status``, ``sign`` (sign and word), ``achievement`` (float64, share; null = none),
    ``bar`` (float64: the drawn length, at most ``LONGEST``), ``achievement_text``, ``actual_text``, ``target_text``.
    """
    shares = [(node, achievement(node.actual, node.target, node.direction)) for node in nodes]
    shares.sort(key=lambda pair: (_ORDER.index(pair[0].status), float("inf") if pair[1] is None else pair[1]))
    without = say("charts.achievement.no_target", language)
    columns: dict[str, list[object]] = {
        "code": [node.code for node, _ in shares],
        "name": [node.name for node, _ in shares],
        "status": [node.status.value for node, _ in shares],
        "sign": [
            f"{SIGNS[node.status]} {say(f'vocabulary.status.{node.status.value}', language)}" for node, _ in shares
        ],
        "achievement_text": [
            without if not known(node.target) else format_percent(share, language, decimals=0, short=True)
            for node, share in shares
        ],
        "actual_text": [node.actual_text for node, _ in shares],
        "target_text": [node.target_text for node, _ in shares],
    }
    table = {name: texts(values) for name, values in columns.items()}
    table["achievement"] = floats(share for _, share in shares)
    table["bar"] = floats(None if share is None else min(share, LONGEST) for _, share in shares)
    return pa.table(table)


@cached_spec
def spec(language: Language, *, colours: Palette = LIGHT) -> Spec:
    """A bar a node with its name above it, so that long names fit a narrow screen; a mark at 100 %."""
    y = alt.Y("code:N", sort=None, axis=None, scale=alt.Scale(paddingInner=0.68, paddingOuter=0.6))
    x = alt.X("bar:Q", axis=None, scale=alt.Scale(domain=[0, LONGEST], nice=False))
    shapes = alt.Scale(domain=[status.value for status in Status], range=[colours.status(status) for status in Status])
    words = alt.Scale(
        domain=[status.value for status in Status], range=[colours.status_text(status) for status in Status]
    )
    base = alt.Chart()
    pointer = [
        alt.Tooltip("name:N", title=say("charts.columns.node", language)),
        alt.Tooltip("actual_text:N", title=say("charts.series.actual", language)),
        alt.Tooltip("target_text:N", title=say("charts.series.target", language)),
        alt.Tooltip("achievement_text:N", title=say("charts.columns.achievement", language)),
    ]
    shift = -19
    layers = [
        base.mark_bar(color=colours.surface).encode(y=y, x=alt.value(0), x2=alt.value("width"), tooltip=pointer),
        base.mark_bar().encode(y=y, x=x, color=alt.Color("status:N", scale=shapes, legend=None), tooltip=pointer),
        base.mark_tick(color=colours.target, thickness=2, size=24, orient="vertical").encode(y=y, x=alt.datum(1)),
        base.mark_text(align="left", baseline="middle", dy=shift, fontSize=13, limit=alt.ExprRef("width-150")).encode(
            y=y, x=alt.value(0), text="name:N"
        ),
        base.mark_text(align="right", baseline="middle", dy=shift, fontWeight="bold", fontSize=13).encode(
            y=y, x=alt.value("width"), text="achievement_text:N"
        ),
        base.mark_text(align="right", baseline="middle", dy=shift, dx=-56).encode(
            y=y, x=alt.value("width"), text="sign:N", color=alt.Color("status:N", scale=words, legend=None)
        ),
    ]
    drawn = finished(layers, say("charts.achievement.description", language), colours, height=alt.Step(50))
    drawn["resolve"] = {"scale": {"color": "independent"}}
    return drawn


def title(rows: Frame, language: Language) -> str:
    """How many are off track and which is furthest behind; else how many need watching; else that all is well."""
    judged = [row for row in rows.to_pylist() if row["status"] != Status.NONE.value]
    if not judged:
        return say("charts.achievement.none", language)
    count = len(judged)
    off, watch = (sum(row["status"] == status.value for row in judged) for status in (Status.OFF_TRACK, Status.WATCH))
    if off:
        name, text = judged[0]["name"], judged[0]["achievement_text"]
        return say("charts.achievement.off_track", language, count=count, off=off, name=name, achievement=text)
    if watch:
        return say("charts.achievement.watch", language, count=count, watch=watch)
    return say("charts.achievement.all_on_track", language, count=count)
