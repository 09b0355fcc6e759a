"""What a workshop tried out: saved scenarios, and the negotiation of what each driver must reach."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from kpi_core.model.base import Amount, Code, Line, Model, PeriodKey
from kpi_core.vocabulary import Basis, Effort, PastLimit


class Level(Model):
    """A driver put at a value, per open period of the workshop's grain (their mean)."""

    node: Code
    value: Amount


class Scenario(Model):
    """Drivers at other values, for a node in a period; drivers not named stand as ``basis`` says."""

    code: Code
    name: Line = Field(min_length=1)
    node: Code
    period: PeriodKey
    basis: Basis = Basis.SEASON
    levels: tuple[Level, ...] = ()
    author: Line = ""
    at: datetime


class Limit(Model):
    """What the owner of a driver can promise: a lock, bounds per period, how hard it is to move."""

    node: Code
    locked: bool = False
    low: Amount | None = None
    high: Amount | None = None
    effort: Effort = Effort.USUAL
    author: Line = ""


class Negotiation(Model):
    """What would it take for ``node`` to be ``value`` in ``period``, with what each owner can promise.

    ``past`` limits the drivers that have no limits of their own. Accepted once the required values were made targets.
    """

    code: Code
    node: Code
    period: PeriodKey
    basis: Basis = Basis.SEASON
    value: Amount
    past: PastLimit | None = None
    limits: tuple[Limit, ...] = ()
    opened_at: datetime
    accepted_at: datetime | None = None
