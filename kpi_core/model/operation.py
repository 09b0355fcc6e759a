"""What keeps a tree alive: hand-overs, views, review meetings, their notes and actions, and the checklist's answers."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from kpi_core.model.base import Amount, Bilingual, Code, Line, Model, PeriodKey, Prose
from kpi_core.model.measure import Filter, Measure
from kpi_core.vocabulary import ActionStatus, Answer, Audience, Cadence, Weekday

READINESS_ITEMS = 15


class Tracking(Model):
    """The columns of a hand-over's dataset that tell what became of each piece of work.

    ``handed_at`` and ``answered_at`` are days or times; ``outcome`` holds one of the words in ``accepted`` or
    ``rejected`` once it is decided; ``reason`` says why it was rejected. ``key`` names the piece of work: rows of the
    same key are one.
    """

    handed_at: Line = Field(min_length=1)
    answered_at: Line | None = None
    outcome: Line | None = None
    accepted: tuple[Line, ...] = ()
    rejected: tuple[Line, ...] = ()
    reason: Line | None = None
    key: Line | None = None


class Handover(Model):
    """When one department passes work to the next: entry criterion in words and as a filter, SLA, way back."""

    code: Code
    source: Code = Field(alias="from")
    target: Code = Field(alias="to")
    criterion: Prose = ""
    dataset: Code | None = None
    where: tuple[Filter, ...] = ()
    sla_hours: Annotated[Amount, Field(gt=0)] | None = None
    reject_reasons: tuple[Line, ...] = ()
    return_path: Prose = ""
    measure: Measure | None = None
    tracking: Tracking | None = None


class View(Model):
    """An audience's dashboard: its nodes in order, and how often it is brought up to date."""

    code: Code
    audience: Audience
    name: Bilingual = Bilingual()
    department: Code | None = None
    nodes: tuple[Code, ...] = ()
    refresh: Cadence | None = None


class Review(Model):
    """A meeting that comes back: weekly, monthly, or the quarterly revision."""

    code: Code
    name: Bilingual = Bilingual()
    cadence: Cadence
    weekday: Weekday | None = None
    day: int | None = Field(default=None, ge=1, le=31)
    time: Line = ""
    owner: Line = ""
    views: tuple[Code, ...] = ()


class Note(Model):
    """What a meeting said about a node."""

    node: Code
    text: Prose


class Meeting(Model):
    """A review that was held: the period it looked at, notes on nodes, decisions."""

    code: Code
    review: Code
    held_on: date
    period: PeriodKey
    notes: tuple[Note, ...] = ()
    decisions: tuple[Prose, ...] = ()


class Action(Model):
    """An improvement action with an owner and a due date."""

    code: Code
    title: Line
    node: Code | None = None
    meeting: Code | None = None
    owner: Line = ""
    due: date | None = None
    status: ActionStatus = ActionStatus.OPEN
    note: Prose = ""


class MemberAnswer(Model):
    """A member's own answer to a readiness item."""

    item: int = Field(ge=1, le=READINESS_ITEMS)
    member: Line
    department: Code | None = None
    answer: Answer
    comment: Prose = ""

    @property
    def code(self) -> str:
        return f"{self.item}→{self.member}"


class AgreedAnswer(Model):
    """The answer the room agreed on for a readiness item."""

    item: int = Field(ge=1, le=READINESS_ITEMS)
    answer: Answer
    comment: Prose = ""

    @property
    def code(self) -> str:
        return f"{self.item}"
