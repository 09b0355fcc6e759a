"""What every attribution keeps, over random trees with zeros and negatives: it closes, it is fair."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from itertools import permutations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kpi_core.model.expression import Binary, Call, Expression, Name, Negative, Number, parse_formula
from kpi_core.model.period import parse_period, periods_between
from kpi_core.model.workshop import Workshop
from kpi_core.tree.attribution import Attribution, attribute, contributions
from kpi_core.tree.evaluation import evaluate
from kpi_core.tree.matching import match
from kpi_core.tree.writing import written
from kpi_core.vocabulary import AttributionMethod

LEAVES = ("a", "b", "c", "d")
PERIODS = periods_between(parse_period("2025-12"), parse_period("2026-07"))
START, END = PERIODS[-3], PERIODS[-1]
EXACT = (AttributionMethod.SHAPLEY, AttributionMethod.CHAIN, AttributionMethod.SEQUENTIAL)

numbers = st.one_of(st.just(0.0), st.integers(-5, 5).map(float), st.floats(-1e4, 1e4, allow_nan=False))
rows = st.fixed_dictionaries(dict.fromkeys(LEAVES, st.lists(numbers, min_size=len(PERIODS), max_size=len(PERIODS))))


@cache  # building strategies costs more than drawing from them
def formulas(names: tuple[str, ...], timed: bool) -> st.SearchStrategy[Expression]:
    leaves = st.one_of(st.sampled_from(names).map(Name), st.sampled_from([1, 2, 0.5]).map(Number))

    def grow(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
        binary = st.builds(Binary, st.sampled_from(["+", "-", "*", "*", "/"]), inner, inner)
        power = st.builds(lambda base: Binary("**", base, Number(2)), inner)
        several = st.builds(
            lambda name, parts: Call(name, tuple(parts)),
            st.sampled_from(["min", "max", "sum"]),
            st.lists(inner, min_size=1, max_size=3),
        )
        single = st.one_of(st.builds(Negative, inner), st.builds(lambda part: Call("abs", (part,)), inner))
        moving = st.builds(
            lambda name, part, steps: Call(name, (part, Number(steps))),
            st.sampled_from(["lag", "rolling"]),
            inner,
            st.integers(1, 2),
        )
        # a constant's running total grows by itself, with no leaf to thank: that is the gap, and has its own test
        total = st.builds(
            lambda name, part: Call("ytd", (Binary("*", Name(name), part),)), st.sampled_from(LEAVES), inner
        )
        return st.one_of(binary, binary, power, several, single, *((moving, total) if timed else ()))

    return st.recursive(leaves, grow, max_leaves=5)


@st.composite
def trees(draw: st.DrawFn, timed: bool = True) -> dict[str, Expression]:
    found: dict[str, Expression] = {}
    for at in range(draw(st.integers(1, 3))):
        found[f"f{at}"] = draw(formulas((*LEAVES, *found), timed))
    return found


def workshop_of(expressions: Mapping[str, Expression], leaves: tuple[str, ...] = LEAVES) -> Workshop:
    nodes = [{"code": code, "kind": "kpi", "unit": "count"} for code in leaves]
    nodes += [{"code": code, "kind": "kpi", "formula": written(formula)} for code, formula in expressions.items()]
    return Workshop.model_validate({"format": "kpi-workshop/1", "workshop": {"name": "w"}, "nodes": nodes})


def by_key(drawn: Mapping[str, list[float]]) -> dict[str, dict[str, float]]:
    return {code: {p.key: n for p, n in zip(PERIODS, row, strict=True)} for code, row in drawn.items()}


def explained(tree: Mapping[str, Expression], drawn: Mapping[str, list[float]], method=None) -> Attribution:
    return attribute(workshop_of(tree), by_key(drawn), list(tree)[-1], START, END, method=method)


def scale(found: Attribution) -> float:
    assert found.contributions is not None
    return max(1e-300, abs(found.change or 0), *map(abs, found.contributions.values()), 0.0)


@given(trees(), rows, st.sampled_from(EXACT))
@settings(max_examples=40)
def test_contributions_close_exactly(tree, drawn, method) -> None:
    found = explained(tree, drawn, method)
    values = evaluate(workshop_of(tree), by_key(drawn), [START, END]).actual[list(tree)[-1]]
    assert [found.before, found.after] == [None if np.isnan(v) else v for v in values]
    if found.contributions is None:
        # never a refusal without a reason: a value is missing, or something divides by zero
        assert found.missing or found.singular
        return
    total = math.fsum((*found.contributions.values(), found.gap))
    assert abs(total - found.change) <= 1e-9 * scale(found)
    assert found.gap == 0


@given(trees(), rows, st.sampled_from(EXACT))
@settings(max_examples=60)
def test_shares_add_up_before_rounding_is_given_to_any(tree, drawn, method) -> None:
    """What ``attribute`` gives to the largest share is the last bits only, never what a rule forgot."""
    found = match(workshop_of(tree), by_key(drawn), list(tree)[-1], (START, END), whole=True)
    assume(not found.missing and np.isfinite(found.computed).all())
    shares = contributions(found, method)
    assume(shares)
    largest = max(float(np.abs(step).max()) for step in found.network.run(found.cells))
    size = max(largest, *map(abs, shares.values()))
    assert abs(math.fsum(shares.values()) - float(found.computed[1] - found.computed[0])) <= 1e-9 * size


@pytest.mark.parametrize(
    ("formula", "before", "after", "shares"),
    [
        ("-a + b", (3, 1), (5, 2), (-2, 1)),
        ("abs(a) * b", (-3, 2), (5, 4), (6, 8)),  # |a| from 3 to 5 at a mean b of 3; b by 2 at a mean |a| of 4
        ("round(a, 0) + b", (1.4, 1), (2.6, 2), (2, 1)),
        ("max(a, b)", (1, 4), (6, 5), (1.5, 0.5)),  # first a: 2, then b: 0; first b: 1, then a: 1
        ("min(a, b)", (1, 4), (6, 2), (2, -1)),  # first a: 3, then b: -2; first b: 0, then a: 1
        ("a ** b", (2, 2), (3, 3), (12, 11)),  # 4 to 27; first a: 5, then b: 18; first b: 4, then a: 19
    ],
)
def test_the_chain_rule_of_each_operation_by_hand(formula, before, after, shares) -> None:
    expression = parse_formula(formula)
    drawn = {code: [0.0] * 5 + [x, 0.0, y] for code, x, y in zip("ab", before, after, strict=True)}
    drawn |= {code: [0.0] * len(PERIODS) for code in "cd"}
    found = match(workshop_of({"f": expression}), by_key(drawn), "f", (START, END), whole=True)
    told = contributions(found, AttributionMethod.CHAIN)
    assert told == {code: pytest.approx(share) for code, share in zip("ab", shares, strict=True)}


@given(trees(timed=False), rows)
@settings(max_examples=40)
def test_shapley_equals_the_mean_over_every_order(tree, drawn) -> None:
    found = explained(tree, drawn, AttributionMethod.SHAPLEY)
    assume(found.contributions)
    top, workshop = list(tree)[-1], workshop_of(tree)

    def value(after: frozenset[str]) -> float:
        mixed = {code: {END.key: row[-1 if code in after else -3]} for code, row in drawn.items()}
        return float(evaluate(workshop, mixed, [END]).actual[top][0])

    known = {frozenset(leaf for at, leaf in enumerate(LEAVES) if bits >> at & 1): 0.0 for bits in range(16)}
    known = {subset: value(subset) for subset in known}
    orders = list(permutations(LEAVES))
    for leaf in LEAVES:
        steps = [known[frozenset(o[: o.index(leaf) + 1])] - known[frozenset(o[: o.index(leaf)])] for o in orders]
        expected = math.fsum(steps) / len(orders)
        size = max(map(abs, known.values()))
        assert abs(found.contributions.get(leaf, 0.0) - expected) <= 1e-9 * max(size, 1.0)


@given(trees(), rows, st.sampled_from(LEAVES), st.sampled_from(EXACT))
@settings(max_examples=40)
def test_a_leaf_that_did_not_change_contributes_nothing(tree, drawn, still, method) -> None:
    found = explained(tree, {**drawn, still: [3.0] * len(PERIODS)}, method)
    # ytd of a constant leaf grows with the year, which is a change
    assume(found.contributions and "ytd" not in " ".join(map(written, tree.values())))
    assert found.contributions.get(still, 0.0) == 0


@given(trees(), rows, st.sampled_from((AttributionMethod.SHAPLEY, AttributionMethod.CHAIN)))
@settings(max_examples=40)
def test_names_and_order_do_not_matter(tree, drawn, method) -> None:
    found = explained(tree, drawn, method)
    assume(found.contributions)
    other = dict(zip(LEAVES, reversed(LEAVES), strict=True))  # a ↔ d, b ↔ c: another order in the workshop and of codes

    def renamed(expression: Expression) -> Expression:
        match expression:
            case Name(name):
                return Name(other.get(name, name))
            case Negative(operand):
                return Negative(renamed(operand))
            case Binary(op, left, right):
                return Binary(op, renamed(left), renamed(right))
            case Call(function, arguments):
                return Call(function, tuple(map(renamed, arguments)))
        return expression

    again = explained(
        {code: renamed(e) for code, e in tree.items()}, {other[k]: row for k, row in drawn.items()}, method
    )
    for leaf, share in found.contributions.items():
        assert abs(again.contributions[other.get(leaf, leaf)] - share) <= 1e-9 * scale(found)


@given(rows, st.sampled_from(["a * b + c", "(a + b) * c", "a / c + b / c", "max(a, b) - c", "a * b * c"]))
@settings(max_examples=40)
def test_leaves_that_play_the_same_part_get_the_same(drawn, text) -> None:
    # a and b have the same values and the same place in the formula
    alike = {**drawn, "b": drawn["a"]}
    nodes = [{"code": code, "kind": "kpi", "unit": "count"} for code in LEAVES]
    document = {"workshop": {"name": "w"}, "nodes": [*nodes, {"code": "f", "kind": "kpi", "formula": text}]}
    found = attribute(Workshop.model_validate(document), by_key(alike), "f", START, END,
                      method=AttributionMethod.SHAPLEY)  # fmt: skip
    assume(found.contributions)
    assert abs(found.contributions["a"] - found.contributions["b"]) <= 1e-9 * scale(found)
