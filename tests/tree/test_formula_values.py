"""Formulas over periods: operators, time functions at every grain, and what gives no value."""

from __future__ import annotations

import pytest

from kpi_core.tree.plan import plan_of, structure_of

MONTHS = [f"2026-{month:02d}" for month in range(4, 13)] + ["2027-01", "2027-02", "2027-03"]


def typed(*numbers, first=0):
    return [{"period": MONTHS[first + at], "value": number} for at, number in enumerate(numbers) if number is not None]


def card(*numbers, **rest):
    return {"unit": "count", "manual": typed(*numbers), **rest}


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("a + b * 2", 17),
        ("(a + b) * 2", 24),
        ("-a ** 2", -49),
        ("a / b", 1.4),
        ("a - b - 1", 1),
        ("2 ** -1", 0.5),
        ("min(a, b, 6)", 5),
        ("max(a, b)", 7),
        ("sum(a, b, 1)", 13),
        ("abs(b - a)", 2),
        ("a + a * a", 56),
        ("1 + 2", 3),
        ("lag(5, 1)", 5),
        ("min(1, 2) + abs(-3)", 4),
        ("round(a / b)", 1),
        ("round(1.005, 2)", 1.01),
        ("round(2.5)", 3),
        ("round(-2.5)", -3),
        ("round(1250, -2)", 1300),
        ("round(0.285, 2)", 0.29),
        ("round(10 ** 300, 2)", 1e300),
    ],
)
def test_a_formula_is_computed(tree, at, formula, expected) -> None:
    workshop = tree({"a": card(7), "b": card(5), "f": {"formula": formula}})
    assert at(workshop, "f", {}, "2026-04") == [pytest.approx(expected, rel=1e-12)]


@pytest.mark.parametrize(
    "formula",
    [
        "a / zero",
        "zero / zero",
        "1 / (a / zero)",
        "max(a / zero, 1)",
        "missing + a",
        "min(missing, a)",
        "sum(a, missing)",
        "missing * 0",
        "missing ** 0",
        "1 ** missing",
        "nobody + 1",
        "(0 - a) ** 0.5",
        "zero ** -1",
        "10 ** 300 * 10 ** 300",
        "1 / (10 ** 300 * 10 ** 300)",
        "1 / 10 ** 400",
        "huge + huge",
        "1 / (huge + huge)",
        "1 / sum(huge, huge)",
        "lag(a, 5)",
        "rolling(a, 2)",
        "round(huge * 10)",
        "itself + 1",
        "round(a / zero)",
    ],
)
def test_what_cannot_be_computed_has_no_value_and_is_never_infinite(tree, at, formula) -> None:
    cards = {"a": card(7), "zero": card(0), "missing": card(), "huge": card(1.7e308), "itself": {"formula": "itself"}}
    workshop = tree({**cards, "f": {"formula": formula}})
    assert at(workshop, "f", {}, "2026-04", "2026-Q1") == [None, None]


def test_a_value_that_is_not_finite_counts_as_unmeasured(tree, at) -> None:
    workshop = tree({"a": {}, "f": {"formula": "1 / a"}})
    assert at(workshop, "f", {"a": {"2026-04": float("inf"), "2026-05": float("nan")}}, "2026-04", "2026-05") == [
        None,
        None,
    ]


def test_nodes_of_a_circle_have_no_value_unless_one_is_entered(tree, at) -> None:
    workshop = tree({"a": {"formula": "b + 1"}, "b": {"formula": "a + 1"}, "c": {"formula": "a * 2"}})
    assert at(workshop, "c", {}, "2026-04") == [None]
    assert at(workshop, "c", {"a": {"2026-04": 4}}, "2026-04") == [8]


def test_lag_looks_back_over_the_first_period_asked_for(tree, at) -> None:
    workshop = tree({"a": card(1, 2, 3), "f": {"formula": "lag(a, 2) + lag(lag(a, 1), 1)"}})
    assert at(workshop, "f", {}, "2026-06", "2026-07") == [2, 4]


def test_year_to_date_begins_anew_with_the_fiscal_year(tree, at) -> None:
    cards = {
        "a": {"unit": "count", "manual": [*typed(*range(1, 13)), {"period": "2027-04", "value": 100}]},
        "f": {"unit": "count", "formula": "ytd(a)"},
    }
    workshop = tree(cards)
    # 1 + 2 + … + 12 = 78
    assert at(workshop, "f", {}, "2026-04", "2026-06", "2027-03", "2027-04") == [1, 6, 78, 100]
    # a coarser period has the last of its months: 1+2+3 = 6; 1+…+6 = 21
    assert at(workshop, "f", {}, "2026-Q1", "2026-Q2", "2026", "2027") == [6, 21, 78, 100]


def test_year_to_date_has_no_value_after_a_missing_month(tree, at) -> None:
    workshop = tree({"a": card(1, None, 3), "f": {"formula": "ytd(a)"}})
    assert at(workshop, "f", {}, "2026-04", "2026-05", "2026-06") == [1, None, None]


def test_year_to_date_needs_the_fiscal_years_first_month(tree, at) -> None:
    workshop = tree({"a": card(None, 2, 3), "f": {"formula": "ytd(a)"}})
    assert at(workshop, "f", {}, "2026-05", "2026-06") == [None, None]


def test_rolling_sums_the_latest_periods_over_year_ends(tree, at) -> None:
    cards = {
        "a": {"unit": "count", "manual": [*typed(*range(1, 13)), {"period": "2027-04", "value": 100}]},
        "f": {"unit": "count", "formula": "rolling(a, 3)"},
    }
    workshop = tree(cards)
    # 1+2+3; 10+11+12; 11+12+100; too few before
    assert at(workshop, "f", {}, "2026-06", "2027-03", "2027-04", "2026-05") == [6, 33, 123, None]
    assert at(workshop, "f", {}, "2026-Q4", "2026") == [33, 33]


def test_lag_at_a_quarter_is_the_quarter_of_the_lagged_months(tree, at) -> None:
    # lagged by one month, Q2 (Jul-Sep) holds June, July, August: 3 + 4 + 5
    workshop = tree({"a": card(1, 2, 3, 4, 5, 6), "f": {"formula": "lag(a, 1)"}})
    assert at(workshop, "f", {}, "2026-Q2") == [12]


def test_lag_by_whole_quarters_is_that_quarters_own_value(tree, at) -> None:
    rate = {"dataset": "d", "aggregate": "mean", "column": "x", "date": "day"}
    workshop = tree(
        {"r": {"unit": "ratio", "measure": rate}, "f": {"formula": "lag(r, 3)"}, "g": {"formula": "lag(r, 1)"}}
    )
    values = {"r": {"2026-04": 0.1, "2026-05": 0.2, "2026-Q1": 0.17}}
    assert at(workshop, "f", values, "2026-07", "2026-Q2") == [0.1, 0.17]
    # a measured rate cannot be shifted by part of a quarter
    assert at(workshop, "g", values, "2026-05", "2026-Q2") == [0.1, None]


def test_lag_of_a_rate_formula_at_a_quarter_is_the_rate_of_the_lagged_sums(tree, at) -> None:
    cards = {"a": card(1, 2, 3, 4, 5, 6), "b": card(2, 2, 2, 8, 8, 8), "r": {"unit": "ratio", "formula": "a / b"}}
    workshop = tree({**cards, "f": {"unit": "ratio", "formula": "lag(r, 1)"}})
    # Q2 lagged by one: (3 + 4 + 5) / (2 + 8 + 8)
    assert at(workshop, "f", {}, "2026-Q2") == [pytest.approx(12 / 18)]


def test_growth_over_the_year_before_holds_at_month_quarter_and_year(tree, at) -> None:
    before = [{"period": key.replace("2026", "2025").replace("2027", "2026"), "value": 10} for key in MONTHS]
    cards = {"a": {"unit": "count", "manual": [*before, *typed(*[12] * 12)]}, "g": {"formula": "a / lag(a, 12) - 1"}}
    assert at(tree(cards), "g", {}, "2026-04", "2026-Q2", "2026") == [pytest.approx(0.2)] * 3


def test_weeks_have_their_year_to_date_from_the_first_week_of_the_fiscal_year(tree, at) -> None:
    # the fiscal year 2026 begins with W14, whose Thursday is 2 April
    weeks = [{"period": f"2026-W{week}", "value": 1} for week in range(10, 20)]
    workshop = tree({"a": {"unit": "count", "manual": weeks}, "f": {"formula": "ytd(a)"}}, grain="week")
    assert at(workshop, "f", {}, "2026-W14", "2026-W15", "2026-W19", "2026-04") == [1, 2, 6, 5]


def test_a_changed_value_uses_the_same_plan_and_a_changed_formula_another(tree) -> None:
    first = structure_of(tree({"a": card(1), "f": {"formula": "a * 2"}}))
    second = structure_of(tree({"a": card(2), "f": {"formula": "a * 2"}}))
    third = structure_of(tree({"a": card(2), "f": {"formula": "a * 3"}}))
    assert plan_of(first) is plan_of(second)
    assert plan_of(first) is not plan_of(third)
    assert len(plan_of(third).actual.groups) == 1


def test_formulas_of_one_shape_and_depth_are_one_group(tree) -> None:
    cards = {f"f{at}": {"formula": f"a * {at} + b"} for at in range(50)}
    plan = plan_of(structure_of(tree({"a": card(1), "b": card(2), **cards, "top": {"formula": "f1 * 2 + f2"}})))
    assert [len(group.out) for group in plan.actual.groups] == [50, 1]


def test_no_periods_and_no_nodes_give_an_empty_answer(tree, at) -> None:
    assert at(tree({"a": card(1)}), "a", {}) == []
    assert at(tree({}), "kgi", {}, "2026-04") == [None]
