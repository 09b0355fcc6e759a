"""A dataset's rows as an Ibis table to which derived and looked-up columns are added when a query asks for them.

Each column is made from what it names, wherever that stands: a derived column may use stored, derived and looked-up
columns, and a look-up may join on a derived one. So there is no order to learn; only a circle is refused. A name that
is taken twice means the stored column, then the first derived, then the first looked-up one (the clash itself is a
problem of the dataset, see ``soundness``).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import ibis

from kpi_core.data.derived import columns_used, translate
from kpi_core.data.engine import ROW_NUMBER, Session
from kpi_core.data.layout import Catalogue, StoredColumn
from kpi_core.data.own_functions import wall_clock
from kpi_core.data.uncomputable import UncomputableError
from kpi_core.data.values import NUMBERS, Value, as_text, dtype_of, type_of
from kpi_core.model.dataset import DerivedColumn
from kpi_core.model.expression import parse_derived
from kpi_core.model.references import near_slip
from kpi_core.vocabulary import ColumnType

Result = TypeVar("Result")
_ADDED = "added:"


def folded(name: str) -> str:
    """A column's name as expressions see it: NFKC, white space as single spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).split())


class Rows:
    """One dataset's rows; ``add`` what a query needs first, then read the columns of the finished ``table``."""

    def __init__(self, catalogue: Catalogue, code: str, chain: tuple[str, ...] = ()) -> None:
        layout = catalogue.layout(code)
        if layout is None:
            raise UncomputableError("no_rows", place="dataset", dataset=code)
        self.code = code
        self.dataset = layout.dataset
        self._catalogue = catalogue
        self._chain = (*chain, code)
        self._stored = {column.name: column for column in layout.columns}
        self._derived: dict[str, DerivedColumn] = {}
        for column in self.dataset.derived:
            self._derived.setdefault(column.name, column)
        self._looked_up: dict[str, int] = {}
        for position, lookup in enumerate(self.dataset.lookups):
            for name in lookup.columns:
                self._looked_up.setdefault(name, position)
        self._joined: dict[int, dict[str, str]] = {}
        self._hits: dict[int, str] = {}
        self._added: dict[str, str] = {}
        self._open: list[str] = []
        physical = {column.physical: _physical_type(column) for column in layout.columns}
        self.numbered = catalogue.is_numbered(code) and ROW_NUMBER not in {name.casefold() for name in physical}
        if self.numbered:
            physical[ROW_NUMBER] = "int64"
        self.table = catalogue.table(code, physical)

    @property
    def names(self) -> tuple[str, ...]:
        """All columns: stored, derived, looked up."""
        return tuple(dict.fromkeys([*self._stored, *self._derived, *self._looked_up]))

    def known_as(self, name: str) -> str:
        """The column that ``name`` means, also where only width or spaces differ; raises ``UncomputableError``."""
        names = self.names
        if name in names:
            return name
        alike = [known for known in names if folded(known) == folded(name)]
        if alike:
            return alike[0]
        hint = near_slip(name, names)
        code = "column_unknown_near" if hint else "column_unknown"
        raise UncomputableError(code, column=name, dataset=self.code, hint=hint)

    def add(self, name: str) -> None:
        """Makes the column ``name`` readable; raises ``UncomputableError`` where it is unknown, circular or unfit."""
        name = self.known_as(name)
        if name in self._stored or name in self._added:
            return
        if name in self._open:
            raise UncomputableError("column_cycle", names=" → ".join([*self._open, name]))
        self._open.append(name)
        try:
            if name in self._derived:
                self._derive(self._derived[name])
            else:
                self._look_up(name, self._looked_up[name])
        finally:
            self._open.pop()

    def __getitem__(self, name: str) -> Value:
        """The column ``name``, added before, of the table as it is now."""
        name = self.known_as(name)
        if name in self._added:
            return self.table[self._added[name]]
        stored = self._stored[name]
        column = self.table[stored.physical]
        if stored.plain:
            return column
        if stored.type is ColumnType.DATETIME:
            return wall_clock(column, self._catalogue.timezone, self.dialect)
        return column.cast(dtype_of(stored.type))

    @property
    def dialect(self) -> str:
        return self._catalogue.dialect

    def fetch(self, session: Session, query: Value) -> list[tuple[Any, ...]]:
        """The answer to a query over these rows, where they lie."""
        return session.fetch(self._catalogue.sql(query), self._catalogue.home)

    def bound(self, session: Session, query: Value) -> Value:
        """A query over these rows as an Ibis table bound to where they lie."""
        return session.table(self._catalogue.sql(query), query.schema(), self._catalogue.home)

    def run(self, session: Session, action: Callable[[], Result]) -> Result:
        """What a library finds in such tables."""
        return session.run(action, self._catalogue.home)

    def row_number(self) -> Value | None:
        """A row's position in its file, from 0; ``None`` where a column's name hides it, and in a database."""
        return self.table[ROW_NUMBER] if self.numbered else None

    def join(self, position: int) -> None:
        """Joins the look-up at ``position`` unless it is there; raises ``UncomputableError``."""
        if position not in self._joined:
            self._join(position)

    def found(self, position: int) -> Value:
        """Whether a row found its counterpart in the look-up at ``position``, joined before."""
        return self.table[self._hits[position]].fill_null(False)

    def _fresh(self) -> str:
        taken = {name.casefold() for name in self.table.columns}
        number = len(taken)
        while f"{_ADDED}{number}" in taken:
            number += 1
        return f"{_ADDED}{number}"

    def _derive(self, derived: DerivedColumn) -> None:
        expression = parse_derived(derived.expression)
        for used in columns_used(expression):
            self.add(used)
        value = translate(expression, self.__getitem__)
        name = self._fresh()
        self.table = self.table.mutate(**{name: value})
        self._added[derived.name] = name

    def _look_up(self, name: str, position: int) -> None:
        self.join(position)
        if name not in self._joined[position]:
            lookup = self.dataset.lookups[position]
            other = Rows(self._catalogue, lookup.dataset, self._chain)
            other.add(name)  # raises what kept it from being brought
            raise UncomputableError("column_unknown", column=name, dataset=lookup.dataset, hint=None)
        self._added[name] = self._joined[position][name]

    def _join(self, position: int) -> None:
        lookup = self.dataset.lookups[position]
        other = self.other(position)
        brought = []
        for name in lookup.columns:
            try:
                other.add(name)
                brought.append(name)
            except UncomputableError:
                continue  # said by ``_look_up`` when that column is asked for
        mine = self.left_keys(position)
        theirs = [other[there] for _, there in lookup.on]
        pairs = [_comparable(*pair) for pair in zip(mine, theirs, strict=True)]
        keys, values, hit = self._agreed(other, [there for _, there in pairs], brought)
        one_each = keys.mutate(**{hit: ibis.literal(True)})
        matched = [here == one_each[f"{hit}:key{at}"] for at, (here, _) in enumerate(pairs)]
        self.table = self.table.left_join(one_each, matched)
        self._joined[position] = values
        self._hits[position] = hit

    def other(self, position: int) -> Rows:
        """The rows of the dataset that a look-up leads to, its key columns added; raises ``UncomputableError``."""
        lookup = self.dataset.lookups[position]
        if not lookup.on:
            raise UncomputableError("lookup_incomplete", dataset=lookup.dataset)
        if lookup.columns and lookup.dataset in self._chain:
            raise UncomputableError("lookup_cycle", names=" → ".join([*self._chain, lookup.dataset]))
        if self._catalogue.layout(lookup.dataset) is None:
            raise UncomputableError("no_rows", dataset=lookup.dataset)
        other = Rows(self._catalogue, lookup.dataset, self._chain)
        for here, there in lookup.on:
            self.add(here)
            other.add(there)
        return other

    def left_keys(self, position: int) -> list[Value]:
        """This side's key columns of a look-up, aliases applied to the first; added before by ``other``."""
        lookup = self.dataset.lookups[position]
        keys = [self[here] for here, _ in lookup.on]
        if lookup.aliases:
            keys[0] = as_text(keys[0]).substitute(dict(lookup.aliases))
        return keys

    def _agreed(self, other: Rows, keys: Sequence[Value], brought: Sequence[str]) -> tuple[Value, dict[str, str], str]:
        """The other side with one row a key, so that a join never doubles a row.

        Where several rows have a key, a column is what they agree on (empty cells aside), and empty where they differ.
        """
        hit = self._fresh()
        named = {f"{hit}:key{at}": key for at, key in enumerate(keys)}
        known = [key.notnull() for key in keys]
        columns = {name: f"{hit}:{at}" for at, name in enumerate(brought)}
        cells = {columns[name]: other[name] for name in brought}
        flat = other.table.filter(known).select(**named, **cells)
        one_each = flat.group_by(list(named)).aggregate(**{name: _only(flat[name]) for name in cells})
        return one_each, columns, hit


def _only(column: Value) -> Value:
    low, high = column.min(), column.max()
    return (low == high).ifelse(low, ibis.null(column.type()))


def _comparable(here: Value, there: Value) -> tuple[Value, Value]:
    kinds = {type_of(here), type_of(there)}
    if len(kinds) == 1 or kinds <= set(NUMBERS):
        return here, there
    if kinds == {ColumnType.DATE, ColumnType.DATETIME}:
        return here.cast("timestamp"), there.cast("timestamp")
    return as_text(here), as_text(there)


#: Stands for physical types that reading does not write, so that Ibis casts them.
_FOREIGN = {ColumnType.INTEGER: "int32", ColumnType.DECIMAL: "decimal(38, 9)", ColumnType.DATETIME: "timestamp('UTC')"}


def _physical_type(column: StoredColumn) -> str:
    if column.dtype is not None:
        return column.dtype
    return dtype_of(column.type) if column.plain else _FOREIGN.get(column.type, "null")
