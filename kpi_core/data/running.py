"""Runs a dataset's queries on one version of its rows and gives plain numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kpi_core.data.engine import EngineError, OutOfMemory, Session
from kpi_core.data.layout import Catalogue
from kpi_core.data.query import MOST_GROUPS, Grouping, Term, compiled
from kpi_core.data.uncomputable import UncomputableError
from kpi_core.data.values import written

MOST_SEGMENTS = 2_000


@dataclass(frozen=True)
class Result:
    """``groups`` are (period's number, segment); ``values`` has a number or ``None`` for each group of a term.

    ``NaN`` is what no finite number is (a sum that ran over): it has no value, and neither has what it is part of.
    """

    groups: tuple[tuple[int, str | None], ...]
    values: Mapping[Term, Sequence[float | None]]
    refused: Mapping[Term, UncomputableError]

    @classmethod
    def refusing(cls, terms: Sequence[Term], refusal: UncomputableError) -> Result:
        return cls((), {}, dict.fromkeys(terms, refusal))


def run(
    session: Session, catalogue: Catalogue, grouping: Grouping, terms: tuple[Term, ...], fiscal_year_start: int
) -> Result:
    """The answer of one fused query; where the engine fails, each term is tried alone, so one stops no other.

    A database that does not answer is not asked again.
    """
    query = compiled(catalogue, grouping, terms, fiscal_year_start)
    if query.refusal is not None:
        return Result.refusing(terms, query.refusal)
    if not query.sql:
        return Result((), {}, query.refused)
    try:
        with engine_refusals():
            fetched = session.fetch(query.sql, catalogue.home)
    except UncomputableError as refusal:
        if len(query.terms) <= 1 or refusal.code.startswith("connection_"):
            return Result((), {}, {**query.refused, **dict.fromkeys(query.terms, refusal)})
        alone = [run(session, catalogue, grouping, (term,), fiscal_year_start) for term in query.terms]
        return together(alone, query.refused)
    return read(fetched, grouping, query.terms, query.refused)


@contextmanager
def engine_refusals() -> Iterator[None]:
    """Turns the engine's failures on a person's data into refusals."""
    try:
        yield
    except OutOfMemory:
        raise UncomputableError("too_much_memory") from None
    except (EngineError, OSError) as error:
        raise UncomputableError("not_computed", detail=str(error).splitlines()[0][:200]) from error


def read(
    fetched: list[tuple[Any, ...]],
    grouping: Grouping,
    terms: tuple[Term, ...],
    refused: Mapping[Term, UncomputableError],
) -> Result:
    """The result in fetched rows: period, cell, number of rows, then a value for each of ``terms``."""
    groups: tuple[tuple[int, str | None], ...]
    if grouping.dimension is None:
        groups = tuple((int(row[0]), None) for row in fetched)
    else:
        groups = tuple((int(row[0]), written(row[1]) or "") for row in fetched)
        if len(fetched) > MOST_GROUPS or len({segment for _, segment in groups}) > MOST_SEGMENTS:
            return Result.refusing((*terms, *refused), too_many(grouping.dimension))
    values = {term: tuple(_number(row[3 + at]) for row in fetched) for at, term in enumerate(terms)}
    return Result(groups, values, refused)


def too_many(dimension: str) -> UncomputableError:
    return UncomputableError("dimension_too_many", place="dimension", column=dimension, most=MOST_SEGMENTS)


def _number(value: Any) -> float | None:
    if value is None:
        return None
    number = float(value)
    return number if math.isfinite(number) else math.nan


def together(results: Sequence[Result], refused: Mapping[Term, UncomputableError]) -> Result:
    """Results of the same groups as one; those that failed have none."""
    groups = next((result.groups for result in results if result.values), ())
    values: dict[Term, Sequence[float | None]] = {}
    failed = dict(refused)
    for result in results:
        found = dict(zip(result.groups, range(len(result.groups)), strict=True))
        for term, numbers in result.values.items():
            values[term] = [numbers[found[group]] for group in groups]
        failed |= result.refused
    return Result(groups, values, failed)
