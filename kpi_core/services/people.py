"""Who does something, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass

from kpi_core.errors import RefusedError
from kpi_core.vocabulary import Role

_RANK = {Role.VIEWER: 0, Role.MEMBER: 1, Role.FACILITATOR: 2}


@dataclass(frozen=True)
class Who:
    """The person on whose behalf a use case runs; ``name`` goes into the change feed.

    One who joined by a link has a ``person`` (the id of their joining); one who joined a workshop is its ``member``
    (code) of ``department`` and sees only ``workshops``. ``None`` there means all: the owner of the state.
    """

    name: str
    role: Role = Role.FACILITATOR
    department: str | None = None
    member: str | None = None
    workshops: frozenset[str] | None = None
    person: str | None = None

    @property
    def key(self) -> str:
        """What tells this person's drafts from another's; names may be shared."""
        return f"member/{self.member}" if self.member else f"person/{self.person}" if self.person else self.name


#: Someone who has not joined, or no longer may: sees no workshop, does nothing.
NOBODY = Who(name="", role=Role.VIEWER, workshops=frozenset())


def reaches(role: Role, other: Role) -> bool:
    """Whether ``role`` may do all that ``other`` may: members edit, viewers only read, facilitators do everything."""
    return _RANK[role] >= _RANK[other]


def may(who: Who, at_least: Role = Role.MEMBER) -> bool:
    """Whether the person's role reaches."""
    return reaches(who.role, at_least)


def authorise(who: Who, at_least: Role = Role.MEMBER, *, everywhere: bool = False) -> None:
    """Nothing, or ``RefusedError('not_allowed')``; ``everywhere``: for what touches all workshops or makes new ones.

    Which workshop someone may touch is not asked here: their ``State`` is opened for those alone (``State.admit``).
    """
    if not may(who, at_least) or (everywhere and who.workshops is not None):
        raise RefusedError("not_allowed", role=who.role.value, needed=at_least.value)
