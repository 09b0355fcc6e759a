"""Commands on databases: which there are and what is in them, a table as a dataset."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from kpi_core.cli.common import caller, language_of, tell
from kpi_core.model.base import Bilingual
from kpi_core.model.dataset import Dataset, Source, table_path
from kpi_core.services.composing import composed
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.text import say
from kpi_core.vocabulary import SourceKind


def connections(asked: Namespace) -> int:
    """All; of one its schemas; of a schema its tables; of a table its columns. Asking tests the connection, too."""
    from kpi_core.services.connections import columns_in, schemas, tables_in
    from kpi_core.services.connections import connections as known

    who = caller()
    document: dict[str, list[Any]]
    if asked.name is None:
        document = {"connections": [{"name": one.name, "kind": one.kind} for one in known(who)]}
    elif asked.table is not None:
        columns = columns_in(asked.name, table_path(asked.table), who)
        document = {"columns": [{"name": one.name, "type": one.type.value} for one in columns]}
    elif asked.schema is not None:
        document = {"tables": list(tables_in(asked.name, asked.schema, who))}
    else:
        document = {"schemas": list(schemas(asked.name, who))}
    ((_, listed),) = document.items()
    return tell(asked, document, ["\t".join(_words(one)) for one in listed])


def connect(asked: Namespace) -> int:
    from kpi_core.services.connecting import connect_table
    from kpi_core.services.datasets import versions

    name = asked.connection.lower()  # in the environment it stands in capitals
    with State.open(asked.db) as state:
        language = language_of(state, asked)
        workshop = snapshot(state, asked.id).workshop
        code = asked.source or name
        source = None
        if all(one.code != code for one in workshop.sources):
            kind = SourceKind.DATABASE
            fields = {"code": code, "kind": kind, "name": Bilingual(ja=code, en=code), "connection": name}
            source = composed(Source, fields)
        dataset = composed(Dataset, {"code": asked.dataset, "source": code, "table": asked.table})
        connect_table(state, asked.id, dataset, source, caller())
        (kept,) = versions(state, asked.id, asked.dataset)
    columns = [{"name": one.name, "type": one.type.value} for one in kept.reading.columns]
    document = {"dataset": asked.dataset, "rows": kept.rows, "columns": columns}
    return tell(asked, document, [say("cli.done.connect", language, table=asked.table, rows=f"{kept.rows:,}")])


def _words(entry: Any) -> list[str]:
    return list(entry.values()) if isinstance(entry, dict) else [entry]
