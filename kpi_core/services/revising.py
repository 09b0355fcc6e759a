"""Revising the KPIs themselves: keep, change or retire each, with a reason, and what each said before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from kpi_core.errors import MissingError, Problem, RefusedError
from kpi_core.model.expression import names_in, parse_formula
from kpi_core.model.meeting_days import held_days, next_meeting
from kpi_core.model.node import Node
from kpi_core.model.operation import Review
from kpi_core.model.revision import Revision, RevisionDecision
from kpi_core.model.workshop import Workshop
from kpi_core.services.editing import change
from kpi_core.services.people import Who
from kpi_core.store.state import State
from kpi_core.vocabulary import Cadence, NodeKind, NodeStatus, RevisionChoice

#: The meetings that revise the KPIs, the one to prefer first.
_REVISING = (Cadence.QUARTER, Cadence.YEAR)


def to_revise(workshop: Workshop) -> tuple[Node, ...]:
    """The KPIs that a revision decides on: all in force, in the tree's order of listing."""
    return tuple(node for node in workshop.of_kind(NodeKind.KPI) if node.status is not NodeStatus.RETIRED)


def revising_review(workshop: Workshop) -> Review | None:
    """The meeting that revises the KPIs: the quarterly one, else the yearly one."""
    by_cadence = {review.cadence: review for review in reversed(workshop.reviews)}
    return next((by_cadence[cadence] for cadence in _REVISING if cadence in by_cadence), None)


def next_revision(workshop: Workshop, today: date) -> date | None:
    """The day of the next revision; ``None`` while no meeting revises or its day is not decided."""
    review = revising_review(workshop)
    if review is None:
        return None
    held = held_days(workshop, review.code)
    return next_meeting(review, today, held, workshop.settings.fiscal_year_start)


def last_decision(workshop: Workshop, node: str) -> tuple[Revision, RevisionDecision] | None:
    """What the latest revision that came to a KPI decided on it."""
    found = [
        (revision, decision)
        for revision in workshop.revisions
        for decision in revision.decisions
        if decision.node == node
    ]
    return sorted(found, key=lambda pair: pair[0].held_on)[-1] if found else None  # on one day the later record


def still_using(workshop: Workshop, code: str) -> tuple[Node, ...]:
    """The nodes in force that hang below a KPI or whose formula names it: what to look after when it is retired."""
    return tuple(
        node
        for node in workshop.nodes
        if node.status is not NodeStatus.RETIRED
        and (node.parent == code or (node.formula is not None and code in names_in(parse_formula(node.formula))))
    )


def record_revision(
    state: State, workshop_id: str, held_on: date, decisions: Sequence[RevisionDecision], who: Who
) -> str:
    """Store what a revision decided and carry it out, in one change; gives the revision's code.

    A KPI to change begins its next version with the reason; one to retire leaves tiles and views and stays in the
    tree's record. Each of them keeps its definition of before in the revision, without values.

    Raises ``RefusedError``: ``revision_empty``; ``revision_reasons_missing`` with a problem for each KPI that changes
    or goes without a reason; ``MissingError`` for a KPI that is gone or retired.
    """
    made: list[str] = []

    def revised(workshop: Workshop) -> Workshop:
        if not decisions:
            raise RefusedError("revision_empty")
        nodes = {node.code: node for node in to_revise(workshop)}
        kept: list[RevisionDecision] = []
        problems: list[Problem] = []
        for decision in decisions:
            node = nodes.get(decision.node)
            if node is None:
                raise MissingError("item_missing", item=decision.node)
            reason = decision.reason.strip()
            if decision.choice is not RevisionChoice.KEEP and not reason:
                problems.append(Problem("revision_reason_missing", {"node": _name(workshop, node)}))
            before = None if decision.choice is RevisionChoice.KEEP else node.model_copy(update={"manual": ()})
            kept.append(decision.model_copy(update={"reason": reason, "before": before}))
            nodes[node.code] = _decided(node, decision.choice, reason)
        if problems:
            raise RefusedError("revision_reasons_missing", problems, count=len(problems))
        code = _code(workshop, held_on)
        made[:] = [code]
        review = revising_review(workshop)
        record = Revision(code=code, held_on=held_on, review=review.code if review else None, decisions=tuple(kept))
        gone = {one.node for one in kept if one.choice is RevisionChoice.RETIRE}
        return workshop.model_copy(
            update={
                "nodes": tuple(nodes.get(node.code, node) for node in workshop.nodes),
                "revisions": (*workshop.revisions, record),
                "views": tuple(
                    view.model_copy(update={"nodes": tuple(code for code in view.nodes if code not in gone)})
                    if gone & set(view.nodes)
                    else view
                    for view in workshop.views
                ),
            }
        )

    change(state, workshop_id, who, revised)
    return made[0]


def reinstate(state: State, workshop_id: str, code: str, revision: int, who: Who) -> None:
    """Bring a retired KPI back into force, with the status it had. Raises as ``editing.save``."""

    def back(workshop: Workshop) -> Workshop:
        node = workshop.node(code)
        if node is None:
            raise MissingError("item_missing", item=code)
        last = last_decision(workshop, code)
        was = last[1].before.status if last and last[1].before else NodeStatus.DRAFT
        again = node.model_copy(update={"status": was if was is not NodeStatus.RETIRED else NodeStatus.DRAFT})
        return workshop.model_copy(update={"nodes": tuple(again if x is node else x for x in workshop.nodes)})

    change(state, workshop_id, who, back, expect={("nodes", code): revision})


def _decided(node: Node, choice: RevisionChoice, reason: str) -> Node:
    if choice is RevisionChoice.CHANGE:
        return node.model_copy(update={"version": node.version + 1, "version_reason": reason})
    if choice is RevisionChoice.RETIRE:
        return node.model_copy(update={"status": NodeStatus.RETIRED})
    return node


def _code(workshop: Workshop, held_on: date) -> str:
    taken = {revision.code for revision in workshop.revisions}
    code = base = f"revision_{held_on:%Y%m%d}"
    number = 1
    while code in taken:
        number += 1
        code = f"{base}_{number}"
    return code


def _name(workshop: Workshop, node: Node) -> str:
    return node.name.in_language(workshop.settings.language) or node.code
