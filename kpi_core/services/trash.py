"""Nodes that were deleted: listed with what went with them, and put back where that is still possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.node import Link, Node, Signoff
from kpi_core.model.operation import View
from kpi_core.model.workshop import Workshop
from kpi_core.services.carrying import in_fiscal_year_from
from kpi_core.services.editing import change
from kpi_core.services.history import tree_at
from kpi_core.services.people import Who, authorise
from kpi_core.services.snapshots import snapshot
from kpi_core.services.undoing import refresh_changed
from kpi_core.store import rewinding
from kpi_core.store.changes import Change, since
from kpi_core.store.state import State


@dataclass(frozen=True)
class Deleted:
    """One deletion: the node at the top of what went, all nodes that went with it, by whom and when."""

    act: int
    at: datetime
    who: str
    node: Node
    nodes: tuple[Node, ...]


def trash(state: State, workshop_id: str) -> tuple[Deleted, ...]:
    """What was deleted and not brought back, the newest first."""
    snapshot(state, workshop_id)
    found: dict[str, Deleted] = {}
    for act, entries in _deletions(since(state.connection, workshop_id, 0)):
        gone = [entry for entry in entries if (entry.section, entry.action) == ("nodes", "removed")]
        nodes = [_node(entry) for entry in reversed(gone)]
        codes = {node.code for node in nodes}
        for top in (node for node in nodes if node.parent not in codes):
            below = _subtree(nodes, top.code)
            found.setdefault(top.code, Deleted(act, entries[0].at, entries[0].who, top, below))
    return tuple(sorted(found.values(), key=lambda one: one.act, reverse=True))


def restore(state: State, workshop_id: str, act: int, code: str, who: Who) -> tuple[str, ...]:
    """Put a deleted node and all that went with it back below its parent; gives the restored codes.

    Links, sign-offs and places on views return where their other end, department or view still is.
    Raises ``MissingError('item_missing')``; ``RefusedError``: ``restore_parent`` while the parent is gone too,
    ``restore_taken`` when another node has one of the codes by now, ``fiscal_year_holds`` where a period it
    holds has no counterpart in the fiscal year that was chosen since.
    """
    authorise(who)
    wanted = next((one for one in trash(state, workshop_id) if (one.act, one.node.code) == (act, code)), None)
    if wanted is None:
        raise MissingError("item_missing", item=code)
    entries = tuple(entry for entry in since(state.connection, workshop_id, 0) if entry.act == act)
    codes = {node.code for node in wanted.nodes}

    def restored(workshop: Workshop) -> Workshop:
        taken = [node.code for node in workshop.nodes if node.code in codes]
        if taken:
            raise RefusedError("restore_taken", item=taken[0])
        if wanted.node.parent is not None and workshop.node(wanted.node.parent) is None:
            raise RefusedError("restore_parent", item=_parent_name(state, workshop_id, wanted.node.parent))
        nodes = _in_this_fiscal_year(wanted.nodes, workshop, tree_at(state, workshop_id, act - 1))
        back = workshop.model_copy(update={"nodes": (*workshop.nodes, *nodes)})
        order = next((entry for entry in entries if entry.section == "nodes" and entry.action == "ordered"), None)
        back = rewinding.before(back, order) if order is not None else back
        return _with_belongings(back, entries, codes)

    # part of a deletion may be put back: only the whole of it counts as taken back
    whole = codes == {entry.code for entry in entries if (entry.section, entry.action) == ("nodes", "removed")}
    after = change(state, workshop_id, who, restored, undoes=act if whole else None, restores=act)
    refresh_changed(state, workshop_id, entries, after.workshop, who)
    return tuple(node.code for node in wanted.nodes)


def _in_this_fiscal_year(nodes: tuple[Node, ...], workshop: Workshop, then: Workshop) -> tuple[Node, ...]:
    """Nodes of ``then`` with their quarters named as now; refused where that cannot be said."""
    start = workshop.settings.fiscal_year_start
    if then.settings.fiscal_year_start == start:
        return nodes
    return in_fiscal_year_from(Workshop(settings=then.settings, nodes=nodes), start).nodes


def _deletions(feed: Sequence[Change]) -> list[tuple[int, list[Change]]]:
    """The acts that took nodes away and were not taken back, newest first."""
    grouped: dict[int, list[Change]] = {}
    for entry in reversed(feed):
        grouped.setdefault(entry.act, []).insert(0, entry)
    undone: set[int] = set()
    back: set[str] = set()
    found: list[tuple[int, list[Change]]] = []
    for act, entries in grouped.items():
        if act in undone:
            continue
        if entries[0].undoes is not None:
            undone.add(entries[0].undoes)
        gone = [entry for entry in entries if (entry.section, entry.action) == ("nodes", "removed")]
        left = [entry for entry in gone if entry.code not in back]
        if left:
            others = [entry for entry in entries if entry not in gone]
            found.append((act, [*others, *left]))
        back |= {entry.code for entry in entries if (entry.section, entry.action) == ("nodes", "added")}
        back -= {entry.code for entry in gone}
    return found


def _with_belongings(workshop: Workshop, entries: Sequence[Change], codes: set[str]) -> Workshop:
    nodes = {node.code for node in workshop.nodes}
    departments = {one.code for one in workshop.departments}
    links, signoffs = list(workshop.links), list(workshop.signoffs)
    views = {view.code: view for view in workshop.views}
    for entry in entries:
        if entry.before is None:
            continue
        was = rewinding.item_of(entry.section, entry.before) if entry.action in ("removed", "saved") else None
        if isinstance(was, Link) and {was.source, was.target} <= nodes and was.code not in {one.code for one in links}:
            links.append(was)
        elif isinstance(was, Signoff) and was.node in codes and was.department in departments:
            signoffs.append(was)
        elif isinstance(was, View) and was.code in views:
            views[was.code] = _with_places(views[was.code], was, codes)
    belongings = {"links": tuple(links), "signoffs": tuple(signoffs), "views": tuple(views.values())}
    return workshop.model_copy(update=belongings)


def _with_places(view: View, was: View, codes: set[str]) -> View:
    """The view with the restored nodes where they stood: each behind the nearest one before it that is still there."""
    shown = list(view.nodes)
    for at, code in enumerate(was.nodes):
        if code in codes and code not in shown:
            ahead = next((other for other in reversed(was.nodes[:at]) if other in shown), None)
            shown.insert(shown.index(ahead) + 1 if ahead is not None else 0, code)
    return view.model_copy(update={"nodes": tuple(shown)})


def _subtree(nodes: Sequence[Node], top: str) -> tuple[Node, ...]:
    codes = [top]
    for parent in codes:  # the list grows while it is walked
        codes += [node.code for node in nodes if node.parent == parent and node.code not in codes]
    by_code = {node.code: node for node in nodes}
    return tuple(by_code[code] for code in codes)


def _parent_name(state: State, workshop_id: str, code: str) -> str:
    gone = next((one for one in trash(state, workshop_id) if code in {node.code for node in one.nodes}), None)
    node = next((node for node in gone.nodes if node.code == code), None) if gone else None
    return (node.name.ja or node.name.en or code) if node else code


def _node(entry: Change) -> Node:
    return Node.model_validate_json(entry.before or "{}")
