"""What a typed rate or price is weighted by where it rolls up over time, and which formulas their months add up to.

The year's price is Σ(price x pieces) / Σ pieces: neither the mean of twelve prices nor March's. Only so is a formula of
rolled-up inputs (revenue = pieces x price) what its months add up to. Weighted is a level for which nobody stated a
rule, where exactly one formula uses it, once, as a factor of a product that adds up over time. Its weight is the rest
of that product, without the levels behind it: of visits x rate x price, the rate is weighted by visits, and the price
by visits x rate.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from kpi_core.model.expression import Binary, Call, Expression, Name, Negative, Number, parts_of
from kpi_core.tree.rules import Rule, degree_of


class Weighing(NamedTuple):
    """A level's coarser value is Σ ``product`` / Σ ``weight`` over the finer periods in which both are known."""

    weight: Expression
    product: Expression


def weighings(
    expressions: Mapping[str, Expression], rules: Mapping[str, Rule], levels: Collection[str]
) -> dict[str, Weighing]:
    """Those of ``levels`` (typed, of degree 0, without a stated rule) that are weighted, by code."""
    uses: dict[str, int] = {}
    for expression in expressions.values():
        for part in parts_of(expression):
            if isinstance(part, Name):
                uses[part.name] = uses.get(part.name, 0) + 1
    once = {code for code in levels if uses.get(code) == 1}
    degrees = {code: rule.degree for code, rule in rules.items()}
    found: dict[str, Weighing] = {}
    for expression in expressions.values() if once else ():
        for product in _products(expression):
            _weigh(product, once, degrees, found)
    return found


def months_add_up(expression: Expression, adding: Collection[str], weighed: Collection[str]) -> bool:
    """Whether a formula of rolled-up inputs is the sum of its finer values, whatever those are.

    ``adding`` are the names of which this is true, ``weighed`` the levels that are weighted.
    """
    match expression:
        case Name(name):
            return name in adding
        case Negative(operand):
            return months_add_up(operand, adding, weighed)
        case Binary("+" | "-", left, right):
            return months_add_up(left, adding, weighed) and months_add_up(right, adding, weighed)
        case Binary("*", left, right):
            return any(
                months_add_up(one, adding, weighed) and _is_flat(other, weighed)
                for one, other in ((left, right), (right, left))
            )
        case Binary("/", left, Number()):
            return months_add_up(left, adding, weighed)
        case Call("sum", arguments):
            return all(months_add_up(argument, adding, weighed) for argument in arguments)
    return False


def _is_flat(expression: Expression, weighed: Collection[str]) -> bool:
    match expression:
        case Number():
            return True
        case Name(name):
            return name in weighed
        case Binary("*", left, right):
            return _is_flat(left, weighed) and _is_flat(right, weighed)
        case Binary("/", left, Number()):
            return _is_flat(left, weighed)
    return False


def _weigh(
    product: Expression, levels: Collection[str], degrees: Mapping[str, int | None], found: dict[str, Weighing]
) -> None:
    if degree_of(product, degrees) != 1:
        return
    over, under = _factors(product)
    weighed = [factor for factor in over if isinstance(factor, Name) and factor.name in levels]
    if not weighed:
        return
    rest = [factor for factor in over if factor not in weighed]
    weight = rest[0] if rest else Number(1.0)
    for factor in rest[1:]:
        weight = Binary("*", weight, factor)
    for factor in under:
        weight = Binary("/", weight, factor)
    for level in weighed:
        together = Binary("*", weight, level)
        found[level.name] = Weighing(weight, together)
        weight = together


def _products(expression: Expression) -> Iterator[Expression]:
    """The products that a formula adds up, each as a whole, and those within their factors."""
    match expression:
        case Binary("*" | "/"):
            yield expression
            for factors in _factors(expression):
                for factor in factors:
                    yield from _products(factor)
        case Binary("+" | "-", left, right):
            yield from _products(left)
            yield from _products(right)
        case Negative(operand):
            yield from _products(operand)
        case Call("sum", arguments):
            for argument in arguments:
                yield from _products(argument)


def _factors(expression: Expression) -> tuple[list[Expression], list[Expression]]:
    """What a product multiplies and what it divides by."""
    match expression:
        case Binary("*", left, right):
            (first, below), (second, further) = _factors(left), _factors(right)
            return first + second, below + further
        case Binary("/", left, right):
            (first, below), (second, further) = _factors(left), _factors(right)
            return first + further, below + second
    return [expression], []
