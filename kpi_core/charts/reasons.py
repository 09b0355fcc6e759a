"""Why a number changed, as one sentence: by how much, what was the main reason, and what held against it."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_core.charts.waterfall import Step
from kpi_core.charts.writing import Writing
from kpi_core.text import say

#: A second reason is named from this share of the first on, an offset when it is this share of the change.
SECOND, OFFSET = 1 / 3, 0.02


def change_words(name: str, change: float, reference: str, writing: Writing, *, to_target: bool = False) -> str:
    """``受注金額は前月より68.6百万円減``; ``reference`` in words (前月, 目標, 現時点までの目標)."""
    language = writing.language
    amount = size(change, writing)
    if amount == size(0.0, writing):
        return say("why.change.met" if to_target else "why.change.same", language, name=name, reference=reference)
    side = ("above" if change > 0 else "below") if to_target else ("up" if change > 0 else "down")
    return say(f"why.change.{side}", language, name=name, amount=amount, reference=reference)


def because(change: float, steps: Sequence[Step], writing: Writing) -> str:
    """What follows the change in the same sentence; empty where nothing can be named.

    The main reasons are the largest contributions in the change's own direction: one, or two where the second is at
    least a third as large. The largest against it is named where it would be missed. A change that reads as none names
    the largest of both ways.
    """
    language = writing.language
    up = max((step for step in steps if step.value > 0), key=lambda step: step.value, default=None)
    down = min((step for step in steps if step.value < 0), key=lambda step: step.value, default=None)
    nothing = size(0.0, writing)
    if size(change, writing) == nothing:
        if up is None or down is None or nothing in (size(up.value, writing), size(down.value, writing)):
            return ""
        return say("why.because.both_ways", language, up=_part(up, writing), down=_part(down, writing))
    along = sorted((step for step in steps if step.value * change > 0), key=lambda step: -abs(step.value))
    if not along:
        return ""
    main = _part(along[0], writing)
    if len(along) > 1 and abs(along[1].value) >= SECOND * abs(along[0].value):
        text = say("why.because.two", language, main=main, second=_part(along[1], writing))
    else:
        text = say("why.because.one", language, main=main)
    against = down if change > 0 else up
    if against is not None and abs(against.value) >= OFFSET * abs(change) and size(against.value, writing) != nothing:
        text += say("why.because.offset", language, name=against.name, value=writing.change(against.value))
    return text


def size(change: float, writing: Writing) -> str:
    """The change without its sign: ``68.6百万円``, ``2.1ポイント``."""
    signs = "+" + say("numbers.no_change", writing.language)
    return writing.change(abs(change)).lstrip(signs)


def _part(step: Step, writing: Writing) -> str:
    return say("why.because.part", writing.language, name=step.name, value=writing.change(step.value))
