"""Who does something, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass

from kpi_core.errors import RefusedError
from kpi_core.vocabulary import Role

_RANK = {Role.VIEWER: 0, Role.MEMBER: 1, Role.FACILITATOR: 2}


@dataclass(frozen=True)
class Who:
    """The person on whose behalf a use case runs; ``name`` goes into the change feed."""

    name: str
    role: Role = Role.FACILITATOR


def authorise(who: Who, at_least: Role = Role.MEMBER) -> None:
    """Nothing, or ``RefusedError('not_allowed')``: members edit, viewers only read, facilitators do everything."""
    if _RANK[who.role] < _RANK[at_least]:
        raise RefusedError("not_allowed", role=who.role.value, needed=at_least.value)
