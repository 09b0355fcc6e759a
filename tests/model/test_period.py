"""Periods: how they are written, which days they hold, how they nest."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.errors import RefusedError
from kpi_core.model.period import Period, parse_period, period_of, periods_between, periods_within
from kpi_core.vocabulary import Grain

days = st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31))
starts = st.integers(1, 12)
grains = st.sampled_from(tuple(Grain))


@pytest.mark.parametrize(
    ("key", "fiscal_year_start", "first", "after"),
    [
        ("2026-04", 4, date(2026, 4, 1), date(2026, 5, 1)),
        ("2026-Q1", 4, date(2026, 4, 1), date(2026, 7, 1)),
        ("2026-Q4", 4, date(2027, 1, 1), date(2027, 4, 1)),
        ("2026", 4, date(2026, 4, 1), date(2027, 4, 1)),
        ("2026-Q1", 1, date(2026, 1, 1), date(2026, 4, 1)),
        ("2026", 12, date(2026, 12, 1), date(2027, 12, 1)),
        ("2026-W14", 4, date(2026, 3, 30), date(2026, 4, 6)),
        ("2020-W53", 4, date(2020, 12, 28), date(2021, 1, 4)),
    ],
)
def test_a_written_period_holds_its_days(key: str, fiscal_year_start: int, first: date, after: date) -> None:
    period = parse_period(key, fiscal_year_start)
    assert (period.start, period.end, period.key) == (first, after, key)


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-00", "2026-W00", "2025-W53", "2026-Q5", "0000", "9999-12", "26-04"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        parse_period(text)
    assert (refused.value.code, refused.value.params) == ("period_unreadable", {"text": text})


def test_full_width_writing_is_understood() -> None:
    assert parse_period(" ２０２６－０４ ").key == "2026-04"


def test_january_to_march_belong_to_the_fiscal_year_that_began_in_april() -> None:
    march = period_of(date(2027, 3, 31), Grain.MONTH, 4)
    assert (march.fiscal_year, march.at(Grain.QUARTER).key, march.at(Grain.YEAR).key) == (2026, "2026-Q4", "2026")


def test_a_leap_year_has_its_day() -> None:
    assert (parse_period("2028-02").days, parse_period("2027-02").days) == (29, 28)
    assert (parse_period("2027", 4).days, parse_period("2026", 4).days) == (366, 365)


def test_a_week_belongs_to_the_month_of_its_thursday() -> None:
    # Monday 30 March to Sunday 5 April 2026: the Thursday is 2 April
    week = parse_period("2026-W14")
    assert (week.at(Grain.MONTH).key, week.at(Grain.QUARTER).key, week.at(Grain.YEAR).key) == (
        "2026-04",
        "2026-Q1",
        "2026",
    )
    # the Thursday of W01 of 2026 is 1 January, though the week begins in 2025
    assert parse_period("2026-W01").at(Grain.MONTH).key == "2026-01"


def test_the_year_before_holds_the_same_period_of_the_year() -> None:
    pairs = [("2026-04", "2025-04"), ("2026-Q1", "2025-Q1"), ("2026", "2025"), ("2021-W14", "2020-W14")]
    assert [parse_period(key).year_before().key for key, _ in pairs] == [before for _, before in pairs]
    assert parse_period("2020-W53").year_before().key == "2019-W52"  # 2019 has no week 53


def test_periods_between_holds_both_ends_and_nothing_backwards() -> None:
    first, last = parse_period("2026-11"), parse_period("2027-02")
    assert [period.key for period in periods_between(first, last)] == ["2026-11", "2026-12", "2027-01", "2027-02"]
    assert periods_between(last, first) == ()


@given(days, grains, starts)
def test_a_key_reads_back_as_the_same_period(day: date, grain: Grain, start: int) -> None:
    period = period_of(day, grain, start)
    assert parse_period(period.key, start) == period
    assert period.start <= day < period.end


@given(days, grains, starts, st.integers(-400, 400))
def test_a_shift_is_undone_by_its_opposite(day: date, grain: Grain, start: int, count: int) -> None:
    period = period_of(day, grain, start)
    assert period.shift(count).shift(-count) == period
    assert (period.shift(count) < period) == (count < 0)


@given(days, grains, starts)
def test_the_next_period_begins_where_this_one_ends(day: date, grain: Grain, start: int) -> None:
    period = period_of(day, grain, start)
    assert period_of(period.end, grain, start) == period.shift(1)
    assert period_of(period.end - timedelta(days=1), grain, start) == period


@given(
    days,
    starts,
    st.sampled_from([(Grain.MONTH, Grain.QUARTER), (Grain.MONTH, Grain.YEAR), (Grain.QUARTER, Grain.YEAR)]),
)
def test_finer_periods_part_a_coarser_one_without_gap_or_overlap(
    day: date, start: int, nesting: tuple[Grain, Grain]
) -> None:
    fine, coarse = nesting
    whole = period_of(day, coarse, start)
    parts = periods_within(whole, fine)
    assert (parts[0].start, parts[-1].end) == (whole.start, whole.end)
    assert all(one.end == following.start for one, following in pairwise(parts))
    assert all(part.at(coarse) == whole for part in parts)


@given(days, starts, st.sampled_from([Grain.MONTH, Grain.QUARTER, Grain.YEAR]))
def test_every_week_belongs_to_exactly_one_coarser_period(day: date, start: int, coarse: Grain) -> None:
    whole = period_of(day, coarse, start)
    weeks = periods_within(whole, Grain.WEEK)
    assert all(week.at(coarse) == whole for week in weeks)
    assert weeks[0].shift(-1).at(coarse) == whole.shift(-1)
    assert weeks[-1].shift(1).at(coarse) == whole.shift(1)


@given(st.lists(st.builds(period_of, days, grains, st.just(4)), min_size=2, max_size=6))
def test_periods_sort_by_time_then_from_fine_to_coarse(periods: list[Period]) -> None:
    ordered = sorted(periods)
    assert all(one.start <= following.start for one, following in pairwise(ordered))
