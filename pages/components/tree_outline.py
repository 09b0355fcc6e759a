"""The tree as an outline for keyboard, mouse and touch: walk, rename, add, move and delete where the lines stand.

The browser's side is ``outline.js``; what it asks for is carried out by ``outline_commands``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from kpi_core.model.node import Node
from kpi_core.services.workshops import Snapshot
from kpi_core.tree.layout import levels
from kpi_core.tree.structure import order
from kpi_core.vocabulary import NodeKind, NodeStatus, Role
from pages.components.outline_commands import carry_out
from pages.components.session import current, raw, t
from pages.components.trouble import show_error

_HERE = Path(__file__)
_OUTLINE = st.components.v2.component(
    "kpi_outline",
    js=_HERE.with_name("outline.js").read_text("utf-8"),
    css=_HERE.with_name("outline.css").read_text("utf-8"),
)
_WORDS = ("tree", "help", "help_reading", "placeholder", "new_name")
_ACTS = ("child", "rename", "up", "down", "outdent", "indent", "delete")
_LONGEST = 200


def tree_outline(
    snap: Snapshot,
    selected: Node | None,
    *,
    key: str,
    folded: Collection[str] = (),
    on_select: Callable[[str | None], None],
) -> None:
    """Every node a line; what was refused is told above, and the lines are again as they are stored."""
    place = f"{key}/{snap.id}"
    kept = st.session_state.setdefault(f"{place}/kept", {"done": 0, "failed": None, "typed": "", "own": {}})
    if kept["failed"] is not None:
        show_error(kept["failed"])
        if kept["typed"]:
            st.caption(t("outline.not_stored", text=kept["typed"]))
    _OUTLINE(
        key=place,
        data={
            "place": place,
            "done": kept["done"],
            "lines": _lines(snap),
            "selected": selected.code if selected else None,
            "folded": sorted(folded),
            "editable": current().who.role is not Role.VIEWER,
            "longest": _LONGEST,
            "words": {word: raw(f"outline.{word}") for word in (*_WORDS, *_ACTS)},
        },
        on_commands_change=partial(_take, place, kept, snap.id, on_select),
    )


def _take(place: str, kept: dict[str, Any], workshop: str, on_select: Callable[[str | None], None]) -> None:
    """Commands arrived: those already carried out are skipped, the others follow in their order."""
    for command in st.session_state[place].get("commands") or ():
        if isinstance(command, dict) and isinstance(command.get("n"), int) and command["n"] > kept["done"]:
            kept["done"] = command["n"]
            carry_out(command, kept, workshop, on_select)


def _lines(snap: Snapshot) -> list[dict[str, object]]:
    language = current().language
    level = levels(snap.workshop)
    codes = {node.code for node in snap.workshop.nodes}
    return [
        {
            "code": node.code,
            "parent": node.parent if node.parent in codes else "",
            "level": level[node.code],
            "name": node.name.in_language(language) or node.code,
            "kind": _kind(node),
            "department": snap.workshop.department_name(node.department, language),
            "revision": snap.revisions["nodes", node.code],
            "top": node.kind is NodeKind.KGI,
        }
        for node in order(snap.workshop)
    ]


def _kind(node: Node) -> str:
    """The kind's word, with that of a node out of use."""
    kind = raw(f"vocabulary.node_kind.{node.kind.value}")
    return kind if node.status is not NodeStatus.RETIRED else f"{kind} ✕ {raw('vocabulary.node_status.retired')}"
