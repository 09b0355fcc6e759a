"""Which of two that say the same counts, as the team decided."""

from __future__ import annotations

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from kpi_core.model.base import Code, Model, Prose
from kpi_core.vocabulary import PrecedenceKind


class Precedence(Model):
    """``leading`` counts where it and ``following`` differ: two datasets, or two nodes.

    Of an ``entry`` they are ``measure`` and ``manual``: what ``node`` has from rows, and what is typed in for it.
    """

    kind: PrecedenceKind
    leading: Code
    following: Code
    node: Code | None = None
    reason: Prose = ""

    @model_validator(mode="after")
    def _two_of_a_kind(self) -> Precedence:
        sides = {self.leading, self.following}
        if self.kind is PrecedenceKind.ENTRY:
            whole = self.node is not None and sides == {"measure", "manual"}
        else:
            whole = self.node is None and len(sides) == 2
        if not whole:
            raise PydanticCustomError("precedence_sides", "needs two sides of one kind", {"kind": self.kind.value})
        return self

    @property
    def code(self) -> str:
        return precedence_code(self.kind, self.leading, self.following, self.node)


def precedence_code(kind: PrecedenceKind, one: str, other: str, node: str | None = None) -> str:
    """What names the decision about two sides, whichever of them leads."""
    return f"{kind.value}/{node}" if node is not None else f"{kind.value}/{'|'.join(sorted((one, other)))}"
