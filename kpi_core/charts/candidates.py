"""The KSF candidates as a matrix: impact upwards, controllability to the right, circle size = measurability.

Answers: which few factors are worth a KSF? Candidates with the same two scores share a cell and are listed in it, so
that no label covers another; each carries its rank, and its name where the screen is wide enough.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import altair as alt
import pyarrow as pa

from kpi_core.charts.columns import Frame, flags, floats, texts
from kpi_core.charts.grid import in_lines
from kpi_core.charts.notation import LABEL_SIZE, Spec, cached_spec, finished
from kpi_core.charts.palette import LIGHT, Palette
from kpi_core.model.node import Candidate
from kpi_core.text import say
from kpi_core.vocabulary import Language

SCORES = (1, 2, 3, 4, 5)
HEIGHT = 460
#: How far apart candidates stand in a cell (1 high), and how many lines each name has, by how many share the cell.
_SHARED = {1: (0.0, 3), 2: (0.44, 2)}
_CROWDED = 0.24
#: Below this width of the plot (pixels) only ranks are written; from it on a line of a name is this wide.
_NAMES_FROM = 570
_NAME_WIDTH = 78


def frame(candidates: Sequence[Candidate], language: Language, *, chosen: Collection[str] = ()) -> Frame:
    """One row per candidate with impact and controllability, best first (total score, then as listed).

    Columns: ``code``, ``rank`` (text, from 1), ``name``, ``lines`` (the name with line breaks), ``impact``,
    ``controllability``, ``measurability`` (float64; null = not scored), ``score`` (float64: the product, null until all
    three are given), ``row`` (float64: height in the matrix), ``chosen`` (bool: a KSF already).
    """
    placed = [c for c in candidates if c.impact is not None and c.controllability is not None]
    placed.sort(key=lambda candidate: -(candidate.score or 0))
    cells: dict[tuple[int | None, int | None], list[str]] = {}
    for candidate in placed:
        cells.setdefault((candidate.impact, candidate.controllability), []).append(candidate.code)
    rows = [_row(candidate, cells[candidate.impact, candidate.controllability]) for candidate in placed]
    names = [candidate.name.in_language(language) or candidate.code for candidate in placed]
    return pa.table(
        {
            "code": texts(candidate.code for candidate in placed),
            "rank": texts(range(1, len(placed) + 1)),
            "name": texts(names),
            "lines": texts(
                in_lines(name, _NAME_WIDTH, lines=_spread(cells[candidate.impact, candidate.controllability])[1])
                for name, candidate in zip(names, placed, strict=True)
            ),
            "impact": floats(candidate.impact for candidate in placed),
            "controllability": floats(candidate.controllability for candidate in placed),
            "measurability": floats(candidate.measurability for candidate in placed),
            "score": floats(candidate.score for candidate in placed),
            "row": floats(rows),
            "chosen": flags(candidate.code in chosen for candidate in placed),
        }
    )


def _spread(cell: list[str]) -> tuple[float, int]:
    return _SHARED.get(len(cell), (min(_CROWDED, 0.9 / len(cell)), 1))


def _row(candidate: Candidate, cell: list[str]) -> float:
    step, _ = _spread(cell)
    return (candidate.impact or 0) + step * ((len(cell) - 1) / 2 - cell.index(candidate.code))


@cached_spec
def spec(language: Language, *, colours: Palette = LIGHT) -> Spec:
    """A 5 x 5 matrix; the corner of high impact and high controllability is tinted."""
    lines = alt.Axis(
        values=list(SCORES), format="d", grid=False, titleFontWeight="normal", labelPadding=6, titlePadding=10
    )
    whole = alt.Scale(domain=[0.5, 5.5], nice=False, zero=False)
    x = alt.X("controllability:Q", scale=whole, axis=lines, title=say("charts.candidates.controllability", language))
    y = alt.Y("row:Q", scale=whole, axis=lines, title=say("charts.candidates.impact", language))
    base = alt.Chart()
    one = base.transform_aggregate(rows="count()")
    borders = [
        one.mark_rule(color=colours.line).encode(**{axis: alt.datum(score + 0.5)})
        for score in range(6)
        for axis in "xy"
    ]
    left = alt.ExprRef(f"width>={_NAMES_FROM} ? 16-width/10 : 0")
    name_left = alt.ExprRef("32-width/10")
    size = alt.Size("measurability:Q", scale=alt.Scale(domain=[0, 5], range=[150, 460]), legend=None)
    shade = alt.condition("datum.chosen", alt.value(colours.accent), alt.value(colours.actual))
    heads = [alt.Tooltip("name:N", title="KSF")]
    heads += [
        alt.Tooltip(f"{column}:Q", title=say(f"charts.columns.{column}", language), format="d")
        for column in ("impact", "controllability", "measurability")
    ]
    layers = [
        one.mark_rect(color=colours.scale[0]).encode(
            x=alt.datum(3.5), x2=alt.datum(5.5), y=alt.datum(3.5), y2=alt.datum(5.5)
        ),
        *borders,
        one.mark_text(
            text=say("charts.candidates.priority", language),
            align="right",
            baseline="top",
            color=colours.accent,
            dx=-6,
            dy=6,
        ).encode(x=alt.datum(5.5), y=alt.datum(5.5)),
        base.mark_circle(opacity=1, xOffset=left).encode(x=x, y=y, size=size, color=shade, tooltip=heads),
        base.mark_text(color=colours.background, fontSize=11, fontWeight="bold", xOffset=left).encode(
            x=x, y=y, text="rank:N", tooltip=heads
        ),
        base.mark_text(
            align="left",
            xOffset=name_left,
            fontSize=LABEL_SIZE,
            lineBreak="\n",
            lineHeight=15,
            limit=alt.ExprRef("width/5-38"),
            opacity=alt.ExprRef(f"width>={_NAMES_FROM} ? 1 : 0"),
        ).encode(x=x, y=y, text="lines:N", tooltip=heads),
    ]
    return finished(layers, say("charts.candidates.description", language), colours, height=HEIGHT)


def title(rows: Frame, language: Language) -> str:
    """The strongest candidate by its total score; a tie is called one."""
    scored = [row for row in rows.to_pylist() if row["score"] is not None]
    if not scored:
        return say("charts.candidates.none", language)
    best = max(row["score"] for row in scored)
    first = [row["name"] for row in scored if row["score"] == best]
    key = "charts.candidates.best" if len(first) == 1 else "charts.candidates.tied"
    return say(key, language, name=first[0], score=int(best), count=len(first))
