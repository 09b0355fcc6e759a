"""What was typed or measured for a node that has a formula too is a fact: simulation and back-solving start from it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_core.model.period import parse_period, periods_within
from kpi_core.model.workshop import Workshop
from kpi_core.tree.evaluation import evaluate
from kpi_core.tree.outlook import Outlook, outlook
from kpi_core.tree.solving import solve
from kpi_core.vocabulary import Grain

YEAR, SEPTEMBER = parse_period("2026"), parse_period("2026-09")
MONTHS = periods_within(YEAR, Grain.MONTH)


def typed(*numbers: float | None) -> list[dict[str, Any]]:
    return [{"period": p.key, "value": x} for p, x in zip(MONTHS, numbers, strict=False) if x is not None]


@pytest.fixture
def shop(tree) -> Workshop:
    """Revenue typed as 100 in April to September, where orders x price give 80; costs of 30."""
    return tree(
        {
            "profit": {"unit": "JPY", "formula": "revenue - cost"},
            "revenue": {"unit": "JPY", "formula": "orders * price", "manual": typed(*[100] * 6)},
            "orders": {"unit": "count", "manual": typed(*[8] * 6)},
            "price": {"unit": "JPY", "manual": typed(*[10] * 6)},
            "cost": {"unit": "JPY", "manual": typed(*[30] * 6)},
        }
    )


def ahead_of(workshop: Workshop, code: str, period=YEAR, **options: Any) -> Outlook:
    return outlook(workshop, options.pop("values", {}), code, period, whole=False, **options)


def test_what_was_typed_stands_and_the_open_months_follow_the_formula(shop) -> None:
    ahead = ahead_of(shop, "revenue")
    assert ahead.value == 6 * 100 + 6 * 80
    assert set(ahead.levers) == {"orders", "price"}
    assert {key for at in ahead.levers["orders"] for key in [ahead.network.cells[at][1][1].key]} == {
        p.key for p in MONTHS[6:]
    }
    met = solve(ahead, 1080, locks=["price"])
    assert (met.feasible, met.drivers[0].required) == (True, 8)
    more = solve(ahead, 1320, locks=["price"])  # 600 + 6 x 12 x 10
    assert more.drivers[0].required == pytest.approx(12)


def test_what_was_measured_stands_too(tree) -> None:
    count = {"dataset": "d", "aggregate": "count", "date": "day"}
    cards = {
        "revenue": {"unit": "JPY", "formula": "orders * 10", "measure": {**count, "aggregate": "sum", "column": "x"}},
        "orders": {"unit": "count", "manual": typed(*[8] * 6)},
    }
    values = {"revenue": {p.key: 100.0 for p in MONTHS[:6]}}
    assert ahead_of(tree(cards), "revenue", values=values).value == 1080


def test_a_node_on_the_way_is_its_fact_and_nothing_below_it_moves_it(shop) -> None:
    ahead = ahead_of(shop, "profit", SEPTEMBER, also=["revenue"])
    assert ahead.value == 70
    assert [leaf for leaf, cells in ahead.levers.items() if cells] == ["cost"]
    year = ahead_of(shop, "profit")
    assert year.value == 6 * 70 + 6 * 50
    assert set(year.levers) == {"orders", "price", "cost"}


def test_opened_again_the_node_asked_for_follows_its_formula(shop) -> None:
    # what would September have taken? ten orders of 10
    ahead = ahead_of(shop, "revenue", SEPTEMBER)
    assert ahead.value == 80
    assert solve(ahead, 100, locks=["price"]).drivers[0].required == pytest.approx(10)


def test_a_formula_that_only_typed_months_make_a_sum_is_one(tree, at) -> None:
    # most of two: typed months add up, so the year is Σ months; twice 9 typed, then 5 a month
    cards = {
        "most": {"unit": "count", "formula": "max(a, b)", "manual": typed(9, 9)},
        "a": {"unit": "count", "manual": typed(5, 1)},
        "b": {"unit": "count", "manual": typed(1, 5)},
    }
    workshop = tree(cards)
    assert at(workshop, "most", {}, "2026") == [18]
    assert ahead_of(workshop, "most").value == 9 + 9 + 10 * 5


NUMBERS = st.lists(st.floats(1, 1e3), min_size=12, max_size=12)
SOME = st.lists(st.none() | st.floats(1, 1e3), min_size=12, max_size=12)


@given(st.sampled_from(["n * p", "n - m", "max(n, m)", "n / m", "n * p + m"]), SOME, NUMBERS, NUMBERS, NUMBERS)
@settings(max_examples=40)
def test_a_finished_year_with_typed_months_is_the_dashboards(formula, own, n, m, p) -> None:
    unit = "ratio" if formula == "n / m" else "count"
    cards = {
        "top": {"unit": unit, "formula": "g * 2"},
        "g": {"unit": unit, "formula": formula, "manual": typed(*own)},
        "n": {"unit": "count", "manual": typed(*n)},
        "m": {"unit": "count", "manual": typed(*m)},
        "p": {"unit": "ratio", "manual": typed(*p)},
    }
    frame = [{"code": "kgi", "kind": "kgi"}, {"code": "ksf", "kind": "ksf", "parent": "kgi"}]
    nodes = [*frame, *({"code": code, "kind": "kpi", "parent": "ksf", **card} for code, card in cards.items())]
    workshop = Workshop.model_validate({"workshop": {"name": "w", "fiscal_year_start": 4}, "nodes": nodes})
    for key in ("2026", "2026-Q2", "2026-07"):
        period = parse_period(key)
        ahead = ahead_of(workshop, "top", period, also=["g"])
        found = evaluate(workshop, {}, [period]).actual
        here = {code: float(ahead.values[ahead.network.nodes[code, (period, period)]][0]) for code in ("top", "g")}
        assert here == {code: pytest.approx(float(found[code][0]), rel=1e-9) for code in here}
