"""The grammar of formulas and derived columns."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.errors import RefusedError
from kpi_core.model.expression import (
    Binary,
    Call,
    Expression,
    Name,
    Negative,
    Number,
    Text,
    calls_in,
    names_in,
    parse_derived,
    parse_formula,
    steps_of,
)
from kpi_core.model.workshop import Workshop
from kpi_core.tree.writing import formula_in_words, written
from kpi_core.vocabulary import Language

A, B = Name("a"), Name("b")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b * 2", Binary("+", A, Binary("*", B, Number(2)))),
        ("(a + b) * 2", Binary("*", Binary("+", A, B), Number(2))),
        ("-a ** 2", Negative(Binary("**", A, Number(2)))),
        ("2 ** -1", Binary("**", Number(2), Negative(Number(1)))),
        ("a - b - 1", Binary("-", Binary("-", A, B), Number(1))),
        ("= a × b ÷ 2", Binary("/", Binary("*", A, B), Number(2))),
        ("ａ − ｂ", Binary("-", A, B)),
        ("a – b", Binary("-", A, B)),
        ("受注件数 ＊ 平均単価", Binary("*", Name("受注件数"), Name("平均単価"))),
        ("a\n + b", Binary("+", A, B)),
        ("lag(a, 3)", Call("lag", (A, Number(3)))),
        ("max(1, 500)", Call("max", (Number(1), Number(500)))),
        ("+a", A),
    ],
)
def test_a_formula_is_read_as_arithmetic_reads_it(text: str, expected: Expression) -> None:
    assert parse_formula(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "formula_empty"),
        (" = ", "formula_empty"),
        ("a +", "formula_unreadable"),
        ("a b", "formula_unreadable"),
        ("(a", "formula_unreadable"),
        ("10%*a", "formula_unreadable"),
        ("a\x00", "formula_unreadable"),
        ("a.b", "formula_not_arithmetic"),
        ("a[0]", "formula_not_arithmetic"),
        ("a if b else 1", "formula_not_arithmetic"),
        ("lambda: 1", "formula_not_arithmetic"),
        ("True", "formula_not_arithmetic"),
        ("1j", "formula_not_arithmetic"),
        ("1e999", "formula_not_arithmetic"),
        ("'a'", "formula_not_arithmetic"),
        ("a > b", "formula_not_arithmetic"),
        ("a // b", "formula_not_arithmetic"),
        ("sum(*a)", "formula_not_arithmetic"),
        ("a + b # c", "formula_not_arithmetic"),
        ("max(1,500)", "formula_thousands"),
        ("a + 1,000,000", "formula_thousands"),
        ("open('x')", "formula_function_unknown"),
        ("abs(a, b)", "formula_arguments"),
        ("lag(a)", "formula_arguments"),
        ("sum()", "formula_arguments"),
        ("lag(a, -1)", "formula_steps"),
        ("lag(a, 1.5)", "formula_steps"),
        ("lag(a, b)", "formula_steps"),
        ("lag(a, 521)", "formula_steps"),
        ("lag(a, 1e300)", "formula_steps"),
        ("rolling(a, 0)", "formula_steps"),
        ("round(a, b)", "formula_steps"),
        ("round(a, 0.5)", "formula_steps"),
        ("+".join("a" * 200), "formula_too_long"),
        ("-" * 1500 + "a", "formula_too_long"),
        ("a+" * 1000 + "a", "formula_too_long"),
    ],
)
def test_what_is_no_formula_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        parse_formula(text)
    assert refused.value.code == code


def test_a_refusal_names_the_part_that_is_wrong() -> None:
    with pytest.raises(RefusedError) as refused:
        parse_formula("max(a, 1,500)")
    assert refused.value.params == {"part": "1,500", "plain": "1500"}
    with pytest.raises(RefusedError) as refused:
        parse_formula("a + b )")
    assert refused.value.params == {"near": ")"}


def test_many_names_fit_into_a_sum_where_a_chain_of_plus_is_too_deep() -> None:
    names = [f"n{at}" for at in range(300)]
    assert names_in(parse_formula(f"sum({','.join(f' {name}' for name in names)})")) == tuple(names)


def test_names_are_listed_once_in_order_and_calls_outermost_first() -> None:
    expression = parse_formula("b + a * lag(b, 1) + abs(lag(c, 2))")
    assert names_in(expression) == ("b", "a", "c")
    assert [call.function for call in calls_in(expression)] == ["lag", "abs", "lag"]


def test_steps_are_the_second_argument() -> None:
    calls = [parse_formula(text) for text in ("lag(a, 3)", "round(a, -3)", "round(a)")]
    assert [steps_of(call) for call in calls if isinstance(call, Call)] == [3, -3, 0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("days_between(engage_date, close_date)", Call("days_between", (Name("engage_date"), Name("close_date")))),
        ('col("金額（円）")', Call("col", (Text("金額（円）"),))),
        ("col(“金額（円）”)", Call("col", (Text("金額（円）"),))),
        ('stage == "Ａ×Ｂ  #1,000"', Binary("==", Name("stage"), Text("Ａ×Ｂ  #1,000"))),
    ],
)
def test_text_in_quotes_stays_as_typed(text: str, expected: Expression) -> None:
    assert parse_derived(text) == expected


def _expressions() -> st.SearchStrategy[Expression]:
    leaves: st.SearchStrategy[Expression] = st.one_of(
        st.builds(Name, st.sampled_from(["a", "b", "受注件数"])),
        st.builds(Number, st.floats(0, 1e12, allow_nan=False)),
    )

    def grow(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
        return st.one_of(
            st.builds(Negative, inner),
            st.builds(Binary, st.sampled_from(["+", "-", "*", "/", "**"]), inner, inner),
            st.builds(
                lambda function, first, rest: Call(function, (first, *rest)),
                st.sampled_from(["min", "max", "sum"]),
                inner,
                st.lists(inner, max_size=3),
            ),
            st.builds(
                lambda function, first, steps: Call(function, (first, Number(steps))),
                st.sampled_from(["lag", "rolling"]),
                inner,
                st.integers(1, 12),
            ),
            st.builds(
                lambda function, first: Call(function, (first,)), st.sampled_from(["abs", "ytd", "round"]), inner
            ),
        )

    return st.recursive(leaves, grow, max_leaves=12)


@given(_expressions())
def test_what_is_written_reads_back_as_the_same_formula(expression: Expression) -> None:
    assert parse_formula(written(expression)) == expression


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    for parse in (parse_formula, parse_derived):
        with suppress(RefusedError):
            names_in(parse(text))


def test_a_formula_is_shown_with_names_and_the_signs_of_paper() -> None:
    nodes = [
        {"code": "won", "kind": "kpi", "name": {"ja": "受注件数", "en": "Won deals"}},
        {"code": "size", "kind": "kpi", "name": {"ja": "平均単価", "en": ""}},
        {"code": "lost", "kind": "kpi"},
    ]
    workshop = Workshop.model_validate({"workshop": {"name": "w"}, "nodes": nodes})
    formula = "won*size - (won-lost)/max(won, 12)"
    assert (
        formula_in_words(formula, workshop, Language.JA)
        == "受注件数 × 平均単価 − (受注件数 − lost) ÷ max(受注件数, 12)"
    )
    assert formula_in_words("won * gone", workshop, Language.EN) == "Won deals × gone"
    assert formula_in_words("won * (", workshop, Language.JA) == "won * ("
