from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.errors import RefusedError
from kpi_core.text.amounts import read_amount, write_amount
from kpi_core.text.numbers import axis_unit, format_change, format_value
from kpi_core.vocabulary import Language


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


@pytest.mark.parametrize("unit", ["%", "％"])
@pytest.mark.parametrize(("text", "expected"), [("35", 35), ("35%", 35), ("３５％", 35), ("△2.5%", -2.5)])
def test_the_unit_word_per_cent_means_numbers_as_typed_and_shown(unit: str, text: str, expected: float) -> None:
    number = read_amount(text, unit)
    assert number == expected
    assert read_amount(write_amount(number, unit), unit) == expected


@pytest.mark.parametrize(("unit", "stored"), [("%", 35), ("％", 35), ("ratio", 0.35)])
@pytest.mark.parametrize(("language", "change"), [(Language.JA, "ポイント"), (Language.EN, " pp")])
def test_what_is_typed_as_35_per_cent_reads_35_per_cent(
    unit: str, stored: float, language: Language, change: str
) -> None:
    assert read_amount("35%", unit) == stored
    assert format_value(stored, unit, language, decimals=0) == "35%"
    assert format_change(stored, unit, language, decimals=0) == f"+35{change}"
    assert axis_unit(unit, language) == "%"


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
