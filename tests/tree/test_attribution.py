"""Contributions add up to the change, whatever the formula; the published figures of each method are met."""

from __future__ import annotations

import json
import math
from itertools import pairwise, permutations
from typing import Any

import numpy as np
import pytest

from kpi_core.model.period import parse_period
from kpi_core.model.workshop import Workshop
from kpi_core.tree.attribution import Attribution, Missing, attribute
from kpi_core.tree.drilling import shares_at
from kpi_core.tree.multipliers import log_mean
from kpi_core.tree.plan import plan_of, structure_of
from kpi_core.vocabulary import AttributionMethod

APRIL, MAY = parse_period("2026-04"), parse_period("2026-05")
SHAPLEY, CHAIN, LMDI, SEQUENTIAL = (AttributionMethod(name) for name in ("shapley", "chain", "lmdi", "sequential"))


def nodes_of(formulas: dict[str, str], leaves: dict[str, tuple[float | None, float | None]]) -> dict[str, Any]:
    return {**{code: {"formula": text} for code, text in formulas.items()}, **{leaf: {} for leaf in leaves}}


def measured(leaves: dict[str, tuple[float | None, float | None]]) -> dict[str, dict[str, float]]:
    """Leaf → its values in April and May."""
    keys = (APRIL.key, MAY.key)
    return {leaf: {key: v for key, v in zip(keys, pair, strict=True) if v is not None} for leaf, pair in leaves.items()}


@pytest.fixture
def explained(tree):
    """``explained({"f": "a * b"}, {"a": (1, 2), "b": (3, 4)})``: why ``f`` changed from April to May."""

    def run(formulas, leaves, code="f", **options) -> Attribution:
        return attribute(tree(nodes_of(formulas, leaves)), measured(leaves), code, APRIL, MAY, **options)

    return run


def closes(found: Attribution) -> bool:
    assert found.contributions is not None
    assert found.change is not None
    total = math.fsum((*found.contributions.values(), found.gap))
    scale = max(abs(found.change), *map(abs, found.contributions.values()), 1e-300)
    return abs(total - found.change) <= 1e-9 * scale


def test_a_product_shares_the_joint_part_evenly(explained) -> None:
    # 2 x 10 = 20 → 3 x 14 = 42: won (10 + 14) / 2 x 1 = 12, size (2 + 3) / 2 x 4 = 10
    leaves = {"won": (2, 3), "size": (10, 14)}
    for method in (SHAPLEY, CHAIN):
        found = explained({"f": "won * size"}, leaves, method=method)
        assert found.contributions == {"won": pytest.approx(12), "size": pytest.approx(10)}
        assert (found.change, found.method) == (22, method)
        assert abs(found.residual) <= 1e-12


def test_a_ratio_by_hand(explained) -> None:
    # 10/4 = 2.5 → 12/3 = 4. a: (1/4 + 1/3)/2 x 2 = 0.5833; b: -(10 + 12)/(2 x 12) x -1 = 0.9167
    for method in (SHAPLEY, CHAIN):
        found = explained({"f": "a / b"}, {"a": (10, 12), "b": (4, 3)}, method=method)
        assert found.contributions == {"a": pytest.approx(7 / 12), "b": pytest.approx(11 / 12)}


def test_lmdi_by_hand(explained) -> None:
    found = explained({"f": "a * b"}, {"a": (2, 4), "b": (3, 3.6)}, method=LMDI)
    mean = (14.4 - 6) / math.log(14.4 / 6)
    assert found.contributions == {
        "a": pytest.approx(mean * math.log(2)),
        "b": pytest.approx(mean * math.log(1.2)),
    }


def test_sequential_order_is_the_stated_one(explained) -> None:
    leaves = {"won": (2, 3), "size": (10, 14)}
    first = explained({"f": "won * size"}, leaves, method=SEQUENTIAL)
    assert first.contributions == {"won": 10, "size": 12}  # (3 - 2) x 10, then 3 x (14 - 10)
    other = explained({"f": "won * size"}, leaves, method=SEQUENTIAL, order=["size"])
    assert other.contributions == {"won": 14, "size": 8}


@pytest.mark.parametrize("method", [SHAPLEY, CHAIN])
@pytest.mark.parametrize(
    ("formulas", "leaves"),
    [
        ({"f": "a * b + c * d"}, {"a": (1, 0), "b": (5, 3), "c": (0, 2), "d": (-4, 6)}),  # vanish, appear, change sign
        ({"f": "a - b"}, {"a": (100, 150), "b": (30, 80)}),  # offset each other
        ({"f": "min(a, b) + max(a, c) + abs(d)"}, {"a": (1, 4), "b": (3, 2), "c": (2, 0), "d": (-3, 2)}),
        ({"f": "round(a * b, 1) ** 2"}, {"a": (1.23, 4.5), "b": (2, 0.7)}),
        ({"f": "g * h", "g": "a + b", "h": "b / c"}, {"a": (1, 2), "b": (3, 5), "c": (4, 8)}),  # b twice
        ({"f": "sum(a, b, 3) / 2 - g", "g": "-a"}, {"a": (1, 2), "b": (-7, 5)}),
        ({"f": "g", "g": "a"}, {"a": (1, 2)}),
    ],
)
def test_contributions_add_up_whatever_the_formula(explained, method, formulas, leaves) -> None:
    found = explained(formulas, leaves, method=method)
    assert closes(found)
    assert set(found.contributions) == set(leaves)


def test_a_shared_driver_counts_once_over_all_its_ways(explained) -> None:
    # f = a*b + a*c = a(b + c): 1 x 5 = 5 → 3 x 5 = 15, all of it a's, through both ways
    leaves = {"a": (1, 3), "b": (2, 2), "c": (3, 3)}
    for method in (SHAPLEY, CHAIN, LMDI):
        found = explained({"f": "g + h", "g": "a * b", "h": "a * c"}, leaves, method=method)
        assert found.contributions == {"a": pytest.approx(10), "b": 0, "c": 0}


def test_a_missing_input_is_named_and_nothing_is_attributed(explained) -> None:
    found = explained({"f": "a * b"}, {"a": (1, 2), "b": (3, None)})
    assert (found.contributions, found.change) == (None, None)
    assert found.missing == (Missing("b", MAY),)


def test_a_division_by_zero_gives_no_value_and_no_epsilon(explained) -> None:
    found = explained({"f": "a / b"}, {"a": (1, 2), "b": (0, 3)})
    assert (found.contributions, found.missing, found.singular) == (None, (), True)


def test_where_a_mixed_state_divides_by_zero_the_chain_rule_answers_and_says_so(explained) -> None:
    # b - c is 1, then 1; with b after and c before it is 2 - ... : b=3,c=2 → b=2,c=1; mixed b1-c0 = 0
    leaves = {"a": (4, 6), "b": (3, 2), "c": (2, 1)}
    found = explained({"f": "a / g", "g": "b - c"}, leaves)
    assert found.method is CHAIN
    # a: 1 x 2 = 2; g unchanged: b and c offset each other, -M and +M with M = -(4 + 6)/(2 x 1 x 1) = -5
    assert found.contributions == {"a": 2, "b": 5, "c": -5}
    refused = explained({"f": "a / g", "g": "b - c"}, leaves, method=SHAPLEY)
    assert (refused.contributions, refused.singular) == (None, True)


def test_more_than_twelve_changed_leaves_take_the_chain_rule(explained) -> None:
    leaves = {f"x{n}": (1.0 + n, 2.0 + n * n) for n in range(13)}
    found = explained({"f": " * ".join(leaves)}, leaves)
    assert found.method is CHAIN
    assert closes(found)
    still = dict(leaves, x5=(6.0, 6.0))
    twelve = explained({"f": " * ".join(still)}, still)
    assert (twelve.method, twelve.contributions["x5"]) == (SHAPLEY, 0)
    assert closes(twelve)


@pytest.mark.parametrize(
    ("formula", "leaves", "shares"),
    [
        ("a * b * c", {"a": (0, 2), "b": (0, 3), "c": (5, 4)}, {"a": 12, "b": 12, "c": 0}),  # 0 → 24
        ("a * b * c", {"a": (2, 0), "b": (3, 0), "c": (5, 4)}, {"a": -15, "b": -15, "c": 0}),  # 30 → 0
        ("a * b * c", {"a": (0, 2), "b": (3, 3), "c": (5, 4)}, {"a": 24, "b": 0, "c": 0}),
        ("a ** 2 * b", {"a": (0, 2), "b": (0, 3)}, {"a": 8, "b": 4}),  # 0 → 12: a counts twice
    ],
)
def test_lmdi_gives_factors_that_are_0_equal_parts(explained, formula, leaves, shares) -> None:
    assert explained({"f": formula}, leaves, method=LMDI).contributions == pytest.approx(shares)


def test_lmdi_is_refused_for_negative_values_and_changes_of_sign(explained) -> None:
    assert explained({"f": "a * b"}, {"a": (-1, 2), "b": (3, 4)}, method=LMDI).contributions is None
    assert explained({"f": "g * c", "g": "a - b"}, {"a": (1, 5), "b": (3, 4), "c": (1, 2)}, method=LMDI).singular


def test_a_measured_node_names_what_its_formula_does_not_give(tree) -> None:
    # measured 100 → 150; the formula gives 2 x 40 = 80 → 3 x 40 = 120: won 40, beyond the formula 10
    count = {"dataset": "d", "aggregate": "count", "date": "day"}
    workshop = tree({"f": {"formula": "won * size", "measure": count}, "won": {}, "size": {}})
    values = measured({"f": (100, 150), "won": (2, 3), "size": (40, 40)})
    found = attribute(workshop, values, "f", APRIL, MAY)
    assert (found.contributions, found.gap) == ({"won": 40, "size": 0}, 10)
    assert closes(found)


def test_an_entry_typed_over_a_formula_ends_the_way_down(tree) -> None:
    card = {"formula": "a * 2", "manual": [{"period": "2026-05", "value": 99}]}
    workshop = tree({"f": {"formula": "g + b"}, "g": card, "a": {}, "b": {}})
    found = attribute(workshop, measured({"a": (1, 2), "b": (3, 4)}), "f", APRIL, MAY)
    assert found.contributions == {"g": 97, "b": 1}


def test_from_target_to_actual(tree) -> None:
    def aimed(value: float) -> dict[str, Any]:
        return {"targets": [{"period": "2026-05", "value": value}]}

    workshop = tree({"f": {"formula": "won * size"}, "won": aimed(4), "size": aimed(10)})
    values = measured({"won": (1, 3), "size": (1, 14)})
    # target 40 → actual 42: won (10 + 14)/2 x -1, size (4 + 3)/2 x 4
    found = attribute(workshop, values, "f", APRIL, MAY, from_target=True)
    assert (found.before, found.after) == (40, 42)
    assert found.contributions == {"won": pytest.approx(-12), "size": pytest.approx(14)}
    bare = attribute(tree({"f": {"formula": "a * 2", **aimed(3)}, "a": {}}), {"a": {"2026-05": 1}}, "f", APRIL, MAY,
                     from_target=True)  # fmt: skip
    assert bare.missing == (Missing("a", MAY, True),)


def test_time_functions_move_with_both_periods(tree) -> None:
    months = {"2026-04": 1.0, "2026-05": 2.0, "2026-06": 4.0, "2026-07": 8.0}
    workshop = tree(
        {
            "f": {"formula": "lag(a, 1) * b + rolling(a, 2)"},
            "y": {"formula": "ytd(a * b)"},
            "a": {},
            "b": {},
        }
    )
    values = {"a": months, "b": dict.fromkeys(months, 3.0) | {"2026-07": 5.0}}
    june, july = parse_period("2026-06"), parse_period("2026-07")
    # lag: 2 x 3 = 6 → 4 x 5 = 20: a (3 + 5)/2 x 2 = 8, b (2 + 4)/2 x 2 = 6; rolling: 2 + 4 → 4 + 8, all a's
    found = attribute(workshop, values, "f", june, july)
    assert found.contributions == {"a": pytest.approx(14), "b": pytest.approx(6)}
    # ytd: April 3, May 6, June 12 on both sides; July is new: 8 x 5 = 40, shared evenly
    found = attribute(workshop, values, "y", june, july)
    assert found.contributions == {"a": pytest.approx(20), "b": pytest.approx(20)}
    assert closes(found)


def test_what_time_alone_adds_is_no_leafs_doing(tree) -> None:
    # 3 months of 2 + 1, then a fourth: 2 of it are a's, 1 comes with the month itself
    months = dict.fromkeys(("2026-04", "2026-05", "2026-06", "2026-07"), 2.0)
    workshop = tree({"f": {"formula": "ytd(a + 1)"}, "a": {}})
    found = attribute(workshop, {"a": months}, "f", parse_period("2026-06"), parse_period("2026-07"))
    assert (found.before, found.after) == (9, 12)
    assert (found.contributions, found.gap) == ({"a": 2}, 1)


def test_a_year_that_is_the_sum_of_its_months_is_explained_month_by_month(tree) -> None:
    months = [f"2025-{m:02d}" for m in range(4, 13)] + [f"2026-{m:02d}" for m in range(1, 13)]
    months += ["2027-01", "2027-02", "2027-03"]
    workshop = tree({"f": {"formula": "a * b", "roll_up": "sum"}, "a": {}, "b": {}})
    values = {"a": dict.fromkeys(months, 2.0), "b": {m: float(at) for at, m in enumerate(months)}}
    found = attribute(workshop, values, "f", parse_period("2025"), parse_period("2026"), whole=False)
    assert (found.before, found.after) == (2 * 66, 2 * 210)
    assert found.contributions == {"a": 0, "b": pytest.approx(288)}


def test_levels_add_up_to_the_same(tree) -> None:
    formulas = {"f": "g * h + s", "g": "a + b", "h": "c / s"}
    leaves = {"a": (1, 2), "b": (3, 1), "c": (4, 9), "s": (2, 5)}
    workshop = tree(nodes_of(formulas, leaves))
    found = attribute(workshop, measured(leaves), "f", APRIL, MAY)
    plan = plan_of(structure_of(workshop))
    top = shares_at(plan, found.contributions, "f")
    assert [(share.node, share.leaves, share.without, share.of) for share in top] == [
        ("g", ("a", "b"), (), ()),
        ("h", ("c",), ("s",), ()),
        ("s", ("s",), (), ("h", "s")),
    ]
    assert math.fsum(share.value for share in top) == pytest.approx(found.change, rel=1e-12)
    below = shares_at(plan, found.contributions, "g")
    assert math.fsum(share.value for share in below) == pytest.approx(top[0].value, rel=1e-12)
    assert {share.node: share.value for share in below} == {k: found.contributions[k] for k in ("a", "b")}


# the published figures -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def simple(shared) -> dict[str, Any]:
    return json.loads((shared / "data/d_treemath/lmdi_simple_LMDIR.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def funnel(shared) -> dict[str, Any]:
    return json.loads((shared / "data/d_treemath/funnel_icanexplain.json").read_text("utf-8"))


NAMES = (("x11", "x12", "x13"), ("x21", "x22", "x23"))
SUM_OF_PRODUCTS = {"f": "v1 + v2", "v1": "x11 * x12 * x13", "v2": "x21 * x22 * x23"}


def cells(before: list[list[float]], after: list[list[float]]) -> dict[str, tuple[float, float]]:
    return {NAMES[row][column]: (before[row][column], after[row][column]) for row in range(2) for column in range(3)}


@pytest.mark.parametrize(("start", "end"), [("1971", "1972"), ("1972", "1973"), ("1973", "1974")])
def test_lmdi_as_published(explained, simple, start, end) -> None:
    leaves = cells(simple["X"][start], simple["X"][end])
    found = explained(SUM_OF_PRODUCTS, leaves, method=LMDI)
    stated = simple["published"][end]
    z = [[found.contributions[name] for name in row] for row in NAMES]
    np.testing.assert_allclose(z, stated["Z"], atol=1e-6)
    np.testing.assert_allclose(np.sum(z, axis=0), stated["dV"], atol=1e-6)
    assert found.change == pytest.approx(stated["dV_agg"], abs=1e-9)
    # the multiplicative form is the additive one over the logarithmic mean of the whole
    np.testing.assert_allclose(np.exp(np.sum(z, axis=0) / log_mean(found.after, found.before)), stated["D"], atol=1e-6)
    assert found.after / found.before == pytest.approx(stated["D_agg"], abs=1e-6)
    shapley = explained(SUM_OF_PRODUCTS, leaves).contributions
    np.testing.assert_allclose([shapley[n] for row in NAMES for n in row], simple["shapley_same_change"][end])


def test_lmdi_over_all_years_adds_up_as_published(explained, simple) -> None:
    years = ["1971", "1972", "1973", "1974"]
    totals, factor = [0.0], [1.0]
    for start, end in pairwise(years):
        found = explained(SUM_OF_PRODUCTS, cells(simple["X"][start], simple["X"][end]), method=LMDI)
        totals.append(totals[-1] + math.fsum(found.contributions.values()))
        factor.append(factor[-1] * found.after / found.before)
    np.testing.assert_allclose(totals, simple["cumulative"]["dV_agg"], atol=1e-6)
    np.testing.assert_allclose(factor, simple["cumulative"]["D_agg"], atol=1e-6)


def test_lmdi_with_a_zero_as_published(explained, simple) -> None:
    for case in simple["matrices_with_zero"]:
        found = explained(SUM_OF_PRODUCTS, cells(case["X0"], case["XT"]), method=LMDI)
        np.testing.assert_allclose([[found.contributions[n] for n in row] for row in NAMES], case["Z"], atol=1e-6)
        assert closes(found)


@pytest.mark.parametrize("case", range(1, 9))
def test_lmdi_zero_cases_of_ang_1998(explained, simple, case) -> None:
    stated = simple["zero_value_cases_Ang1998"][case - 1]
    # x is the factor in question, y the other one, which makes v what the case says; 9999 stands for any positive
    positive = {9999: 7.0}
    x = tuple(positive.get(stated[side], stated[side]) for side in ("x0", "xT"))
    v = tuple(positive.get(stated[side], stated[side]) for side in ("v0", "vT"))
    y = tuple(
        value / factor if factor else (0.0 if case in (6, 7, 8) else 3.0) for value, factor in zip(v, x, strict=True)
    )
    found = explained({"f": "x * y"}, {"x": x, "y": y}, method=LMDI)
    assert (found.before, found.after) == v
    assert found.contributions["x"] == pytest.approx(stated["Z"])
    assert closes(found)


FACTORS = ("impressions", "click_rate", "conversion_rate", "spend")
FUNNEL = {"f": " * ".join(FACTORS)}


def rates(row: list[Any]) -> tuple[float, float, float, float]:
    _, _, impressions, clicks, conversions, revenue = row
    return impressions, clicks / impressions, conversions / clicks, revenue / conversions


def funnel_leaves(funnel: dict[str, Any], month: str, group: str) -> dict[str, tuple[float, float]]:
    sides = [
        rates(next(row for row in funnel["data"]["rows"] if row[0] == f"{year}-0{month}" and row[1] == group))
        for year in (2018, 2019)
    ]
    return {name: (sides[0][at], sides[1][at]) for at, name in enumerate(FACTORS)}


@pytest.mark.parametrize("place", ["1-A", "1-B", "1-C", "2-A", "2-B", "2-C"])
def test_the_funnel_by_three_methods(explained, funnel, place) -> None:
    leaves, stated = funnel_leaves(funnel, *place.split("-")), funnel["per_month_group"][place]
    for method, key in ((SEQUENTIAL, "sequential_exact"), (LMDI, "lmdi"), (SHAPLEY, "shapley")):
        found = explained(FUNNEL, leaves, method=method)
        np.testing.assert_allclose([found.contributions[n] for n in FACTORS], stated[key], rtol=1e-9, atol=1e-8)
        assert found.change == pytest.approx(stated["delta"])
        assert closes(found)
    published = explained(FUNNEL, leaves, method=SEQUENTIAL).contributions
    np.testing.assert_allclose([published[n] for n in FACTORS], stated["sequential_published"], atol=0.005)


def test_the_funnels_contributions_add_up_to_the_published_sum(explained, funnel) -> None:
    for method in (SHAPLEY, LMDI, SEQUENTIAL, CHAIN):
        parts = [explained(FUNNEL, funnel_leaves(funnel, *place.split("-")), method=method).contributions
                 for place in funnel["per_month_group"]]  # fmt: skip
        total = math.fsum(value for part in parts for value in part.values())
        assert total == pytest.approx(funnel["published_sum_of_contributions"], rel=1e-9)


def test_the_funnel_as_a_whole(explained, funnel) -> None:
    sides = []
    for year in ("2018", "2019"):
        rows = [row for row in funnel["data"]["rows"] if row[0].startswith(year)]
        sides.append(rates([None, None, *(sum(row[at] for row in rows) for at in range(2, 6))]))
    leaves = {name: (sides[0][at], sides[1][at]) for at, name in enumerate(FACTORS)}
    for method, key in ((SHAPLEY, "shapley"), (LMDI, "lmdi")):
        found = explained(FUNNEL, leaves, method=method)
        np.testing.assert_allclose([found.contributions[n] for n in FACTORS], funnel["total_level"][key], rtol=1e-9)
        assert found.change == pytest.approx(funnel["total_level"]["delta"], rel=1e-9)


def test_shapley_equals_every_order_in_turn(explained) -> None:
    leaves = {"a": (3, 0), "b": (-2, 5), "c": (1, 4), "d": (7, 2)}
    found = explained({"f": "a * b - max(c, d) * a + c ** 2"}, leaves).contributions

    def value(state: dict[str, float]) -> float:
        a, b, c, d = (state[name] for name in "abcd")
        return a * b - max(c, d) * a + c**2

    total = dict.fromkeys(leaves, 0.0)
    orders = list(permutations(leaves))
    for order in orders:
        state = {name: pair[0] for name, pair in leaves.items()}
        for name in order:
            before = value(state)
            state[name] = leaves[name][1]
            total[name] += value(state) - before
    assert found == {name: pytest.approx(share / len(orders)) for name, share in total.items()}


def test_the_workshop_is_only_read(tree) -> None:
    leaves = {"a": (1, 2)}
    workshop = tree(nodes_of({"f": "a * 2"}, leaves))
    before = workshop.model_dump_json()
    attribute(workshop, measured(leaves), "f", APRIL, MAY)
    assert workshop == Workshop.model_validate_json(before)
