"""Is the link true? Whether a driver x leads its target y with the sign and lag that the team stated beforehand.

Both series are compared with themselves a season ago (one period ago where the data are too short for that), so that
neither the season nor the level can make them look related. Where all values of both are positive the changes are
relative (differences of logarithms): absolute ones of two series that both grow do grow together. Then three questions:

- *correlation*: do the changes of x(t-lag) and y(t) correlate with the stated sign, Holm-adjusted p < 5 % over all lags
  tried, counted in effective points?
- *forecast*, which decides: does y(t-season) + b · change of x(t-lag), b from the past alone, miss y by less than the
  seasonal-naive y(t-season) alone, by 5 % of the absolute error at least?
- *Granger both ways*: does x help to tell y beside y's own past, and y x? When only y leads x, the arrow points the
  other way.

Supported: correlation and forecast, and the arrow not reversed. Weak: one of the two, or both without a season's
comparison. See decision 0027.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpi_core.insight.correlation import Correlation, lagged_correlations
from kpi_core.insight.granger import granger_p
from kpi_core.vocabulary import Grain, LinkVerdict, Sign

Numbers = NDArray[np.float64]

#: Common periods that are needed at the least: two years of months, one of weeks, four of quarters.
LEAST = {Grain.WEEK: 52, Grain.MONTH: 24, Grain.QUARTER: 16}
SEASON = {Grain.WEEK: 52, Grain.MONTH: 12, Grain.QUARTER: 4}
#: Changes that ``b`` is first estimated from, and periods foretold after them, at the least.
TRAINING, FORETOLD = 8, 6
SIGNIFICANT = 0.05
#: The forecast with x must miss by at most this share of the seasonal-naive error.
CUT = 0.95
#: Lags that are looked at besides the stated one.
_LAGS = 6


@dataclass(frozen=True)
class LinkTest:
    """What the data say. ``reasons`` are codes for words, in the order in which they decided.

    ``common`` is the number of periods both series have in one stretch, ``missing`` how many more are needed.
    ``season`` is what changes are taken over (1: the period before). ``error_ratio`` is the forecast error with x ÷
    without, over ``foretold`` periods; ``slope`` is the change of y per change of x (``relative``: in per cent of
    either); ``granger`` and ``granger_back`` are the p-values of x → y and y → x. ``None`` = could not be computed.
    """

    verdict: LinkVerdict
    reasons: tuple[str, ...]
    common: int
    missing: int
    season: int | None = None
    correlation: Correlation | None = None
    best_lag: int | None = None
    slope: float | None = None
    error_ratio: float | None = None
    foretold: int = 0
    granger: float | None = None
    granger_back: float | None = None
    relative: bool = False


def common_stretch(x: Numbers, y: Numbers) -> slice:
    """The latest stretch in which both series have a value in every period, of equally long series."""
    both = np.isfinite(x) & np.isfinite(y)
    known = np.flatnonzero(both)
    if not len(known):
        return slice(0, 0)
    end = int(known[-1]) + 1
    gaps = np.flatnonzero(~both[:end])
    return slice(int(gaps[-1]) + 1 if len(gaps) else 0, end)


def lacking(common: int, lag: int, grain: Grain) -> int:
    """How many more common periods a test of this lag needs, beside the ``common`` ones there are."""
    return max(0, max(LEAST[grain], 1 + lag + TRAINING + FORETOLD) - common)


def link_test(x: Numbers, y: Numbers, sign: Sign, lag: int, grain: Grain) -> LinkTest:
    """Test that x leads y by ``lag`` periods with ``sign``: series of ended periods, oldest first, NaN = no value."""
    both = common_stretch(x, y)
    x, y = x[both], y[both]
    common = len(x)
    if missing := lacking(common, lag, grain):
        return LinkTest(LinkVerdict.NOT_ENOUGH_DATA, ("too_few_periods",), common, missing)
    whole = common >= SEASON[grain] + lag + TRAINING + FORETOLD
    season = SEASON[grain] if whole else 1
    relative = bool((x > 0).all() and (y > 0).all())
    if relative:
        x, y = np.log(x), np.log(y)
    dx, dy = x[season:] - x[:-season], y[season:] - y[:-season]
    if dx.std() == 0 or dy.std() == 0:
        return LinkTest(LinkVerdict.NOT_ENOUGH_DATA, ("no_movement",), common, 0, season)
    most = min(max(_LAGS, lag + 2), len(dx) // 3)
    correlations = lagged_correlations(dx, dy, range(max(most, lag) + 1))
    stated = next((one for one in correlations if one.lag == lag), None)
    if stated is None:
        return LinkTest(LinkVerdict.NOT_ENOUGH_DATA, ("no_movement",), common, 0, season)
    ratio, foretold = _error_ratio(dx, dy, lag)
    order = max(1, min(lag, (len(dx) - 2) // 4))
    forth, back = granger_p(dx, dy, order), granger_p(dy, dx, order)
    slope = float(_slope(dx[: len(dx) - lag], dy[lag:]))
    verdict, reasons = _verdict(stated, slope, ratio, forth, back, sign, seasonal=whole)
    best = max(correlations, key=lambda one: abs(one.r)).lag
    return LinkTest(verdict, reasons, common, 0, season, stated, best, slope, ratio, foretold, forth, back, relative)


def _verdict(
    stated: Correlation,
    slope: float,
    ratio: float | None,
    forth: float | None,
    back: float | None,
    sign: Sign,
    *,
    seasonal: bool,
) -> tuple[LinkVerdict, tuple[str, ...]]:
    """Each reason is true of its own number, whatever the verdict: a strong link of the other sign is strong."""
    plus = sign is Sign.PLUS
    fits = (stated.r > 0) == plus
    strong = stated.adjusted < SIGNIFICANT
    cuts = ratio is not None and ratio <= CUT
    correlated, foretells = fits and strong, fits and (slope > 0) == plus and cuts
    reversed_ = back is not None and forth is not None and back < SIGNIFICANT <= forth
    reasons = [
        "foretells" if foretells else "foretells_otherwise" if cuts else "does_not_foretell",
        "correlated" if correlated else "correlated_otherwise" if strong else "not_correlated",
    ]
    if ratio is None:
        reasons[0] = "not_foretold"
    if not fits:
        reasons.append("other_sign")
    if reversed_:
        reasons.append("reversed")
    if not seasonal:
        reasons.append("no_season_compared")
    if correlated and foretells:
        sure = seasonal and not reversed_
        return LinkVerdict.SUPPORTED if sure else LinkVerdict.WEAK, tuple(reasons)
    return (LinkVerdict.WEAK if correlated or foretells else LinkVerdict.NOT_SUPPORTED), tuple(reasons)


def _error_ratio(dx: Numbers, dy: Numbers, lag: int) -> tuple[float | None, int]:
    """Σ|dy - b·dx| ÷ Σ|dy| over every period after the first ``TRAINING``, b from what lies before each.

    The seasonal-naive forecast of y is its value a season ago, so its error is the seasonal change dy itself.
    """
    led, follows = dx[: len(dx) - lag], dy[lag:]
    foretold = len(led) - TRAINING
    squares, products = np.cumsum(led * led)[TRAINING - 1 : -1], np.cumsum(led * follows)[TRAINING - 1 : -1]
    naive = float(np.abs(follows[TRAINING:]).sum())
    if foretold < FORETOLD or naive == 0 or squares[0] == 0:
        return None, max(foretold, 0)
    missed = follows[TRAINING:] - products / squares * led[TRAINING:]
    return float(np.abs(missed).sum()) / naive, foretold


def _slope(led: Numbers, follows: Numbers) -> float:
    return float(led @ follows) / float(led @ led)
