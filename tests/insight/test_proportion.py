"""Wilson intervals beside statsmodels' own."""

from __future__ import annotations

import pytest
from statsmodels.stats.proportion import proportion_confint

from kpi_core.insight.proportion import wilson


@pytest.mark.parametrize(("successes", "trials"), [(0, 1), (0, 12), (3, 12), (12, 12), (55, 1000)])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_interval_is_that_of_statsmodels(successes: int, trials: int, confidence: float) -> None:
    expected = proportion_confint(successes, trials, alpha=1 - confidence, method="wilson")
    assert wilson(successes, trials, confidence) == pytest.approx(expected, abs=1e-12)


def test_one_of_ten_by_hand() -> None:
    # z = 1.959964, z² = 3.841459: (0.1 + 0.192073 ± 1.959964 x √(0.009 + 0.009604)) / 1.384146
    low, high = wilson(1, 10) or (0, 0)
    assert (low, high) == pytest.approx((0.017876, 0.404150), abs=1e-6)


def test_no_share_has_no_interval() -> None:
    assert wilson(0, 0) is None
    assert wilson(5, 4) is None
    assert wilson(-1, 4) is None
