"""Values that a look-up does not find on its other side, and what they may have meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from kpi_core.data.binding import bound
from kpi_core.data.engine import session
from kpi_core.data.relation import Rows
from kpi_core.data.running import engine_refusals
from kpi_core.data.tables import Tables, newest
from kpi_core.data.uncomputable import UncomputableError
from kpi_core.data.values import as_text
from kpi_core.errors import RefusedError
from kpi_core.model.workshop import Workshop

NEAR_SCORE = 80
MOST_NEAR = 3
MOST_COMPARED = 200
"""Near matches are sought for the values with the most rows; the others are listed without."""


@dataclass(frozen=True)
class Unmatched:
    """A value of the first key column, as it stands in the cell, and the number of ``rows`` that found nothing.

    ``near`` are values of the other side it may stand for, best first: those that differ in width, case or spaces only
    (``GTXPro`` ~ ``GTX Pro``), then those spelled alike. It is empty where the value itself is known and a second key
    column kept the rows apart.
    """

    value: str
    rows: int
    near: tuple[str, ...]


def unmatched(workshop: Workshop, tables: Tables, dataset_code: str, lookup_index: int) -> tuple[Unmatched, ...]:
    """All values without a row on the other side, after aliases; most rows first. Empty cells are not among them.

    Raises ``RefusedError('lookup_refused')`` with the reason where the look-up cannot be made.
    """
    chosen = newest(tables)
    try:
        with engine_refusals(), session() as engine:
            catalogue = bound(workshop, chosen, dataset_code, engine)
            rows = Rows(catalogue, dataset_code)
            other = rows.other(lookup_index)
            here, there = rows.dataset.lookups[lookup_index].on[0]
            rows.join(lookup_index)
            value = as_text(rows[here])
            lost = rows.table.filter(~rows.found(lookup_index), value.notnull()).select(value=value)
            counted = lost.group_by("value").aggregate(rows=lost.count())
            known = other.table.select(value=as_text(other[there])).distinct()
            found = engine.fetch(catalogue.sql(counted), catalogue.home)
            candidates = [value for (value,) in engine.fetch(catalogue.sql(known), catalogue.home) if value]
    except UncomputableError as refusal:
        path = f"datasets.{dataset_code}.lookups[{lookup_index}]"
        raise RefusedError("lookup_refused", (refusal.problem(path),), dataset=dataset_code) from None
    return _with_near(sorted(found, key=lambda item: (-item[1], item[0])), sorted(candidates))


def _with_near(found: Sequence[tuple[str, int]], candidates: Sequence[str]) -> tuple[Unmatched, ...]:
    known = set(candidates)
    keys = [comparable(candidate) for candidate in candidates]
    listed = []
    for position, (value, rows) in enumerate(found):
        seek = position < MOST_COMPARED and value not in known
        listed.append(Unmatched(value, rows, _near(value, candidates, keys) if seek else ()))
    return tuple(listed)


def _near(value: str, candidates: Sequence[str], keys: Sequence[str]) -> tuple[str, ...]:
    scored = process.extract(comparable(value), keys, scorer=fuzz.ratio, score_cutoff=NEAR_SCORE, limit=MOST_NEAR)
    return tuple(candidates[position] for _, _, position in scored)


def comparable(value: str) -> str:
    """A value without what people type differently: width, case, spaces."""
    return "".join(unicodedata.normalize("NFKC", value).casefold().split())
