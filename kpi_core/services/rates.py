"""Numerator and denominator of measured rates, period by period: for Σ/Σ, intervals, landings and weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kpi_core.data.observing import observe_measures, preview
from kpi_core.data.tables import Tables
from kpi_core.errors import RefusedError
from kpi_core.model.measure import Filter, RatioMeasure, SimpleMeasure
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Aggregate, Op

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


def level_weights(workshop: Workshop, tables: Tables, nodes: Iterable[Node]) -> dict[str, dict[str, float]]:
    """Node → period key → what its rate or mean is divided by there: the denominator, or the number of rows.

    Left out is what has no such number (a median), and what lies in a database: a page does not wait for one.
    """
    found: dict[str, dict[str, float]] = {}
    for node in nodes:
        measure = _divided_by(node)
        if measure is None or any(workshop.connection_of(part.dataset) is not None for part in measure.parts):
            continue
        try:
            seen = observe_measures(workshop, tables, {node.code: measure}, grain=workshop.settings.grain)
        except RefusedError:
            continue  # rows that cannot be read: the node has no values either
        rows = {one.period: one.value for one in seen.observations if one.dimension is None}
        if rows:
            found[node.code] = rows
    return found


def _divided_by(node: Node) -> SimpleMeasure | None:
    parts = fraction(node)
    if parts is None or any(part.date is None for part in parts.values()):
        return None
    return parts["denominator"] if parts["denominator"].aggregate in _ADD_UP else None


def fraction(node: Node) -> Mapping[str, SimpleMeasure] | None:
    """A measured rate's or mean's ``numerator`` and ``denominator``; ``None`` for other measures."""
    measure = node.measure
    if isinstance(measure, RatioMeasure):
        return {"numerator": measure.ratio.numerator, "denominator": measure.ratio.denominator}
    if measure is None or measure.aggregate is not Aggregate.MEAN or measure.column is None:
        return None
    counted = Filter(column=measure.column, op=Op.NOT_NULL)
    count = {"aggregate": Aggregate.COUNT, "column": None, "where": (*measure.where, counted)}
    return {
        "numerator": measure.model_copy(update={"aggregate": Aggregate.SUM}),
        "denominator": measure.model_copy(update=count),
    }
