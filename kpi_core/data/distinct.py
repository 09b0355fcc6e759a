"""Distinct counts in uploaded rows: one pass over the rows for all their periods and dimensions, then sorts of numbers.

DuckDB counts different values with a hash table for every grain and dimension; to sort codes of the values takes a
fraction of that time. Databases count by themselves, in the one query of their other aggregates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from kpi_core.data.engine import Session
from kpi_core.data.layout import Catalogue
from kpi_core.data.query import MOST_GROUPS, Grouping, Term, add_columns, add_grouping, cell_of, kept_rows, period_of
from kpi_core.data.relation import Rows
from kpi_core.data.running import Result, engine_refusals, read, together, too_many
from kpi_core.data.uncomputable import UncomputableError
from kpi_core.vocabulary import Aggregate

Asked = Mapping[Grouping, tuple[Term, ...]]
Codes = NDArray[np.signedinteger]
#: Groups are looked up in a table of so many at the most; beyond, the different ones are found by hashing.
_COUNTED_BY_TABLE = 1 << 20
#: Of a number's 63 bits, those that a pair of group and key and the marks of terms may take.
_BITS = 62


def is_sorted(catalogue: Catalogue, term: Term) -> bool:
    """Whether the term is counted here."""
    return catalogue.dialect == "duckdb" and term.aggregate is Aggregate.COUNT_DISTINCT


def distinct_counts(
    session: Session, catalogue: Catalogue, asked: Asked, fiscal_year_start: int
) -> dict[Grouping, list[Result]]:
    """The terms that are counted here, of all groupings of one dataset; a result for every column that is counted."""
    apart: dict[tuple[str | None, str | None], dict[Grouping, tuple[Term, ...]]] = {}
    for grouping, terms in asked.items():
        for term in terms:
            if is_sorted(catalogue, term):
                mine = apart.setdefault((grouping.date, term.column), {})
                mine[grouping] = (*mine.get(grouping, ()), term)
    found: dict[Grouping, list[Result]] = {}
    for mine in apart.values():
        for grouping, result in _counted(session, catalogue, mine, fiscal_year_start).items():
            found.setdefault(grouping, []).append(result)
    return found


def _counted(session: Session, catalogue: Catalogue, asked: Asked, start: int) -> dict[Grouping, Result]:
    """The counts of one column; where the engine fails, each grouping and each term is tried alone."""
    terms = tuple(dict.fromkeys(term for mine in asked.values() for term in mine))
    flat = _flat(catalogue, tuple(asked), terms, start)
    try:
        with engine_refusals():
            table = session.arrow(flat.sql) if flat.sql else None
            rows = _Rows.of(table) if table is not None and len(table) else None
    except UncomputableError as refusal:
        if len(asked) > 1:
            apart = [_counted(session, catalogue, {grouping: mine}, start) for grouping, mine in asked.items()]
            return {grouping: result for found in apart for grouping, result in found.items()}
        if len(terms) <= 1:
            return {grouping: Result.refusing(terms, refusal) for grouping in asked}
        (grouping,) = asked
        alone = [_counted(session, catalogue, {grouping: (term,)}, start)[grouping] for term in terms]
        return {grouping: together(alone, {})}
    fit = {grouping: mine for grouping, mine in asked.items() if grouping not in flat.unfit}
    unfit = {grouping: Result.refusing(asked[grouping], refusal) for grouping, refusal in flat.unfit.items()}
    return unfit | {grouping: _result(rows, flat, grouping, mine) for grouping, mine in fit.items()}


@dataclass(frozen=True)
class _Flat:
    """``sql`` gives, for each row that has a date, its periods, its cells, its key, and which terms keep it.

    ``unfit`` are groupings and ``refused`` terms that cannot be computed; ``kept`` names the columns of the others, and
    has none for a term that keeps every row.
    """

    sql: str
    kept: Mapping[Term, str | None]
    refused: Mapping[Term, UncomputableError]
    unfit: Mapping[Grouping, UncomputableError]


@lru_cache(maxsize=256)
def _flat(catalogue: Catalogue, groupings: tuple[Grouping, ...], terms: tuple[Term, ...], start: int) -> _Flat:
    unfit: dict[Grouping, UncomputableError] = {}
    refused: dict[Term, UncomputableError] = {}
    rows = Rows(catalogue, groupings[0].dataset)
    for grouping in groupings:
        try:
            add_grouping(rows, grouping)
        except UncomputableError as refusal:
            unfit[grouping] = refusal
    for term in terms:
        try:
            add_columns(rows, term)
        except UncomputableError as refusal:
            refused[term] = refusal
    fit = [grouping for grouping in groupings if grouping not in unfit]
    marks: dict[Term, Any] = {}
    for term in terms:
        if term not in refused:
            try:
                marks[term] = kept_rows(rows, term.where)
            except UncomputableError as refusal:
                refused[term] = refusal
    kept = {term: None if mark is None else f"kept {at}" for at, (term, mark) in enumerate(marks.items())}
    if not fit or not marks:
        return _Flat("", kept, refused, unfit)
    columns = {_period(grouping): period_of(rows, grouping, start).cast("int32") for grouping in fit}
    columns |= {_cell(grouping): cell_of(rows, grouping) for grouping in fit if grouping.dimension is not None}
    columns |= {name: marks[term].fill_null(False) for term, name in kept.items() if name is not None}
    made = rows.table.select(key=rows[str(terms[0].column)], **columns)
    return _Flat(catalogue.sql(made.filter(made[_period(fit[0])].notnull())), kept, refused, unfit)


def _period(grouping: Grouping) -> str:
    return f"period {grouping.grain}"


def _cell(grouping: Grouping) -> str:
    return f"cell {grouping.dimension}"


@dataclass(frozen=True)
class _Rows:
    """The rows' periods and which terms keep them, with codes in place of keys and cells."""

    plain: Mapping[str, NDArray[Any]]
    codes: Mapping[str, Codes]
    values: Mapping[str, pa.Array]
    marked: dict[tuple[str | None, ...], NDArray[np.signedinteger]] = field(default_factory=dict)
    """``marks`` that were asked for: all groupings of a column ask for the same terms as a rule."""

    @staticmethod
    def of(table: pa.Table) -> _Rows:
        plain: dict[str, NDArray[Any]] = {}
        codes: dict[str, Codes] = {}
        values: dict[str, pa.Array] = {}
        for name in table.column_names:
            if name.startswith(("period ", "kept ")):
                plain[name] = table[name].to_numpy()
            else:
                codes[name], values[name] = _coded(table[name])
            table = table.drop_columns(name)
        return _Rows(plain, codes, values)

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Which rows have a key."""
        empty: NDArray[np.bool_] = self.values["key"].is_null().to_numpy(zero_copy_only=False)
        return ~empty[self.codes["key"]] if empty.any() else np.ones(len(self.codes["key"]), bool)

    def marks(self, kept: tuple[str | None, ...]) -> NDArray[np.signedinteger]:
        """A bit for each of the terms that keep the row; ``kept`` names their columns, ``None`` keeps every row."""
        if kept not in self.marked:
            marks = np.zeros(len(self.known), np.min_scalar_type(-(1 << len(kept))))
            for at, name in enumerate(kept):
                keeps = self.known if name is None else self.known & self.plain[name]
                marks |= keeps.astype(marks.dtype) << marks.dtype.type(at)
            self.marked[kept] = marks
        return self.marked[kept]


def _coded(column: pa.ChunkedArray) -> tuple[Codes, pa.Array]:
    """A number from 0 for each of the cells (at least one), and the different cells in that order."""
    if pa.types.is_floating(column.type):
        column = pc.add(column, 0.0)  # -0.0 is 0.0
    chunks = column.dictionary_encode("encode").chunks  # of one dictionary; Arrow unites none with an empty cell
    return np.concatenate([chunk.indices.to_numpy() for chunk in chunks]), chunks[-1].dictionary


def _placed(groups: Codes, span: int) -> tuple[Codes, NDArray[np.int64]]:
    """For groups that are numbers below ``span``: each row's place among those there are, and these, in that order."""
    if span > _COUNTED_BY_TABLE:
        places, found = _coded(pa.chunked_array([groups]))
        return places, found.to_numpy()
    there = np.flatnonzero(np.bincount(groups, minlength=span))
    table = np.zeros(span, np.int64)
    table[there] = np.arange(len(there))
    return table[groups], there


def _result(rows: _Rows | None, flat: _Flat, grouping: Grouping, terms: tuple[Term, ...]) -> Result:
    refused = {term: flat.refused[term] for term in terms if term in flat.refused}
    fit = tuple(term for term in terms if term not in refused)
    if rows is None or not fit:
        return Result((), {}, refused)
    periods = rows.plain[_period(grouping)].astype(np.int64)
    first, width = int(periods.min()), int(np.ptp(periods)) + 1
    groups, span = periods - first, width
    if grouping.dimension is not None:
        groups += rows.codes[_cell(grouping)].astype(np.int64) * width
        span *= len(rows.values[_cell(grouping)])
    places, numbers = _placed(groups, span)
    if grouping.dimension is not None and len(numbers) > MOST_GROUPS:
        return Result.refusing(terms, too_many(grouping.dimension))
    counts = _different(rows, places, len(numbers), [flat.kept[term] for term in fit])
    cells = rows.values[_cell(grouping)].to_pylist() if grouping.dimension is not None else [""]
    shown = [(first + number % width, cells[number // width]) for number in numbers.tolist()]
    return read([(*group, None, *each) for group, *each in zip(shown, *counts, strict=True)], grouping, fit, refused)


def _different(rows: _Rows, places: Codes, groups: int, kept: Sequence[str | None]) -> list[NDArray[np.int64]]:
    """For each of ``kept`` the different keys in each group: pairs of group and key are sorted once for many terms.

    A pair's number carries in its last bits which terms keep the row; rows of one pair lie side by side once sorted.
    """
    keys = len(rows.values["key"])
    most = _BITS - (groups * keys).bit_length()
    found: list[NDArray[np.int64]] = []
    for names in (tuple(kept[at : at + most]) for at in range(0, len(kept), most)):
        codes = places.astype(np.int64) * keys
        codes += rows.codes["key"]
        codes <<= len(names)
        marks = rows.marks(names)
        codes |= marks
        codes.sort()
        pairs = codes >> len(names)
        begins = np.flatnonzero(np.concatenate(([True], pairs[1:] != pairs[:-1])))
        codes &= (1 << len(names)) - 1
        kept_by = np.bitwise_or.reduceat(codes.astype(marks.dtype), begins)
        starts = np.searchsorted(pairs[begins], np.arange(groups) * keys)  # no group is empty
        found += [np.add.reduceat(kept_by >> at & 1, starts, dtype=np.int64) for at in range(len(names))]
    return found
