"""What only the state knows about a workshop's data, handed to guidance by the services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from kpi_core.vocabulary import PrecedenceKind


@dataclass(frozen=True)
class Discrepancy:
    """Two sides that should say the same and do not, in ``periods`` of the ``compared`` ones.

    ``one`` and ``other`` are datasets or nodes (``measure`` and ``manual`` of ``node``); ``column`` is the number of
    ``one`` that differs most often.
    """

    kind: PrecedenceKind
    one: str
    other: str
    periods: int
    compared: int
    node: str | None = None
    column: str | None = None
    common: int = 0


@dataclass(frozen=True)
class Facts:
    """The state of a workshop's data on one day; everything not known is absent from its mapping."""

    today: date
    latest: Mapping[str, str] = field(default_factory=dict)
    """node → key of the latest period with a value."""
    measured_at: Mapping[str, datetime] = field(default_factory=dict)
    """node → when its values were last computed."""
    versions: Mapping[str, datetime] = field(default_factory=dict)
    """dataset → when its newest version was uploaded."""
    columns: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """dataset → its columns: found by reading, derived and looked up."""
    compliance: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """dataset → column → share of rows (0-1) that keep the column's rules."""
    rules_run_at: Mapping[str, datetime] = field(default_factory=dict)
    """dataset → when its quality rules were last run."""
    discrepancies: tuple[Discrepancy, ...] = ()
    """What is there twice with other numbers."""
