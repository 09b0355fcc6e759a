"""Departments against KSFs: how many KPIs each combination has, and where there is none.

Answers: which success factor does nobody measure, and who has no part in it?
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import altair as alt
import pyarrow as pa

from kpi_core.charts.columns import Frame, floats, texts
from kpi_core.charts.grid import column_name, matrix, row_name
from kpi_core.charts.notation import Spec, cached_spec
from kpi_core.charts.palette import LIGHT, Palette
from kpi_core.text import enumerated, say
from kpi_core.vocabulary import Language

_LONGEST_LIST = 3
_LEVELS = ("none", "hole", "one", "two", "many")


def frame(
    ksfs: Sequence[tuple[str, str]],
    departments: Sequence[tuple[str, str]],
    kpis: Iterable[tuple[str, str | None]],
    language: Language,
) -> Frame:
    """One row per KSF and department, in the order given.

    ``ksfs``, ``departments``: code and name; ``kpis``: each KPI's KSF and department code (None: no department, which
    gets a column of its own where it happens). Columns: ``row``, ``column`` (names with line breaks), ``ksf``,
    ``department`` (names), ``count`` (float64), ``text`` (the count, or なし in a KSF without any KPI, else empty),
    ``level`` (``none``, ``hole``: the KSF has no KPI at all, ``one``, ``two``, ``many``).
    """
    owned = [(ksf, department) for ksf, department in kpis]
    heads: list[tuple[str | None, str]] = list(departments)
    known = {code for code, _ in departments}
    if any(department not in known for _, department in owned):
        heads.append((None, say("charts.coverage.shared", language)))
    hole = say("charts.coverage.hole", language)
    cells = [
        (ksf, name, head, sum(of == ksf and (by if by in known else None) == code for of, by in owned))
        for ksf, name in ksfs
        for code, head in heads
    ]
    filled = {ksf for ksf, _ in owned}
    counts = [count for *_, count in cells]
    return pa.table(
        {
            "row": texts(row_name(name) for _, name, _, _ in cells),
            "column": texts(column_name(head, len(heads)) for _, _, head, _ in cells),
            "ksf": texts(name for _, name, _, _ in cells),
            "department": texts(head for _, _, head, _ in cells),
            "count": floats(counts),
            "text": texts(count if count else "" if ksf in filled else hole for ksf, _, _, count in cells),
            "level": texts(
                _LEVELS[2 + min(count, 3) - 1] if count else "none" if ksf in filled else "hole"
                for ksf, _, _, count in cells
            ),
        }
    )


@cached_spec
def spec(language: Language, *, colours: Palette = LIGHT) -> Spec:
    """More KPIs, darker; a KSF without any says so in the colour of what needs action."""
    heads = [
        alt.Tooltip("ksf:N", title=say("charts.columns.ksf", language)),
        alt.Tooltip("department:N", title=say("charts.columns.department", language)),
        alt.Tooltip("count:Q", title=say("charts.columns.count", language), format="d"),
    ]
    levels = list(_LEVELS)
    shades = [colours.surface, colours.surface, colours.scale[1], colours.scale[2], colours.scale[4]]
    inks = [colours.text, colours.off_track_text, colours.text, colours.text, colours.background]
    background, foreground = (
        alt.Color("level:N", scale=alt.Scale(domain=levels, range=colour), legend=None) for colour in (shades, inks)
    )
    return matrix(say("charts.coverage.description", language), colours, background, foreground, heads)


def title(rows: Frame, language: Language) -> str:
    """The KSFs that have no KPI, by name (three at most), or that every KSF has one."""
    if not rows.num_rows:
        return say("charts.coverage.empty", language)
    holes = list(dict.fromkeys(row["ksf"] for row in rows.to_pylist() if row["level"] == "hole"))
    if not holes:
        return say("charts.coverage.full", language)
    names = enumerated(holes[:_LONGEST_LIST], language) + ("…" if len(holes) > _LONGEST_LIST else "")
    return say("charts.coverage.holes", language, count=len(holes), names=names)
