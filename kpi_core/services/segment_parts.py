"""A node's number taken apart by the segments of a dimension, in two periods: sums, or numerators and denominators."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kpi_core.data.observing import observe_measures
from kpi_core.errors import RefusedError
from kpi_core.model.expression import Binary, Expression, names_in, parse_formula
from kpi_core.model.measure import SimpleMeasure, dimensions_of
from kpi_core.model.node import Node
from kpi_core.model.period import Period
from kpi_core.model.workshop import Workshop
from kpi_core.services.datasets import tables
from kpi_core.services.evaluating import dimension_refused
from kpi_core.services.rates import fraction
from kpi_core.services.standing import Standpoint
from kpi_core.store import observations
from kpi_core.store.state import State
from kpi_core.tree.attribution import Missing
from kpi_core.tree.evaluation import evaluate
from kpi_core.tree.mixing import Parts
from kpi_core.tree.plan import plan_of, structure_of
from kpi_core.tree.structure import formula_leaves
from kpi_core.tree.writing import written
from kpi_core.vocabulary import Aggregate

_ADDED = (Aggregate.COUNT, Aggregate.SUM, Aggregate.COUNT_DISTINCT)


@dataclass(frozen=True)
class SegmentParts:
    """``whole``: the node's own values. Without ``denominators`` it is the sum of the parts, else a rate of them."""

    whole: tuple[float | None, float | None]
    numerators: tuple[Parts, Parts]
    denominators: tuple[Parts, Parts] | None
    missing: tuple[Missing, ...] = ()


def segment_parts(
    state: State, here: Standpoint, code: str, by: str, start: Period, end: Period, *, from_target: bool
) -> SegmentParts:
    """The parts of ``code`` by the column ``by`` in both periods (both of one grain).

    A count or sum is taken apart as it is; a ratio, mean or quotient of two nodes into numerators and denominators,
    computed from the rows where the stored values do not hold them. Raises ``RefusedError``: ``dimension_unknown``;
    ``explain_segments_not_told`` for medians, extremes, formulas whose inputs are not split by ``by``, and targets,
    which are of the whole only.
    """
    node = here.node(code)
    _refuse_unknown(here.workshop, node, by)
    if from_target:
        raise RefusedError("explain_segments_not_told", node=code, dimension=by)
    found = evaluate(here.workshop, here.values, [start, end], nodes=[code], whole=True).actual.get(code)
    series = [math.nan, math.nan] if found is None else [float(value) for value in found]
    missing = tuple(
        Missing(code, period) for period, value in zip((start, end), series, strict=True) if math.isnan(value)
    )
    before, after = (None if math.isnan(value) else value for value in series)
    if missing:
        return SegmentParts((before, after), ({}, {}), None, missing)
    measure = node.measure
    if measure is None:
        numerators, denominators = _of_formula(state, here, node, by, (start, end))
    elif isinstance(measure, SimpleMeasure) and measure.aggregate in _ADDED:
        numerators, denominators = _of_stored(state, here, code, by, (start, end)), None
    else:
        numerators, denominators = _of_rows(state, here, node, by, (start, end))
    return SegmentParts((before, after), numerators, denominators)


def dimensions_told(workshop: Workshop, node: Node) -> tuple[str, ...]:
    """The dimensions that ``segment_parts`` can take a node apart by: its measure's, or those all its inputs share."""
    measure = node.measure
    if measure is not None:
        added = isinstance(measure, SimpleMeasure) and measure.aggregate in _ADDED
        return dimensions_of(measure) if added or fraction(node) is not None else ()
    if node.formula is None:
        return ()
    formula = parse_formula(node.formula)
    quotient = isinstance(formula, Binary) and formula.op == "/"
    if not quotient and node.code not in plan_of(structure_of(workshop)).additive:
        return ()
    leaves = [leaf for code in formula_leaves(workshop, node.code) if (leaf := workshop.node(code)) is not None]
    split = [dimensions_of(leaf.measure) if leaf.measure is not None else () for leaf in leaves]
    return tuple(name for name in (split[0] if split else ()) if all(name in other for other in split))


def _refuse_unknown(workshop: Workshop, node: Node, by: str) -> None:
    """The node itself, or all that its formula rests on, must be split by the column."""
    known = {name for other in workshop.nodes if other.measure for name in dimensions_of(other.measure)}
    own = dimensions_of(node.measure) if node.measure else known
    if by not in own:
        raise dimension_refused(by, own)


def _of_stored(
    state: State, here: Standpoint, code: str, by: str, periods: tuple[Period, Period]
) -> tuple[Parts, Parts]:
    with state.reading() as connection:
        segments = observations.by_segment(connection, here.id, by)
    first, second = (
        {name or "": nodes[code][period.key] for name, nodes in segments.items() if period.key in nodes.get(code, {})}
        for period in periods
    )
    return first, second


def _of_rows(
    state: State, here: Standpoint, node: Node, by: str, periods: tuple[Period, Period]
) -> tuple[tuple[Parts, Parts], tuple[Parts, Parts]]:
    """A ratio's or mean's numerators and denominators, counted anew by segment."""
    parts = fraction(node)
    if parts is None:
        raise RefusedError("explain_segments_not_told", node=node.code, dimension=by)
    split = {name: part.model_copy(update={"dimensions": (by,)}) for name, part in parts.items()}
    seen = observe_measures(here.workshop, tables(state, here.id), split, grain=periods[0].grain)
    found: dict[str, tuple[dict[str, float], dict[str, float]]] = {name: ({}, {}) for name in split}
    for row in seen.observations:
        for side, period in enumerate(periods):
            if row.dimension == by and row.period == period.key:
                found[row.node][side][row.segment or ""] = row.value
    return found["numerator"], found["denominator"]


def _of_formula(
    state: State, here: Standpoint, node: Node, by: str, periods: tuple[Period, Period]
) -> tuple[tuple[Parts, Parts], tuple[Parts, Parts] | None]:
    """A formula computed in each segment: its own values where they add up, or both sides of a quotient."""
    refused = RefusedError("explain_segments_not_told", node=node.code, dimension=by)
    formula = None if node.formula is None else parse_formula(node.formula)
    if formula is None:
        raise refused
    if node.code in plan_of(structure_of(here.workshop)).additive:
        return _computed(state, here, by, periods, formula), None
    if isinstance(formula, Binary) and formula.op == "/":
        return _computed(state, here, by, periods, formula.left), _computed(state, here, by, periods, formula.right)
    raise refused


def _computed(
    state: State, here: Standpoint, by: str, periods: tuple[Period, Period], formula: Expression
) -> tuple[Parts, Parts]:
    part = Node.model_validate({"code": _free_code(here.workshop), "kind": "kpi", "formula": written(formula)})
    wider = here.workshop.model_copy(update={"nodes": (*here.workshop.nodes, part)})
    with state.reading() as connection:
        segments = observations.by_segment(connection, here.id, by)
    found: tuple[dict[str, float], dict[str, float]] = ({}, {})
    for name, values in segments.items():
        series = evaluate(wider, values, periods, nodes=[part.code], segment=True, whole=True).actual[part.code]
        for side, value in enumerate(series):
            if np.isfinite(value):
                found[side][name or ""] = float(value)
    if not any(found):
        raise RefusedError("explain_segments_not_told", node=", ".join(names_in(formula)), dimension=by)
    return found


def _free_code(workshop: Workshop) -> str:
    code = "part"
    while workshop.node(code) is not None:
        code += "_"
    return code
