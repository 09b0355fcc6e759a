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
) -> int | None:
    """Set ``answer`` and/or ``comment`` of the agreed answer; an ``answer`` of ``None`` takes it back.

    Gives the revision it has now; ``None`` where it was taken back.

    Raises ``StaleError`` where someone agreed on something else since ``revision`` was read.
    """

    def agreed(workshop: Workshop) -> Workshop:
        old = agreed_on(workshop, item)
        if "answer" in fields and fields["answer"] is None:
            return _with(workshop, {"agreed": tuple(one for one in workshop.checklist.agreed if one is not old)})
        new = composed(AgreedAnswer, {"item": item, **fields}, old)
        return _with(workshop, {"agreed": _replaced(workshop.checklist.agreed, old, new)})

    place = ("checklist.agreed", f"{item}")
    return change(state, workshop_id, who, agreed, expect={place: revision}).revisions.get(place)


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


#: What an answer counts when a department's answers are put together.
_WEIGHTS = {Answer.YES: 1.0, Answer.PARTLY: 0.5, Answer.NO: 0.0}
#: Departments this far apart do not see an item the same way.
_APART = 0.5


@dataclass(frozen=True)
class Gap:
    """Two departments that see an item differently, the more content one first, and what each says on the whole."""

    high: str
    high_says: Answer
    low: str
    low_says: Answer


def gap(workshop: Workshop, item: int) -> Gap | None:
    """The departments furthest apart on an item; ``None`` where all see it much the same way.

    A department stands where the mean of its answers is (yes 1, partly ½, no 0): yes above two thirds, no below one
    third. A gap is half the scale or more, and two different words.
    """
    means = {
        code: sum(_WEIGHTS[answer] * count for answer, count in counted.items()) / counted.total()
        for code, counted in by_department(workshop, item).items()
        if code is not None
    }
    if not means:
        return None
    high, low = max(means, key=lambda code: means[code]), min(means, key=lambda code: means[code])
    high_says, low_says = _says(means[high]), _says(means[low])
    if means[high] - means[low] < _APART or high_says is low_says:
        return None
    return Gap(high, high_says, low, low_says)


def _says(mean: float) -> Answer:
    return Answer.YES if mean > 2 / 3 else Answer.NO if mean < 1 / 3 else Answer.PARTLY


def _replaced(items: tuple[T, ...], old: T | None, new: T) -> tuple[T, ...]:
    return (*items, new) if old is None else tuple(new if one is old else one for one in items)


def _with(workshop: Workshop, fields: Mapping[str, object]) -> Workshop:
    checklist: Checklist = workshop.checklist.model_copy(update=fields)
    return workshop.model_copy(update={"checklist": checklist})
