# ruff: noqa: DTZ001 - the tables hold the clock as written, without a zone
"""Dates and times as people write them."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_core.data.reading import calendar_notation as calendar
from kpi_core.data.reading import notation


def _date(text: str, *, day_first: bool | None = None, asked: bool = False) -> object:
    cell = calendar.without_weekday(notation.tidied(pl.col("cell")))
    return pl.DataFrame({"cell": [text]}).select(calendar.date(cell, day_first=day_first, asked=asked)).item()


def _moment(text: str, *, day_first: bool | None = None, to_utc: bool = False) -> object:
    cell = calendar.without_weekday(notation.tidied(pl.col("cell")))
    return pl.DataFrame({"cell": [text]}).select(calendar.moment(cell, day_first=day_first, to_utc=to_utc)).item()


@pytest.mark.parametrize(
    "written",
    [
        "2026/4/1",
        "2026/04/01",
        "2026-04-01",
        "2026-4-1",
        "2026.4.1",
        "2026年4月1日",
        "2026年 4月 1日",
        "２０２６年４月１日",
        "令和8年4月1日",
        "令和８年４月１日",
        "R8.4.1",
        "R8/4/1",
        "2026/4/1(水)",
        "2026年4月1日（水曜日）",
        "1 Apr, 2026",
        "1 April 2026",
        "01-Apr-2026",
        "Apr 1, 2026",
        "April 1st, 2026",
    ],
)
def test_the_first_of_april_2026_in_every_notation(written: str) -> None:
    assert _date(written) == dt.date(2026, 4, 1)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("令和元年5月1日", dt.date(2019, 5, 1)),
        ("平成31年4月30日", dt.date(2019, 4, 30)),
        ("平成元年1月8日", dt.date(1989, 1, 8)),
        ("昭和64年1月7日", dt.date(1989, 1, 7)),
        ("H30.7.1", dt.date(2018, 7, 1)),
        ("S50/1/1", dt.date(1975, 1, 1)),
        ("大正9年10月1日", dt.date(1920, 10, 1)),
        ("明治33年1月1日", dt.date(1900, 1, 1)),
    ],
)
def test_era_years_count_from_their_first(written: str, day: dt.date) -> None:
    assert _date(written) == day


def test_day_and_month_are_read_in_the_order_given_and_not_without() -> None:
    assert _date("3/4/2021", day_first=True) == dt.date(2021, 4, 3)
    assert _date("3/4/2021", day_first=False) == dt.date(2021, 3, 4)
    assert _date("3/4/2021") is None
    assert _date("15/4/2021", day_first=False) is None


@pytest.mark.parametrize(
    "written",
    [
        "2026-02-30",
        "2026-13-01",
        "2026/04-01",
        "26/4/1",
        "2026",
        "20260401",
        "2026/4",
        "2026年4月",
        "04-01",
        "1.2.3",
        "令和8年",
        "X8.4.1",
        "32 Apr 2021",
        "15 Foo 2021",
        "03-1234-5678",
        "",
        "-",
    ],
)
def test_what_is_no_date_is_not_read_as_one(written: str) -> None:
    assert _date(written) is None


@pytest.mark.parametrize(
    ("written", "day"),
    [("20260401", dt.date(2026, 4, 1)), ("2026/04", dt.date(2026, 4, 1)), ("2026年4月", dt.date(2026, 4, 1))],
)
def test_digits_and_months_are_dates_only_when_asked_for(written: str, day: dt.date) -> None:
    assert _date(written) is None
    assert _date(written, asked=True) == day


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026/4/1 13:05", dt.datetime(2026, 4, 1, 13, 5)),
        ("2026/4/1 13:05:09", dt.datetime(2026, 4, 1, 13, 5, 9)),
        ("2026-04-01T13:05:09Z", dt.datetime(2026, 4, 1, 13, 5, 9)),
        ("2026-04-01T13:05:09.25+09:00", dt.datetime(2026, 4, 1, 13, 5, 9, 250_000)),
        ("2026年4月1日 13時05分", dt.datetime(2026, 4, 1, 13, 5)),
        ("2026/4/1(水) 9:00", dt.datetime(2026, 4, 1, 9, 0)),
        ("Apr 1, 2026 1:05 PM", dt.datetime(2026, 4, 1, 13, 5)),
        ("2026-04-01 12:00 AM", dt.datetime(2026, 4, 1, 0, 0)),
        ("2026-04-01", dt.datetime(2026, 4, 1, 0, 0)),
    ],
)  # fmt: skip
def test_a_time_beside_the_date_is_read_as_written(written: str, moment: dt.datetime) -> None:
    assert _moment(written) == moment


def test_mixed_offsets_can_be_brought_to_utc() -> None:
    assert _moment("2026-04-01T00:00:00+09:00", to_utc=True) == dt.datetime(2026, 3, 31, 15, 0)
    assert _moment("2026-04-01T00:00:00-0530", to_utc=True) == dt.datetime(2026, 4, 1, 5, 30)


@pytest.mark.parametrize("written", ["2026-04-01 25:00", "2026-04-01 12:61", "2026-04-01 13:00 PM", "13:05"])
def test_an_impossible_time_is_no_moment(written: str) -> None:
    assert _moment(written) is None


def _dates(texts: list[str], *, day_first: bool | None = None) -> list[object]:
    cell = calendar.without_weekday(notation.tidied(pl.col("cell")))
    return pl.DataFrame({"cell": texts}).select(calendar.date(cell, day_first=day_first)).to_series().to_list()


_MANY = settings(deadline=None, max_examples=15)


@_MANY
@given(st.lists(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)), min_size=20, max_size=60))
def test_formatted_dates_come_back(days: list[dt.date]) -> None:
    assert _dates([day.isoformat() for day in days]) == days
    assert _dates([f"{day.year}/{day.month}/{day.day}" for day in days]) == days
    assert _dates([f"{day.year}年{day.month}月{day.day}日" for day in days]) == days
    assert _dates([f"{day.day} {day:%b}, {day.year}" for day in days]) == days
    assert _dates([f"{day.day}/{day.month}/{day.year}" for day in days], day_first=True) == days
    assert _dates([f"{day.month}/{day.day}/{day.year}" for day in days], day_first=False) == days


@_MANY
@given(st.lists(st.dates(dt.date(2019, 5, 1), dt.date(2100, 12, 31)), min_size=20, max_size=60))
def test_dates_written_in_reiwa_come_back(days: list[dt.date]) -> None:
    written = [f"令和{'元' if day.year == 2019 else day.year - 2018}年{day.month}月{day.day}日" for day in days]
    assert _dates(written) == days


@_MANY
@given(st.lists(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1)), min_size=20, max_size=60))
def test_iso_moments_come_back(moments: list[dt.datetime]) -> None:
    cell = notation.tidied(pl.col("cell"))
    for separator in (" ", "T"):
        frame = pl.DataFrame({"cell": [moment.isoformat(sep=separator) for moment in moments]})
        assert frame.select(calendar.moment(cell, day_first=None)).to_series().to_list() == moments


@_MANY
@given(st.lists(st.text(max_size=16), min_size=20, max_size=60))
def test_no_text_stops_the_conversion(texts: list[str]) -> None:
    assert len(_dates(texts, day_first=True)) == len(texts)
