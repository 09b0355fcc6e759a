from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.errors import RefusedError
from kpi_core.text.amounts import read_amount, write_amount


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("80,000,000", 80_000_000),
        ("８０００", 8000),
        ("8,000万", 80_000_000),
        ("1億2,000万円", 120_000_000),
        ("2百万", 2_000_000),
        ("1.5M", 1_500_000),
        ("¥1,200", 1200),
        ("△300", -300),
        ("-0.5", -0.5),
        ("12 件", 12),
        ("35%", 0.35),
        ("  ", None),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, expected: float | None) -> None:
    assert read_amount(text) == expected


def test_a_ratio_is_typed_in_per_cent() -> None:
    assert read_amount("35", "ratio") == 0.35
    assert read_amount("0.4%", "ratio") == 0.004


@pytest.mark.parametrize("text", ["たくさん", "1,20", "1万2億", "12円5", "1e999", "--3", "1.2.3"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_amount(text)
    assert refused.value.code == "amount_unreadable"


@given(st.one_of(st.integers(-(10**15), 10**15), st.floats(-1e12, 1e12, allow_nan=False).map(lambda x: round(x, 6))))
def test_what_is_written_into_a_field_is_read_back(value: float) -> None:
    assert read_amount(write_amount(value)) == value


@given(st.floats(-10, 10, allow_nan=False))
def test_a_ratio_survives_its_field(value: float) -> None:
    assert read_amount(write_amount(value, "ratio"), "ratio") == value
