"""What a workshop brought up in the room: rounds of ideas, questions parked for later, decisions."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from kpi_core.model.base import Code, Line, Model, Prose
from kpi_core.vocabulary import RoundPhase, RoundTopic

MOST_DOTS = 20


class Round(Model):
    """A round of ideas: everyone writes for themselves, then all is shown, voted on, and closed."""

    code: Code
    topic: RoundTopic
    node: Code | None = None
    """The node whose KPIs are sought; none for success factors."""
    phase: RoundPhase = RoundPhase.ENTRY
    locked: bool = False
    """No more ideas are taken."""
    anonymous: bool = False
    dots: int = Field(default=3, ge=1, le=MOST_DOTS)
    """How many votes each person has."""
    opened_at: datetime


class Idea(Model):
    """An idea that was shown to all; while a round is written in, its ideas are not part of the workshop."""

    code: Code
    round: Code
    text: Line = Field(min_length=1)
    author: Line = ""
    """Empty in an anonymous round: nobody keeps who it was."""
    votes: int | None = Field(default=None, ge=0)
    """``None`` until the vote is closed."""
    into: Code | None = None
    """The idea it was merged into."""
    adopted: Code | None = None
    """The candidate or node it became."""


class ParkedItem(Model):
    """A question put aside so that the room can go on; open until it is resolved."""

    code: Code
    text: Prose = Field(min_length=1)
    node: Code | None = None
    author: Line = ""
    at: datetime
    resolved_at: datetime | None = None
    resolution: Prose = ""


class Decision(Model):
    """What the room decided, about a node or the whole."""

    code: Code
    text: Prose = Field(min_length=1)
    node: Code | None = None
    author: Line = ""
    at: datetime
