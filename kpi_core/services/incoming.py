"""Files read and not stored yet: the way to add them that is proposed, and what it would do to the rows there are.

A dataset's rows are never dropped by a proposal: files of another period join them, and only what covers every period
there is takes their place. A person decides; what they decided is kept with the dataset's recipe.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from kpi_core.guidance.exports import recognise
from kpi_core.model.dataset import Dataset
from kpi_core.model.recipe import Recipe
from kpi_core.model.workshop import Workshop
from kpi_core.services.adding import Way
from kpi_core.services.inspecting import dataset_of
from kpi_core.services.snapshots import snapshot
from kpi_core.store import versions as kept_versions
from kpi_core.store.state import State
from kpi_core.vocabulary import Adding, RuleKind, Twice

if TYPE_CHECKING:
    from kpi_core.data.shaping.adding import Overlap
    from kpi_core.data.shaping.counting import RowCounts
    from kpi_core.data.shaping.magnitude import Shift

_ID = re.compile(r"(^|[^a-z])id$|番号$|コード$|_no$", re.IGNORECASE)
#: The share of the rows there that an id must tell apart, and of all rows that have a day where it says the period.
_NEARLY, _FILLED = 0.99, 0.5


class Why(StrEnum):
    """What a way is proposed for."""

    CHOSEN = "chosen"
    KEY_MOVES = "key_moves"
    KEY = "key"
    NAMED = "named"
    OTHER_PERIOD = "other_period"
    OTHER_DAYS = "other_days"
    SOME_PERIODS = "some_periods"
    SAME_PERIOD = "same_period"
    NO_PERIOD = "no_period"
    NO_DATES = "no_dates"
    FIRST = "first"


@dataclass(frozen=True)
class Proposal:
    """``way`` with what it was proposed for; ``dates`` are the columns that can say which period a row is of.

    ``there`` and ``coming``: first and last month of the rows there are and of the files, where they have dates.
    Where the key kept from last time would take ``moving`` rows to another month, ``way.adding`` is ``None``: a deal
    put off is updated, a product sold again is added, and only a person knows which they are.
    """

    way: Way
    why: Why
    dates: tuple[str, ...] = ()
    there: tuple[str, str] | None = None
    coming: tuple[str, str] | None = None
    moving: int = 0


@dataclass(frozen=True)
class Foreseen:
    """What a way does: the rows counted, and the periods that two tables cover (``None``: none, or keys decide).

    ``shifts``: the columns whose numbers are of another size than those of the rows there are.
    """

    rows: RowCounts
    overlap: Overlap | None
    shifts: tuple[Shift, ...] = ()


def propose_way(
    state: State, workshop_id: str, dataset_code: str, parts: Sequence[Path], period: str | None = None
) -> Proposal:
    """How the tables ``parts`` best join the dataset's rows (empty code: a new one); ``period`` as the person says.

    The way kept with its recipe (but replacing only where nothing is known to be lost, and asked about where its key
    takes most rows to another month), else by a key where one tells all rows apart on both sides, else by their
    periods.
    Raises ``MissingError('dataset_missing')``.
    """
    from kpi_core.data.shaping.adding import date_columns
    from kpi_core.data.shaping.comparing import undated

    workshop = snapshot(state, workshop_id).workshop
    dataset = dataset_of(workshop, dataset_code) if dataset_code else None
    newest = _newest(state, workshop_id, dataset_code)
    there = [] if newest is None else [newest]
    dates = date_columns([*there, *parts])
    column = period if period in dates else _period(workshop, dataset, [*there, *parts], dates)
    if dataset is None or newest is None:
        return Proposal(Way(Adding.REPLACE, period=column), Why.FIRST, dates)
    recipe = dataset.recipe or Recipe()
    spans = [(months[0], months[-1]) if months else None for months in _months(newest, parts, column)]
    moving = _moving(recipe.keys, newest, parts, column)
    keys, guessed = _keys(dataset, newest, parts, column, () if moving else recipe.keys)
    adding, twice, why = _by_period(newest, parts, column)
    if column is None and (column := undated([newest, *parts])):
        why = Why.NO_DATES
    # replacing was chosen for a correction: it drops no other period's rows
    follows = recipe.adding is not Adding.REPLACE or why in (Why.SAME_PERIOD, Why.NO_PERIOD)
    if recipe.adding is Adding.UPSERT and moving and recipe.keys != keys:
        asked = Way(None, recipe.keys, twice, period=column)
        return Proposal(asked, Why.KEY_MOVES, dates, spans[0], spans[1], moving)
    if keys:
        adding, why = Adding.UPSERT, Why.NAMED if guessed else Why.KEY
    if recipe.adding is not None and follows:
        adding, keys, why = recipe.adding, recipe.keys or keys, Why.CHOSEN
    return Proposal(Way(adding, keys, twice, period=column), why, dates, spans[0], spans[1])


def foresee(state: State, workshop_id: str, dataset_code: str, parts: Sequence[Path], way: Way) -> Foreseen:
    """What ``way`` would do with the tables ``parts``. Raises ``RefusedError`` where they cannot be added this way."""
    from kpi_core.data.shaping.adding import overlap
    from kpi_core.data.shaping.counting import count_rows
    from kpi_core.data.shaping.magnitude import magnitude_shifts

    workshop = snapshot(state, workshop_id).workshop
    dataset = dataset_of(workshop, dataset_code) if dataset_code else None
    newest = _newest(state, workshop_id, dataset_code)
    adding = way.adding or Adding.REPLACE
    keys = way.keys
    if adding is Adding.REPLACE and dataset is not None and newest is not None:
        kept = dataset.recipe.keys if dataset.recipe is not None else ()
        keys, _ = _keys(dataset, newest, parts, way.period, () if _moving(kept, newest, parts, way.period) else kept)
    rows = count_rows(newest, parts, adding, keys, way.twice, way.period)
    tables = [*([newest] if newest is not None and adding is Adding.APPEND else []), *parts]
    shifts = () if newest is None else magnitude_shifts(newest, parts)
    return Foreseen(rows, None if adding is Adding.UPSERT else overlap(tables, way.period), shifts)


def _newest(state: State, workshop_id: str, dataset_code: str) -> Path | None:
    kept = kept_versions.versions_of(state.connection, workshop_id, dataset_code) if dataset_code else ()
    return next((kept_versions.file_of(state, version.parquet) for version in kept), None)


def _period(workshop: Workshop, dataset: Dataset | None, tables: Sequence[Path], dates: Sequence[str]) -> str | None:
    """The column of ``dates`` that says which period a row is of: the kept one, the one measures use, else the first.

    One that is mostly empty in a table (the day of a later step) says little: then the first that is not.
    """
    from kpi_core.data.shaping.comparing import filled

    kept = dataset.recipe.period if dataset is not None and dataset.recipe is not None else None
    if kept in dates:
        return kept
    stated = period_stated(workshop, dataset) if dataset is not None else None
    ordered = [*(name for name in dates if name == stated), *dates]
    told = (name for name in ordered if all(filled(table, name) >= _FILLED for table in tables))
    return next(told, next(iter(ordered), None))


def period_stated(workshop: Workshop, dataset: Dataset) -> str | None:
    """The column of dates kept with the recipe, else the one most measures count by."""
    if dataset.recipe is not None and dataset.recipe.period:
        return dataset.recipe.period
    parts = [part for node in workshop.nodes for part in (node.measure.parts if node.measure is not None else ())]
    used = Counter(part.date for part in parts if part.dataset == dataset.code and part.date)
    return used.most_common(1)[0][0] if used else None


def _keys(
    dataset: Dataset, newest: Path, parts: Sequence[Path], period: str | None, kept: tuple[str, ...]
) -> tuple[tuple[str, ...], bool]:
    """Columns that tell rows apart: ``kept``, ruled unique, a known export's id; else guessed (true) by their name.

    What is only named like a key is none where rows would change their period by it: a line's number that begins anew,
    the code of a product sold every month.
    """
    from kpi_core.data.shaping.comparing import rows_move, shared_columns, tells_apart

    tables = (newest, *parts)
    columns = shared_columns(tables)
    stated = [kept] if kept else []
    stated += [(rule.column,) for rule in dataset.rules if rule.rule is RuleKind.UNIQUE and not rule.where]
    export = recognise(columns)
    if export is not None and "id" in export.meanings:
        stated.append((export.meanings["id"],))
    for keys in stated:  # rows there may have doubles, as exports do; those that come must say which they mean
        if not set(keys) <= set(columns) or not tells_apart(newest, keys, _NEARLY):
            continue
        if all(tells_apart(table, keys) for table in parts):
            return tuple(keys), False
    if period is None or not all(_months(newest, parts, period)):
        return (), False
    for name in columns:
        told_apart = is_id(name) and all(tells_apart(table, (name,)) for table in tables)
        if told_apart and not rows_move(tables, (name,), period):
            return (name,), True
    return (), False


def _moving(keys: tuple[str, ...], newest: Path, parts: Sequence[Path], period: str | None) -> int:
    """How many rows the kept key takes to another month, where those are most of the rows it finds; else 0."""
    from kpi_core.data.shaping.adding import date_columns
    from kpi_core.data.shaping.comparing import met_and_moved, shared_columns

    tables = (newest, *parts)
    if not keys or period is None or period not in date_columns(tables) or not set(keys) <= set(shared_columns(tables)):
        return 0
    met, moved = met_and_moved(newest, parts, keys, period)
    return moved if 2 * moved > met else 0


def is_id(column: str) -> bool:
    """Whether a column is named as one that tells rows apart."""
    return _ID.search(column) is not None


def _by_period(newest: Path, parts: Sequence[Path], column: str | None) -> tuple[Adding, Twice | None, Why]:
    from kpi_core.data.shaping.adding import overlap
    from kpi_core.data.shaping.comparing import DAY, periods_meet, spans

    there, coming = _months(newest, parts, column)
    if column is None or not there or not coming:
        return Adding.REPLACE, None, Why.NO_PERIOD if column is None else Why.NO_DATES
    if not set(there) & set(coming):
        return Adding.APPEND, None, Why.OTHER_PERIOD
    if not periods_meet(newest, parts, column, DAY):  # the second half of a month after the first
        return Adding.APPEND, Twice.BOTH, Why.OTHER_DAYS
    found = overlap([newest, *parts], column)
    grown = found is not None and found.coming >= found.there  # else the next month's file with a late row of this one
    covered = set(there) == set(coming) or (set(there) <= set(coming) and grown)
    if covered and spans(newest, parts, column):
        return Adding.REPLACE, None, Why.SAME_PERIOD
    return Adding.APPEND, None, Why.SOME_PERIODS


def _months(newest: Path, parts: Sequence[Path], column: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The months of the rows there are and of the files."""
    from kpi_core.data.shaping.adding import date_columns, periods_of

    if column is None or column not in date_columns([newest, *parts]):
        return (), ()
    return periods_of(newest, column), tuple(sorted({one for part in parts for one in periods_of(part, column)}))
