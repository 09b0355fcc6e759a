from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from kpi_core.insight.allocation import even_split, seasonal_split


def test_an_even_split_gives_what_is_left_over_to_the_first_periods() -> None:
    assert even_split(100, 12) == (9, 9, 9, 9, 8, 8, 8, 8, 8, 8, 8, 8)


def test_an_even_split_keeps_the_decimals_of_the_unit() -> None:
    assert even_split(1, 3, decimals=2) == (0.34, 0.33, 0.33)


def test_a_negative_total_is_split_too() -> None:
    assert even_split(-10, 4) == (-2, -2, -3, -3)


def test_a_seasonal_split_follows_last_year() -> None:
    # 120 : 80 : 200 of 4,000 is 1,200, 800 and 2,000
    assert seasonal_split(4000, [120, 80, 200]) == (1200, 800, 2000)


def test_last_year_without_proportions_gives_no_split() -> None:
    assert seasonal_split(4000, [0, 0]) is None
    assert seasonal_split(4000, [5, -1]) is None
    assert seasonal_split(4000, []) is None


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.floats(0, 1e9, allow_nan=False), min_size=1, max_size=24),
    st.integers(0, 3),
)
def test_the_parts_add_up_to_the_total(total: int, shape: list[float], decimals: int) -> None:
    parts = seasonal_split(total, shape, decimals)
    if parts is not None:
        assert sum(Decimal(str(part)) for part in parts) == total
