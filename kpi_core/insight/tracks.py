"""What a landing rests on: the series at a tree's leaves, cut at what is known and continued by a method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from kpi_core.insight.cumulative_share import rest_of_year
from kpi_core.insight.smoothing import LEAST, Smoothing, continued, futures, least_with, smoothing_of
from kpi_core.model.period import Period, periods_within
from kpi_core.vocabulary import Grain, LandingMethod

Numbers = NDArray[np.float64]
SEASON = {Grain.WEEK: 52, Grain.MONTH: 12, Grain.QUARTER: 4}


@dataclass(frozen=True, eq=False)
class Leaf:
    """A node whose own values count: one track, or numerator and denominator of a rate.

    A track has one number a period of ``axis`` (ended periods, oldest first; NaN = no value). ``adds_up``: its periods
    add up to the year; else ``last`` tells whether the last value or the mean of the year goes on. ``rest`` is what a
    pipeline says of the periods after the last known one. ``begun``: the period after the axis and its value so far.
    """

    code: str
    axis: tuple[Period, ...]
    tracks: tuple[Numbers, ...]
    adds_up: bool
    last: bool = False
    rest: Numbers | None = None
    begun: tuple[Period, float] | None = None
    _fits: dict[tuple[int, int], Smoothing | None] = field(default_factory=dict, repr=False)

    @property
    def is_rate(self) -> bool:
        return len(self.tracks) == 2

    def known(self, until: int) -> int:
        """How many periods, of the first ``until``, lie up to the last one with a value on every track."""
        both = np.logical_and.reduce([np.isfinite(track[:until]) for track in self.tracks])
        found = np.flatnonzero(both)
        return int(found[-1]) + 1 if len(found) else 0


@dataclass(frozen=True)
class Rest:
    """A leaf's periods after ``known`` to the end of the year, a row a track; ``paths``: simulated ones, if any."""

    known: int
    ahead: Numbers
    paths: tuple[Numbers, ...] | None = None


def rest_of(leaf: Leaf, until: int, year: Period, method: LandingMethod, *, paths: int = 0) -> Rest | str:
    """The leaf's periods to the end of ``year`` foreseen from the first ``until`` ones, or a code for why not.

    What adds up and never was negative does not land below what the running period has already.
    """
    found = _rest_of(leaf, until, year, method, paths=paths)
    if isinstance(found, str) or leaf.begun is None or until < len(leaf.axis) or not found.ahead.size:
        return found
    period, so_far = leaf.begun
    (track, *more) = leaf.tracks
    told = track[: found.known]
    if more or not leaf.adds_up or period != leaf.axis[found.known - 1].shift(1) or np.nanmin(told) < 0:
        return found
    ahead = found.ahead.copy()
    ahead[0, 0] = max(ahead[0, 0], so_far)
    if found.paths is None:
        return Rest(found.known, ahead)
    drawn = found.paths[0].copy()
    drawn[:, 0] = np.maximum(drawn[:, 0], so_far)
    return Rest(found.known, ahead, (drawn,))


def _rest_of(leaf: Leaf, until: int, year: Period, method: LandingMethod, *, paths: int) -> Rest | str:
    known = leaf.known(until)
    if known == 0:
        return "no_values"
    end = leaf.axis[known - 1].end
    inside = periods_within(year, leaf.axis[0].grain)
    steps = sum(period.start >= end for period in inside)
    before = len(_between(leaf, known, year))
    elapsed = len(inside) - steps
    this_year = [track[max(0, known - elapsed) : known] for track in leaf.tracks]
    if leaf.adds_up and (elapsed > known or any(np.isnan(part).any() for part in this_year)):
        return "gap_this_year"
    if method is LandingMethod.PIPELINE:
        return "not_mapped" if leaf.rest is None else Rest(known, leaf.rest[None, :])
    if method is LandingMethod.CUMULATIVE_SHARE:
        return _by_share(leaf, known, this_year, inside, steps, before)
    return _by_smoothing(leaf, known, steps + before, paths)


def _between(leaf: Leaf, known: int, year: Period) -> list[Period]:
    """The periods from the first unknown one to the last before ``year``: ended, but not told yet."""
    found, period = [], leaf.axis[known - 1].shift(1)
    while period.anchor < year.start:
        found.append(period)
        period = period.shift(1)
    return found


def _by_share(
    leaf: Leaf, known: int, this_year: Sequence[Numbers], inside: Sequence[Period], steps: int, before: int
) -> Rest | str:
    if before:
        return "year_not_begun"
    if not leaf.adds_up:
        (track,) = leaf.tracks
        recent = this_year[0] if len(this_year[0]) else track[known - 1 : known]
        return Rest(known, np.full((1, steps), recent[-1] if leaf.last else np.nanmean(recent)))
    rows: list[Numbers] = []
    for track, to_date in zip(leaf.tracks, this_year, strict=True):
        found = rest_of_year(_full_years(leaf, track, known - len(to_date)), to_date, len(inside))
        if isinstance(found, str):
            return found
        rows.append(found)
    return Rest(known, np.array(rows).reshape(len(rows), steps))


def _full_years(leaf: Leaf, track: Numbers, until: int) -> list[Numbers]:
    """The values of every fiscal year that lies in the first ``until`` periods with all its periods known."""
    years: dict[int, list[float]] = {}
    for period, value in zip(leaf.axis[:until], track[:until], strict=True):
        years.setdefault(period.fiscal_year, []).append(float(value))
    sizes = {period.fiscal_year: period.at(Grain.YEAR) for period in leaf.axis[:until]}
    grain = leaf.axis[0].grain
    whole = [
        np.array(values) for year, values in years.items() if len(values) == len(periods_within(sizes[year], grain))
    ]
    return [year for year in whole if np.isfinite(year).all()]


def _by_smoothing(leaf: Leaf, known: int, steps: int, paths: int) -> Rest | str:
    season = SEASON.get(leaf.axis[0].grain, 1)
    ahead: list[Numbers] = []
    simulated: list[Numbers] = []
    for at, track in enumerate(leaf.tracks):
        gaps = np.flatnonzero(np.isnan(track[:known]))
        begin = int(gaps[-1]) + 1 if len(gaps) else 0
        stretch = track[begin:known]
        smoothing = _smoothing(leaf, at, begin, known, season, current=paths > 0)
        if smoothing is None:
            return "not_enough_history"
        ahead.append(continued(stretch, smoothing, steps) if steps else np.empty(0))
        if paths and steps:
            simulated.append(futures(stretch, smoothing, steps, paths, seed=_seed(leaf.code, at)))
    return Rest(known, np.array(ahead), tuple(simulated) if simulated else None)


def _smoothing(leaf: Leaf, at: int, begin: int, known: int, season: int, *, current: bool) -> Smoothing | None:
    """Weights from values up to the start of the fiscal year that ``known`` lies in (all, for today's forecast).

    They are found anew once a year, and when a season can be told first, never from later values than ``known``: that
    makes looking back affordable.
    """
    until = known
    if not current:
        year = leaf.axis[known - 1].fiscal_year
        first = next(place for place in range(known) if leaf.axis[place].fiscal_year == year)
        least = least_with(season) if known - begin >= least_with(season) else LEAST
        until = min(known, max(first, begin + least))
    key = (at, until)
    if key not in leaf._fits:
        leaf._fits[key] = smoothing_of(leaf.tracks[at][begin:until], season)
    return leaf._fits[key]


def _seed(code: str, at: int) -> int:
    return crc32(f"{code} {at}".encode())
