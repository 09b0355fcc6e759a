"""Measured values of nodes from the rows of their datasets, at the workshop's grain and every coarser one.

A group (a period, or a segment of one) exists where at least one row of the dataset falls in it, whatever ``where``
keeps. In it a count of nothing is 0; a sum, mean, median, min, max or last of nothing is absent, unless the measure
says that an empty sum is 0. Each grain is computed from the rows: a quarter's median is no mean of months. Rows without
a date belong to no period. The segment of empty cells is ``""``.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from kpi_core.data.answering import Answers, Series
from kpi_core.data.engine import session
from kpi_core.data.plan import Part, Wanted, grouped, wanted
from kpi_core.data.soundness import dataset_problems
from kpi_core.data.tables import Tables, Taken
from kpi_core.data.uncomputable import UncomputableError
from kpi_core.errors import Param, Problem
from kpi_core.model.measure import RatioMeasure, SimpleMeasure
from kpi_core.model.period import GRAINS, Period
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Grain, Severity

PREVIEW = "preview"
"""The node code of a measure that is not saved yet."""
FAR_AHEAD_YEARS = 5


class Observation(NamedTuple):
    """A measured value; ``segment`` is a cell of ``dimension`` (both ``None``: of all rows), ``""`` the empty cells.

    ``version`` is the version of the (numerator's) dataset it was computed from.
    """

    node: str
    period: str
    dimension: str | None
    segment: str | None
    value: float
    version: str


@dataclass(frozen=True)
class Observed:
    """Values, and why others are missing: ``Problem.path`` is ``nodes.<code>.measure…`` or ``datasets.<code>…``.

    ``taken``: by dataset, what connected tables are as of today, for measures without a date; it is to be kept.
    """

    observations: tuple[Observation, ...]
    problems: tuple[Problem, ...]
    taken: tuple[tuple[str, Taken], ...] = ()


def observe(
    workshop: Workshop,
    tables: Tables,
    *,
    nodes: Collection[str] | None = None,
    today: date | None = None,
    fresh: bool = False,
) -> Observed:
    """The values of all measured nodes, or of ``nodes``.

    A measure with a date reads its dataset's newest version. One without is a snapshot: each version gives the value of
    the periods that hold its ``as_of`` day; of several in one period the latest ``as_of`` counts, then the newest
    upload. Of a connected table each refresh so far counts as a version.
    A measure that cannot run gives a problem and no values; the others go on. ``today`` lets values that lie
    more than five years ahead (a slip in a date) be reported. ``fresh``: databases are asked anew, whatever they
    answered a moment ago.
    """
    chosen = [node for node in workshop.nodes if nodes is None or node.code in nodes]
    asked = [wanted(node.code, node.measure) for node in chosen if node.measure is not None]
    grains = GRAINS[GRAINS.index(workshop.settings.grain) :]
    return _observed(workshop, tables, asked, grains, today, fresh=fresh)


def preview(
    workshop: Workshop,
    tables: Tables,
    measure: SimpleMeasure | RatioMeasure,
    *,
    grain: Grain,
    today: date | None = None,
) -> Observed:
    """The values of one measure that is not saved yet, at one grain, as those of the node ``preview``."""
    return _observed(workshop, tables, [wanted(PREVIEW, measure)], (grain,), today)


def observe_measures(
    workshop: Workshop,
    tables: Tables,
    measures: Mapping[str, SimpleMeasure | RatioMeasure],
    *,
    grain: Grain,
) -> Observed:
    """The values of measures that no node has (a ratio's numerator by segment, say), by the names they are given."""
    return _observed(workshop, tables, [wanted(name, measure) for name, measure in measures.items()], (grain,), None)


def _observed(
    workshop: Workshop,
    tables: Tables,
    asked: Sequence[Wanted],
    grains: Sequence[Grain],
    today: date | None,
    *,
    fresh: bool = False,
) -> Observed:
    observations: list[Observation] = []
    problems: list[Problem] = []
    with session(fresh=fresh) as engine:
        answers = Answers(workshop, tables, today)
        answers.ask(grouped(asked, grains), grains, engine)
        for code in dict.fromkeys(part.dataset for entry in asked for part in entry.parts):
            problems += dataset_problems(workshop, tables, code, engine)
    for entry in asked:
        for dimension in (None, *entry.dimensions):
            found = _split(entry, answers, grains, dimension)
            if isinstance(found, Problem):
                problems.append(found)
                if dimension is None:
                    break
                continue
            observations += _observations(entry, found, dimension)
            if dimension is None and today is not None:
                problems += _far_ahead(entry, found, today)
    taken = tuple((code, one) for (code, _), one in answers.taken.items())
    return Observed(tuple(observations), tuple(problems), taken)


def _split(entry: Wanted, answers: Answers, grains: Sequence[Grain], dimension: str | None) -> list[Series] | Problem:
    """The values at every grain, of all rows or by the cells of one dimension."""
    found: list[Series] = []
    for grain in grains:
        parts: list[Series] = []
        for part in entry.parts:
            try:
                parts.append(answers.series(part, grain, dimension))
            except UncomputableError as refusal:
                return refusal.problem(_path(entry, part, refusal))
        found.append(parts[0] if len(parts) == 1 else _ratio(*parts))
    return found


def _ratio(numerator: Series, denominator: Series) -> Series:
    """No value where a part is absent or the denominator is 0."""
    divided = {
        group: value / denominator.values[group]
        for group, value in numerator.values.items()
        if denominator.values.get(group)
    }
    return Series({group: value for group, value in divided.items() if math.isfinite(value)}, numerator.versions)


def _observations(entry: Wanted, found: Sequence[Series], dimension: str | None) -> Iterator[Observation]:
    for series in found:
        stamps = {period: (period.key, version) for period, version in series.versions.items()}
        for (period, segment), value in sorted(series.values.items(), key=_by_time):
            key, version = stamps[period]
            yield Observation(entry.node, key, dimension, segment, value, version)


def _by_time(item: tuple[tuple[Period, str | None], float]) -> tuple[date, str]:
    (period, segment), _ = item
    return period.start, segment or ""


def _path(entry: Wanted, part: Part, refusal: UncomputableError) -> str:
    """The place in the workshop file, ``nodes`` by their code."""
    if refusal.place == "dimension":
        return f"nodes.{entry.node}.measure.dimensions"
    if refusal.place in ("dataset", "date", "column"):
        return f"{part.path}.{refusal.place}"
    position = [filter_.model_dump_json() for filter_ in part.measure.where].index(refusal.place)
    return f"{part.path}.where[{position}]"


def _far_ahead(entry: Wanted, found: Sequence[Series], today: date) -> Iterator[Problem]:
    limit = today.year + FAR_AHEAD_YEARS
    ahead = [period for period, _ in found[0].values if period.start.year > limit]
    if ahead:
        params: dict[str, Param] = {"period": max(ahead).key, "count": len(ahead), "column": entry.parts[0].date}
        yield Problem("dates_far_ahead", params, Severity.WARNING, path=f"{entry.parts[0].path}.date")
