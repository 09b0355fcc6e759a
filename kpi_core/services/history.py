"""The past of a workshop: its tree at any change, how two of them differ, and the versions of one node."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from kpi_core.errors import MissingError
from kpi_core.model.node import Node, Signoff
from kpi_core.model.workshop import Workshop
from kpi_core.services.snapshots import snapshot
from kpi_core.store import rewinding
from kpi_core.store.changes import Change, since
from kpi_core.store.state import State
from kpi_core.tree.comparison import Comparison, compare, fields_between


@dataclass(frozen=True)
class NodeVersion:
    """One change of a node: who, when, and the node before and after it (``None``: not there).

    ``fields`` are those that differ (``Node``'s names). ``signoff`` is set where a department signed instead.
    """

    change: int
    at: datetime
    who: str
    before: Node | None
    after: Node | None
    fields: tuple[str, ...] = ()
    signoff: Signoff | None = None


def tree_at(state: State, workshop_id: str, change: int) -> Workshop:
    """The workshop as it was right after change number ``change`` (or the last one before it)."""
    with state.reading() as connection:
        now = snapshot(state, workshop_id).workshop
        later = since(connection, workshop_id, change)
    return rewinding.before_all(now, reversed(later))


def compared(state: State, workshop_id: str, earlier: int, later: int) -> Comparison:
    """How the tree at change ``later`` differs from that at ``earlier``; nodes are followed through new codes."""
    with state.reading() as connection:
        feed = since(connection, workshop_id, earlier)
        before, after = tree_at(state, workshop_id, earlier), tree_at(state, workshop_id, later)
    return compare(before, after, _new_codes(entry for entry in feed if entry.id <= later))


def node_history(state: State, workshop_id: str, code: str) -> tuple[NodeVersion, ...]:
    """Every change of the node that has this code now (or last had it), the newest first, through its earlier codes.

    What it was when the workshop began is no change of it: the oldest entry's ``before`` says it.
    """
    with state.reading() as connection:
        snapshot(state, workshop_id)
        feed = since(connection, workshop_id, 0)
    found: list[NodeVersion] = []
    for entry in reversed(feed):
        if entry.section == "signoffs" and entry.action in ("added", "saved") and entry.after:
            signoff = Signoff.model_validate_json(entry.after)
            if signoff.node == code and entry.undoes is None:
                found.append(NodeVersion(entry.id, entry.at, entry.who, None, None, signoff=signoff))
        if entry.section != "nodes" or entry.action == "ordered" or rewinding.code_after(entry) != code:
            continue
        found.append(_version(entry))
        code = entry.code
    return tuple(found)


def node_at_signing(state: State, workshop_id: str, code: str, department: str) -> Node | None:
    """The node as a department signed it; ``None`` where the feed does not tell (signed before an import)."""
    workshop = snapshot(state, workshop_id).workshop
    standing = next((one for one in workshop.signoffs if (one.node, one.department) == (code, department)), None)
    newer = workshop.node(code)
    for one in node_history(state, workshop_id, code):
        signed = one.signoff
        if signed is None:
            newer = one.before
        elif standing is not None and (signed.department, signed.at) == (department, standing.at):
            return newer
    return None


def node_version(state: State, workshop_id: str, code: str, change: int) -> Node:
    """A node as it was right after one of its changes. Raises ``MissingError('item_missing')``."""
    found = next((one.after for one in node_history(state, workshop_id, code) if one.change == change), None)
    if found is None:
        raise MissingError("item_missing", item=code)
    return found


def _version(entry: Change) -> NodeVersion:
    before, after = (Node.model_validate_json(body) if body else None for body in (entry.before, entry.after))
    fields = fields_between(before, after) if before and after else ()
    return NodeVersion(entry.id, entry.at, entry.who, before, after, fields)


def _new_codes(feed: Iterable[Change]) -> dict[str, str]:
    """code before ``feed`` → code after it, of the nodes that were given another one."""
    codes: dict[str, str] = {}
    for entry in feed:
        if entry.section == "nodes" and entry.action == "renamed":
            begun = next((old for old, new in codes.items() if new == entry.code), entry.code)
            codes[begun] = rewinding.code_after(entry)
    return codes
