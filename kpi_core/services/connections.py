"""The databases that this server knows: which there are, whether they answer, and what lies in them.

They belong to whoever runs the server, so only a facilitator of all its workshops looks around in them. What is refused
says why in words that tell nothing secret (``connection_…``).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kpi_core.data.connecting.columns import TableColumn
from kpi_core.data.connecting.remote import Remote
from kpi_core.data.connecting.secrets import connection_names, dialect_of
from kpi_core.services.people import Who, authorise, may
from kpi_core.vocabulary import Role


@dataclass(frozen=True)
class Connection:
    """``kind`` is the database's: ``postgres``, ``pyspark``, or whatever else Ibis calls it."""

    name: str
    kind: str


@dataclass(frozen=True)
class Tested:
    """A connection that answered: in how many seconds, and how many schemas it has."""

    seconds: float
    schemas: int


def may_connect(who: Who) -> bool:
    """Whether the person may look around in databases and bring tables into a workshop."""
    return may(who, Role.FACILITATOR) and who.workshops is None


def connections(who: Who) -> tuple[Connection, ...]:
    """All that the environment and the secrets name; none of it is opened."""
    authorise(who, Role.FACILITATOR, everywhere=True)
    return tuple(Connection(name, dialect_of(name)) for name in connection_names())


def try_connection(name: str, who: Who) -> Tested:
    """Open it now and ask for its schemas."""
    begun = time.perf_counter()
    with _opened(name, who, fresh=True) as remote:
        count = len(remote.schemas())
    return Tested(time.perf_counter() - begun, count)


def schemas(name: str, who: Who) -> tuple[str, ...]:
    with _opened(name, who) as remote:
        return tuple(remote.schemas())


def tables_in(name: str, schema: str, who: Who) -> tuple[str, ...]:
    """The tables and views of one schema."""
    with _opened(name, who) as remote:
        return tuple(remote.tables(schema))


def columns_in(name: str, path: tuple[str, ...], who: Who) -> tuple[TableColumn, ...]:
    """A table's columns with the types that measures see."""
    with _opened(name, who) as remote:
        return tuple(remote.columns(path))


@contextmanager
def _opened(name: str, who: Who, *, fresh: bool = False) -> Iterator[Remote]:
    authorise(who, Role.FACILITATOR, everywhere=True)
    remote = Remote(name, fresh=fresh)
    try:
        yield remote
    finally:
        remote.close()
