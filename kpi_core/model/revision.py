"""The revision of the KPIs themselves: what was decided on each, and its definition as it stood before."""

from __future__ import annotations

from datetime import date

from kpi_core.model.base import Code, Model, Prose
from kpi_core.model.node import Node
from kpi_core.vocabulary import RevisionChoice


class RevisionDecision(Model):
    """Keep, change or retire one KPI, and why."""

    node: Code
    choice: RevisionChoice
    reason: Prose = ""
    before: Node | None = None
    """The definition in force until then, without its values; absent for a KPI that is kept."""


class Revision(Model):
    """A revision that was held: a decision for each KPI it came to."""

    code: Code
    held_on: date
    review: Code | None = None
    """The meeting that revises, where one is set up."""
    decisions: tuple[RevisionDecision, ...] = ()
