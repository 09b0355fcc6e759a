"""The card's history: who changed what of it, when, from what to what; the newest first."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import streamlit as st

from kpi_core.model.node import Node
from kpi_core.services.changes import Change, changes_since
from kpi_core.services.workshops import Snapshot
from kpi_core.text import sentences
from kpi_core.text.periods import format_datetime
from pages.components.node_notes import node_notes
from pages.components.session import current, raw, state, t

_MOST = 60
_LONGEST = 120
_KEPT_WHOLE = ("targets", "manual", "measure")


def card_history(snap: Snapshot, node: Node) -> None:
    """Where the node came from, what was decided about it, and a table of its changes and sign-offs."""
    node_notes(snap, node)
    with state() as here:
        feed = changes_since(here, snap.id, 0)
    rows = [row for change in reversed(feed) if _about(change, node.code) for row in _rows(snap, change)]
    if not rows:
        st.caption(t("kpi_design.history_none"))
        return
    heads = [raw(f"kpi_design.history.{name}") for name in ("at", "who", "field", "before", "after")]
    st.dataframe(pd.DataFrame(rows[:_MOST], columns=heads), hide_index=True, height="content", row_height=34)


def _about(change: Change, code: str) -> bool:
    if change.section == "nodes":
        return change.code == code
    return change.section == "signoffs" and change.code.partition("→")[0] == code


def _rows(snap: Snapshot, change: Change) -> list[tuple[str, str, str, str, str]]:
    at = format_datetime(change.at, current().language, snap.workshop.settings.timezone)
    who = change.who or raw("kpi_design.history.somebody")
    before: dict[str, Any] = json.loads(change.before) if change.before else {}
    after: dict[str, Any] = json.loads(change.after) if change.after else {}
    if change.section == "signoffs":
        department = snap.workshop.department_name((after or before).get("department"), current().language)
        return [(at, after.get("person") or who, raw("kpi_design.history.signed", department=department), "", "")]
    if not before or not after:
        return [(at, who, raw(f"kpi_design.history.{'removed' if before else 'added'}"), "", "")]
    changed = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    return [(at, who, _field(name), _shown(name, before.get(name)), _shown(name, after.get(name))) for name in changed]


def _field(name: str) -> str:
    key = f"kpi_design.field.{name}"
    return raw(key) if key in sentences(current().language) else name


def _shown(name: str, value: Any) -> str:
    if value in (None, "", []):
        return "–"
    if name in _KEPT_WHOLE:
        count = len(value) if isinstance(value, list) else 1
        return raw("kpi_design.history.entries", count=count)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
