"""A series continued by exponential smoothing: level, damped trend, and the season where two full years show it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

#: Fewer values than this are no history.
LEAST = 10


def least_with(season: int) -> int:
    """How many values show a season of so many periods: two whole ones, and what a first guess of it takes beside."""
    return max(2 * season, LEAST + 2 * (season // 2))


_WEIGHTS = ("smoothing_level", "smoothing_trend", "smoothing_seasonal", "damping_trend")


@dataclass(frozen=True)
class Smoothing:
    """How strongly newer values count (``weights``), found from some history; ``season`` 1: none."""

    season: int
    weights: Mapping[str, float]


def smoothing_of(values: Numbers, season: int) -> Smoothing | None:
    """The smoothing that fits a series without gaps best; ``None`` for fewer than ``LEAST`` values.

    ``season`` is the number of periods in a year; with fewer values than ``least_with`` it none is taken.
    """
    if len(values) < LEAST:
        return None
    kept = season if len(values) >= least_with(season) else 1
    if not values.std():
        return Smoothing(kept, {})
    fitted = _model(values, kept).fit(use_brute=False)
    return Smoothing(kept, {name: float(fitted.params[name]) for name in _WEIGHTS if np.isfinite(fitted.params[name])})


def continued(values: Numbers, smoothing: Smoothing, steps: int) -> Numbers:
    """The next ``steps`` values; counts and money that never were negative stay so."""
    if not values.std():
        return np.full(steps, values[-1])
    scale = _scale(values)
    return _bounded(values, np.asarray(_fixed(values, smoothing).forecast(steps)) * scale)


def futures(values: Numbers, smoothing: Smoothing, steps: int, count: int, seed: int) -> Numbers:
    """``count`` simulated continuations, one a row, with errors as large as those of the past."""
    if not values.std():
        return np.full((count, steps), values[-1])
    paths = _fixed(values, smoothing).simulate(
        steps, anchor="end", repetitions=count, error="add", rng=np.random.default_rng(seed)
    )
    return _bounded(values, np.asarray(paths).reshape(steps, count).T * _scale(values))


def _scale(values: Numbers) -> float:
    return float(np.abs(values).mean())


def _bounded(values: Numbers, ahead: Numbers) -> Numbers:
    return np.maximum(ahead, 0.0) if (values >= 0).all() else ahead


class _Quiet:
    """A model whose fit does not print that its optimiser stopped early: the weights found so far are good ones."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def fit(self, **asked: Any) -> Any:
        from statsmodels.tools.sm_exceptions import ConvergenceWarning

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return self._model.fit(**asked)


def _model(values: Numbers, season: int) -> _Quiet:
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    seasonal: dict[str, Any] = {"seasonal": "add", "seasonal_periods": season} if season > 1 else {}
    return _Quiet(
        ExponentialSmoothing(
            values / _scale(values), trend="add", damped_trend=True, initialization_method="heuristic", **seasonal
        )
    )


def _fixed(values: Numbers, smoothing: Smoothing) -> Any:
    """The series filtered with known weights, found from no later values."""
    season = smoothing.season if len(values) >= least_with(smoothing.season) else 1
    weights = {name: smoothing.weights.get(name, 0.5) for name in _WEIGHTS}
    if season == 1:
        weights.pop("smoothing_seasonal")
    return _model(values, season).fit(optimized=False, **weights)
