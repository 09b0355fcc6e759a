"""Which aggregates the measures of a workshop need, gathered into as few queries as there can be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kpi_core.data.query import Grouping, Term
from kpi_core.model.measure import RatioMeasure, SimpleMeasure, dimensions_of
from kpi_core.vocabulary import Aggregate, EmptyPeriod, Grain


@dataclass(frozen=True)
class Part:
    """One aggregate of a measure. ``matched`` counts the rows it is over, where none means 0; ``path`` is its place."""

    dataset: str
    date: str | None
    term: Term
    matched: Term | None
    path: str
    measure: SimpleMeasure

    @property
    def terms(self) -> tuple[Term, ...]:
        return (self.term,) if self.matched is None else (self.term, self.matched)


@dataclass(frozen=True)
class Wanted:
    """A node's measure: one part, or numerator and denominator; ``dimensions`` to split it by."""

    node: str
    parts: tuple[Part, ...]
    dimensions: tuple[str, ...]


def wanted(node: str, measure: SimpleMeasure | RatioMeasure) -> Wanted:
    """The parts of a measure, with their paths below ``nodes.<code>.measure``."""
    root = f"nodes.{node}.measure"
    if isinstance(measure, RatioMeasure):
        named = (("numerator", measure.ratio.numerator), ("denominator", measure.ratio.denominator))
        parts = tuple(_part(simple, f"{root}.ratio.{name}") for name, simple in named)
    else:
        parts = (_part(measure, root),)
    return Wanted(node, parts, dimensions_of(measure))


def _part(measure: SimpleMeasure, path: str) -> Part:
    term = Term.of(measure.aggregate, measure.column, measure.where)
    zero = measure.aggregate is Aggregate.SUM and measure.empty is EmptyPeriod.ZERO
    matched = Term.of(Aggregate.COUNT, None, measure.where) if zero else None
    return Part(measure.dataset, measure.date, term, matched, path, measure)


def grouped(all_wanted: Iterable[Wanted], grains: Sequence[Grain]) -> dict[Grouping, tuple[Term, ...]]:
    """The terms of each query, each once and in a fixed order."""
    gathered: dict[Grouping, set[Term]] = {}
    for entry in all_wanted:
        for part in entry.parts:
            for grain in grains if part.date is not None else (None,):
                for dimension in (None, *entry.dimensions):
                    grouping = Grouping(part.dataset, part.date, grain, dimension)
                    gathered.setdefault(grouping, set()).update(part.terms)
    return {grouping: tuple(sorted(terms, key=repr)) for grouping, terms in gathered.items()}
