"""Answers to the readiness checklist: a member's own and the agreed one, and what they add up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from kpi_core.errors import RefusedError
from kpi_core.model.operation import AgreedAnswer, MemberAnswer
from kpi_core.model.workshop import Checklist, Workshop
from kpi_core.services.composing import composed
from kpi_core.services.editing import change
from kpi_core.services.people import Who, may
from kpi_core.store.state import State
from kpi_core.vocabulary import Answer, Role

T = TypeVar("T")


@dataclass(frozen=True)
class Asked:
    """Who answers: a member's code and their department's."""

    member: str
    department: str | None = None


def answer_of(workshop: Workshop, item: int, member: str) -> MemberAnswer | None:
    """A member's own answer to an item."""
    return next((one for one in workshop.checklist.answers if (one.item, one.member) == (item, member)), None)


def agreed_on(workshop: Workshop, item: int) -> AgreedAnswer | None:
    """The answer the room agreed on for an item."""
    return next((one for one in workshop.checklist.agreed if one.item == item), None)


def give_answer(
    state: State, workshop_id: str, item: int, asked: Asked, fields: Mapping[str, object], who: Who
) -> None:
    """Set ``answer`` and/or ``comment`` of a member's answer; an ``answer`` of ``None`` takes it back.

    Raises ``RefusedError('answer_own_only')`` for another member's answer, unless a facilitator notes it down.
    """
    if who.member not in (None, asked.member) and not may(who, Role.FACILITATOR):
        raise RefusedError("answer_own_only")

    def answered(workshop: Workshop) -> Workshop:
        old = answer_of(workshop, item, asked.member)
        others = tuple(one for one in workshop.checklist.answers if one is not old)
        if "answer" in fields and fields["answer"] is None:
            return _with(workshop, {"answers": others})
        begun = {"item": item, "member": asked.member, "department": asked.department}
        new = composed(MemberAnswer, {**begun, **fields}, old)
        return _with(workshop, {"answers": _replaced(workshop.checklist.answers, old, new)})

    change(state, workshop_id, who, answered)


def agree_on(
    state: State, workshop_id: str, item: int, fields: Mapping[str, object], revision: int | None, who: Who
) -> None:
    """Set ``answer`` and/or ``comment`` of the agreed answer; an ``answer`` of ``None`` takes it back.

    Raises ``StaleError`` where someone agreed on something else since ``revision`` was read.
    """

    def agreed(workshop: Workshop) -> Workshop:
        old = agreed_on(workshop, item)
        if "answer" in fields and fields["answer"] is None:
            return _with(workshop, {"agreed": tuple(one for one in workshop.checklist.agreed if one is not old)})
        new = composed(AgreedAnswer, {"item": item, **fields}, old)
        return _with(workshop, {"agreed": _replaced(workshop.checklist.agreed, old, new)})

    change(state, workshop_id, who, agreed, expect={("checklist.agreed", f"{item}"): revision})


def tally(workshop: Workshop) -> Mapping[Answer, int]:
    """How many items the room agreed on with each answer."""
    counted = Counter(one.answer for one in workshop.checklist.agreed)
    return {answer: counted[answer] for answer in Answer}


def by_department(workshop: Workshop, item: int) -> Mapping[str | None, Counter[Answer]]:
    """department → answer → how many of its members gave it; departments without an answer are absent."""
    found: dict[str | None, Counter[Answer]] = {}
    for one in workshop.checklist.answers:
        if one.item == item:
            found.setdefault(one.department, Counter())[one.answer] += 1
    order = [department.code for department in workshop.departments]
    return {code: found[code] for code in sorted(found, key=lambda code: order.index(code) if code in order else 99)}


def _replaced(items: tuple[T, ...], old: T | None, new: T) -> tuple[T, ...]:
    return (*items, new) if old is None else tuple(new if one is old else one for one in items)


def _with(workshop: Workshop, fields: Mapping[str, object]) -> Workshop:
    checklist: Checklist = workshop.checklist.model_copy(update=fields)
    return workshop.model_copy(update={"checklist": checklist})
