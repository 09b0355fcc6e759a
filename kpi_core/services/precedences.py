"""Which of two sides that say the same counts: said, and taken back."""

from __future__ import annotations

from kpi_core.model.precedence import Precedence
from kpi_core.model.workshop import Workshop
from kpi_core.services.composing import composed
from kpi_core.services.editing import change
from kpi_core.services.people import Who, authorise
from kpi_core.store.state import State
from kpi_core.vocabulary import PrecedenceKind


def decide(
    state: State,
    workshop_id: str,
    kind: PrecedenceKind,
    leading: str,
    following: str,
    who: Who,
    *,
    node: str | None = None,
    reason: str = "",
) -> None:
    """Say which of two sides counts; a decision on the same two before it is replaced. Raises as ``editing.change``."""
    authorise(who)
    said = {"kind": kind, "leading": leading, "following": following, "node": node, "reason": reason.strip()}

    def decided(workshop: Workshop) -> Workshop:
        made = composed(Precedence, said)
        others = tuple(one for one in workshop.precedences if one.code != made.code)
        return workshop.model_copy(update={"precedences": (*others, made)})

    change(state, workshop_id, who, decided)


def undecide(state: State, workshop_id: str, code: str, who: Who) -> None:
    """Take a decision back."""
    authorise(who)

    def open_again(workshop: Workshop) -> Workshop:
        left = tuple(one for one in workshop.precedences if one.code != code)
        return workshop.model_copy(update={"precedences": left})

    change(state, workshop_id, who, open_again)
