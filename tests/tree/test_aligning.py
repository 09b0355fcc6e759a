"""A coarser period of typed inputs is made of the finer ones that all of them cover; numbers worked by hand."""

from __future__ import annotations

import pytest

from kpi_core.model.period import parse_period

COUNT = {"dataset": "d", "aggregate": "count", "date": "day"}


def months(*numbers: float | None) -> list[dict[str, object]]:
    keys = [parse_period("2026-04").shift(at).key for at in range(len(numbers))]
    return [{"period": key, "value": value} for key, value in zip(keys, numbers, strict=True) if value is not None]


def cards(won, leads, **more):
    typed = {"won": {"unit": "count", "manual": won}, "leads": {"unit": "count", "manual": leads}}
    return {**typed, "rate": {"unit": "ratio", "formula": "won / leads"}, **more}


def test_a_quarters_rate_is_of_the_months_that_both_cover(tree, at) -> None:
    workshop = tree(cards(months(10, 10, 10), months(100, 100)))
    assert at(workshop, "rate", {}, "2026-Q1", "2026") == [pytest.approx(20 / 200)] * 2
    assert at(workshop, "won", {}, "2026-Q1") == [30]
    assert at(workshop, "rate", {}, "2026-Q1", what="coverage") == [pytest.approx(2 / 3)]


def test_what_rests_on_it_follows(tree, at) -> None:
    more = {"percent": {"unit": "score", "formula": "rate * 100"}, "left": {"unit": "count", "formula": "leads - won"}}
    workshop = tree(cards(months(10, 20, 30), months(100, 200), **more))
    assert at(workshop, "percent", {}, "2026-Q1") == [pytest.approx(10)]
    assert at(workshop, "left", {}, "2026-Q1") == [270]  # 90 + 180


def test_without_a_common_month_there_is_no_value(tree, at) -> None:
    more = {"percent": {"unit": "score", "formula": "rate * 100"}, "twice": {"unit": "count", "formula": "won * 2"}}
    workshop = tree(cards(months(10), months(None, None, 100), **more))
    assert at(workshop, "rate", {}, "2026-Q1") == [None]
    assert at(workshop, "percent", {}, "2026-Q1") == [None]
    assert at(workshop, "twice", {}, "2026-Q1") == [20]


def test_a_quarter_typed_as_such_needs_no_months(tree, at) -> None:
    quarter = [{"period": "2026-Q1", "value": 300}]
    workshop = tree(cards(months(10, 10, 10), [*months(100, 100), *quarter]))
    assert at(workshop, "rate", {}, "2026-Q1") == [0.1]
    assert at(workshop, "rate", {}, "2026") == [0.1]  # the quarter in the year


def test_a_month_without_rows_is_a_month_of_none(tree, at) -> None:
    # no deal was won in May: 20 of 300, not 20 of 200
    workshop = tree(
        {
            "won": {"unit": "count", "measure": COUNT},
            "leads": {"unit": "count", "manual": months(100, 100, 100)},
            "rate": {"unit": "ratio", "formula": "won / leads"},
        }
    )
    assert at(workshop, "rate", {"won": {"2026-04": 10, "2026-06": 10, "2026-Q1": 20}}, "2026-Q1") == [
        pytest.approx(20 / 300)
    ]
