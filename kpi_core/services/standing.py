"""The workshop and its measured values at one moment, as the tree's arithmetic takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from kpi_core.errors import RefusedError
from kpi_core.model.node import Node
from kpi_core.model.period import GRAINS, Period, parse_period
from kpi_core.model.workshop import Workshop
from kpi_core.services.basis import without_waiting
from kpi_core.services.snapshots import snapshot
from kpi_core.store import observations
from kpi_core.store.state import State
from kpi_core.store.versions import newest_days
from kpi_core.tree.entries import Values


@dataclass(frozen=True)
class Standpoint:
    """``values`` are the measured ones of all rows, of every grain; typed ones are in the workshop.

    ``uploaded``: dataset → the day its newest upload was taken.
    """

    id: str
    workshop: Workshop
    values: Values
    uploaded: Mapping[str, date] = field(default_factory=dict)

    def node(self, code: str) -> Node:
        """Raises ``RefusedError('node_unknown')``."""
        found = self.workshop.node(code)
        if found is None:
            raise RefusedError("node_unknown", node=code)
        return found

    def period(self, key: str) -> Period:
        """Raises ``RefusedError``: ``period_unreadable``, ``grain_too_fine``."""
        settings = self.workshop.settings
        period = parse_period(key, settings.fiscal_year_start)
        if GRAINS.index(period.grain) < GRAINS.index(settings.grain):
            raise RefusedError("grain_too_fine", grain=period.grain.value, least=settings.grain.value)
        return period


def standpoint(state: State, workshop_id: str) -> Standpoint:
    """Raises ``MissingError('workshop_missing')``."""
    with state.reading() as connection:
        workshop = without_waiting(connection, workshop_id, snapshot(state, workshop_id).workshop)
        values = observations.overall(connection, workshop_id)
        return Standpoint(workshop_id, workshop, values, newest_days(connection, workshop_id))
