"""The chance of reaching a target: drivers drawn as they varied before, together as they varied together.

A driver's spread is that of its period-on-period changes (relative where it never was 0 or less, else absolute), around
their median, so that the middle of the draws is where things stand; every open period is drawn anew. Where open
periods stand as in last year's season, changes are taken over a year instead, so that the season itself is no spread;
with too few of these they are period-on-period all the same (``over_year`` says which). Rank correlations
between the drivers' changes are kept by a Gaussian copula: normals of correlation 2·sin(π·ρ/6), taken to each driver's
own distribution by their ranks. Fewer than 12 periods of history give no chance, but *not enough history*.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpi_core.tree.network import Numbers
from kpi_core.tree.outlook import Outlook

#: Fewer periods of history than this say nothing of a spread.
FEWEST = 12
DRAWS = 10_000
PERCENTILES = (5, 10, 25, 50, 75, 90, 95)


@dataclass(frozen=True)
class Chance:
    """``probability`` (0-1) of a value at least (``up``) or at most the target, of the draws that have a value.

    ``percentiles``: percent → the node's value. ``without_value`` is the share of draws in which a formula had none.
    ``short``: driver → its periods of history, where these are too few; then nothing else is told.
    """

    probability: float | None
    percentiles: Mapping[int, float]
    draws: int
    without_value: float
    short: Mapping[str, int]
    periods: int
    over_year: bool = False


def chance(
    ahead: Outlook,
    target: float | None,
    *,
    up: bool = True,
    highest: Mapping[str, float] | None = None,
    draws: int = DRAWS,
    seed: int = 1,
    among: Collection[str] | None = None,
    year: int | None = None,
) -> Chance:
    """The chance for ``ahead`` (``what_if.put`` moves its drivers first); the same ``seed`` gives the same answer.

    ``highest``: driver → a value that cannot be passed (1 for a share). ``among``: the drivers that are drawn.
    ``year``: the periods of a year, where ``ahead`` stands as in last year's season.
    """
    free = [leaf for leaf, cells in ahead.levers.items() if cells and (among is None or leaf in among)]
    history = {leaf: int(np.isfinite(ahead.history[leaf]).sum()) for leaf in free}
    short = {leaf: count for leaf, count in history.items() if count < FEWEST}
    lowest = {leaf: 0.0 if np.nanmin(ahead.history[leaf], initial=np.inf) >= 0 else -np.inf for leaf in free}
    changes, common = _together(ahead, free, 1)
    over_year = False
    if year is not None:
        seasonal = _together(ahead, free, year)
        if over_year := int(seasonal[1].sum()) >= FEWEST:
            changes, common = seasonal
    if short or not free or int(common.sum()) < FEWEST - 1:
        lacking = short or {leaf: int(common.sum()) + 1 for leaf in free}
        return Chance(None, {}, 0, 0.0, lacking, min(history.values(), default=0))
    together = np.array([changes[leaf][0][common] for leaf in free])
    random = np.random.default_rng(seed)
    root = _root_of_correlation(together)
    cells: dict[int, Numbers] = {at: np.array([value]) for at, value in ahead.standing.items()}
    for when in sorted({ahead.network.cells[at][1] for leaf in free for at in ahead.levers[leaf]}, key=str):
        ranks = _uniform(root @ random.standard_normal((len(free), draws)))
        for row, leaf in enumerate(free):
            for at in ahead.levers[leaf]:
                if ahead.network.cells[at][1] == when:
                    own, relative = changes[leaf]
                    ends = (lowest[leaf], (highest or {}).get(leaf, np.inf))
                    cells[at] = _drawn(ahead.standing[at], own, relative, ranks[row], ends)
    results = np.broadcast_to(ahead.network.run(cells)[ahead.network.top], (draws,))
    known = results[np.isfinite(results)]
    if not len(known):
        return Chance(None, {}, draws, 1.0, {}, int(common.sum()) + 1, over_year)
    reached = None if target is None else float(np.mean(known >= target if up else known <= target))
    told = dict(zip(PERCENTILES, np.percentile(known, PERCENTILES).tolist(), strict=True))
    return Chance(reached, told, draws, 1 - len(known) / draws, {}, int(common.sum()) + 1, over_year)


def _together(
    ahead: Outlook, leaves: Sequence[str], back: int
) -> tuple[dict[str, tuple[Numbers, bool]], NDArray[np.bool_]]:
    """Every leaf's changes over ``back`` periods, and in which periods all of them have one."""
    changes = {leaf: _changes(ahead.history[leaf], back) for leaf in leaves}
    if not leaves:
        return changes, np.zeros(0, dtype=np.bool_)
    return changes, np.logical_and.reduce([np.isfinite(changes[leaf][0]) for leaf in leaves])


def _changes(history: Numbers, back: int) -> tuple[Numbers, bool]:
    """Changes over ``back`` periods around their median, and whether they are relative; NaN where a side is missing."""
    relative = bool((history[np.isfinite(history)] > 0).all())
    steps = history[back:] / history[:-back] - 1 if relative else history[back:] - history[:-back]
    return (steps - np.nanmedian(steps) if np.isfinite(steps).any() else steps), relative


def _drawn(centre: float, changes: Numbers, relative: bool, ranks: Numbers, ends: tuple[float, float]) -> Numbers:
    """One cell's draws within its ends: what never was negative does not become so."""
    steps = np.quantile(changes[np.isfinite(changes)], ranks)
    return np.clip(centre * (1 + steps) if relative else centre + steps, *ends)


def _root_of_correlation(changes: Numbers) -> Numbers:
    """A matrix that turns independent normals into ones correlated as the changes' ranks are."""
    from scipy.stats import rankdata

    ranks = rankdata(changes, axis=1)
    varied = np.ptp(ranks, axis=1) > 0
    rho = np.eye(len(ranks))
    if varied.sum() > 1:
        rho[np.ix_(varied, varied)] = np.corrcoef(ranks[varied])
    normal = 2 * np.sin(np.pi * rho / 6)
    np.fill_diagonal(normal, 1.0)
    values, vectors = np.linalg.eigh(normal)  # the nearest that a correlation can be
    root = vectors * np.sqrt(np.clip(values, 0.0, None))
    scaled: Numbers = root / np.linalg.norm(root, axis=1, keepdims=True)
    return scaled


def _uniform(normals: Numbers) -> Numbers:
    from scipy.special import ndtr

    found: Numbers = ndtr(normals)
    return found
