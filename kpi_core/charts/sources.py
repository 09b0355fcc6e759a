"""KPIs against data sources: which source can deliver which KPI, and at what effort.

Answers: which KPI have we no data for?
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pyarrow as pa

from kpi_core.charts.columns import Frame, texts
from kpi_core.charts.grid import column_name, matrix, row_name
from kpi_core.charts.notation import Spec, cached_spec
from kpi_core.charts.palette import AVAILABILITY_SIGNS, LIGHT, Palette
from kpi_core.text import say
from kpi_core.vocabulary import Availability, Language


def frame(
    kpis: Sequence[tuple[str, str]],
    sources: Sequence[tuple[str, str]],
    available: Mapping[tuple[str, str], Availability],
    language: Language,
) -> Frame:
    """One row per KPI and source, in the order given; ``available`` by their codes, nothing stated = no entry.

    Columns: ``row``, ``column`` (names with line breaks), ``kpi``, ``source`` (names), ``code`` (the KPI's),
    ``availability`` (``ready``, ``effort``, ``none``, or empty), ``text`` (its sign), ``word``.
    """
    cells = [(code, name, head, available.get((code, source))) for code, name in kpis for source, head in sources]
    return pa.table(
        {
            "row": texts(row_name(name) for _, name, _, _ in cells),
            "column": texts(column_name(head, len(sources)) for _, _, head, _ in cells),
            "kpi": texts(name for _, name, _, _ in cells),
            "source": texts(head for _, _, head, _ in cells),
            "code": texts(code for code, _, _, _ in cells),
            "availability": texts(state.value if state else "" for *_, state in cells),
            "text": texts(AVAILABILITY_SIGNS[state] if state else "" for *_, state in cells),
            "word": texts(
                say(f"vocabulary.availability.{state.value}", language) if state else "–" for *_, state in cells
            ),
        }
    )


@cached_spec
def spec(language: Language, *, colours: Palette = LIGHT) -> Spec:
    """● ready, ▲ with effort, × not to be had; empty where nothing is stated."""
    heads = [
        alt.Tooltip(f"{column}:N", title=say(f"charts.columns.{title}", language))
        for column, title in (("kpi", "kpi"), ("source", "source"), ("word", "availability"))
    ]
    signs = alt.Scale(
        domain=[state.value for state in Availability],
        range=[colours.on_track, colours.watch, colours.off_track],
    )
    foreground = alt.Color("availability:N", scale=signs, legend=None)
    plain = alt.Color("availability:N", scale=alt.Scale(range=[colours.surface]), legend=None)
    return matrix(say("charts.sources.description", language), colours, plain, foreground, heads)


def title(rows: Frame, language: Language) -> str:
    """How many KPIs no source can deliver; else how many take effort; else that all are ready."""
    if not rows.num_rows:
        return say("charts.sources.empty", language)
    by_kpi: dict[str, set[str]] = {}
    for row in rows.to_pylist():
        by_kpi.setdefault(row["code"], set()).add(row["availability"])
    count = len(by_kpi)
    missing = sum(not states & {"ready", "effort"} for states in by_kpi.values())
    effort = sum("ready" not in states for states in by_kpi.values())
    if missing:
        return say("charts.sources.missing", language, count=count, missing=missing)
    if effort:
        return say("charts.sources.effort", language, count=count, effort=effort)
    return say("charts.sources.ready", language, count=count)
