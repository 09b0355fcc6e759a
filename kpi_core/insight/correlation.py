"""Correlation over time of two series that remember their own past.

Neighbouring values of such series say nearly the same thing twice, so a correlation of N points is worth fewer. The
effective size (Bartlett 1935, with the estimate of Pyper and Peterman 1998) is
1/N* = 1/N + 2/N · Σ (N-j)/N · rxx(j)·ryy(j), the autocorrelations r(j) taken to lag N/5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
_LEAST = 3


@dataclass(frozen=True)
class Correlation:
    """``r`` between x(t-lag) and y(t) over ``pairs`` points worth ``effective`` ones; ``p`` is two-sided.

    ``adjusted`` is p after Holm's correction over all lags tested together.
    """

    lag: int
    r: float
    pairs: int
    effective: float
    p: float
    adjusted: float


def lagged_correlations(x: Numbers, y: Numbers, lags: range) -> tuple[Correlation, ...]:
    """The correlation at each lag (x leads by ``lag`` periods) of two series without gaps, of one length."""
    found: list[tuple[int, float, int, float, float]] = []
    for lag in lags:
        first, second = x[: len(x) - lag], y[lag:]
        if len(first) < _LEAST or first.std() == 0 or second.std() == 0:
            continue
        r = float(np.corrcoef(first, second)[0, 1])
        effective = effective_size(first, second)
        found.append((lag, r, len(first), effective, _p_value(r, effective)))
    adjusted = holm([p for *_, p in found])
    return tuple(Correlation(*one, better) for one, better in zip(found, adjusted, strict=True))


def effective_size(x: Numbers, y: Numbers) -> float:
    """How many independent pairs these N pairs are worth; at most N, at least 2."""
    n = len(x)
    lags = np.arange(1, max(1, n // 5) + 1)
    product = autocorrelations(x, len(lags)) * autocorrelations(y, len(lags))
    inverse = 1 / n + 2 / n * float(((n - lags) / n * product).sum())
    return n if inverse <= 1 / n else max(2.0, 1 / inverse)


def autocorrelations(values: Numbers, lags: int) -> Numbers:
    """r(1) … r(lags), each Σ over its N-j products scaled by N/(N-j), as Pyper and Peterman recommend."""
    n = len(values)
    centred = values - values.mean()
    total = float(centred @ centred)
    if total == 0:
        return np.zeros(lags)
    return np.array([n / (n - j) * float(centred[:-j] @ centred[j:]) / total for j in range(1, lags + 1)])


def holm(p_values: list[float]) -> list[float]:
    """Holm's step-down correction (1979): the smallest p times m, the next times m-1 …, never falling."""
    adjusted = [1.0] * len(p_values)
    worst = 0.0
    for rank, at in enumerate(np.argsort(p_values, kind="stable")):
        worst = max(worst, min(1.0, (len(p_values) - rank) * p_values[at]))
        adjusted[at] = worst
    return adjusted


def _p_value(r: float, effective: float) -> float:
    from scipy.stats import t

    freedom = effective - 2
    if freedom <= 0:
        return 1.0
    if abs(r) >= 1:
        return 0.0
    return float(2 * t.sf(abs(r) * np.sqrt(freedom / (1 - r * r)), freedom))
