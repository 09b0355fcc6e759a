"""What people typed and did not save yet, by form and person; it outlives the browser and the server."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
    body = json.dumps(values, ensure_ascii=False, default=_encoded)
    with state.writing() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?, ?, ?)", (workshop, place, who, revision, body, now())
        )


def read_draft(state: State, workshop: str, place: str, who: str) -> KeptDraft | None:
    """The kept values of a form, if there are any."""
    query = "SELECT revision, body FROM drafts WHERE workshop = ? AND place = ? AND who = ?"
    row = state.connection.execute(query, (workshop, place, who)).fetchone()
    return None if row is None else KeptDraft(json.loads(row[1], object_hook=_decoded), row[0])


def delete_draft(state: State, workshop: str, place: str, who: str) -> None:
    """Forget the kept values of a form; nothing happens where there are none."""
    if read_draft(state, workshop, place, who) is None:
        return
    with state.writing() as connection:
        key = (workshop, place, who)
        connection.execute("DELETE FROM drafts WHERE workshop = ? AND place = ? AND who = ?", key)


def _encoded(value: object) -> object:
    if isinstance(value, date):
        return {_DAY: value.isoformat()[:10]}
    raise TypeError(f"a draft cannot hold {type(value).__name__}")


def _decoded(document: dict[str, Any]) -> Any:
    return date.fromisoformat(document[_DAY]) if set(document) == {_DAY} else document
