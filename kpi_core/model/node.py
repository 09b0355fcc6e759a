"""The KPI tree's nodes with their definition cards, and the edges that the parent does not say."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from kpi_core.errors import RefusedError
from kpi_core.model.base import Amount, Bilingual, Code, Line, Model, PeriodValue, Prose
from kpi_core.model.expression import parse_formula
from kpi_core.model.measure import Measure
from kpi_core.model.pipeline import Pipeline
from kpi_core.vocabulary import Availability, Cadence, Direction, Nature, NodeKind, NodeStatus, Relation, RollUp, Sign


class Thresholds(Model):
    """Where a value is good and where it is red, per period of the workshop's grain.

    For ``range`` nodes ``goal``/``red`` bound the band from below and ``goal_upper``/``red_upper`` from above.
    """

    goal: Amount
    red: Amount
    goal_upper: Amount | None = None
    red_upper: Amount | None = None


class Node(Model):
    """A KGI, KSF or KPI with its definition card."""

    code: Code
    kind: NodeKind
    parent: Code | None = None
    relation: Relation | None = None
    """The parent edge's relation where the person stated it; else it follows from the formulas."""
    sign: Sign | None = None
    """For a driver edge to the parent: which way the parent is expected to move."""
    department: Code | None = None
    name: Bilingual = Bilingual()

    definition: Prose = ""
    """Meaning in plain words."""
    includes: Prose = ""
    excludes: Prose = ""
    counting_unit: Line = ""
    example: Prose = ""

    unit: Line = ""
    """``count``, ``ratio``, ``days``, ``hours``, ``score``, a currency code (``JPY``) or the team's own word."""
    decimals: int | None = Field(default=None, ge=0, le=6)
    direction: Direction = Direction.UP
    nature: Nature | None = None
    lag: int | None = Field(default=None, ge=0, le=60)
    """Expected lag to the parent, in periods of the workshop's grain."""
    formula: Prose | None = None
    measure: Measure | None = None
    manual: tuple[PeriodValue, ...] = ()
    pipeline: Pipeline | None = None
    """Where open deals stand that may still count for the node: the landing by weighted pipeline."""
    converted: Line | None = None
    """Of a conversion rate by cohort (both parts by the date of entry): the column with the date of conversion."""
    roll_up: RollUp | None = None
    """How coarser periods follow; ``None`` = what fits the way the value is obtained."""

    owner: Line = ""
    updater: Line = ""
    """Who types manual values in."""
    contributors: tuple[Code, ...] = ()
    """Departments that contribute besides the owning one."""
    system: Line = ""
    object: Line = ""
    field: Line = ""
    availability: Availability | None = None
    input_rule: Prose = ""
    """Who enters what by when."""
    update_frequency: Cadence | None = None

    thresholds: Thresholds | None = None
    due: date | None = None
    baseline: PeriodValue | None = None
    targets: tuple[PeriodValue, ...] = ()
    target_rationale: Prose = ""
    action: Prose = ""
    """Standard action when the node is red."""
    review: Code | None = None
    """The review meeting that looks at this node."""
    review_by: date | None = None
    status: NodeStatus = NodeStatus.DRAFT
    version: int = Field(default=1, ge=1)
    version_reason: Prose = ""

    @field_validator("formula")
    @classmethod
    def _formula_readable(cls, formula: str | None) -> str | None:
        if formula is None or not formula.strip():
            return None
        try:
            parse_formula(formula)
        except RefusedError as error:
            raise PydanticCustomError(error.code, "formula", dict(error.params)) from None
        return formula

    @model_validator(mode="after")
    def _one_value_a_period(self) -> Node:
        for values in (self.targets, self.manual):
            periods = [entry.period for entry in values]
            doubled = next((period for period in periods if periods.count(period) > 1), None)
            if doubled is not None:
                raise PydanticCustomError("period_twice", "period stated twice", {"period": doubled})
        return self


#: The parts of a node that a department signs: change one and its sign-off is void.
SIGNED = (
    "definition",
    "includes",
    "excludes",
    "counting_unit",
    "example",
    "unit",
    "direction",
    "nature",
    "formula",
    "measure",
    "roll_up",
    "owner",
    "department",
    "contributors",
    "thresholds",
    "targets",
)


def definition_hash(node: Node) -> str:
    """A fingerprint of what a sign-off agrees to (16 hex digits); names and notes may change without voiding it."""
    agreed = node.model_dump(mode="json", include=set(SIGNED))
    text = json.dumps(agreed, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Link(Model):
    """An edge beside the parent edges: ``source`` drives ``target`` (``from``/``to`` in the file)."""

    source: Code = Field(alias="from")
    target: Code = Field(alias="to")
    relation: Relation = Relation.DRIVER
    sign: Sign | None = None
    lag: int | None = Field(default=None, ge=0, le=60)
    note: Prose = ""

    @property
    def code(self) -> str:
        return f"{self.source}→{self.target}"


class Candidate(Model):
    """A success factor that was put forward; scores 1 (low) to 5 (high). Chosen once a KSF node has its code."""

    code: Code
    name: Bilingual = Bilingual()
    impact: int | None = Field(default=None, ge=1, le=5)
    controllability: int | None = Field(default=None, ge=1, le=5)
    measurability: int | None = Field(default=None, ge=1, le=5)
    note: Prose = ""

    @property
    def score(self) -> int | None:
        """Impact x controllability x measurability (1-125); none until all three are given."""
        if self.impact is None or self.controllability is None or self.measurability is None:
            return None
        return self.impact * self.controllability * self.measurability


class Signoff(Model):
    """A department's agreement to the definition that had ``definition`` as its hash."""

    node: Code
    department: Code
    person: Line
    at: datetime
    definition: Line

    @property
    def code(self) -> str:
        return f"{self.node}→{self.department}"
