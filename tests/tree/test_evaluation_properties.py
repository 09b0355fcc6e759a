"""Evaluation equals a plain walk over each formula, period by period; sums and shifts keep their laws."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_core.model.expression import Binary, Call, Expression, Name, Negative, Number, steps_of
from kpi_core.model.period import Period, parse_period, periods_between, periods_within
from kpi_core.model.workshop import Workshop
from kpi_core.tree.evaluation import evaluate
from kpi_core.tree.writing import written
from kpi_core.vocabulary import Grain

LEAVES = ("a", "b", "c")
MONTHS = periods_between(parse_period("2025-10"), parse_period("2027-05"))
COUNT = {"dataset": "d", "aggregate": "count", "date": "day"}

numbers = st.one_of(st.just(0.0), st.integers(-5, 5).map(float), st.floats(-1e6, 1e6, allow_nan=False))
missing_or_number = st.one_of(st.none(), numbers, numbers, numbers)
series = st.lists(missing_or_number, min_size=len(MONTHS), max_size=len(MONTHS))
values = st.fixed_dictionaries(dict.fromkeys(LEAVES, series))


def formulas(names: tuple[str, ...]) -> st.SearchStrategy[Expression]:
    leaves: st.SearchStrategy[Expression] = st.one_of(
        st.sampled_from(names).map(Name), st.sampled_from(names).map(Name), st.sampled_from([0, 1, 2, 0.5]).map(Number)
    )

    def grow(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
        binary = st.builds(Binary, st.sampled_from(["+", "-", "*", "/", "**"]), inner, inner)
        several = st.builds(
            lambda name, parts: Call(name, tuple(parts)),
            st.sampled_from(["min", "max", "sum"]),
            st.lists(inner, min_size=1, max_size=3),
        )
        timed = st.builds(
            lambda name, part, steps: Call(name, (part, Number(steps))),
            st.sampled_from(["lag", "rolling"]),
            inner,
            st.integers(1, 5),
        )
        single = st.builds(lambda name, part: Call(name, (part,)), st.sampled_from(["abs", "ytd"]), inner)
        return st.one_of(binary, binary, several, timed, single, st.builds(Negative, inner))

    return st.recursive(leaves, grow, max_leaves=6)


@st.composite
def trees(draw: st.DrawFn) -> dict[str, Expression]:
    """Formulas f0, f1 … of which each may use the leaves and those before it."""
    found: dict[str, Expression] = {}
    for at in range(draw(st.integers(1, 5))):
        found[f"f{at}"] = draw(formulas((*LEAVES, *found)))
    return found


def workshop_of(expressions: Mapping[str, Expression]) -> Workshop:
    leaves = [{"code": code, "kind": "kpi", "unit": "count", "measure": COUNT} for code in LEAVES]
    computed = [{"code": code, "kind": "kpi", "formula": written(formula)} for code, formula in expressions.items()]
    document = {"format": "kpi-workshop/1", "workshop": {"name": "w", "fiscal_year_start": 4}}
    return Workshop.model_validate({**document, "nodes": [*leaves, *computed]})


def by_key(drawn: Mapping[str, list[float | None]]) -> dict[str, dict[str, float]]:
    return {
        code: {period.key: number for period, number in zip(MONTHS, row, strict=True) if number is not None}
        for code, row in drawn.items()
    }


class Oracle:
    """The same formulas walked as anyone would: one node, one period, ``None`` for no value."""

    def __init__(self, expressions: Mapping[str, Expression], measured: Mapping[str, Mapping[str, float]]) -> None:
        self.expressions = expressions
        self.measured = measured

    def value(self, formula: Expression, period: Period) -> float | None:
        match formula:
            case Number(value):
                return float(value)
            case Name(name) if name in self.expressions:
                return self.value(self.expressions[name], period)
            case Name(name):
                return self.measured[name].get(period.key)
            case Negative(operand):
                inner = self.value(operand, period)
                return None if inner is None else -inner
            case Call("lag", (inner, _)):
                return self.value(inner, period.shift(-steps_of(formula)))
            case Call("rolling", (inner, _)):
                return self.total(
                    [self.value(inner, period.shift(1 - back)) for back in range(steps_of(formula), 0, -1)]
                )
            case Call("ytd", (inner,)):
                first = period.at(Grain.YEAR).at(Grain.MONTH)
                return self.total([self.value(inner, each) for each in periods_between(first, period)])
            case Call(function, arguments):
                parts = [self.value(argument, period) for argument in arguments]
                known = [part for part in parts if part is not None]
                if len(known) < len(parts):
                    return None
                return (
                    self.total(list(parts))
                    if function == "sum"
                    else float({"min": min, "max": max}[function](known) if function != "abs" else abs(known[0]))
                )
            case Binary(op, left, right):
                return self.operate(op, self.value(left, period), self.value(right, period))
        raise TypeError(formula)

    def total(self, parts: list[float | None]) -> float | None:
        sum_so_far: float | None = 0.0
        for part in parts:
            sum_so_far = self.operate("+", sum_so_far, part)
        return sum_so_far

    def operate(self, op: str, left: float | None, right: float | None) -> float | None:
        if left is None or right is None:
            return None
        try:
            result = {
                "+": lambda: left + right,
                "-": lambda: left - right,
                "*": lambda: left * right,
                "/": lambda: left / right,
                "**": lambda: left**right,
            }[op]()
        except (ZeroDivisionError, OverflowError):
            return None
        return result if isinstance(result, float) and math.isfinite(result) else None


@given(trees(), values)
# always the same examples: the last bit of x ** y differs between libraries, and a difference of two may show it
@settings(max_examples=80, derandomize=True)
def test_evaluation_equals_a_plain_walk(formulas: dict[str, Expression], drawn: dict[str, list[float | None]]) -> None:
    measured = by_key(drawn)
    asked = MONTHS[4:]
    found = evaluate(workshop_of(formulas), measured, asked)
    oracle = Oracle(formulas, measured)
    for code in formulas:
        expected = [oracle.value(Name(code), period) for period in asked]
        as_numbers = np.array([np.nan if number is None else number for number in expected])
        np.testing.assert_allclose(found.actual[code], as_numbers, rtol=1e-9)


plain = st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=12, max_size=12)
YEAR = parse_period("2026", 4)


@given(plain, plain, st.integers(1, 12))
def test_a_sum_formula_over_quarters_and_months_equals_the_year(first, second, start) -> None:
    year = parse_period("2026", start)
    months, quarters = periods_within(year, Grain.MONTH), periods_within(year, Grain.QUARTER)
    rows = {"a": first, "b": second}
    measured = {code: {p.key: n for p, n in zip(months, row, strict=True)} for code, row in rows.items()}
    nodes = [{"code": code, "kind": "kpi", "unit": "count", "measure": COUNT} for code in rows]
    nodes.append({"code": "f", "kind": "kpi", "formula": "a - 2 * b"})
    frame = {"name": "w", "fiscal_year_start": start}
    workshop = Workshop.model_validate({"format": "kpi-workshop/1", "workshop": frame, "nodes": nodes})
    found = evaluate(workshop, measured, (*months, *quarters, year)).actual["f"]
    expected = math.fsum(first) - 2 * math.fsum(second)
    scale = 1e-9 * (1 + math.fsum(map(abs, first)) + math.fsum(map(abs, second)))
    assert abs(found[:12].sum() - expected) <= scale
    assert abs(found[12:16].sum() - expected) <= scale
    assert abs(found[16] - expected) <= scale


@given(plain, st.integers(2, 50))
def test_scaling_the_inputs_scales_the_sums_and_leaves_the_rates(row, factor) -> None:
    months = periods_within(YEAR, Grain.MONTH)
    nodes = [{"code": code, "kind": "kpi", "unit": "count", "measure": COUNT} for code in ("a", "b")]
    nodes += [{"code": "total", "kind": "kpi", "formula": "a + b"}, {"code": "rate", "kind": "kpi", "formula": "a / b"}]
    workshop = Workshop.model_validate({"format": "kpi-workshop/1", "workshop": {"name": "w"}, "nodes": nodes})

    def at_scale(scale: float) -> tuple[float, float]:
        one = {p.key: abs(n) * scale for p, n in zip(months, row, strict=True)}
        other = {p.key: (abs(n) + 1) * scale for p, n in zip(months, row, strict=True)}
        found = evaluate(workshop, {"a": one, "b": other}, [YEAR]).actual
        return float(found["total"][0]), float(found["rate"][0])

    (total, rate), (more, same) = at_scale(1), at_scale(factor)
    assert math.isclose(more, factor * total, rel_tol=1e-9)
    assert math.isclose(same, rate, rel_tol=1e-9)
    assert 0 <= rate <= 1
