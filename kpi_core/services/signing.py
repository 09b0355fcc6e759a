"""Sign-offs: a department agrees to a definition as it stands; when the definition changes, its agreement is void."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from kpi_core.errors import MissingError, RefusedError
from kpi_core.guidance.rewriting import awaiting_rewrite
from kpi_core.model.node import SIGNED, Node, Signoff, definition_hash
from kpi_core.model.workshop import Workshop
from kpi_core.services.editing import change
from kpi_core.services.people import Who, may
from kpi_core.services.snapshots import snapshot
from kpi_core.store.changes import Change, since
from kpi_core.store.state import State
from kpi_core.vocabulary import NodeKind, Role


@dataclass(frozen=True)
class Standing:
    """Where a department stands on a node: it has signed, its signature is void, or it has not signed yet.

    ``changed`` names the definition's fields that differ from what was signed (empty when that is not known, as after
    an import of a file whose sign-offs were void already).
    """

    node: str
    department: str
    state: Literal["signed", "void", "open"]
    """``void``: the definition changed since, or a revision decided to change it (``rewrite``)."""
    person: str | None = None
    at: datetime | None = None
    changed: tuple[str, ...] = ()
    rewrite: bool = False
    """Nobody can sign before the definition is rewritten, as a revision decided."""


def sign(
    state: State, workshop_id: str, node_code: str, department: str, who: Who, revision: int | None = None
) -> Signoff:
    """Record that a department agrees to a node's definition as it is now, in place of an earlier signature.

    ``revision`` is that of the node the person read: with it nobody signs a definition changed since (``StaleError``).
    Raises ``MissingError('item_missing')``, ``RefusedError('sign_own_department')`` for a member of another one, and
    ``RefusedError('sign_before_rewrite')`` for a definition that a revision decided to change and nobody rewrote yet.
    """
    if who.member is not None and who.department != department and not may(who, Role.FACILITATOR):
        raise RefusedError("sign_own_department")
    made: list[Signoff] = []

    def signed(workshop: Workshop) -> Workshop:
        node = workshop.node(node_code)
        if node is None:
            raise MissingError("item_missing", item=node_code)
        if department not in [known.code for known in workshop.departments]:
            raise MissingError("item_missing", item=department)
        if node_code in awaiting_rewrite(workshop):
            raise RefusedError(
                "sign_before_rewrite", node=node.name.in_language(workshop.settings.language) or node_code
            )
        signoff = Signoff(
            node=node_code,
            department=department,
            person=who.name,
            at=datetime.now(UTC).replace(microsecond=0),
            definition=definition_hash(node),
        )
        made.append(signoff)
        if any(known.code == signoff.code for known in workshop.signoffs):
            kept = tuple(signoff if known.code == signoff.code else known for known in workshop.signoffs)
        else:
            kept = (*workshop.signoffs, signoff)
        return workshop.model_copy(update={"signoffs": kept})

    expect = None if revision is None else {("nodes", node_code): revision}
    change(state, workshop_id, who, signed, expect=expect)
    return made[-1]


def signers(workshop: Workshop, node: Node) -> tuple[str, ...]:
    """The departments whose agreement a definition needs: all for the KGI, else the owning and contributing ones."""
    if node.kind is NodeKind.KGI:
        return tuple(department.code for department in workshop.departments)
    named = (node.department, *node.contributors)
    return tuple(dict.fromkeys(code for code in named if code))


def signoffs(state: State, workshop_id: str) -> tuple[Standing, ...]:
    """Every department's standing on every node it should agree to (or signed), in the order of nodes."""
    workshop = snapshot(state, workshop_id).workshop
    feed: tuple[Change, ...] | None = None
    waiting = awaiting_rewrite(workshop)
    found: list[Standing] = []
    for node in workshop.nodes:
        known = {signoff.department: signoff for signoff in workshop.signoffs if signoff.node == node.code}
        current = definition_hash(node)
        for department in dict.fromkeys((*signers(workshop, node), *known)):
            signoff = known.get(department)
            rewrite = node.code in waiting
            if signoff is None:
                found.append(Standing(node.code, department, "open", rewrite=rewrite))
            elif rewrite:
                found.append(Standing(node.code, department, "void", signoff.person, signoff.at, rewrite=True))
            elif signoff.definition == current:
                found.append(Standing(node.code, department, "signed", signoff.person, signoff.at))
            else:
                feed = since(state.connection, workshop_id, 0) if feed is None else feed
                changed = _changed(node, signoff, feed)
                found.append(Standing(node.code, department, "void", signoff.person, signoff.at, changed))
    return tuple(found)


def _changed(node: Node, signoff: Signoff, feed: tuple[Change, ...]) -> tuple[str, ...]:
    """The signed fields that differ between the node now and the node at signing, told by the change feed."""
    signed_at = min((entry.id for entry in feed if _is_signing(entry, signoff)), default=None)
    code, body = node.code, None
    for entry in reversed(feed):
        if entry.section != "nodes" or (signed_at is not None and entry.id <= signed_at):
            continue
        if entry.action == "renamed" and entry.after and json.loads(entry.after)["code"] == code:
            code, body = entry.code, entry.before
        elif entry.code == code and entry.action == "saved":
            body = entry.before
    if body is None:
        return ()
    was = Node.model_validate_json(body)
    if definition_hash(was) != signoff.definition:
        return ()
    return tuple(field for field in SIGNED if getattr(was, field) != getattr(node, field))


def _is_signing(entry: Change, signoff: Signoff) -> bool:
    if entry.section != "signoffs" or entry.action not in ("added", "saved") or not entry.after:
        return False
    after: dict[str, Any] = json.loads(entry.after)
    return (
        after["department"] == signoff.department
        and after["definition"] == signoff.definition
        and datetime.fromisoformat(after["at"]) == signoff.at
    )
