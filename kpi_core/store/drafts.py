"""What people typed and did not save yet, by form and person; it outlives the browser and the server."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kpi_core.store.state import State, now

_DAY = "$date"


@dataclass(frozen=True)
class KeptDraft:
    """Typed values by field, and the revision of the item they were typed over (``None`` for a new one)."""

    values: Mapping[str, Any]
    revision: int | None


def write_draft(
    state: State, workshop: str, place: str, who: str, revision: int | None, values: Mapping[str, Any]
) -> None:
    """Keep a form's typed values (JSON values, days and lists of rows)."""
    with state.writing(shared=True) as connection:
        _put(connection, (workshop, place, who), revision, values)


def change_draft(
    state: State, workshop: str, place: str, who: str, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> None:
    """Keep what ``change`` makes of the kept values (none: an empty mapping); where that is empty, nothing is kept.

    No other write comes between the reading and the keeping, so a second tab's values are not overwritten unread.
    """
    with state.writing(shared=True) as connection:
        found = read_draft(state, workshop, place, who)
        values = change(found.values if found else {})
        if values:
            _put(connection, (workshop, place, who), found.revision if found else None, values)
        elif found:
            _remove(connection, (workshop, place, who))


def read_draft(state: State, workshop: str, place: str, who: str) -> KeptDraft | None:
    """The kept values of a form, if there are any."""
    query = "SELECT revision, body FROM drafts WHERE workshop = ? AND place = ? AND who = ?"
    row = state.connection.execute(query, (workshop, place, who)).fetchone()
    return None if row is None else KeptDraft(json.loads(row[1], object_hook=_decoded), row[0])


def delete_draft(state: State, workshop: str, place: str, who: str) -> None:
    """Forget the kept values of a form; nothing happens where there are none."""
    if read_draft(state, workshop, place, who) is None:
        return
    with state.writing(shared=True) as connection:
        _remove(connection, (workshop, place, who))


def _put(
    connection: sqlite3.Connection, key: tuple[str, str, str], revision: int | None, values: Mapping[str, Any]
) -> None:
    body = json.dumps(values, ensure_ascii=False, default=_encoded)
    connection.execute("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?, ?, ?)", (*key, revision, body, now()))


def _remove(connection: sqlite3.Connection, key: tuple[str, str, str]) -> None:
    connection.execute("DELETE FROM drafts WHERE workshop = ? AND place = ? AND who = ?", key)


def _encoded(value: object) -> object:
    if isinstance(value, date):
        return {_DAY: value.isoformat()[:10]}
    raise TypeError(f"a draft cannot hold {type(value).__name__}")


def _decoded(document: dict[str, Any]) -> Any:
    return date.fromisoformat(document[_DAY]) if set(document) == {_DAY} else document
