"""How much of an operand's change passes through one operation, so that all of it together is the result's change.

The chain rule for finite changes: a result's change is the sum of multiplier x change over its operands, exactly. For
sums, products and ratios the multipliers are those of the design (the Shapley values of the one operation, divided by
the change); LMDI has logarithmic means in their place, and for a product of which a factor is 0 the limits of
Ang, Zhang and Choi (1998): a factor that appears or vanishes takes the whole change, several of them equal parts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from kpi_core.tree.network import Network, Operation, operate

#: A number on the one side and on the other.
Pair = tuple[float, float]


class NotLogarithmicError(Exception):
    """LMDI does not say how this operation's change is shared: a value changes its sign, or an exponent varies."""


def chained(step: Operation, result: Pair, operands: Sequence[Pair]) -> Sequence[float]:
    """The multipliers of one operation; NaN where a mixed state has no value (a power, say)."""
    what = step.what
    if what == "total":
        return [1.0] * len(operands)
    if what in ("+", "-"):
        return (1.0, 1.0 if what == "+" else -1.0)
    if what == "negative":
        return (-1.0,)
    if what == "*":
        (a0, a1), (b0, b1) = operands
        return (b0 + b1) / 2, (a0 + a1) / 2
    if what == "/":
        (a0, a1), (b0, b1) = operands
        return (1 / b0 + 1 / b1) / 2, -(a0 + a1) / (2 * b0 * b1)
    if len(operands) == 1:  # abs, round: the one operand's change is the result's
        return (_per(result[1] - result[0], operands[0]),)
    (a0, a1), (b0, b1) = operands  # powers, min, max: the Shapley values of the two
    up, low = (float(operate(step, [np.array([a]), np.array([b])])[0]) for a, b in ((a1, b0), (a0, b1)))
    first = ((up - result[0]) + (result[1] - low)) / 2
    return _per(first, operands[0]), _per(result[1] - result[0] - first, operands[1])


def _per(share: float, operand: Pair) -> float:
    """The share as a multiple of the operand's change; an operand that did not change passes nothing on."""
    change = operand[1] - operand[0]
    return share / change if change else 0.0


def factors(network: Network, top: int) -> list[tuple[int, float]] | None:
    """The factors of a product or ratio and their exponents, nested ones taken apart; ``None`` for a single step."""
    found: list[tuple[int, float]] = []
    waiting = [(top, 1.0)]
    while waiting:
        at, exponent = waiting.pop()
        step = network.steps[at]
        if step.what in ("*", "/"):
            waiting += [(step.operands[1], exponent if step.what == "*" else -exponent), (step.operands[0], exponent)]
        elif step.what == "**" and network.steps[step.operands[1]].what == "number":
            waiting.append((step.operands[0], exponent * network.steps[step.operands[1]].number))
        elif step.what == "**":
            raise NotLogarithmicError
        elif at == top:
            return None
        else:
            found.append((at, exponent))
    return found


def logarithmic(result: Pair, operands: Sequence[tuple[Pair, float]]) -> Sequence[float]:
    """LMDI's multipliers of a product, one a factor (its values, its exponent)."""
    y0, y1 = result
    if y0 == 0 or y1 == 0:
        return _at_zero(result, operands)
    if any(x0 * x1 <= 0 for (x0, x1), _ in operands):
        raise NotLogarithmicError
    mean = log_mean(y1, y0)
    return [exponent * mean / log_mean(x1, x0) for (x0, x1), exponent in operands]


def log_mean(a: float, b: float) -> float:
    """(a - b) / (ln a - ln b); a itself where both are equal. The two have one sign.

    >>> round(log_mean(2.0, 1.0), 6)
    1.442695
    """
    if a == b:
        return a
    # ln(a/b) by the difference, which stays exact where a and b are close
    return (a - b) / math.log1p((a - b) / b)


def _at_zero(result: Pair, operands: Sequence[tuple[Pair, float]]) -> Sequence[float]:
    y0, y1 = result
    if y0 == y1:
        return [0.0] * len(operands)
    side = 0 if y0 == 0 else 1
    weights = [exponent if values[side] == 0 and exponent > 0 else 0.0 for values, exponent in operands]
    whole = sum(weights)
    shares = [(y1 - y0) * weight / whole if whole else math.nan for weight in weights]
    return [_per(share, values) for share, (values, _) in zip(shares, operands, strict=True)]
