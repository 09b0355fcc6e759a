"""A typed rate's year is weighted by what it is multiplied with, so a formula's year is what its months add up to."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.model.expression import parse_formula
from kpi_core.model.period import parse_period, periods_within
from kpi_core.model.workshop import Workshop
from kpi_core.tree.attribution import attribute
from kpi_core.tree.evaluation import evaluate
from kpi_core.tree.outlook import outlook
from kpi_core.tree.plan import plan_of, structure_of
from kpi_core.tree.solving import solve
from kpi_core.tree.writing import written
from kpi_core.vocabulary import Grain

YEAR = parse_period("2025")
MONTHS = periods_within(YEAR, Grain.MONTH)


def monthly(*numbers: float | None) -> list[dict[str, Any]]:
    return [{"period": p.key, "value": x} for p, x in zip(MONTHS, numbers, strict=False) if x is not None]


def halves(first: float, second: float) -> list[dict[str, Any]]:
    return monthly(*[first] * 6, *[second] * 6)


@pytest.fixture
def shop(tree) -> Workshop:
    """Half a year of 1,000 visits at 2 % and 5,000 yen, half a year of 3,000 at 5 % and 8,000 yen."""
    return tree(
        {
            "revenue": {"unit": "JPY", "formula": "orders * basket"},
            "orders": {"unit": "count", "formula": "visits * rate"},
            "visits": {"unit": "count", "manual": halves(1000, 3000)},
            "rate": {"unit": "ratio", "manual": halves(0.02, 0.05)},
            "basket": {"unit": "JPY", "manual": halves(5000, 8000)},
        }
    )


def test_a_years_revenue_is_what_its_months_add_up_to(shop, at) -> None:
    # orders 6 x 20 + 6 x 150 = 1,020 of 24,000 visits; revenue 6 x 100,000 + 6 x 1,200,000 = 7,800,000
    assert at(shop, "orders", {}, "2025-04", "2025-10", "2025") == pytest.approx([20, 150, 1020])
    assert at(shop, "rate", {}, "2025") == pytest.approx([1020 / 24_000])
    assert at(shop, "basket", {}, "2025") == pytest.approx([7_800_000 / 1020])
    assert at(shop, "revenue", {}, "2025", "2025-Q2", "2025-Q3") == pytest.approx([7_800_000, 300_000, 3_600_000])
    assert at(shop, "revenue", {}, "2025", what="coverage") == [1]


def test_asked_for_alone_a_rate_is_the_same(shop, at) -> None:
    assert at(shop, "basket", {}, "2025", nodes=["basket"]) == pytest.approx([7_800_000 / 1020])


def test_the_year_that_simulation_and_back_solving_start_from_is_the_dashboards(shop) -> None:
    ahead = outlook(shop, {}, "revenue", YEAR, whole=False)
    assert ahead.value == pytest.approx(7_800_000, rel=1e-12)
    with_rate = outlook(shop, {}, "revenue", YEAR, whole=False, also=["rate", "basket", "orders"])
    own = {code: float(with_rate.values[with_rate.network.nodes[code, (YEAR, YEAR)]][0]) for code in ("rate", "basket")}
    assert own["rate"] == pytest.approx(0.0425)
    assert own["basket"] == pytest.approx(7_800_000 / 1020)


def test_a_year_solved_for_and_typed_in_is_reached(shop) -> None:
    found = solve(outlook(shop, {}, "revenue", YEAR, whole=False), 9_000_000, locks=["basket"])
    assert found.feasible
    typed = {
        driver.node: [{"period": key, "value": value} for key, value in {**driver.standing, **driver.by_period}.items()]
        for driver in found.drivers
        if driver.node != "basket"
    }
    nodes = tuple(
        type(node).model_validate({**node.model_dump(by_alias=True), "manual": typed[node.code]})
        if node.code in typed
        else node
        for node in shop.nodes
    )
    after = evaluate(shop.model_copy(update={"nodes": nodes}), {}, [YEAR])
    assert float(after.actual["revenue"][0]) == pytest.approx(9_000_000, rel=1e-9)


def test_why_a_year_changed_closes_on_weighted_rates(tree) -> None:
    # 2025: 42,000 = 240 x 175; first half of 2026: 72 x 150 = 10,800
    later = [{"period": f"2026-{month:02d}", "value": None} for month in range(4, 10)]
    cards = {
        "revenue": {"unit": "JPY", "formula": "won * price"},
        "won": {"unit": "count", "manual": [*halves(10, 30), *({**one, "value": 12} for one in later)]},
        "price": {"unit": "JPY", "manual": [*halves(100, 200), *({**one, "value": 150} for one in later)]},
    }
    found = attribute(tree(cards), {}, "revenue", YEAR, parse_period("2026"), whole=False)
    assert (found.before, found.after, found.gap) == (42_000, 10_800, 0)
    # Shapley of a product: (72 - 240) x (175 + 150) / 2 and (150 - 175) x (240 + 72) / 2
    assert found.contributions == {"won": pytest.approx(-27_300), "price": pytest.approx(-3_900)}


def test_what_the_team_stated_is_kept(tree, at) -> None:
    for rule, price in (("mean", 150), ("last", 200)):
        cards = {
            "revenue": {"unit": "JPY", "formula": "won * price"},
            "won": {"unit": "count", "manual": halves(10, 30)},
            "price": {"unit": "JPY", "roll_up": rule, "manual": halves(100, 200)},
        }
        workshop = tree(cards)
        assert at(workshop, "price", {}, "2025") == [price]
        assert at(workshop, "revenue", {}, "2025") == [240 * price]
        assert outlook(workshop, {}, "revenue", YEAR, whole=False).value == pytest.approx(240 * price)


def test_a_level_that_several_formulas_use_has_no_one_weight(tree, at) -> None:
    cards = {
        "revenue": {"unit": "JPY", "formula": "won * price"},
        "lost_value": {"unit": "JPY", "formula": "lost * price"},
        "won": {"unit": "count", "manual": halves(10, 30)},
        "lost": {"unit": "count", "manual": halves(5, 5)},
        "price": {"unit": "JPY", "manual": halves(100, 200)},
    }
    workshop = tree(cards)
    assert at(workshop, "price", {}, "2025") == [200]
    assert outlook(workshop, {}, "revenue", YEAR, whole=False).value == pytest.approx(
        at(workshop, "revenue", {}, "2025")[0]
    )


def test_months_without_a_weight_count_for_nothing_and_no_weight_at_all_leaves_the_latest(tree, at) -> None:
    def workshop(*won: float | None) -> Workshop:
        return tree(
            {
                "revenue": {"unit": "JPY", "formula": "won * price"},
                "won": {"unit": "count", "manual": monthly(*won)},
                "price": {"unit": "JPY", "manual": monthly(100, 200, 300)},
            }
        )

    assert at(workshop(1, 3, 0), "price", {}, "2025-Q1") == [175]  # (100 + 600 + 0) / 4
    assert at(workshop(1, 3), "price", {}, "2025-Q1") == [175]
    assert at(workshop(0, 0, 0), "price", {}, "2025-Q1") == [300]
    assert at(workshop(0, 0, 0), "revenue", {}, "2025-Q1") == [0]


def test_typed_for_the_year_itself_it_is_that(shop, at) -> None:
    typed = {"manual": [*halves(5000, 8000), {"period": "2025", "value": 7000}]}
    nodes = tuple(
        type(node).model_validate({**node.model_dump(by_alias=True), **typed}) if node.code == "basket" else node
        for node in shop.nodes
    )
    workshop = shop.model_copy(update={"nodes": nodes})
    assert at(workshop, "basket", {}, "2025") == [7000]


def test_the_years_target_is_weighted_where_every_month_has_one(tree, at) -> None:
    cards = {
        "revenue": {"unit": "JPY", "formula": "won * price"},
        "won": {"unit": "count", "targets": halves(10, 30)},
        "price": {"unit": "JPY", "targets": halves(100, 200)},
    }
    assert at(tree(cards), "revenue", {}, "2025", "2025-Q1", what="target") == [42_000, 3_000]
    assert at(tree(cards), "price", {}, "2025", what="target") == [175]
    short = {**cards, "price": {"unit": "JPY", "targets": monthly(*[100] * 11)}}
    assert at(tree(short), "price", {}, "2025", what="target") == [None]


COUNTS, LEVELS = ("n", "m"), ("p", "q", "r")
numbers = st.lists(st.floats(0.1, 1e3), min_size=12, max_size=12)
FORMULAS = (
    "n * p", "n * p * q", "n * p + m * q", "(n + m) * p", "n * p - m", "sum(n * p, m)", "p * q * n / 2", "-(n * r) + m",
    "(n * p + m) * q", "n * (p * q)", "n * p / (m / n)", "max(n * p, m)", "n / m * p", "n * p * p", "(n - m) * p",
    "n * m / p",
)  # fmt: skip


@given(formula=st.sampled_from(FORMULAS), data=st.data())
def test_the_year_is_the_same_on_every_page_and_the_sum_of_its_months_where_it_says_so(formula, data) -> None:
    unit = {**dict.fromkeys(COUNTS, "count"), **dict.fromkeys(LEVELS, "ratio")}
    leaves = [
        {"code": code, "kind": "kpi", "parent": "ksf", "unit": unit[code], "manual": monthly(*data.draw(numbers))}
        for code in unit
    ]
    top = [
        {"code": "kgi", "kind": "kgi"},
        {"code": "ksf", "kind": "ksf", "parent": "kgi"},
        {"code": "f", "kind": "kpi", "parent": "ksf", "unit": "count", "formula": written(parse_formula(formula))},
        {"code": "g", "kind": "kpi", "parent": "ksf", "unit": "count", "formula": "f + n"},
    ]
    frame = {"format": "kpi-workshop/1", "workshop": {"name": "w", "fiscal_year_start": 4}, "nodes": [*top, *leaves]}
    workshop = Workshop.model_validate(frame)
    found = evaluate(workshop, {}, [YEAR, *MONTHS])
    adding = plan_of(structure_of(workshop)).months_add_up
    for code in ("f", "g"):
        year, months = float(found.actual[code][0]), found.actual[code][1:]
        if code in adding:
            assert year == pytest.approx(math.fsum(months), rel=1e-9, abs=1e-9 * float(abs(months).sum()))
        ahead = outlook(workshop, {}, code, YEAR, whole=False)
        assert ahead.value == pytest.approx(year, rel=1e-9, abs=1e-9 * float(abs(months).sum()))


def test_which_formulas_are_the_sum_of_their_months() -> None:
    nodes = [{"code": "kgi", "kind": "kgi"}, {"code": "ksf", "kind": "ksf", "parent": "kgi"}]
    cards = {
        "n": {"unit": "count"}, "m": {"unit": "count"}, "p": {"unit": "ratio"}, "q": {"unit": "ratio"},
        "sold": {"unit": "count", "formula": "n * p"}, "both": {"unit": "count", "formula": "sold + m / 2"},
        "share": {"unit": "ratio", "formula": "sold / both"}, "of_share": {"unit": "count", "formula": "m * share"},
        "most": {"unit": "count", "formula": "max(sold, m)"}, "odd": {"unit": "count", "formula": "m / q"},
    }  # fmt: skip
    nodes += [{"code": code, "kind": "kpi", "parent": "ksf", **card} for code, card in cards.items()]
    frame = {"format": "kpi-workshop/1", "workshop": {"name": "w"}, "nodes": nodes}
    plan = plan_of(structure_of(Workshop.model_validate(frame)))
    assert plan.months_add_up - {"n", "m"} == {"sold", "both"}
    assert set(plan.weighings) == {"p"}
