"""A year's target divided over its periods: evenly, or as last year's values were. Nothing is lost in rounding."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal


def even_split(total: float, count: int, decimals: int = 0) -> tuple[float, ...]:
    """``count`` equal parts of ``total``, rounded to ``decimals``; they add up to ``total`` so rounded.

    What rounding leaves over goes to the first parts, one unit each.

    >>> even_split(100, 3)
    (34, 33, 33)
    """
    return _split(total, [Decimal(1)] * count, decimals)


def seasonal_split(total: float, shape: Sequence[float], decimals: int = 0) -> tuple[float, ...] | None:
    """Parts of ``total`` in the proportions of ``shape`` (last year's values); they add up to ``total`` so rounded.

    ``None`` where ``shape`` holds a negative value or adds up to nothing: it has no proportions.

    >>> seasonal_split(1000, [1, 3])
    (250, 750)
    """
    weights = [Decimal(str(value)) for value in shape]
    if not weights or min(weights) < 0 or not sum(weights):
        return None
    return _split(total, weights, decimals)


def _split(total: float, weights: Sequence[Decimal], decimals: int) -> tuple[float, ...]:
    """Largest remainders: each part rounded down, then the units left over to those that lost most."""
    unit = Decimal(1).scaleb(-decimals)
    whole = (Decimal(str(total)) / unit).quantize(Decimal(1))
    exact = [whole * weight / sum(weights) for weight in weights]
    parts = [value.to_integral_value(ROUND_FLOOR) for value in exact]
    left = int(whole - sum(parts))
    by_loss = sorted(range(len(parts)), key=lambda at: (parts[at] - exact[at], at))
    for at in by_loss[:left]:
        parts[at] += 1
    return tuple(int(part) if decimals <= 0 else float(part * unit) for part in parts)
