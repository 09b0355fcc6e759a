"""The tree edited as an outline: a node goes a level down or up, or past its neighbour."""

from __future__ import annotations

from typing import Literal

from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.node import Node
from kpi_core.model.references import may_hang_below
from kpi_core.model.workshop import Workshop
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.tree_editing import move_node
from kpi_core.store.state import State
from kpi_core.tree.structure import children
from kpi_core.vocabulary import NodeKind

Step = Literal["indent", "outdent", "up", "down"]


def step_node(state: State, workshop_id: str, code: str, step: Step, who: Who) -> int:
    """Move a node one step in the outline as it is now; its new revision.

    ``indent``: behind the children of the sibling above; ``outdent``: behind its parent, a level up; ``up``, ``down``:
    past a sibling. Raises ``MissingError('item_missing')``; ``RefusedError`` where there is no such place:
    ``outline_kgi_stays``, ``outline_no_indent``, ``outline_no_outdent``, ``outline_no_further``.
    """
    found = snapshot(state, workshop_id)
    node = found.workshop.node(code)
    if node is None:
        raise MissingError("item_missing", item=code)
    if node.kind is NodeKind.KGI:
        raise RefusedError("outline_kgi_stays")
    parent, before = _place(found.workshop, node, step)
    return move_node(state, workshop_id, code, parent, found.revisions["nodes", code], who, before=before)


def _place(workshop: Workshop, node: Node, step: Step) -> tuple[str | None, str | None]:
    """The parent to hang below and the sibling to stand before (``None``: behind all)."""
    siblings = [one for one in workshop.nodes if one.parent == node.parent]
    at = siblings.index(node)
    if step == "indent":
        above = siblings[at - 1] if at else None
        if above is None or not may_hang_below(node.kind, above.kind):
            raise RefusedError("outline_no_indent")
        return above.code, None
    if step == "outdent":
        parent = workshop.node(node.parent or "")
        over = workshop.node(parent.parent or "") if parent else None
        if parent is None or over is None or not may_hang_below(node.kind, over.kind):
            raise RefusedError("outline_no_outdent")
        return over.code, _following(children(workshop, over.code), parent)
    if step == "up":
        if at == 0:
            raise RefusedError("outline_no_further")
        return node.parent, siblings[at - 1].code
    if at == len(siblings) - 1:
        raise RefusedError("outline_no_further")
    return node.parent, siblings[at + 2].code if at + 2 < len(siblings) else None


def _following(siblings: tuple[Node, ...], node: Node) -> str | None:
    at = siblings.index(node)
    return siblings[at + 1].code if at + 1 < len(siblings) else None
