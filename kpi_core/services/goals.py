"""Keeping the KGI's card: a new one, or a changed one, whose code may change with it."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_core.errors import RefusedError
from kpi_core.model.base import Bilingual
from kpi_core.model.node import Node
from kpi_core.services.codes import code_from
from kpi_core.services.composing import composed
from kpi_core.services.editing import save
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.tree_editing import code_checked, rename_code
from kpi_core.store.state import State
from kpi_core.vocabulary import NodeKind


def keep_goal(
    state: State,
    workshop_id: str,
    before: Node | None,
    fields: Mapping[str, object],
    code: str,
    revision: int | None,
    who: Who,
) -> str:
    """Store the KGI with ``fields`` (the rest as ``before``) and give its code; an empty ``code`` is made or kept.

    Raises ``RefusedError``: ``name_needed``, ``change_refused`` with each field that does not fit, and as
    ``tree_editing.rename_code``; ``StaleError`` as ``editing.save``.
    """
    name = fields.get("name")
    if not isinstance(name, Bilingual) or not (name.ja.strip() or name.en.strip()):
        raise RefusedError("name_needed")
    if before is None:
        taken = [node.code for node in snapshot(state, workshop_id).workshop.nodes]
        chosen = code_checked(code) if code.strip() else code_from(name, "kgi", taken)
        node = composed(Node, {"code": chosen, "kind": NodeKind.KGI, **fields})
        save(state, workshop_id, "nodes", node, None, who)
        return chosen
    node = composed(Node, fields, before)
    if code.strip() and code_checked(code) != before.code and revision is not None:
        revision = rename_code(state, workshop_id, before.code, code, revision, who)
        renamed = snapshot(state, workshop_id).workshop.node(code_checked(code))
        node = composed(Node, fields, renamed)
    save(state, workshop_id, "nodes", node, revision, who)
    return node.code
