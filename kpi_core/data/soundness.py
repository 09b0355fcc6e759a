"""What is wrong with a dataset's own description, given its rows: names taken twice, look-ups and derived columns that
cannot be made, keys that lead to several different rows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import ibis

from kpi_core.data.binding import bound
from kpi_core.data.engine import Session
from kpi_core.data.layout import Catalogue
from kpi_core.data.relation import Rows
from kpi_core.data.running import engine_refusals
from kpi_core.data.tables import Tables, newest
from kpi_core.data.uncomputable import UncomputableError
from kpi_core.data.values import as_text
from kpi_core.errors import Problem
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Severity

_SHOWN = 5


def dataset_problems(workshop: Workshop, tables: Tables, code: str, session: Session) -> tuple[Problem, ...]:
    """The problems of the dataset ``code``, with paths ``datasets.<code>…``; none while it has no rows."""
    chosen = newest(tables)
    if code not in chosen or workshop.dataset(code) is None:
        return ()
    try:
        with engine_refusals():
            catalogue = bound(workshop, chosen, code, session)
            return (*_described(catalogue, code), *_keys_twice(catalogue, code, session))
    except UncomputableError:
        return ()  # a file that cannot be read is said by the measures that need it


@lru_cache(maxsize=256)
def _described(catalogue: Catalogue, code: str) -> tuple[Problem, ...]:
    """What the descriptions and the columns tell without a look at the rows."""
    return (*_taken(catalogue, code), *_derived(catalogue, code), *_lookups(catalogue, code))


def _taken(catalogue: Catalogue, code: str) -> Iterator[Problem]:
    layout = catalogue.layout(code)
    if layout is None:
        return
    taken = {column.name for column in layout.columns}
    for position, derived in enumerate(layout.dataset.derived):
        if derived.name in taken:
            yield Problem("name_taken", {"column": derived.name}, path=f"datasets.{code}.derived[{position}].name")
        taken.add(derived.name)
    for position, lookup in enumerate(layout.dataset.lookups):
        for at, name in enumerate(lookup.columns):
            if name in taken:
                path = f"datasets.{code}.lookups[{position}].columns[{at}]"
                yield Problem("lookup_column_taken", {"column": name, "dataset": lookup.dataset}, path=path)
            taken.add(name)


def _derived(catalogue: Catalogue, code: str) -> Iterator[Problem]:
    for position, derived in enumerate(Rows(catalogue, code).dataset.derived):
        try:
            Rows(catalogue, code).add(derived.name)
        except UncomputableError as refusal:
            yield refusal.problem(f"datasets.{code}.derived[{position}].expression")


def _lookups(catalogue: Catalogue, code: str) -> Iterator[Problem]:
    for position, lookup in enumerate(Rows(catalogue, code).dataset.lookups):
        path = f"datasets.{code}.lookups[{position}]"
        try:
            other = Rows(catalogue, code).other(position)
        except UncomputableError as refusal:
            yield refusal.problem(path)
            continue
        for at, name in enumerate(lookup.columns):
            try:
                other.add(name)
            except UncomputableError as refusal:
                yield refusal.problem(f"{path}.columns[{at}]")


def _keys_twice(catalogue: Catalogue, code: str, session: Session) -> Iterator[Problem]:
    for position, lookup in enumerate(Rows(catalogue, code).dataset.lookups):
        sql = _doubled_sql(catalogue, code, position)
        found = session.fetch(sql, catalogue.home) if sql else []
        if found:
            shown = ", ".join(str(key) for key, _ in found[:_SHOWN])
            params = {"dataset": lookup.dataset, "count": found[0][1], "values": shown}
            path = f"datasets.{code}.lookups[{position}]"
            yield Problem("lookup_key_twice", params, Severity.WARNING, path=path)


@lru_cache(maxsize=256)
def _doubled_sql(catalogue: Catalogue, code: str, position: int) -> str:
    """Keys of the other side whose rows disagree on a column that is brought: (key, number of such keys)."""
    try:
        other = Rows(catalogue, code).other(position)
        lookup = Rows(catalogue, code).dataset.lookups[position]
        for name in lookup.columns:
            other.add(name)
    except UncomputableError:
        return ""
    keys = {f"key{at}": as_text(other[there]) for at, (_, there) in enumerate(lookup.on)}
    cells = {f"cell{at}": other[name] for at, name in enumerate(dict.fromkeys(lookup.columns))}
    flat = other.table.select(**keys, **cells)
    known = flat.filter([flat[key].notnull() for key in keys])
    differ = ibis.literal(False)
    for cell in cells:
        differ = differ | (known[cell].min() != known[cell].max()).fill_null(False)
    doubled = known.group_by(list(keys)).having(differ).aggregate(rows=known.count())
    key = doubled["key0"]
    for name in list(keys)[1:]:
        key = key + " / " + doubled[name]
    listed = doubled.select(key=key, keys=doubled.count().over())
    return catalogue.sql(listed.order_by("key").limit(_SHOWN))
