"""A whole workshop, as the workshop file holds it."""

from __future__ import annotations

from typing import Literal
from zoneinfo import available_timezones

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from kpi_core.model.base import Bilingual, Code, Line, Model
from kpi_core.model.dataset import Dataset, Source
from kpi_core.model.node import Candidate, Link, Node, Signoff
from kpi_core.model.operation import Action, AgreedAnswer, Handover, Meeting, MemberAnswer, Review, View
from kpi_core.model.precedence import Precedence
from kpi_core.model.revision import Revision
from kpi_core.model.room import Decision, Idea, ParkedItem, Round
from kpi_core.model.scenario import Negotiation, Scenario
from kpi_core.vocabulary import DisplayUnit, Grain, Language, NodeKind, Role

FORMAT = "kpi-workshop/1"


class Settings(Model):
    """The workshop's frame: language, money, calendar."""

    name: Line = Field(min_length=1)
    language: Language = Language.JA
    currency: str = Field(default="JPY", pattern=r"^[A-Z]{3}$")
    fiscal_year_start: int = Field(default=4, ge=1, le=12)
    grain: Literal[Grain.WEEK, Grain.MONTH, Grain.QUARTER] = Grain.MONTH
    timezone: Line = "Asia/Tokyo"
    display_unit: DisplayUnit = DisplayUnit.ONE

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        if name not in available_timezones():
            raise PydanticCustomError("timezone_unknown", "unknown time zone", {"text": name})
        return name


class Department(Model):
    code: Code
    name: Bilingual = Bilingual()


class Member(Model):
    code: Code
    name: Line
    department: Code | None = None
    role: Role = Role.MEMBER


class Checklist(Model):
    """Answers to the 15 readiness items: each member's own, and what the room agreed."""

    answers: tuple[MemberAnswer, ...] = ()
    agreed: tuple[AgreedAnswer, ...] = ()


class Workshop(Model):
    """Everything a team decided; the rows of its datasets are kept elsewhere."""

    format: Literal["kpi-workshop/1"] = "kpi-workshop/1"
    settings: Settings = Field(alias="workshop")
    departments: tuple[Department, ...] = ()
    members: tuple[Member, ...] = ()
    sources: tuple[Source, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    nodes: tuple[Node, ...] = ()
    links: tuple[Link, ...] = ()
    handovers: tuple[Handover, ...] = ()
    signoffs: tuple[Signoff, ...] = ()
    views: tuple[View, ...] = ()
    reviews: tuple[Review, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    revisions: tuple[Revision, ...] = ()
    actions: tuple[Action, ...] = ()
    checklist: Checklist = Checklist()
    rounds: tuple[Round, ...] = ()
    ideas: tuple[Idea, ...] = ()
    parked: tuple[ParkedItem, ...] = ()
    decisions: tuple[Decision, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    negotiations: tuple[Negotiation, ...] = ()
    precedences: tuple[Precedence, ...] = ()

    def node(self, code: str) -> Node | None:
        """The node with this code, if there is one."""
        return next((node for node in self.nodes if node.code == code), None)

    @property
    def kgi(self) -> Node | None:
        return next((node for node in self.nodes if node.kind is NodeKind.KGI), None)

    def of_kind(self, kind: NodeKind) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if node.kind is kind)

    def dataset(self, code: str) -> Dataset | None:
        return next((dataset for dataset in self.datasets if dataset.code == code), None)

    def connection_of(self, code: str) -> str | None:
        """The connection at which the rows of a dataset lie; ``None`` for an uploaded one."""
        dataset = self.dataset(code)
        if dataset is None or dataset.table is None:
            return None
        return next((source.connection for source in self.sources if source.code == dataset.source), None)

    def department_name(self, code: str | None, language: Language) -> str:
        """The department's name for people; its code where it has no name; empty for none."""
        found = next((department for department in self.departments if department.code == code), None)
        return (found.name.in_language(language) if found else "") or code or ""
