"""The fiscal year's running total against the cumulative target and last year's.

Answers: at this pace, will the year's goal be met?
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import altair as alt
import pandas as pd

from kpi_core.charts.columns import flags, floats, texts
from kpi_core.charts.finding import gap, known, without_days
from kpi_core.charts.notation import Spec, amount_axis, cached_spec, finished, period_axis, pointer, value_label
from kpi_core.charts.palette import LIGHT, Palette
from kpi_core.charts.writing import Writing
from kpi_core.model.period import Period
from kpi_core.text import say
from kpi_core.text.numbers import format_period
from kpi_core.vocabulary import Grain

HEIGHT = 260
_LINES = (("actual", "actual"), ("target", "target"), ("previous_year", "previous"))
#: A label's height as a share of the axis.
_LABEL_SHARE = 0.07
#: Pixels kept free at the right for the lines' names.
_LABEL_ROOM = 112


def frame(
    periods: Sequence[Period],
    actual: Sequence[float | None],
    target: Sequence[float | None],
    previous_year: Sequence[float | None],
    writing: Writing,
    *,
    today: date,
) -> pd.DataFrame:
    """One row per period of ONE fiscal year, in order, for a node whose periods add up.

    Given are the periods' own values; columns ``actual``, ``target``, ``previous_year`` (float64) hold their running
    totals. A total stops at the first missing value: what comes after it is not known. Also ``period`` (key),
    ``running`` (bool), ``actual_label``, ``target_label``, ``previous_label`` (name and value at each line's end, else
    empty), ``actual_at``, ``target_at``, ``previous_at`` (float64: where those labels stand, moved apart), and for the
    pointer ``period_text``, ``actual_text``, ``target_text``, ``previous_text``.
    """
    rows = pd.DataFrame({"period": texts([period.key for period in periods])})
    rows["running"] = flags([period.start <= today < period.end for period in periods])
    rows["period_text"] = texts([format_period(period, writing.language) for period in periods])
    given = (("actual", "actual", actual), ("target", "target", target), ("previous_year", "previous", previous_year))
    for column, short, values in given:
        own = floats(values)
        rows[column] = own.cumsum().where(own.notna().cummin(), float("nan")) if len(own) else own
        last = rows[column].last_valid_index()
        word = say(f"charts.series.{column}", writing.language)
        rows[f"{short}_label"] = pd.Series(
            [f"{word} {writing.value(v, compact=True)}" if i == last else "" for i, v in rows[column].items()],
            dtype="str",
        )
        rows[f"{short}_text"] = texts([writing.value(value, short=True) for value in rows[column]])
    _place_labels(rows)
    return rows


def _place_labels(rows: pd.DataFrame) -> None:
    """Labels at the year's end are moved apart, the higher total staying above; an unfinished actual goes below."""
    last = len(rows) - 1
    totals: dict[str, list[float]] = {short: rows[column].tolist() for column, short in _LINES}
    room = _LABEL_SHARE * max((abs(v) for line in totals.values() for v in line if known(v)), default=0.0)
    if rows["actual"].last_valid_index() != last:
        totals["actual"] = [value - room for value in totals["actual"]]
    at_end = sorted((line[last], short) for short, line in totals.items() if line and known(line[last]))
    for (_, below), (value, above) in pairwise(at_end):
        totals[above][last] = max(value, totals[below][last] + room)
    for short, line in totals.items():
        rows[f"{short}_at"] = floats(line)


@cached_spec
def spec(writing: Writing, grain: Grain = Grain.MONTH, *, height: int = HEIGHT, colours: Palette = LIGHT) -> Spec:
    """Three lines over ``period``, each named at its end; the running period's point is hollow."""
    language = writing.language
    x = alt.X(
        "period:O",
        sort=None,
        axis=period_axis(grain, language),
        scale=alt.Scale(padding=0.3, range=[0, alt.ExprRef(f"width-{_LABEL_ROOM}")]),
    )
    base = alt.Chart()

    def line(column: str, **mark: Any) -> alt.Chart:
        y = alt.Y(f"{column}:Q", axis=amount_axis(writing), scale=alt.Scale(nice=True, zero=True))
        drawn: alt.Chart = base.mark_line(**mark).encode(x=x, y=y)
        return drawn

    layers = [
        line("previous_year", color=colours.previous_year, strokeWidth=2.5),
        line("target", color=colours.target, strokeWidth=1.5, strokeDash=[5, 4]),
        line("actual", color=colours.actual, strokeWidth=3.5),
        base.mark_rule(color=colours.muted).encode(y=alt.datum(0)),
        base.mark_point(size=70, opacity=1, strokeWidth=2, stroke=colours.actual).encode(
            x=x,
            y="actual:Q",
            fill=alt.condition("datum.running", alt.value(colours.background), alt.value(colours.actual)),
        ),
    ]
    for short, colour in (("previous", colours.muted), ("target", colours.target), ("actual", colours.text)):
        label = base.transform_filter(f"datum.{short}_label != ''").encode(
            x=x, y=f"{short}_at:Q", text=f"{short}_label:N"
        )
        weight = "bold" if short == "actual" else "normal"
        layers += value_label(label, colours, align="left", dx=10, color=colour, fontWeight=weight)
    shown = [("period_text", "charts.columns.period"), ("actual_text", "charts.series.actual")]
    shown += [("target_text", "charts.series.target"), ("previous_text", "charts.series.previous_year")]
    layers.append(pointer(x, shown, language))
    return finished(layers, say("charts.pace.description", language), colours, height=height)


def title(name: str, year: str, rows: pd.DataFrame, writing: Writing) -> str:
    """The finding at the last finished period with a total (the running one where there is no other).

    ``year`` in words. A running total is compared only where the target reaches as far.
    """
    measured = rows[rows["actual"].notna()]
    if measured.empty:
        return say("charts.pace.unmeasured", writing.language, name=name, year=year)
    complete = measured[~measured["running"]]
    row = (measured if complete.empty else complete).iloc[-1]
    actual, target = float(row["actual"]), float(row["target"])
    period = without_days(str(row["period_text"]))
    if not known(target):
        return say("charts.pace.value", writing.language, name=name, value=writing.value(actual), period=period)
    difference = gap(actual, target, writing)
    side = "equal" if not difference else "above" if actual > target else "below"
    return say(f"charts.pace.{side}", writing.language, name=name, gap=difference, period=period)
