"""The readiness answers of each department as small stacked bars: yes, partly, no.

Answers: do the departments see it the same way?
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import altair as alt
import pyarrow as pa

from kpi_core.charts.columns import Frame, floats, texts
from kpi_core.charts.notation import LABEL_SIZE, Spec, cached_spec, finished
from kpi_core.charts.palette import LIGHT, Palette
from kpi_core.text import say
from kpi_core.text.numbers import format_percent
from kpi_core.vocabulary import Answer, Language

_ROW_HEIGHT = 26
#: Departments whose shares of "yes" are this far apart are said to differ.
_APART = 0.5


def frame(departments: Sequence[tuple[str, Sequence[Answer]]], language: Language) -> Frame:
    """One row per department and answer that was given, departments in the order given.

    ``departments``: name and its members' answers to one item. Columns: ``department``, ``answer`` (``yes``,
    ``partly``, ``no``), ``word``, ``count`` (float64: people), ``text`` (word and count), ``start``, ``end`` (float64:
    share of the department's answers, 0-1). A department without answers has no row.
    """
    rows: list[tuple[str, Answer, int, float, float]] = []
    for name, given in departments:
        counts, start = Counter(given), 0.0
        for answer in Answer:
            if counts[answer]:
                share = counts[answer] / len(given)
                rows.append((name, answer, counts[answer], start, start + share))
                start += share
    words = [say(f"vocabulary.answer.{answer.value}", language) for _, answer, *_ in rows]
    return pa.table(
        {
            "department": texts(name for name, *_ in rows),
            "answer": texts(answer.value for _, answer, *_ in rows),
            "word": texts(words),
            "count": floats(count for _, _, count, _, _ in rows),
            "text": texts(f"{word} {row[2]}" for word, row in zip(words, rows, strict=True)),
            "start": floats(start for *_, start, _ in rows),
            "end": floats(end for *_, end in rows),
        }
    )


@cached_spec
def spec(language: Language, *, colours: Palette = LIGHT) -> Spec:
    """A bar a department, as wide as all its answers; word and count in each part that has room."""
    y = alt.Y("department:N", sort=None, title=None, axis=alt.Axis(grid=False, labelLimit=130, labelPadding=8))
    whole = alt.Scale(domain=[0, 1], nice=False)
    shades = alt.Scale(
        domain=[answer.value for answer in Answer], range=[colours.on_track, colours.watch, colours.off_track]
    )
    heads = [alt.Tooltip(f"{column}:N", title=say(f"charts.columns.{column}", language)) for column in ("department",)]
    heads.append(alt.Tooltip("text:N", title=say("charts.columns.answer", language)))
    base = alt.Chart()
    ink = alt.condition("datum.answer == 'partly'", alt.value("#1F2933"), alt.value(colours.background))
    layers = [
        base.mark_bar(height=alt.RelativeBandSize(0.78), stroke=colours.background, strokeWidth=1).encode(
            y=y,
            x=alt.X("start:Q", axis=None, scale=whole),
            x2="end:Q",
            color=alt.Color("answer:N", scale=shades, legend=None),
            tooltip=heads,
        ),
        base.transform_filter("datum.end - datum.start > 0.15")
        .transform_calculate(middle="(datum.start + datum.end) / 2")
        .mark_text(fontSize=LABEL_SIZE)
        .encode(y=y, x=alt.X("middle:Q", scale=whole), text="text:N", color=ink),
    ]
    return finished(layers, say("charts.answers.description", language), colours, height=alt.Step(_ROW_HEIGHT))


def title(rows: Frame, language: Language) -> str:
    """That all agree, that departments differ (which two most), or how many say yes."""
    if not rows.num_rows:
        return say("charts.answers.none", language)
    people: Counter[str] = Counter()
    yes: Counter[str] = Counter()
    for row in rows.to_pylist():
        people[row["department"]] += int(row["count"])
        yes[row["department"]] += int(row["count"]) if row["answer"] == Answer.YES.value else 0
    count, words = people.total(), set(rows["word"].to_pylist())
    if len(words) == 1:
        return say("charts.answers.agree", language, count=count, answer=words.pop())
    shares = {name: yes[name] / of for name, of in people.items()}
    high, low = max(shares, key=lambda name: shares[name]), min(shares, key=lambda name: shares[name])
    if shares[high] - shares[low] >= _APART:
        high_share, low_share = (format_percent(shares[name], language, decimals=0) for name in (high, low))
        return say("charts.answers.split", language, high=high, low=low, high_share=high_share, low_share=low_share)
    return say("charts.answers.most", language, count=count, yes=yes.total())
