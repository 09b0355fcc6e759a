"""Targets at every grain: stated, summed, shared, or by formula over the inputs' targets."""

from __future__ import annotations

import pytest

from kpi_core.tree.plan import plan_of, structure_of

KEYS = [f"2026-{month:02d}" for month in range(4, 13)] + ["2027-01", "2027-02", "2027-03"]
COUNT = {"dataset": "d", "aggregate": "count", "date": "day"}
DISTINCT = {"dataset": "d", "aggregate": "count_distinct", "column": "c", "date": "day"}
RATE = {"ratio": {"numerator": COUNT, "denominator": COUNT}}


def stated(*numbers: float | None, **coarser: float) -> list[dict[str, object]]:
    months = [
        {"period": key, "value": number} for key, number in zip(KEYS, numbers, strict=False) if number is not None
    ]
    return [*months, *({"period": key.replace("_", "-").lstrip("p"), "value": value} for key, value in coarser.items())]


def targets(tree, at, cards, code, *keys):
    return at(tree(cards), code, {}, *keys, what="target")


def test_a_sums_target_is_the_sum_of_all_its_months(tree, at) -> None:
    card = {"unit": "count", "measure": COUNT, "targets": stated(1, 2, 3, 4, 5)}
    assert targets(tree, at, {"a": card}, "a", "2026-05", "2026-Q1", "2026-Q2", "2026") == [2, 6, None, None]


def test_a_stated_quarter_wins_and_makes_the_year_with_the_others_months(tree, at) -> None:
    months = stated(None, None, None, 1, 1, 1, 2, 2, 2, 3, 3, 3, p2026_Q1=100)
    card = {"unit": "count", "measure": COUNT, "targets": months}
    # 100 + 3 + 6 + 9
    assert targets(tree, at, {"a": card}, "a", "2026-04", "2026-Q1", "2026-Q2", "2026") == [None, 100, 3, 118]


def test_a_stated_year_is_not_split_into_months(tree, at) -> None:
    card = {"unit": "count", "measure": COUNT, "targets": stated(p2026=1200)}
    assert targets(tree, at, {"a": card}, "a", "2026-04", "2026-Q1", "2026") == [None, None, 1200]


def test_a_rates_target_is_the_one_its_months_share(tree, at) -> None:
    same = {"unit": "ratio", "measure": RATE, "targets": stated(0.3, 0.3, 0.3)}
    rising = {"unit": "ratio", "measure": RATE, "targets": stated(0.3, 0.3, 0.4)}
    partly = {"unit": "ratio", "measure": RATE, "targets": stated(0.3, 0.3)}
    cards = {"same": same, "rising": rising, "partly": partly}
    found = [targets(tree, at, cards, code, "2026-Q1") for code in cards]
    assert found == [[0.3], [None], [None]]


def test_distinct_people_of_months_tell_nothing_of_the_quarters_target(tree, at) -> None:
    card = {"unit": "count", "measure": DISTINCT, "targets": stated(5, 5, 5)}
    assert targets(tree, at, {"a": card}, "a", "2026-Q1") == [None]


def test_the_target_of_a_last_is_the_last_and_of_a_mean_the_mean(tree, at) -> None:
    cards = {
        "last": {"roll_up": "last", "targets": stated(1, None, 3, 4, 5)},
        "mean": {"roll_up": "mean", "targets": stated(1, 2, 6, 4, 5)},
    }
    assert targets(tree, at, cards, "last", "2026-Q1", "2026-Q2") == [3, None]
    assert targets(tree, at, cards, "mean", "2026-Q1", "2026-Q2") == [3, None]


def test_a_formula_has_its_inputs_targets_at_each_grain(tree, at) -> None:
    cards = {
        "revenue": {"unit": "JPY", "formula": "won * price"},
        "won": {"unit": "count", "measure": COUNT, "targets": stated(10, 20, 30)},
        "price": {"unit": "JPY", "formula": "paid / orders", "targets": stated(5, 5, 5)},
        "paid": {"unit": "JPY", "measure": COUNT},
        "orders": {"unit": "count", "measure": COUNT},
    }
    # months 10 x 5, 20 x 5; the quarter 60 x 5
    assert targets(tree, at, cards, "revenue", "2026-04", "2026-05", "2026-Q1", "2026-07") == [50, 100, 300, None]


def test_the_rate_of_the_sums_is_the_target_of_a_rate_formula(tree, at) -> None:
    cards = {
        "rate": {"unit": "ratio", "formula": "won / closed"},
        "won": {"unit": "count", "measure": COUNT, "targets": stated(1, 2, 3)},
        "closed": {"unit": "count", "measure": COUNT, "targets": stated(4, 4, 4)},
    }
    assert targets(tree, at, cards, "rate", "2026-04", "2026-Q1") == [0.25, 0.5]


def test_stated_months_of_a_formula_that_adds_up_make_its_year(tree, at) -> None:
    cards = {
        "revenue": {"unit": "JPY", "formula": "won * price", "targets": stated(*[9] * 12)},
        "won": {"unit": "count", "measure": COUNT},
        "price": {"unit": "JPY", "measure": {**DISTINCT, "aggregate": "mean"}},
    }
    assert targets(tree, at, cards, "revenue", "2026-04", "2026-Q1", "2026") == [9, 27, 108]


def test_a_formula_beside_a_measure_gives_a_target_too(tree, at) -> None:
    cards = {
        "won": {"unit": "count", "measure": COUNT, "formula": "leads * rate"},
        "leads": {"unit": "count", "measure": COUNT, "targets": stated(10, 10, 20)},
        "rate": {"unit": "ratio", "measure": RATE, "targets": stated(0.5, 0.5, 0.5)},
    }
    assert targets(tree, at, cards, "won", "2026-04", "2026-Q1") == [5, 20]


def test_a_lagged_input_brings_its_earlier_target(tree, at) -> None:
    cards = {"won": {"unit": "count", "formula": "lag(leads, 1) * 0.5"}, "leads": {"measure": COUNT}}
    cards["leads"] = {"unit": "count", "measure": COUNT, "targets": stated(10, 20, 30, 40)}
    # Q2 of lagged months: June's 30, July's 40 and August, which has none
    assert targets(tree, at, cards, "won", "2026-04", "2026-05", "2026-Q2") == [None, 5, None]


@pytest.mark.parametrize(
    ("formula", "adds_up"),
    [
        ("won * price", True),
        ("won + won * 2", True),
        ("won / closed", False),
        ("won * closed", False),
        ("won + 1", False),
        ("won + price", False),
        ("lag(won, 1)", True),
        ("ytd(won)", False),
        ("max(won, closed) / 2", True),
        ("(won * closed) / closed", True),
        ("won ** 2", False),
        ("price", False),
        ("-abs(won)", True),
    ],
)
def test_what_adds_up_over_time_is_told_from_the_formula(tree, formula, adds_up) -> None:
    cards = {
        "won": {"unit": "count", "measure": COUNT},
        "closed": {"unit": "count", "measure": COUNT},
        "price": {"unit": "JPY", "measure": {**DISTINCT, "aggregate": "mean"}},
        "f": {"formula": formula},
    }
    assert ("f" in plan_of(structure_of(tree(cards))).additive) is adds_up


@pytest.mark.parametrize("unit", ["ratio", "score"])
def test_a_rate_or_score_never_adds_up_whatever_its_formula_says(tree, at, unit: str) -> None:
    cards = {
        "level": {"unit": unit, "formula": "won * 0.5", "targets": stated(40, 40, 40)},
        "won": {"unit": "count", "measure": COUNT},
    }
    workshop = tree(cards)
    # a goal of 40 in each month is 40 in the quarter, not 120; an actual is recomputed: (20 + 40 + 60) x 0.5
    assert targets(tree, at, cards, "level", "2026-04", "2026-Q1") == [40, 40]
    assert at(workshop, "level", {"won": {"2026-04": 20, "2026-05": 40, "2026-06": 60}}, "2026-04", "2026-Q1") == [
        10,
        60,
    ]
    assert plan_of(structure_of(workshop)).additive == {"won"}


def test_the_same_formula_of_a_count_adds_up(tree, at) -> None:
    cards = {
        "won": {"unit": "count", "formula": "leads * 0.5", "targets": stated(40, 40, 40)},
        "leads": {"unit": "count", "measure": COUNT},
    }
    assert targets(tree, at, cards, "won", "2026-04", "2026-Q1") == [40, 120]
    assert plan_of(structure_of(tree(cards))).additive == {"won", "leads"}


def test_what_is_multiplied_with_a_rate_adds_up_still(tree, at) -> None:
    cards = {
        "orders": {"unit": "count", "formula": "leads * rate"},
        "rate": {"unit": "ratio", "formula": "good * 0.01", "targets": stated(0.5, 0.5, 0.5)},
        "leads": {"unit": "count", "measure": COUNT, "targets": stated(10, 20, 30)},
        "good": {"unit": "count", "measure": COUNT},
    }
    # the quarter: 60 leads x the rate of 0.5 that its months share
    assert targets(tree, at, cards, "orders", "2026-04", "2026-Q1") == [5, 30]
    assert plan_of(structure_of(tree(cards))).additive == {"orders", "leads", "good"}
