"""Numbers, money, periods and dates as people read them."""

from __future__ import annotations

import doctest
import math
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.model.period import parse_period
from kpi_core.text import numbers, periods
from kpi_core.text.numbers import (
    ago,
    axis_unit,
    format_change,
    format_date,
    format_datetime,
    format_percent,
    format_percent_points,
    format_period,
    format_value,
)
from kpi_core.vocabulary import DisplayUnit, Language

JA, EN = Language.JA, Language.EN
MILLION = {"display_unit": DisplayUnit.MILLION}
OKU = {"display_unit": DisplayUnit.HUNDRED_MILLION}
COMPACT = {"compact": True}

VALUES: list[tuple[float | None, str, dict[str, Any], str, str]] = [
    # value, unit, options, Japanese, English
    (None, "JPY", {}, "未計測", "not measured"),
    (math.nan, "count", {}, "未計測", "not measured"),
    (math.inf, "count", {"short": True}, "–", "–"),
    (0, "JPY", {}, "0円", "¥0"),
    (10_005_534, "JPY", {}, "10,005,534円", "¥10,005,534"),
    (1_234.5, "JPY", {}, "1,235円", "¥1,235"),
    (-1_234.4, "currency", {}, "△1,234円", "−¥1,234"),
    (12_345_678, "JPY", {"display_unit": DisplayUnit.THOUSAND}, "12,346千円", "¥12,346 thousand"),
    (12_345_678, "JPY", MILLION, "12.3百万円", "¥12.3 million"),
    (12_000_000, "JPY", MILLION, "12.0百万円", "¥12.0 million"),
    (1_234_567_890, "JPY", MILLION, "1,235百万円", "¥1,235 million"),
    (1_234_567_890, "JPY", OKU, "12.3億円", "¥1,235 million"),
    (1_234_567, "JPY", MILLION, "1.23百万円", "¥1.23 million"),
    (1_200_000, "JPY", MILLION, "1.20百万円", "¥1.20 million"),
    (1_234_567, "JPY", MILLION | {"decimals": 0}, "1.23百万円", "¥1.23 million"),
    (1_234_567, "JPY", MILLION | {"decimals": 1}, "1.2百万円", "¥1.2 million"),
    (4_500_000, "JPY", OKU, "0.045億円", "¥4.50 million"),
    (5_000_000, "JPY", OKU, "0.05億円", "¥5.00 million"),
    (450, "JPY", {"display_unit": DisplayUnit.THOUSAND}, "0.45千円", "¥0.45 thousand"),
    (0, "JPY", MILLION, "0百万円", "¥0 million"),
    (-4_000, "JPY", MILLION, "△0.004百万円", "−¥0.004 million"),
    (-4, "JPY", MILLION, "0.00百万円", "¥0.00 million"),
    (12_345_678, "JPY", COMPACT, "1,235万円", "¥12.3M"),
    (120_000_000, "JPY", COMPACT, "1.2億円", "¥120M"),
    (99_999_600, "JPY", COMPACT, "1億円", "¥100M"),
    (999_999, "JPY", COMPACT, "100万円", "¥1M"),
    (-9_876, "JPY", COMPACT, "△9,876円", "−¥9.88K"),
    (350, "JPY", COMPACT, "350円", "¥350"),
    (1_234_567, "USD", {}, "1,234,567米ドル", "$1,234,567"),
    (12.5, "USD", {}, "12.50米ドル", "$12.50"),
    (12_345_678, "CHF", MILLION, "12.3百万スイス フラン", "CHF 12.3 million"),
    (0.3825, "ratio", {}, "38.3%", "38.3%"),
    (0.285, "ratio", {"decimals": 0}, "29%", "29%"),
    (0.0045, "ratio", {}, "0.45%", "0.45%"),
    (0, "ratio", {}, "0.0%", "0.0%"),
    (12.5, "ratio", {}, "1,250%", "1,250%"),
    (-0.021, "ratio", {}, "△2.1%", "−2.1%"),
    (1_234, "count", {}, "1,234件", "1,234"),
    (1_234, "count", {"counting_unit": "社"}, "1,234社", "1,234社"),
    (12, "count", {"counting_unit": "deals"}, "12 deals", "12 deals"),
    (12, "count", {"counting_unit": "同じ会社の商談は1件と数える"}, "12件", "12"),
    (12.34, "count", {}, "12.3件", "12.3"),
    (35_000, "count", COMPACT, "3.5万件", "35K"),
    (1, "days", {}, "1日", "1 day"),
    (12.25, "days", {}, "12.3日", "12.3 days"),
    (-3, "days", {}, "△3日", "−3 days"),
    (24, "hours", {}, "24時間", "24 hours"),
    (7.5, "score", {}, "7.5点", "7.5 points"),
    (12, "回", {}, "12回", "12回"),
    (12, "MQL", {}, "12 MQL", "12 MQL"),
    (2.675, "", {"decimals": 2}, "2.68", "2.68"),
    (0.1 + 0.2, "", {}, "0.3", "0.3"),
    (-2.5, "", {"decimals": 0}, "△3", "−3"),
]


@pytest.mark.parametrize(("value", "unit", "options", "japanese", "english"), VALUES)
def test_a_value_is_written_with_its_unit(
    value: float | None, unit: str, options: dict[str, Any], japanese: str, english: str
) -> None:
    assert format_value(value, unit, JA, **options) == japanese
    assert format_value(value, unit, EN, **options) == english


@pytest.mark.parametrize(
    ("change", "unit", "japanese", "english"),
    [
        (12_345_678, "JPY", "+12.3百万円", "+¥12.3 million"),
        (-12_345_678, "JPY", "△12.3百万円", "−¥12.3 million"),
        (0, "count", "±0件", "±0"),
        (-3, "count", "△3件", "−3"),
        (0.0123, "ratio", "+1.2ポイント", "+1.2 pp"),
        (-0.0123, "ratio", "△1.2ポイント", "−1.2 pp"),
        (None, "ratio", "未計測", "not measured"),
    ],
)
def test_a_change_always_has_its_sign(change: float | None, unit: str, japanese: str, english: str) -> None:
    assert format_change(change, unit, JA, display_unit=DisplayUnit.MILLION) == japanese
    assert format_change(change, unit, EN, display_unit=DisplayUnit.MILLION) == english


def test_a_relative_change_is_a_signed_percentage() -> None:
    assert [format_percent(share, JA, signed=True) for share in (0.08, -0.08, 0.0)] == ["+8.0%", "△8.0%", "±0.0%"]
    assert format_percent(0.924, EN) == "92.4%"
    assert format_percent_points(-0.021, JA, signed=False) == "△2.1ポイント"


PERIODS = [
    # key, style, Japanese, English
    ("2026-04", "full", "2026年4月", "Apr 2026"),
    ("2026-04", "axis", "4月", "Apr"),
    ("2026-Q1", "full", "2026年度Q1 (4–6月)", "FY2026 Q1 (Apr–Jun)"),
    ("2026-Q4", "full", "2026年度Q4 (1–3月)", "FY2026 Q4 (Jan–Mar)"),
    ("2026-Q1", "name", "2026年度Q1", "FY2026 Q1"),
    ("2026", "full", "2026年度", "FY2026"),
    ("2026-W14", "full", "2026年第14週 (3/30–4/5)", "Week 14, 2026 (Mar 30–Apr 5)"),
    ("2026-W14", "name", "2026年第14週", "Week 14, 2026"),
    ("2026-W14", "axis", "第14週", "W14"),
]


@pytest.mark.parametrize(("key", "style", "japanese", "english"), PERIODS)
def test_a_period_is_written_in_words(key: str, style: periods.PeriodStyle, japanese: str, english: str) -> None:
    assert format_period(key, JA, style=style) == japanese
    assert format_period(key, EN, style=style) == english
    assert format_period(parse_period(key), JA, style=style) == japanese


def test_a_quarter_follows_the_fiscal_year() -> None:
    assert format_period("2026-Q2", JA, fiscal_year_start=1) == "2026年度Q2 (4–6月)"
    assert format_period(parse_period("2026-Q4", 10), EN) == "FY2026 Q4 (Jul–Sep)"


def test_a_key_that_is_no_period_is_refused() -> None:
    for key in ("2026-Q5", "2026-13", "2026-W60", "April"):
        with pytest.raises(ValueError):  # noqa: PT011  # the calendar's own words
            format_period(key, JA)


def test_a_day_and_a_moment() -> None:
    day = date(2026, 4, 1)
    assert (format_date(day, JA), format_date(day, EN)) == ("2026年4月1日", "Apr 1, 2026")
    assert (format_date(day, JA, year=False), format_date(day, EN, year=False)) == ("4/1", "Apr 1")
    assert (format_date(day, JA, weekday=True), format_date(day, EN, weekday=True)) == (
        "2026年4月1日(水)",
        "Wed, Apr 1, 2026",
    )
    moment = datetime(2026, 3, 31, 20, 5, tzinfo=UTC)
    assert format_datetime(moment, JA) == "2026年4月1日 05:05"
    assert format_datetime(moment, EN, "America/New_York") == "Mar 31, 2026, 16:05"


@pytest.mark.parametrize(
    ("earlier", "japanese", "english"),
    [
        (datetime(2026, 4, 1, 11, 59, 30, tzinfo=UTC), "たった今", "just now"),
        (datetime(2026, 4, 1, 11, 57, tzinfo=UTC), "3分前", "3 minutes ago"),
        (datetime(2026, 3, 31, 12, tzinfo=UTC), "1日前", "1 day ago"),
        (datetime(2026, 4, 1, 13, tzinfo=UTC), "たった今", "just now"),
    ],
)
def test_how_long_ago(earlier: datetime, japanese: str, english: str) -> None:
    now = datetime(2026, 4, 1, 12, tzinfo=UTC)
    assert (ago(earlier, JA, now=now), ago(earlier, EN, now=now)) == (japanese, english)


def test_the_unit_alone_for_an_axis() -> None:
    assert axis_unit("JPY", JA, display_unit=DisplayUnit.MILLION) == "百万円"
    assert axis_unit("JPY", EN, display_unit=DisplayUnit.MILLION) == "¥ million"
    assert axis_unit("JPY", JA) == "円"
    assert [axis_unit(unit, JA) for unit in ("ratio", "count", "days", "回", "")] == ["%", "件", "日", "回", ""]
    assert axis_unit("count", JA, counting_unit="社") == "社"


@given(st.floats(allow_nan=False, allow_infinity=False, width=64), st.booleans(), st.sampled_from(list(DisplayUnit)))
def test_every_finite_number_can_be_written(value: float, compact: bool, display_unit: DisplayUnit) -> None:
    for unit in ("JPY", "ratio", "count", "days"):
        for language in Language:
            text = format_value(value, unit, language, compact=compact, display_unit=display_unit)
            assert any(character.isdigit() for character in text)
            assert "E" not in text


@given(st.integers(-(10**15), 10**15))
def test_whole_money_loses_nothing(value: int) -> None:
    text = format_value(value, "JPY", JA).removesuffix("円").replace(",", "").replace("△", "-")
    assert int(text) == value


def test_the_examples_in_the_docstrings_hold() -> None:
    for module in (numbers, periods):
        assert doctest.testmod(module).failed == 0
