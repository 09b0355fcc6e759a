"""How a node's coarser periods follow from its finer ones, and whether its values add up over time.

A rule that nobody stated is the natural one of the way the value is obtained:

- measure ``count``/``sum``: the sum; ``last`` and snapshots without a date: the last; every other aggregate and a
  ratio: only from the rows themselves (Σ numerator / Σ denominator for a ratio), never from finer values;
- formula: recomputed from rolled-up inputs; a rate or a score never adds up, however its formula is built;
- manual entries alone: the sum for counts and money, else the last (a rate, a score, days or hours are not added up,
  and a mean of rates would be wrong unless the team states it). Money that a formula multiplies with a count is a
  price: the last. ``weighing`` says which of these levels have a weight, and so a mean of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kpi_core.model.expression import Binary, Call, Expression, Name, Negative, Number
from kpi_core.model.measure import RatioMeasure
from kpi_core.model.node import Node
from kpi_core.tree.units import COUNT, RATIO, SCORE, is_currency, unit_kind
from kpi_core.vocabulary import Aggregate, RollUp

#: Rules that need nothing but the finer values.
FROM_FINER = (RollUp.SUM, RollUp.MEAN, RollUp.LAST)
_ADDITIVE = (Aggregate.COUNT, Aggregate.SUM)
#: Units whose numbers mean the same in a month and in a year: they do not add up over time.
_LEVELS = (RATIO, SCORE)


@dataclass(frozen=True)
class Rule:
    """``roll_up``: ``sum``/``mean``/``last`` of finer values, ``formula``, or ``None`` (from rows alone).

    ``overrides_rows``: the team stated another rule than the rows' own, so coarser values from rows are passed over.
    ``manual``: the rule for finer manual entries where ``roll_up`` is none of finer values (``None``: no roll-up).
    ``degree``: 1 adds up over time (money, counts), 0 does not (rates, prices), ``None`` cannot be told.
    """

    roll_up: RollUp | None
    overrides_rows: bool
    manual: RollUp | None
    degree: int | None

    @property
    def finer(self) -> RollUp | None:
        """The rule that finer values roll up by, if any."""
        return self.roll_up if self.roll_up in FROM_FINER else self.manual


class Source(NamedTuple):
    """What of a node decides its rule; ``rows`` is its measure's own rule: sum, last, ratio, distinct, rows or none."""

    code: str
    formula: str | None
    roll_up: RollUp | None
    unit: str
    rows: str


def source_of(node: Node) -> Source:
    return Source(node.code, node.formula, node.roll_up, node.unit, _rows_rule(node))


def _rows_rule(node: Node) -> str:
    measure = node.measure
    if measure is None:
        return "none"
    if any(part.date is None for part in measure.parts):
        return "last"
    if isinstance(measure, RatioMeasure):
        return "ratio"
    if measure.aggregate in _ADDITIVE:
        return "sum"
    if measure.aggregate is Aggregate.LAST:
        return "last"
    return "distinct" if measure.aggregate is Aggregate.COUNT_DISTINCT else "rows"


def rule_of(source: Source, price: bool) -> Rule:
    """The rule of a node; a formula's ``degree`` is told by its unit or open (``None``) until its inputs are known."""
    natural = {"sum": RollUp.SUM, "last": RollUp.LAST}.get(source.rows)
    stated = source.roll_up
    if source.rows != "none":
        chosen = stated if stated in FROM_FINER else natural
        manual = chosen if stated is None or stated in FROM_FINER else None
        degree = 1 if chosen is RollUp.SUM else None if source.rows == "distinct" and chosen is None else 0
        return Rule(chosen, stated in FROM_FINER and stated is not natural, manual, degree)
    if source.formula is not None:
        if stated in FROM_FINER:
            return Rule(stated, False, stated, 1 if stated is RollUp.SUM else 0)
        return Rule(RollUp.FORMULA, False, None, 0 if unit_kind(source.unit) in _LEVELS else None)
    if stated is None:
        adds_up = unit_kind(source.unit) == COUNT or (is_currency(source.unit) and not price)
        stated = RollUp.SUM if adds_up else RollUp.LAST
    chosen = stated if stated in FROM_FINER else None
    return Rule(chosen, False, chosen, 1 if chosen is RollUp.SUM else 0)


def prices(expressions: Mapping[str, Expression], units: Mapping[str, str]) -> frozenset[str]:
    """The codes with a unit of money that some formula multiplies with a count."""
    found: set[str] = set()
    for expression in expressions.values():
        _find_prices(expression, units, found)
    return frozenset(found)


def _find_prices(expression: Expression, units: Mapping[str, str], found: set[str]) -> None:
    match expression:
        case Binary("*", left, right):
            factors = _factors(left) + _factors(right)
            names = [factor.name for factor in factors if isinstance(factor, Name)]
            if any(unit_kind(units.get(name, "")) == COUNT for name in names):
                found.update(name for name in names if is_currency(units.get(name, "")))
            for factor in factors:
                _find_prices(factor, units, found)
        case Binary(_, left, right):
            _find_prices(left, units, found)
            _find_prices(right, units, found)
        case Negative(operand):
            _find_prices(operand, units, found)
        case Call(_, arguments):
            for argument in arguments:
                _find_prices(argument, units, found)


def _factors(expression: Expression) -> list[Expression]:
    if isinstance(expression, Binary) and expression.op == "*":
        return _factors(expression.left) + _factors(expression.right)
    return [expression]


def degree_of(expression: Expression, degrees: Mapping[str, int | None]) -> int | None:
    """How often a formula adds up over time: money and counts 1, a rate 0; ``None`` where it is neither.

    Won deals x average deal = 1 + 0; revenue / won deals = 1 - 1; a sum needs the same in all its parts.
    """
    match expression:
        case Number():
            return 0
        case Name(name):
            return degrees.get(name)
        case Negative(operand):
            return degree_of(operand, degrees)
        case Binary("*" | "/" as op, left, right):
            first, second = degree_of(left, degrees), degree_of(right, degrees)
            if first is None or second is None:
                return None
            return first + second if op == "*" else first - second
        case Binary("+" | "-", left, right):
            return _common_degree((left, right), degrees)
        case Binary(_, left, right):
            first = degree_of(left, degrees)
            return 0 if first == 0 and degree_of(right, degrees) == 0 else None
        case Call("sum" | "min" | "max", arguments):
            return _common_degree(arguments, degrees)
        case Call("abs" | "round" | "lag", arguments):
            return degree_of(arguments[0], degrees)
    return None  # a running total is neither


def _common_degree(parts: Sequence[Expression], degrees: Mapping[str, int | None]) -> int | None:
    found = {degree_of(part, degrees) for part in parts}
    return found.pop() if len(found) == 1 else None
