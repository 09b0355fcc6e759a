"""Two versions of a tree side by side: which nodes came, went, moved or changed, and in which fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kpi_core.model.node import Link, Node
from kpi_core.model.workshop import Workshop
from kpi_core.tree.structure import order


@dataclass(frozen=True)
class NodeDifference:
    """A node before and after (``None`` where there was or is none); ``fields`` differ, ``parent`` among them."""

    before: Node | None
    after: Node | None
    fields: tuple[str, ...] = ()

    @property
    def node(self) -> Node:
        """The node as it is, or as it last was."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 - one of the two always is
        return found

    @property
    def moved(self) -> bool:
        return "parent" in self.fields


@dataclass(frozen=True)
class Comparison:
    """What differs, in outline order: of the later version, what went in that of the earlier one."""

    added: tuple[NodeDifference, ...]
    removed: tuple[NodeDifference, ...]
    moved: tuple[NodeDifference, ...]
    changed: tuple[NodeDifference, ...]
    links_added: tuple[Link, ...] = ()
    links_removed: tuple[Link, ...] = ()

    @property
    def differs(self) -> bool:
        return any((self.added, self.removed, self.moved, self.changed, self.links_added, self.links_removed))

    def of(self, code: str) -> NodeDifference | None:
        """What happened to the node that has (or last had) this code; ``None`` for nothing."""
        every = (*self.added, *self.removed, *self.moved, *self.changed)
        return next((one for one in every if one.node.code == code), None)


def compare(before: Workshop, after: Workshop, renamed: Mapping[str, str] | None = None) -> Comparison:
    """How the tree of ``after`` differs from that of ``before``.

    ``renamed``: code before → code after, for nodes that go on under another code. A node that moved counts among the
    moved whatever else of it changed (``fields`` names everything).
    """
    codes = renamed or {}
    now = {node.code: node for node in after.nodes}
    was = {codes.get(node.code, node.code): node for node in before.nodes}
    pairs = [(was[code], node) for code, node in _ordered(after) if code in was]
    both = [NodeDifference(old, node, _fields(old, node, codes)) for old, node in pairs]
    old_links = {(codes.get(one.source, one.source), codes.get(one.target, one.target)): one for one in before.links}
    new_links = {(one.source, one.target): one for one in after.links}
    return Comparison(
        added=tuple(NodeDifference(None, node) for code, node in _ordered(after) if code not in was),
        removed=tuple(
            NodeDifference(node, None) for code, node in _ordered(before) if codes.get(code, code) not in now
        ),
        moved=tuple(one for one in both if one.moved),
        changed=tuple(one for one in both if one.fields and not one.moved),
        links_added=tuple(link for ends, link in new_links.items() if ends not in old_links),
        links_removed=tuple(link for ends, link in old_links.items() if ends not in new_links),
    )


def fields_between(before: Node, after: Node) -> tuple[str, ...]:
    """The fields in which two versions of a node differ, in the order of the card."""
    return tuple(name for name in Node.model_fields if getattr(before, name) != getattr(after, name))


def _fields(before: Node, after: Node, renamed: Mapping[str, str]) -> tuple[str, ...]:
    parent = renamed.get(before.parent, before.parent) if before.parent else None
    return fields_between(before.model_copy(update={"parent": parent}), after)


def _ordered(workshop: Workshop) -> list[tuple[str, Node]]:
    return [(node.code, node) for node in order(workshop)]
