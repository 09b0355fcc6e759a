"""The leading-indicator test: simulated truth, statsmodels and hand-worked numbers beside every figure."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.multitest import multipletests
from statsmodels.tsa.stattools import acf

from kpi_core.insight.correlation import autocorrelations, effective_size, holm, lagged_correlations
from kpi_core.insight.granger import granger_p
from kpi_core.insight.leading import common_stretch, link_test
from kpi_core.vocabulary import Grain, LinkVerdict, Sign

NONE = float("nan")


def autoregressive(random: np.random.Generator, count: int, memory: float, series: int = 1) -> np.ndarray:
    """``series`` independent AR(1) series as rows."""
    shocks = random.normal(size=(series, count + 50))
    values = np.zeros_like(shocks)
    for at in range(1, count + 50):
        values[:, at] = memory * values[:, at - 1] + shocks[:, at]
    return values[:, 50:]


def led(random: np.random.Generator, count: int, lag: int, strength: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """A pair in which y follows x after ``lag`` periods, with season and noise of its own."""
    x = autoregressive(random, count + lag, 0.5)[0]
    season = 5 * np.sin(np.arange(count + lag) * 2 * np.pi / 12)
    y = 50 + strength * x[:-lag] + 0.5 * random.normal(size=count) + season[lag:]
    return x[lag:] + season[lag:], y


def test_a_true_lag_of_two_is_found() -> None:
    random = np.random.default_rng(7)
    found = [link_test(*led(random, 60, 2), Sign.PLUS, 2, Grain.MONTH) for _ in range(10)]
    assert all(one.verdict is LinkVerdict.SUPPORTED for one in found)
    assert all(one.best_lag == 2 for one in found)
    one = found[0]
    assert one.reasons == ("foretells", "correlated")
    assert (one.common, one.missing, one.season, one.foretold) == (60, 0, 12, 60 - 12 - 2 - 8)
    assert one.slope == pytest.approx(1, abs=0.25)
    assert one.granger is not None
    assert one.granger < 0.001


def test_the_other_sign_or_lag_is_not_supported() -> None:
    pair = led(np.random.default_rng(7), 60, 2)
    opposite = link_test(*pair, Sign.MINUS, 2, Grain.MONTH)
    assert opposite.verdict is LinkVerdict.NOT_SUPPORTED
    assert "other_sign" in opposite.reasons
    assert link_test(*pair, Sign.PLUS, 6, Grain.MONTH).verdict is not LinkVerdict.SUPPORTED


def test_an_arrow_that_points_the_other_way_is_told() -> None:
    x, y = led(np.random.default_rng(7), 60, 2)
    found = link_test(y, x, Sign.PLUS, 2, Grain.MONTH)
    assert found.verdict is not LinkVerdict.SUPPORTED
    assert "reversed" in found.reasons


def test_each_question_has_its_own_threshold_and_both_must_say_yes() -> None:
    # links so faint that each question is near its edge: 5 % after Holm over the lags, 5 % of the naive error
    cuts, faint = 0, 0
    for seed in range(60):
        x, y = led(np.random.default_rng(seed), 60, 2, 0.35)
        found = link_test(x, y, Sign.PLUS, 2, Grain.MONTH)
        p = [one.p for one in lagged_correlations(x[12:] - x[:-12], y[12:] - y[:-12], range(7))]
        adjusted = multipletests(p, method="holm")[1][2]
        assert found.correlation is not None
        assert found.correlation.r > 0
        assert found.error_ratio is not None
        yes = (found.error_ratio <= 0.95, adjusted < 0.05)
        assert ("foretells" in found.reasons, "correlated" in found.reasons) == yes
        assert (found.verdict is LinkVerdict.SUPPORTED) == (yes == (True, True))
        cuts += 0.95 < found.error_ratio < 1.2 and adjusted < 0.05
        faint += found.error_ratio <= 0.95 and p[2] < 0.05 <= adjusted
    assert (cuts > 0, faint > 0) == (True, True)  # both edges were met


def test_a_link_that_runs_backwards_too_is_weak_at_best() -> None:
    # x is y of a month ago: y's long memory makes x "lead" it all the same, but x adds nothing to y's own past
    seen = []
    for seed in range(12):
        random = np.random.default_rng(seed)
        y = autoregressive(random, 97, 0.9)[0]
        x = np.roll(y, 1) + 0.3 * random.normal(size=97)
        found = link_test(x[1:], y[1:], Sign.PLUS, 1, Grain.MONTH)
        if found.reasons[:2] == ("foretells", "correlated") and "reversed" in found.reasons:
            assert found.granger_back < 0.05 <= found.granger
            seen.append(found.verdict)
    assert len(seen) > 3
    assert set(seen) == {LinkVerdict.WEAK}


@pytest.mark.parametrize("sign", [Sign.PLUS, Sign.MINUS])
def test_every_reason_is_true_of_its_own_number(sign: Sign) -> None:
    # the link is +1: with the other sign stated, its strength stays what it is
    found = link_test(*led(np.random.default_rng(7), 60, 2), sign, 2, Grain.MONTH)
    assert found.correlation is not None
    assert found.correlation.adjusted < 0.05
    assert found.error_ratio is not None
    assert found.error_ratio <= 0.95
    if sign is Sign.PLUS:
        assert found.reasons == ("foretells", "correlated")
    else:
        assert found.reasons == ("foretells_otherwise", "correlated_otherwise", "other_sign")


@pytest.mark.parametrize(("growth", "count"), [(0.03, 60), (0.03, 84), (0.05, 48), (0.05, 84)])
def test_growing_together_is_no_link(growth: float, count: int) -> None:
    random = np.random.default_rng(13)
    noise = autoregressive(random, count, 0.3, 400) * 0.05
    rates = growth * random.uniform(0.5, 1.5, (400, 1))
    grown = 100 * np.exp(rates * np.arange(count) + noise)
    pairs = zip(grown[:200], grown[200:], strict=True)
    verdicts = [link_test(x, y, Sign.PLUS, 1, Grain.MONTH).verdict for x, y in pairs]
    assert verdicts.count(LinkVerdict.SUPPORTED) <= 10


def test_changes_are_relative_where_all_values_are_positive() -> None:
    # y grows by twice the per cent of x, two months later; with one value of 0 changes are absolute
    random = np.random.default_rng(8)
    x = 1000 * np.exp(np.cumsum(random.normal(0.02, 0.05, 62)))
    y = 5 * x[:-2] ** 2
    found = link_test(x[2:], y, Sign.PLUS, 2, Grain.MONTH)
    assert (found.relative, found.verdict) == (True, LinkVerdict.SUPPORTED)
    assert found.slope == pytest.approx(2)
    assert found.error_ratio == pytest.approx(0, abs=1e-9)
    x[5] = 0
    assert not link_test(x[2:], y, Sign.PLUS, 2, Grain.MONTH).relative


@pytest.mark.parametrize(("memory", "count", "lag"), [(0.8, 48, 2), (0.95, 60, 1)])
def test_unrelated_series_are_supported_in_at_most_5_percent(memory: float, count: int, lag: int) -> None:
    random = np.random.default_rng(11)
    xs, ys = (autoregressive(random, count, memory, 200) for _ in range(2))
    verdicts = [link_test(x, y, Sign.PLUS, lag, Grain.MONTH).verdict for x, y in zip(xs, ys, strict=True)]
    assert verdicts.count(LinkVerdict.SUPPORTED) <= 10


def test_unrelated_random_walks_and_shared_seasons_are_not_supported() -> None:
    random = np.random.default_rng(5)
    walks = random.normal(size=(2, 100, 60)).cumsum(axis=2)
    season = 20 * np.sin(np.arange(60) * 2 * np.pi / 12)
    shared = season + random.normal(size=(2, 100, 60))
    for xs, ys in (walks, shared):
        verdicts = [link_test(x, y, Sign.PLUS, 1, Grain.MONTH).verdict for x, y in zip(xs, ys, strict=True)]
        assert verdicts.count(LinkVerdict.SUPPORTED) <= 5


@pytest.mark.parametrize(
    ("grain", "count", "missing"), [(Grain.MONTH, 20, 4), (Grain.WEEK, 40, 12), (Grain.QUARTER, 10, 7)]
)
def test_too_short_a_history_says_how_much_is_missing(grain: Grain, count: int, missing: int) -> None:
    # quarters: 1 + lag 2 + 8 + 6 = 17 are needed, more than 16
    values = np.random.default_rng(1).normal(size=(2, count))
    found = link_test(*values, Sign.PLUS, 2, grain)
    assert (found.verdict, found.common, found.missing) == (LinkVerdict.NOT_ENOUGH_DATA, count, missing)
    assert found.reasons == ("too_few_periods",)


def test_without_a_season_to_compare_a_link_is_weak_at_best() -> None:
    # 24 months are enough to test, but a season's comparison would need 12 + 2 + 8 + 6
    random = np.random.default_rng(3)
    x = random.normal(size=26)
    found = link_test(x[2:], 10 * x[:-2] + 0.1 * random.normal(size=24), Sign.PLUS, 2, Grain.MONTH)
    assert (found.verdict, found.season) == (LinkVerdict.WEAK, 1)
    assert found.reasons == ("foretells", "correlated", "no_season_compared")


def test_a_series_that_never_moves_is_not_enough_data() -> None:
    found = link_test(np.full(40, 3.0), np.arange(40.0), Sign.PLUS, 1, Grain.MONTH)
    assert (found.verdict, found.reasons) == (LinkVerdict.NOT_ENOUGH_DATA, ("no_movement",))


def test_only_the_latest_stretch_without_gaps_counts() -> None:
    x = np.array([1, 2, NONE, 4, 5, 6, 7])
    y = np.array([1, 2, 3, 4, 5, 6, NONE])
    assert common_stretch(x, y) == slice(3, 6)
    assert common_stretch(x, np.full(7, NONE)) == slice(0, 0)


def test_the_error_ratio_by_hand() -> None:
    # dy = 2·dx exactly: the forecast never misses. With alternating dx the seasonal-naive error stays
    dx = np.tile([1.0, -1.0], 18)
    x, y = np.zeros(48), np.zeros(48)
    for at in range(36):
        x[at + 12], y[at + 12] = x[at] + dx[at], y[at] + 2 * dx[at]
    found = link_test(x, y, Sign.PLUS, 0, Grain.MONTH)
    assert found.error_ratio == pytest.approx(0, abs=1e-12)
    assert found.slope == pytest.approx(2)


def test_autocorrelations_are_those_of_statsmodels() -> None:
    values = autoregressive(np.random.default_rng(2), 50, 0.7)[0]
    expected = acf(values, nlags=5, fft=False)[1:] * 50 / (50 - np.arange(1, 6))  # statsmodels divides by N alone
    assert autocorrelations(values, 5) == pytest.approx(expected)


def test_the_effective_size_by_hand() -> None:
    # five points, lags to 5/5 = 1: centred -2 -1 0 1 2, squares 10, products 2 + 0 + 0 + 2 = 4, r(1) = 5/4 x 0.4 = 0.5
    # 1/N* = 1/5 + 2/5 x 4/5 x 0.5 x 0.5 = 0.28
    line = np.arange(5.0)
    assert effective_size(line, line) == pytest.approx(1 / 0.28)
    zigzag = np.array([1.0, -1, 1, -1, 1])
    assert effective_size(line, zigzag) == 5  # series that alternate are never worth more than their number


def test_independent_points_have_the_p_value_of_scipy() -> None:
    random = np.random.default_rng(4)
    x, y = random.normal(size=(2, 4))
    (found,) = lagged_correlations(x, y, range(1))
    r, p = stats.pearsonr(x, y)
    assert found.r == pytest.approx(r)
    if found.effective == 4:
        assert found.p == pytest.approx(p)
    # 12 effective points and r = 0.6: t = 0.6 x √(10 / 0.64) = 2.3717 on 10 degrees of freedom
    assert 2 * stats.t.sf(0.6 * np.sqrt(10 / 0.64), 10) == pytest.approx(0.0392, abs=1e-3)


def test_holm_is_that_of_statsmodels() -> None:
    p = [0.01, 0.04, 0.03, 0.005, 0.9]
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])
    assert holm([]) == []


def test_granger_is_the_f_test_of_two_regressions() -> None:
    random = np.random.default_rng(6)
    x = random.normal(size=40)
    y = 0.3 * np.roll(x, 1) + random.normal(size=40)
    past = np.column_stack([np.ones(39), y[:-1]])
    restricted, full = OLS(y[1:], past).fit(), OLS(y[1:], np.column_stack([past, x[:-1]])).fit()
    expected = full.compare_f_test(restricted)[1]
    assert granger_p(x, y, 1) == pytest.approx(expected)


def test_granger_answers_nothing_where_it_cannot_be_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert granger_p(np.arange(4.0), np.arange(4.0), 1) is None
    assert granger_p(np.zeros(30), np.random.default_rng(1).normal(size=30), 1) is None
    assert granger_p(np.random.default_rng(1).normal(size=30), np.random.default_rng(2).normal(size=30), 2) is not None
    assert capsys.readouterr().out == ""
