"""KPIs that a revision decided to change and whose definition nobody has rewritten since."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_core.guidance.scope import in_force
from kpi_core.model.node import Node
from kpi_core.model.revision import Revision, RevisionDecision
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import NodeKind, RevisionChoice

_BLANK = Node(code="x", kind=NodeKind.KPI)
#: What recording the decision itself changes, what changes with every month, and what a new code or place changes.
_NOT_WORDS = {"code", "parent", "version", "version_reason", "status", "manual"} | {
    *("updater", "system", "object", "field", "availability", "review", "review_by"),
}


def awaiting_rewrite(workshop: Workshop) -> Mapping[str, tuple[Revision, RevisionDecision]]:
    """Node → the decision to change it, of every KPI in force that still says what it said before that decision."""
    last: dict[str, tuple[Revision, RevisionDecision]] = {}
    for revision in sorted(workshop.revisions, key=lambda one: one.held_on):  # on one day the later record
        for decision in revision.decisions:
            last[decision.node] = (revision, decision)
    found = {}
    for node in in_force(workshop):
        decided = last.get(node.code)
        if decided is None or decided[1].choice is not RevisionChoice.CHANGE or decided[1].before is None:
            continue
        if _words(node) == _words(decided[1].before):
            found[node.code] = decided
    return found


def _words(node: Node) -> Node:
    """The node as far as people write it."""
    return node.model_copy(update={name: getattr(_BLANK, name) for name in _NOT_WORDS})
