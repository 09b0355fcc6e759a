"""Back-solving: the required drivers reach the target when put in, with the least effort, within limits and lags."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kpi_core.model.period import Period, parse_period, periods_between
from kpi_core.model.workshop import Workshop
from kpi_core.tree.evaluation import evaluate
from kpi_core.tree.outlook import outlook
from kpi_core.tree.solving import Solution, solve

MARCH, APRIL, MAY, JULY = (parse_period(f"2026-{month:02d}") for month in (3, 4, 5, 7))


def by_month(first: str, *numbers: float) -> dict[str, float]:
    start = parse_period(first)
    return {start.shift(at).key: number for at, number in enumerate(numbers)}


@pytest.fixture
def solved(tree):
    def run(formulas, values, target, period: Period = APRIL, code="f", links=(), **options) -> Solution:
        cards = {**{code: {"formula": text} for code, text in formulas.items()}, **{leaf: {} for leaf in values}}
        for leaf, card in options.pop("cards", {}).items():
            cards[leaf] = {**cards[leaf], **card}
        return solve(outlook(tree(cards), values, code, period, whole=False), target, **options)

    return run


def required(found: Solution) -> dict[str, float]:
    return {driver.node: driver.required for driver in found.drivers}


def limits(found: Solution) -> dict[str, str | None]:
    return {driver.node: driver.at_limit for driver in found.drivers}


def test_one_free_driver_is_a_root(solved) -> None:
    # 40 x 250 = 10,000 in March; 12,000 in April with the size locked: 48 deals
    values = {"won": by_month("2026-03", 40), "size": by_month("2026-03", 250)}
    found = solved({"f": "won * size"}, values, 12_000, locks=["size"])
    assert (found.feasible, found.now) == (True, 10_000)
    assert found.reached == pytest.approx(12_000, rel=1e-9)
    assert required(found) == {"won": pytest.approx(48, rel=1e-9), "size": 250}
    assert limits(found) == {"won": None, "size": "locked"}
    assert [driver.contribution for driver in found.drivers] == [pytest.approx(2_000), 0]


def test_several_drivers_share_the_effort(solved) -> None:
    # won and size cost the same: both grow by the same factor, the root of 1.44
    values = {"won": by_month("2026-03", 40), "size": by_month("2026-03", 250)}
    found = solved({"f": "won * size"}, values, 14_400)
    assert required(found) == {"won": pytest.approx(48, rel=1e-6), "size": pytest.approx(300, rel=1e-6)}
    assert abs(found.reached - 14_400) <= 1e-9 * 14_400
    assert math.fsum(driver.contribution for driver in found.drivers) == pytest.approx(4_400)


def test_weights_say_whose_effort_costs_more(solved) -> None:
    # a sum 10 + 10 → 25 with costs 1 and 4: changes 4 : 1 by Lagrange, so 4 and 1
    values = {"a": by_month("2026-03", 10), "b": by_month("2026-03", 10)}
    found = solved({"f": "a + b"}, values, 25, weights={"b": 4})
    assert required(found) == {"a": pytest.approx(14, rel=1e-6), "b": pytest.approx(11, rel=1e-6)}


def test_limits_bind_and_what_is_reachable_is_told(solved) -> None:
    values = {"won": by_month("2026-03", 40), "size": by_month("2026-03", 250)}
    bounds = {"won": (30, 44), "size": (200, 260)}
    close = solved({"f": "won * size"}, values, 11_400, bounds=bounds)
    assert close.feasible
    assert required(close)["won"] <= 44 + 1e-9
    assert required(close)["size"] <= 260 + 1e-9
    far = solved({"f": "won * size"}, values, 20_000, bounds=bounds)
    assert (far.feasible, far.reached) == (False, pytest.approx(44 * 260))
    assert limits(far) == {"won": "high", "size": "high"}
    below = solved({"f": "won * size"}, values, 1_000, bounds=bounds)
    assert (below.feasible, below.reached, limits(below)) == (False, 6_000, {"won": "low", "size": "low"})


@pytest.mark.parametrize(
    ("stands", "limit", "other", "target", "needed"),
    [(10, (5, 8), 5, 11, 6), (-10, (-8, -3), 50, 44, -6), (10, (12, 20), 5, 20, 15), (-10, (-30, -12), 50, 30, -20)],
)
def test_limits_may_leave_out_where_a_driver_stands(solved, stands, limit, other, target, needed) -> None:
    values = {"a": by_month("2026-03", stands), "b": by_month("2026-03", other)}
    found = solved({"f": "a + b"}, values, target, bounds={"a": limit}, locks=["b"])
    assert found.feasible
    assert required(found)["a"] == pytest.approx(needed, rel=1e-9)


def test_a_count_does_not_become_negative(solved) -> None:
    found = solved({"f": "a - b"}, {"a": by_month("2026-03", 5), "b": by_month("2026-03", 3)}, -10, locks=["b"])
    assert (found.feasible, found.reached, limits(found)["a"]) == (False, -3, "low")


def test_a_driver_that_stands_at_zero_can_move(solved) -> None:
    found = solved({"f": "a + b"}, {"a": by_month("2026-02", 8, 0), "b": by_month("2026-02", 2, 2)}, 6, locks=["b"])
    assert required(found) == {"a": pytest.approx(4), "b": 2}


def test_a_lag_in_the_formula_makes_a_driver_fact_until_it_can_act(solved) -> None:
    # now is March: leads of March decide April; May can still be moved
    values = {"leads": by_month("2026-02", 90, 100), "rate": by_month("2026-02", 0.1, 0.1)}
    april = solved({"f": "lag(leads, 1) * rate"}, values, 12, APRIL)
    assert limits(april)["leads"] == "too_late"
    assert required(april) == {"leads": 100, "rate": pytest.approx(0.12)}
    may = solved({"f": "lag(leads, 1) * rate"}, values, 12, MAY, locks=["rate"])
    assert required(may)["leads"] == pytest.approx(120)


def test_a_lag_on_the_edge_makes_a_driver_too_late(solved) -> None:
    values = {"leads": by_month("2026-03", 100), "rate": by_month("2026-03", 0.1)}
    cards = {"leads": {"lag": 3}}
    # moved from April on at the earliest, and seen three months later
    early = solved({"f": "leads * rate"}, values, 12, parse_period("2026-06"), cards=cards)
    assert limits(early) == {"leads": "too_late", "rate": None}
    assert solved({"f": "leads * rate"}, values, 12, JULY, cards=cards, locks=["rate"]).feasible


@pytest.mark.parametrize("lag", [1, 2, 3])
def test_a_stated_lag_acts_when_the_same_lag_in_a_formula_does(solved, lag: int) -> None:
    values = {"a": by_month("2025-12", 10, 10, 10, 10)}
    for after in range(1, 6):
        period = MARCH.shift(after)
        stated = solved({"f": "a * 1"}, values, 20, period, cards={"a": {"lag": lag}})
        written = solved({"f": f"lag(a, {lag}) * 1"}, values, 20, period)
        assert stated.feasible is written.feasible is (after > lag)


def test_the_rest_of_the_year_after_what_is_done(solved) -> None:
    # April to June 10 a month; 9 months are left, so 210 needs 20 a month in each of them
    values = {"won": by_month("2026-04", 10, 10, 10)}
    found = solved({"f": "won * 1"}, values, 210, parse_period("2026"), cards={"won": {"unit": "count"}})
    (driver,) = found.drivers
    assert (found.now, found.feasible) == (120, True)
    assert (driver.now, driver.required) == (10, pytest.approx(20))
    assert driver.by_period == {p.key: pytest.approx(20) for p in periods_between(JULY, parse_period("2027-03"))}


def test_a_period_that_is_over_is_opened_again(solved) -> None:
    values = {"a": by_month("2026-03", 40, 30), "b": by_month("2026-03", 2, 2)}
    found = solved({"f": "a * b"}, values, 100, MARCH, locks=["b"])
    assert (found.now, required(found)["a"]) == (80, pytest.approx(50))


def test_between_two_walls_there_is_no_way_through_a_division_by_zero(solved) -> None:
    # f = 1 / (a - 10) is negative below 10 and positive above: -5 is reached, without passing 10
    found = solved({"f": "1 / (a - 10)"}, {"a": by_month("2026-03", 5)}, -5, APRIL)
    assert found.feasible
    assert required(found)["a"] == pytest.approx(9.8)


FORMULAS = ("a * b + c", "a * b / c", "(a + b) * c", "a * b * c", "a / (b + c)", "sum(a, b, c) ** 2", "max(a, b) * c")
positive = st.floats(0.1, 1e4)


@given(st.sampled_from(FORMULAS), positive, positive, positive, st.floats(0.3, 3.0), st.sets(st.sampled_from("ab")))
@settings(max_examples=15)
def test_back_solve_then_evaluate_reaches_the_target(text, a, b, c, factor, locks) -> None:
    nodes = [{"code": code, "kind": "kpi", "unit": "count"} for code in "abc"]
    nodes.append({"code": "f", "kind": "kpi", "formula": text})
    workshop = Workshop.model_validate({"workshop": {"name": "w"}, "nodes": nodes})
    values = {"a": {MARCH.key: a}, "b": {MARCH.key: b}, "c": {MARCH.key: c}}
    ahead = outlook(workshop, values, "f", APRIL, whole=False)
    target = ahead.value * factor
    found = solve(ahead, target, locks=locks)
    assume(found.feasible)
    put_in = {driver.node: {APRIL.key: driver.required} for driver in found.drivers}
    reached = float(evaluate(workshop, put_in, [APRIL]).actual["f"][0])
    assert abs(reached - target) <= 1e-9 * abs(target)
    assert all(driver.required >= 0 for driver in found.drivers)
    assert {d.node: d.required for d in found.drivers if d.node in locks} == {
        code: pytest.approx(values[code][MARCH.key]) for code in locks
    }
    if not locks and text in FORMULAS[:4]:
        # no other point that reaches the target costs less: scaling one driver alone does not
        effort = sum((d.required / d.now - 1) ** 2 for d in found.drivers)
        for leaf in "abc":
            alone = solve(ahead, target, locks=set("abc") - {leaf})
            if alone.feasible:
                assert effort <= sum((d.required / d.now - 1) ** 2 for d in alone.drivers) + 1e-6


def test_scipy_is_loaded_only_where_it_is_used() -> None:
    code = (
        "import sys, kpi_core.services.solving, kpi_core.services.simulating, kpi_core.services.explaining;"
        "import kpi_core.cli.reason_commands;"
        "sys.exit('scipy' in sys.modules or 'statsmodels' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == 0
