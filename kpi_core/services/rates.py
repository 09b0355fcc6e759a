"""Numerator and denominator of measured rates, period by period: what Σ/Σ, intervals and landings rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kpi_core.data.observing import preview
from kpi_core.data.tables import Tables
from kpi_core.model.measure import RatioMeasure
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Aggregate

#: Aggregates whose periods add up; an id that comes back in another period counts in both.
_ADD_UP = (Aggregate.COUNT, Aggregate.COUNT_DISTINCT, Aggregate.SUM)
COUNTS = (Aggregate.COUNT, Aggregate.COUNT_DISTINCT)


def rate_parts(
    workshop: Workshop, tables: Tables, node: Node, among: Sequence[Aggregate] = _ADD_UP
) -> tuple[Mapping[str, float], Mapping[str, float]] | None:
    """Period key → numerator, and → denominator, from the rows at the workshop's grain.

    ``None`` for a node that is no ratio of dated parts with aggregates ``among`` these, or without rows.
    """
    if not isinstance(node.measure, RatioMeasure):
        return None
    if any(part.date is None or part.aggregate not in among for part in node.measure.parts):
        return None
    numerator, denominator = (
        {
            seen.period: seen.value
            for seen in preview(workshop, tables, part, grain=workshop.settings.grain).observations
            if seen.dimension is None
        }
        for part in node.measure.parts
    )
    return (numerator, denominator) if numerator and denominator else None
