"""What a change of wording must not undo: sign-offs of definitions that say the same, and keys of the same months."""

from __future__ import annotations

from collections.abc import Iterator

from kpi_core.errors import RefusedError
from kpi_core.model.base import PeriodValue
from kpi_core.model.node import Node, definition_hash
from kpi_core.model.period import parse_period, period_of
from kpi_core.model.revision import RevisionDecision
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Grain

_EXAMPLES = 3


def signoffs_carried(before: Workshop, after: Workshop) -> Workshop:
    """``after`` with the sign-offs that held in ``before`` holding still.

    For changes that write definitions in other words without changing what they say; the nodes stay in their order.
    """
    rewritten = {
        new.code: (definition_hash(old), definition_hash(new))
        for old, new in zip(before.nodes, after.nodes, strict=True)
        if old is not new
    }
    signoffs = tuple(
        signoff.model_copy(update={"definition": rewritten[signoff.node][1]})
        if signoff.definition == rewritten.get(signoff.node, ("", ""))[0]
        else signoff
        for signoff in after.signoffs
    )
    return after.model_copy(update={"signoffs": signoffs})


def in_fiscal_year_from(workshop: Workshop, month: int) -> Workshop:
    """The workshop with every key of a fiscal quarter or year written as a fiscal year that starts in ``month`` has it.

    Keys of weeks and months mean the same in both. Raises ``RefusedError('fiscal_year_holds')`` where a stored key has
    no counterpart: no year has the same months then, and a quarter only when the start moves by whole quarters.
    """
    start = workshop.settings.fiscal_year_start
    held = [f"{name} {key}" for name, key in _keys(workshop) if _rekeyed(key, start, month) is None]
    if held:
        examples = ", ".join(list(dict.fromkeys(held))[:_EXAMPLES])
        raise RefusedError("fiscal_year_holds", count=len(held), examples=examples)

    def key(text: str) -> str:
        return _rekeyed(text, start, month) or text

    def values(entries: tuple[PeriodValue, ...]) -> tuple[PeriodValue, ...]:
        return tuple(value(entry) for entry in entries)

    def value(entry: PeriodValue) -> PeriodValue:
        return entry if key(entry.period) == entry.period else entry.model_copy(update={"period": key(entry.period)})

    def card(node: Node) -> Node:
        kept = {"targets": values(node.targets), "manual": values(node.manual)}
        return node.model_copy(update={**kept, "baseline": node.baseline and value(node.baseline)})

    def decided(one: RevisionDecision) -> RevisionDecision:
        return one if one.before is None else one.model_copy(update={"before": card(one.before)})

    nodes = tuple(card(node) for node in workshop.nodes)
    revisions = tuple(
        one.model_copy(update={"decisions": tuple(map(decided, one.decisions))}) for one in workshop.revisions
    )
    meetings = tuple(meeting.model_copy(update={"period": key(meeting.period)}) for meeting in workshop.meetings)
    settings = workshop.settings.model_copy(update={"fiscal_year_start": month})
    moved = workshop.model_copy(
        update={"settings": settings, "nodes": nodes, "meetings": meetings, "revisions": revisions}
    )
    return signoffs_carried(workshop, moved)


def _keys(workshop: Workshop) -> Iterator[tuple[str, str]]:
    """Every period key that the workshop holds, as often as it does, with the name of what holds it."""
    language = workshop.settings.language
    before = (one.before for revision in workshop.revisions for one in revision.decisions)
    for node in (*workshop.nodes, *(card for card in before if card is not None)):
        name = node.name.in_language(language) or node.code
        yield from ((name, entry.period) for entry in (*node.targets, *node.manual))
        if node.baseline is not None:
            yield name, node.baseline.period
    reviews = {review.code: review.name.in_language(language) or review.code for review in workshop.reviews}
    yield from ((reviews.get(meeting.review, meeting.review), meeting.period) for meeting in workshop.meetings)


def _rekeyed(key: str, start: int, month: int) -> str | None:
    """The key of the same days in a fiscal year that starts in ``month``; ``None`` where there is none."""
    period = parse_period(key, start)
    if period.grain in (Grain.WEEK, Grain.MONTH):
        return key
    same = period_of(period.start, period.grain, month)
    return same.key if same.start == period.start else None
