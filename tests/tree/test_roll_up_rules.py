"""How quarters and years follow from months: sums, means, lasts, rates; gaps, edges and coverage."""

from __future__ import annotations

from typing import Any

import pytest

from kpi_core.model.period import parse_period
from kpi_core.tree.evaluation import evaluate

Q1 = ("2026-04", "2026-05", "2026-06")
COUNT = {"dataset": "d", "aggregate": "count", "date": "day"}
RATE = {"ratio": {"numerator": COUNT, "denominator": COUNT}}


def months(*numbers: float | None) -> dict[str, float]:
    """April, May … of 2026; ``None`` is unmeasured."""
    keys = [f"2026-{month:02d}" for month in range(4, 13)] + ["2027-01", "2027-02", "2027-03"]
    return {key: number for key, number in zip(keys, numbers, strict=False) if number is not None}


def manual(*numbers: float | None) -> list[dict[str, Any]]:
    return [{"period": key, "value": number} for key, number in months(*numbers).items()]


def test_a_quarter_of_a_sum_is_the_sum_of_its_months(tree, at) -> None:
    workshop = tree({"won": {"unit": "count", "manual": manual(3, 4, 5)}})
    assert at(workshop, "won", {}, "2026-Q1", "2026") == [12, 12]
    assert at(workshop, "won", {}, "2026-Q1", "2026", what="coverage") == [1, 0.25]


def test_a_sum_with_a_month_missing_inside_has_no_value(tree, at) -> None:
    workshop = tree({"won": {"unit": "count", "manual": manual(3, None, 5)}})
    assert at(workshop, "won", {}, "2026-Q1") == [None]
    assert at(workshop, "won", {}, "2026-Q1", what="coverage") == [pytest.approx(2 / 3)]


@pytest.mark.parametrize("numbers", [(None, 4, 5), (4, 5, None)])
def test_a_sum_with_a_month_missing_at_the_edge_has_a_value_of_less_coverage(tree, at, numbers) -> None:
    workshop = tree({"won": {"unit": "count", "manual": manual(*numbers)}})
    assert at(workshop, "won", {}, "2026-Q1") == [9]
    assert at(workshop, "won", {}, "2026-Q1", what="coverage") == [pytest.approx(2 / 3)]


def test_a_mean_is_over_what_was_measured_and_a_last_is_the_newest(tree, at) -> None:
    cards = {
        "mean": {"roll_up": "mean", "manual": manual(1, None, 5)},
        "last": {"roll_up": "last", "manual": manual(7, 8, None)},
    }
    assert at(tree(cards), "mean", {}, "2026-Q1") == [3]
    assert at(tree(cards), "last", {}, "2026-Q1") == [8]
    assert at(tree(cards), "last", {}, "2026-Q1", what="coverage") == [pytest.approx(2 / 3)]


def test_a_measured_rate_keeps_the_rows_own_quarter_and_is_never_the_mean_of_rates(tree, at) -> None:
    # 1 of 2, 9 of 10 → 10 of 12, not (0.5 + 0.9) / 2
    values = {"rate": {"2026-04": 0.5, "2026-05": 0.9, "2026-Q1": 10 / 12}}
    workshop = tree({"rate": {"unit": "ratio", "measure": RATE}})
    assert at(workshop, "rate", values, "2026-Q1", "2026") == [10 / 12, None]
    assert at(workshop, "rate", values, "2026-Q1", what="coverage") == [1]


def test_a_rate_stated_as_mean_is_the_mean_of_its_months(tree, at) -> None:
    values = {"rate": {"2026-04": 0.5, "2026-05": 0.9, "2026-Q1": 10 / 12}}
    workshop = tree({"rate": {"unit": "ratio", "measure": RATE, "roll_up": "mean"}})
    assert at(workshop, "rate", values, "2026-Q1") == [pytest.approx(0.7)]
    assert at(workshop, "rate", values, "2026-Q1", what="coverage") == [pytest.approx(2 / 3)]


def test_a_rate_as_a_formula_is_the_ratio_of_the_sums(tree, at) -> None:
    cards = {
        "won": {"unit": "count", "manual": manual(1, 9)},
        "all": {"unit": "count", "manual": manual(2, 10)},
        "rate": {"unit": "ratio", "formula": "won / all"},
    }
    assert at(tree(cards), "rate", {}, "2026-04", "2026-05", "2026-Q1", "2026") == [0.5, 0.9, 10 / 12, 10 / 12]
    assert at(tree(cards), "rate", {}, "2026-Q1", what="coverage") == [pytest.approx(2 / 3)]


def test_a_formula_stated_to_sum_adds_its_months(tree, at) -> None:
    # months: max(5-3, 0) = 2 and max(1-3, 0) = 0; recomputed for the quarter it would be max(6-6, 0) = 0
    cards = {"a": {"unit": "count", "manual": manual(5, 1)}, "b": {"unit": "count", "manual": manual(3, 3)}}
    over = {"unit": "count", "formula": "max(a - b, 0)"}
    assert at(tree({**cards, "over": {**over, "roll_up": "sum"}}), "over", {}, "2026-Q1") == [2]
    assert at(tree({**cards, "over": over}), "over", {}, "2026-Q1") == [0]


@pytest.mark.parametrize(
    ("unit", "quarter"),
    [("count", 12), ("件", 12), ("JPY", 12), ("ratio", 5), ("score", 5), ("days", 5), ("hours", 5), ("気持ち", 5)],
)
def test_typed_counts_and_money_add_up_and_all_else_is_the_latest(tree, at, unit, quarter) -> None:
    assert at(tree({"x": {"unit": unit, "manual": manual(3, 4, 5)}}), "x", {}, "2026-Q1") == [quarter]


def test_typed_money_that_is_multiplied_with_a_count_is_a_price_and_not_added_up(tree, at) -> None:
    cards = {
        "revenue": {"unit": "JPY", "formula": "won * price"},
        "won": {"unit": "count", "manual": manual(2, 3)},
        "price": {"unit": "JPY", "manual": manual(100, 100)},
    }
    assert at(tree(cards), "price", {}, "2026-Q1") == [100]
    assert at(tree(cards), "revenue", {}, "2026-Q1") == [500]


def test_a_typed_rate_stated_as_ratio_has_no_quarter_without_its_parts(tree, at) -> None:
    workshop = tree({"x": {"unit": "ratio", "roll_up": "ratio", "manual": manual(0.1, 0.2)}})
    assert at(workshop, "x", {}, "2026-04", "2026-Q1") == [0.1, None]


def test_the_order_of_sources_is_measured_then_typed_then_formula(tree, at) -> None:
    card = {"unit": "count", "formula": "base * 10", "manual": manual(None, 7, 8)}
    workshop = tree({"base": {"unit": "count", "manual": manual(1, 1, 1)}, "x": card})
    assert at(workshop, "x", {"x": {"2026-06": 9}}, *Q1) == [10, 7, 9]


def test_a_node_with_a_measure_never_falls_back_on_its_formula(tree, at) -> None:
    card = {"unit": "count", "formula": "base * 10", "measure": COUNT}
    workshop = tree({"base": {"unit": "count", "manual": manual(1, 1)}, "x": card})
    assert at(workshop, "x", {"x": {"2026-04": 9}}, "2026-04", "2026-05") == [9, None]


def test_a_typed_month_before_the_data_began_joins_the_measured_ones(tree, at) -> None:
    workshop = tree({"won": {"unit": "count", "measure": COUNT, "manual": manual(3)}})
    values = {"won": {"2026-05": 4, "2026-06": 5, "2026-Q1": 9}}
    assert at(workshop, "won", values, "2026-Q1") == [12]


def test_a_typed_month_is_added_to_the_rows_own_year_whatever_months_had_no_row(tree, at) -> None:
    # April typed, May measured, June without any row, July measured: 3 + (4 + 6)
    workshop = tree({"won": {"unit": "count", "measure": COUNT, "manual": manual(3)}})
    values = {"won": {"2026-05": 4, "2026-07": 6, "2026": 10}}
    assert at(workshop, "won", values, "2026") == [13]


def test_months_typed_before_a_workshop_turned_to_quarters_still_count(tree, at) -> None:
    cards = {
        "won": {"unit": "count", "manual": manual(1, 2, 3), "targets": manual(2, 2, 2)},
        "rate": {"unit": "ratio", "manual": manual(0.1, 0.2, 0.3), "targets": manual(0.5, 0.5, 0.5)},
        "twice": {"unit": "count", "formula": "won * 2"},
    }
    workshop = tree(cards, grain="quarter")
    assert at(workshop, "won", {}, "2026-04", "2026-Q1", "2026") == [1, 6, 6]
    assert at(workshop, "twice", {}, "2026-Q1", "2026") == [12, 12]
    assert at(workshop, "won", {}, "2026-Q1", "2026", what="target") == [6, None]
    assert at(workshop, "rate", {}, "2026-Q1") == [0.3]


def test_typed_quarters_make_the_year_of_a_monthly_workshop(tree, at) -> None:
    typed = [{"period": f"2026-Q{quarter}", "value": quarter} for quarter in (1, 2, 3, 4)]
    workshop = tree({"won": {"unit": "count", "manual": typed}})
    assert at(workshop, "won", {}, "2026-04", "2026-Q3", "2026") == [None, 3, 10]


def test_a_typed_year_wins_over_its_months(tree, at) -> None:
    workshop = tree({"won": {"unit": "count", "manual": [*manual(1, 2), {"period": "2026", "value": 50}]}})
    assert at(workshop, "won", {}, "2026-Q1", "2026") == [3, 50]


def test_a_typed_month_in_a_formula_counts_in_the_quarter_where_the_formula_adds_up(tree, at) -> None:
    # months: 2 x 10 = 20, typed 50, 4 x 10 = 40; without the entry the quarter would be 9 x 10
    cards = {
        "won": {"unit": "count", "manual": manual(2, 3, 4)},
        "price": {"unit": "JPY", "roll_up": "mean", "manual": manual(10, 10, 10)},
        "revenue": {"unit": "JPY", "formula": "won * price", "manual": manual(None, 50)},
    }
    assert at(tree(cards), "revenue", {}, *Q1, "2026-Q1") == [20, 50, 40, 110]


def test_a_snapshot_rolls_up_to_the_last_one(tree, at) -> None:
    card = {"unit": "count", "measure": {"dataset": "d", "aggregate": "count"}}
    assert at(tree({"members": card}), "members", {"members": {"2026-04": 10, "2026-06": 8}}, "2026-Q1") == [8]


def test_weeks_go_to_the_month_of_their_thursday(tree, at) -> None:
    # W14 (30 Mar - 5 Apr) … W18 (27 Apr - 3 May) have their Thursdays on 2, 9, 16, 23, 30 April 2026
    typed = [{"period": f"2026-W{week}", "value": 1} for week in range(13, 20)]
    workshop = tree({"calls": {"unit": "count", "manual": typed}}, grain="week")
    assert at(workshop, "calls", {}, "2026-W14", "2026-03", "2026-04", "2026-05") == [1, 1, 5, 1]


def test_a_period_finer_than_the_workshop_has_only_what_was_entered_for_it(tree, at) -> None:
    cards = {"a": {"unit": "count", "manual": [{"period": "2026-04", "value": 2}]}, "b": {"formula": "a"}}
    workshop = tree(cards, grain="quarter")
    assert at(workshop, "a", {}, "2026-04", "2026-05", "2026-Q1") == [2, None, 2]
    assert at(workshop, "a", {}, "2026-Q1", what="coverage") == [pytest.approx(1 / 3)]
    assert at(workshop, "b", {}, "2026-04") == [None]


def test_a_segment_sees_only_what_was_measured_of_it(tree, at) -> None:
    targets = [{"period": "2026-04", "value": 9}]
    cards = {"a": {"unit": "count", "measure": COUNT}, "b": {"unit": "count", "manual": manual(5), "targets": targets}}
    workshop = tree({**cards, "c": {"formula": "a + b"}, "d": {"formula": "a * 2"}})
    assert at(workshop, "d", {"a": {"2026-04": 3}}, "2026-04", segment=True) == [6]
    assert at(workshop, "c", {"a": {"2026-04": 3}}, "2026-04", segment=True) == [None]
    assert at(workshop, "b", {"a": {"2026-04": 3}}, "2026-04", segment=True, what="target") == [None]
    assert at(workshop, "c", {"a": {"2026-04": 3}}, "2026-04") == [8]


def test_asking_for_one_node_evaluates_what_its_formula_needs_and_answers_only_it(tree) -> None:
    cards = {"a": {"unit": "count", "manual": manual(5)}, "b": {"formula": "a * 2"}, "c": {"formula": "b + a"}}
    found = evaluate(tree(cards), {}, [parse_period("2026-04")], nodes=["c"])
    assert {code: list(numbers) for code, numbers in found.actual.items()} == {"c": [15]}


def test_rows_counted_at_every_grain_decide_that_a_quarter_has_no_value(tree, at) -> None:
    # won for an unknown amount in April, nothing won in May and June: April and the quarter are unknown, not 0
    values = {"sales": {"2026-05": 0.0, "2026-06": 0.0}}
    workshop = tree({"sales": {"unit": "JPY", "measure": {**COUNT, "aggregate": "sum", "column": "a"}}})
    assert at(workshop, "sales", values, "2026-Q1", whole=True) == [None]


def test_a_week_of_two_months_counts_only_in_the_month_of_its_rows(tree, at) -> None:
    # one deal on 30 December 2025, in the week whose Thursday is 1 January
    values = {"won": {"2026-W01": 1.0, "2025-12": 1.0, "2025-Q3": 1.0, "2025": 1.0}}
    workshop = tree({"won": {"unit": "count", "measure": COUNT}}, grain="week")
    assert at(workshop, "won", values, "2025-12", "2026-01", whole=True) == [1, None]


def test_a_month_typed_beside_rows_counted_at_every_grain_still_joins_them(tree, at) -> None:
    values = {"won": {"2026-05": 4.0, "2026-Q1": 4.0}}
    workshop = tree({"won": {"unit": "count", "measure": COUNT, "manual": manual(3)}})
    assert at(workshop, "won", values, "2026-Q1", whole=True) == [7]


def test_a_stated_mean_of_months_is_made_of_months_though_rows_were_counted_at_every_grain(tree, at) -> None:
    values = {"rate": {"2026-04": 0.5, "2026-05": 0.9, "2026-Q1": 10 / 12}}
    workshop = tree({"rate": {"unit": "ratio", "measure": RATE, "roll_up": "mean"}})
    assert at(workshop, "rate", values, "2026-Q1", whole=True) == [0.7]
