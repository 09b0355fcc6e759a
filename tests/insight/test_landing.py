"""Landings worked by hand, statsmodels beside the smoothing, and methods that never see what came later."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.holtwinters import ExponentialSmoothing

from kpi_core.insight.backtest import Accuracy, Missed, accuracies, past_landings
from kpi_core.insight.cumulative_share import cumulative_share, rest_of_year
from kpi_core.insight.landing import Foreseen, foresee, leaves_of
from kpi_core.insight.pipeline import weighted
from kpi_core.insight.smoothing import continued, futures, smoothing_of
from kpi_core.insight.tracks import Leaf
from kpi_core.model.period import parse_period, periods_between
from kpi_core.model.pipeline import Pipeline
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Grain, LandingMethod

SHARE, SMOOTHING, PIPELINE = LandingMethod.CUMULATIVE_SHARE, LandingMethod.SMOOTHING, LandingMethod.PIPELINE
YEAR = parse_period("2026", 4)
NONE = float("nan")


def axis(first: str, last: str) -> tuple[Any, ...]:
    return periods_between(parse_period(first, 4), parse_period(last, 4))


def tree(*nodes: dict[str, Any], **settings: Any) -> Workshop:
    return Workshop.model_validate(
        {"workshop": {"name": "w", **settings}, "nodes": [{"kind": "kpi", **n} for n in nodes]}
    )


SUM_TREE = tree(
    {"code": "total", "kind": "kgi", "formula": "a + b", "unit": "count"},
    {"code": "a", "unit": "count", "roll_up": "sum"},
    {"code": "b", "unit": "count", "roll_up": "sum"},
)


def leaf(code: str, values: Any, first: str = "2024-04", **more: Any) -> Leaf:
    numbers = np.array(values, dtype=float)
    months = axis(first, "2030-12")[: len(numbers)]
    return Leaf(code, months, (numbers,), **{"adds_up": True, **more})


def said(workshop: Workshop, leaves: list[Leaf], code: str, method: LandingMethod, *targets: str, **more: Any):
    known = {one.code: one for one in leaves}
    until = len(leaves[0].axis)
    found = foresee(workshop, known, [code], method, until, YEAR, [parse_period(t, 4) for t in targets], **more)
    return [found[code, target] for target in targets]


@pytest.mark.parametrize("method", [LandingMethod.CUMULATIVE_SHARE, LandingMethod.SMOOTHING])
def test_a_running_month_does_not_land_below_what_it_has(method) -> None:
    # 10 a month; October has 25 already: 25, and the year 6 x 10 + 25 + 5 x 10
    october = parse_period("2026-10")
    workshop = tree({"code": "a", "kind": "kpi", "unit": "count"})
    known = leaf("a", [10] * 30, begun=(october, 25.0))
    month, year = said(workshop, [known], "a", method, "2026-10", "2026", paths=20)
    assert (month.value, year.value) == (pytest.approx(25), pytest.approx(135))
    assert (month.low, month.high) in [(None, None), (pytest.approx(25), pytest.approx(25))]
    behind = said(workshop, [leaf("a", [10] * 30, begun=(october, 4.0))], "a", method, "2026-10")[0]
    assert behind.value == pytest.approx(10)
    looked_back = foresee(workshop, {"a": known}, ["a"], method, 29, YEAR, [parse_period("2026-09")])["a", "2026-09"]
    assert looked_back.value == pytest.approx(10)


def test_the_year_is_the_year_to_date_over_its_usual_share() -> None:
    # years 1 2 3 4 (= 10) and 3 2 1 4 (= 10): after two of four periods 3 + 5 of 20 were there
    years = [np.array([1.0, 2, 3, 4]), np.array([3.0, 2, 1, 4])]
    assert cumulative_share(years, 0.5) == pytest.approx(0.4)
    # 6 to date: total 15, then (12 - 8) / 20 and 8 / 20 of it
    assert rest_of_year(years, np.array([2.0, 4.0]), 4) == pytest.approx([3, 6])


def test_why_a_share_cannot_be_told() -> None:
    assert rest_of_year([], np.array([1.0]), 4) == "no_full_year"
    assert rest_of_year([np.ones(4)], np.array([]), 4) == "year_not_begun"
    assert rest_of_year([np.array([0.0, 0, 1, 1])], np.array([5.0]), 4) == "nothing_to_date"


def test_years_of_52_and_53_weeks_are_compared_by_their_share() -> None:
    assert cumulative_share([np.ones(52), np.ones(53)], 0.5) == pytest.approx(0.5)


def test_a_sum_lands_where_its_parts_land_by_share() -> None:
    # a: 1 a month for two years, then 2 in April to September 2026: 12 to date of half a year's share, 24 in all.
    # b: 10 a month, still 10: 120. The running October: 2 and 10.
    a, b = leaf("a", [1] * 24 + [2] * 6), leaf("b", [10] * 30)
    month, year = said(SUM_TREE, [a, b], "total", SHARE, "2026-10", "2026")
    assert (month.value, year.value) == (pytest.approx(12), pytest.approx(144))
    parts = [said(SUM_TREE, [a, b], code, SHARE, "2026")[0].value or 0 for code in "ab"]
    assert year.value == pytest.approx(sum(parts))
    assert month.low is None


def test_smoothing_lands_through_the_tree_with_an_interval() -> None:
    random = np.random.default_rng(1)
    season = np.tile([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], 3)[:30]
    a = leaf("a", season + random.normal(size=30) * 0.5)
    b = leaf("b", 2 * season + random.normal(size=30) * 0.5)
    month, year = said(SUM_TREE, [a, b], "total", SMOOTHING, "2026-10", "2026", paths=100)
    to_date = sum(one.tracks[0][24:].sum() for one in (a, b))
    assert month.value == pytest.approx(33, rel=0.05)
    assert year.value == pytest.approx(to_date + 3 * (11 + 12 + 13 + 14 + 15 + 16), rel=0.05)
    assert month.low is not None
    assert month.low < month.value < (month.high or 0)
    assert (month.high or 0) - month.low < (year.high or 0) - (year.low or 0)  # six months to go against one
    again = said(SUM_TREE, [a, b], "total", SMOOTHING, "2026", paths=100)[0]
    assert again == year  # the same history gives the same interval


def test_an_interval_holds_eight_of_ten_futures() -> None:
    # noise of 10 around 100 that says nothing of the month after: 8 of 10 lie within 1.2816 x 10 either way
    alone = tree({"code": "a", "kind": "kgi", "unit": "count", "roll_up": "sum"})
    widths, held = [], 0
    for seed in range(12):
        noise = np.random.default_rng(seed).normal(100, 10, 21)
        (month,) = said(alone, [leaf("a", noise[:20], first="2025-02")], "a", SMOOTHING, "2026-10", paths=200)
        widths.append(month.high - month.low)
        held += month.low <= noise[20] <= month.high
    assert np.mean(widths) == pytest.approx(2 * 1.2816 * 10, rel=0.2)
    assert 7 <= held <= 12


def test_a_rate_lands_on_the_ratio_of_its_sums() -> None:
    workshop = tree(
        {"code": "orders", "kind": "kgi", "formula": "visits * rate", "unit": "count"},
        {"code": "visits", "unit": "count", "roll_up": "sum"},
        {"code": "rate", "unit": "ratio", "roll_up": "ratio"},
    )
    # visits 10 in every first half, 30 in every second; won 5 of 10 and 3 of 30. To date 60 visits, 30 won.
    visits = ([10] * 6 + [30] * 6) * 2 + [10] * 6
    won = ([5] * 6 + [3] * 6) * 2 + [5] * 6
    rate = Leaf("rate", axis("2024-04", "2026-09"), (np.array(won, float), np.array(visits, float)), adds_up=True)
    leaves = [leaf("visits", visits), rate]
    month, year = said(workshop, leaves, "rate", SHARE, "2026-10", "2026")
    assert (month.value, year.value) == (pytest.approx(0.1), pytest.approx((30 + 18) / (60 + 180)))
    (orders,) = said(workshop, leaves, "orders", SHARE, "2026")
    assert orders.value == pytest.approx(48)  # 240 visits x 0.2, not visits x the mean of rates


def test_a_price_goes_on_as_the_year_was_by_share() -> None:
    workshop = tree(
        {"code": "sales", "kind": "kgi", "formula": "deals * price", "unit": "JPY"},
        {"code": "deals", "unit": "count", "roll_up": "sum"},
        {"code": "price", "unit": "JPY", "roll_up": "mean"},
    )
    deals = leaf("deals", [10] * 30)
    price = leaf("price", [90] * 24 + [100, 110, 120, 100, 110, 120], adds_up=False)
    assert said(workshop, [deals, price], "price", SHARE, "2026-10")[0].value == pytest.approx(110)
    assert said(workshop, [deals, price], "sales", SHARE, "2026-10")[0].value == pytest.approx(1100)
    assert said(
        workshop, [deals, leaf("price", [90] * 29 + [70], adds_up=False, last=True)], "price", SHARE, "2026-10"
    )[0].value == pytest.approx(70)


def test_a_typed_node_with_a_formula_still_adds_up() -> None:
    workshop = tree(
        {"code": "total", "kind": "kgi", "formula": "a + b", "manual": [{"period": "2024-04", "value": 3}]},
        {"code": "a", "unit": "count", "roll_up": "sum"},
        {"code": "b", "unit": "count", "roll_up": "sum"},
    )
    assert leaves_of(workshop, "total") == ("total",)
    (year,) = said(workshop, [leaf("total", [3] * 30)], "total", SHARE, "2026")
    assert year.value == pytest.approx(36)


def test_a_price_is_not_added_up_where_its_formula_is_not_used() -> None:
    # sales are measured themselves, so their formula is not evaluated; the price it multiplies stays a price
    measured = {"dataset": "d", "aggregate": "sum", "column": "x", "date": "y"}
    workshop = tree(
        {"code": "sales", "kind": "kgi", "formula": "deals * price", "unit": "JPY", "measure": measured},
        {"code": "deals", "unit": "count"},
        {"code": "price", "unit": "JPY"},
    )
    price = leaf("price", [90] * 30, adds_up=False, last=True)
    known = {"price": price, "sales": leaf("sales", [10] * 30)}
    found = foresee(workshop, known, ["price", "sales"], SHARE, 30, YEAR, [YEAR])
    assert (found["price", "2026"].value, found["sales", "2026"].value) == (90, pytest.approx(120))


@pytest.mark.parametrize(
    ("values", "method", "code"),
    [
        ([NONE] * 30, SHARE, "no_values"),
        ([1] * 24, SHARE, "year_not_begun"),  # known to March 2026
        ([1] * 24 + [1, NONE, 1, 1, 1, 1], SHARE, "gap_this_year"),
        ([NONE] * 23 + [1] * 7, SMOOTHING, "not_enough_history"),
        ([NONE] * 24 + [1] * 6, SHARE, "no_full_year"),
        ([1] * 30, PIPELINE, "not_mapped"),
    ],
)
def test_not_enough_history_is_a_full_answer(values: list[float], method: LandingMethod, code: str) -> None:
    alone = tree({"code": "a", "kind": "kgi", "unit": "count", "roll_up": "sum"})
    (found,) = said(alone, [leaf("a", values)], "a", method, "2026")
    assert found == Foreseen(code=code)
    (above,) = said(SUM_TREE, [leaf("a", values), leaf("b", [1] * len(values))], "total", method, "2026")
    assert (above.code, above.about) == (code, "a")


def test_ended_months_that_are_not_told_yet_are_foreseen_too() -> None:
    # known to July 2026 while October runs: August to March are ahead, 8 of 12 months of 1 each
    alone = tree({"code": "a", "kind": "kgi", "unit": "count", "roll_up": "sum"})
    late = leaf("a", [1] * 28 + [NONE, NONE])
    assert said(alone, [late], "a", SHARE, "2026")[0].value == pytest.approx(12)
    assert said(alone, [late], "a", SMOOTHING, "2026")[0].value == pytest.approx(12)


def test_smoothing_is_that_of_statsmodels() -> None:
    random = np.random.default_rng(3)
    values = 100 + 10 * np.sin(np.arange(36) * np.pi / 6) + random.normal(size=36)
    fitted = smoothing_of(values, 12)
    assert fitted is not None
    assert fitted.season == 12
    oracle = ExponentialSmoothing(
        values, trend="add", damped_trend=True, seasonal="add", seasonal_periods=12, initialization_method="heuristic"
    ).fit()
    assert continued(values, fitted, 3) == pytest.approx(oracle.forecast(3), rel=1e-3)


def test_smoothing_of_little_constant_or_positive_history() -> None:
    assert smoothing_of(np.arange(7.0), 12) is None
    flat = smoothing_of(np.full(10, 3.0), 12)
    assert flat is not None
    assert continued(np.full(10, 3.0), flat, 2).tolist() == [3, 3]
    falling = np.array([9.0, 8, 7, 6, 5, 4, 3, 2, 1, 0])
    weights = smoothing_of(falling, 12)
    assert weights is not None
    assert (futures(falling, weights, 6, 20, seed=1) >= 0).all()  # counts never become negative


@pytest.mark.parametrize("season", [4, 12, 52])
def test_any_length_of_history_can_be_smoothed(season: int) -> None:
    # quarters: a season is told from 14 values on, months from 24, weeks from 104; before, the series without one
    enough = {4: 14, 12: 24, 52: 104}[season]
    values = 50 + np.random.default_rng(4).normal(size=enough + 2)
    for count in (10, 11, enough - 1, enough, enough + 2):
        fitted = smoothing_of(values[:count], season)
        assert fitted is not None
        assert fitted.season == (season if count >= enough else 1)
        assert np.isfinite(continued(values[:count], fitted, 2)).all()
        assert futures(values[:count], fitted, 2, 3, seed=1).shape == (3, 2)
    late = smoothing_of(values, season)
    assert late is not None
    assert np.isfinite(continued(values[:10], late, 2)).all()  # weights of later, and too little for a season


def test_a_quarterly_workshop_lands_and_looks_back() -> None:
    alone = tree({"code": "a", "kind": "kgi", "unit": "count", "roll_up": "sum"}, grain="quarter")
    for count in range(10, 24):
        quarters = axis("2020-Q1", "2026-Q4")[:count]
        values = 50 + np.random.default_rng(1).normal(size=count)
        known = Leaf("a", quarters, (values,), adds_up=True)
        following = quarters[-1].shift(1)
        year = following.at(Grain.YEAR)
        found = foresee(alone, {"a": known}, ["a"], SMOOTHING, count, year, [following], paths=10)
        assert found["a", following.key].value == pytest.approx(50, abs=5)
        past_landings(alone, {"a": known}, ["a"], SMOOTHING, until=count)


DEALS = pd.DataFrame(
    {
        "stage": ["won", "won", "lost", "lost", "won", "talk", "offer", "offer", "offer"],
        "amount": [100.0, 50, 80, 70, 30, 1000, 200, 300, 0],
        "reached 0": [True] * 9,
        "reached 1": [True] * 3 + [False] * 3 + [True] * 3,
        "expected": pd.to_datetime([None] * 5 + ["2026-11-10", "2026-10-20", "2026-08-01", "2026-10-02"]),
        "closed": pd.to_datetime(["2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01", "2026-10-05"] + [None] * 4),
        "rows": [1] * 9,
        "without": [0] * 8 + [1],
    }
)
OPEN = Pipeline.model_validate(
    {
        "dataset": "d",
        "stage": "stage",
        "amount": "amount",
        "expected": "expected",
        "closed": "closed",
        "open": [{"value": "talk"}, {"value": "offer", "reached": "offered"}],
        "won": ["won"],
        "lost": ["lost"],
    }
)


def test_open_deals_count_by_how_often_their_stage_was_won() -> None:
    found = weighted(OPEN, DEALS, axis("2026-10", "2026-12"))
    talk, offer = found.stages
    assert (talk.won, talk.closed, talk.conversion) == (3, 5, pytest.approx(4 / 7))
    assert (offer.won, offer.closed, offer.conversion) == (2, 3, pytest.approx(3 / 5))
    # October: 30 won, 200 x 3/5 open; November: 1000 x 4/7; the offer of August is overdue, one has no amount
    assert found.rest == pytest.approx([30 + 120, 4000 / 7, 0])
    assert found.overdue == pytest.approx(300 * 3 / 5)
    assert (found.without_amount, offer.open_deals, offer.open_amount) == (1, 3, 500)


def test_a_stage_nobody_decided_yet_counts_half() -> None:
    fresh = DEALS[DEALS["stage"] == "talk"]
    assert weighted(OPEN, fresh, axis("2026-11", "2026-11")).rest == pytest.approx([500])


def test_a_pipeline_stands_for_its_node_and_lands_the_year() -> None:
    workshop = tree(
        {"code": "total", "kind": "kgi", "formula": "a + b", "unit": "count", "pipeline": OPEN.model_dump()},
        {"code": "a", "unit": "count"},
        {"code": "b", "unit": "count"},
    )
    assert leaves_of(workshop, "total") == ("a", "b")
    assert leaves_of(workshop, "total", pipelines=True) == ("total",)
    rest = np.array([5.0] * 6)
    total = Leaf("total", axis("2024-04", "2026-09"), (np.full(30, 2.0),), adds_up=True, rest=rest)
    month, year = said(workshop, [total], "total", PIPELINE, "2026-10", "2026")
    assert (month.value, year.value) == (5, 2 * 6 + 30)


def test_bias_and_error_by_periods_to_go() -> None:
    past = [Missed(1, 110, 100), Missed(1, 80, 100), Missed(6, 150, 100), Missed(6, 1, 0), Missed(2, -50, -100)]
    assert accuracies(past) == (
        Accuracy(1, 2, pytest.approx(-0.05), pytest.approx(0.15)),
        Accuracy(2, 1, pytest.approx(0.5), pytest.approx(0.5)),
        Accuracy(6, 1, pytest.approx(0.5), pytest.approx(0.5)),
    )


def test_the_past_of_a_method_by_hand() -> None:
    # 1 a month in 2023, then 2 a month in 2024: after one month of 2024 (2 of 1/12) the share already says 24
    alone = tree({"code": "a", "kind": "kgi", "unit": "count", "roll_up": "sum"})
    known = leaf("a", [1] * 12 + [2] * 12, first="2023-04")
    past = past_landings(alone, {"a": known}, ["a"], SHARE, until=24)["a", Grain.YEAR]
    assert [(one.to_go, one.actual) for one in past] == [(to_go, 24) for to_go in range(11, 0, -1)]
    assert [one.foreseen for one in past] == pytest.approx([24] * 11)


def test_looking_back_a_method_sees_nothing_of_what_came_later() -> None:
    alone = tree({"code": "a", "kind": "kgi", "unit": "count", "roll_up": "sum"})
    values = 50 + np.random.default_rng(2).normal(size=24)
    changed = values.copy()
    changed[18:] += 1000  # October 2025 on
    for method, least in ((SHARE, 11), (SMOOTHING, 14)):
        first, second = (
            [
                one.foreseen
                for one in past_landings(alone, {"a": leaf("a", series)}, ["a"], method, until=24)["a", Grain.MONTH]
            ]
            for series in (values, changed)
        )
        assert len(first) == least
        assert first[:-5] == second[:-5]  # the last origin before October foresees October
        assert first[-5:] != second[-5:]
