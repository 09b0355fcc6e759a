"""Formulas checked as they are typed."""

from __future__ import annotations

import pytest

from kpi_core.text import say
from kpi_core.tree.checking import check_formula, near_codes
from kpi_core.vocabulary import Language, Severity

CARDS = {
    "won_deals": {"unit": "count", "name": {"ja": "受注件数", "en": "Won deals"}},
    "average_deal": {"unit": "JPY", "name": {"ja": "平均単価", "en": "Average deal"}},
    "win_rate": {"unit": "ratio"},
    "bookings": {"unit": "JPY", "formula": "won_deals * average_deal"},
    "forecast": {"unit": "JPY", "formula": "bookings * win_rate"},
}


@pytest.fixture
def check(tree):
    return lambda code, text: check_formula(tree(CARDS), code, text)


def test_a_formula_that_holds_has_no_problems_and_lists_its_names(check) -> None:
    found = check("bookings", "won_deals * average_deal")
    assert (found.problems, found.names, found.holds) == ((), ("won_deals", "average_deal"), True)


def test_no_text_is_no_formula_and_no_problem(check) -> None:
    assert check("bookings", "  ").problems == ()


@pytest.mark.parametrize(
    ("code", "text", "problem", "params"),
    [
        ("bookings", "won_deals *", "formula_unreadable", None),
        ("bookings", "sqrt(won_deals)", "formula_function_unknown", None),
        ("bookings", "won_deal * 2", "formula_unknown_name_near", {"name": "won_deal", "hint": "won_deals"}),
        ("bookings", "受注件 * 2", "formula_unknown_name_near", {"name": "受注件", "hint": "won_deals"}),
        ("bookings", "qqq * 2", "formula_unknown_name", {"name": "qqq"}),
        ("bookings", "bookings + 1", "formula_self", {"name": "bookings"}),
        ("bookings", "lag(bookings, 1) + 1", "formula_self", {"name": "bookings"}),
        ("new", "new + 1", "formula_self", {"name": "new"}),
        ("won_deals", "forecast / 2", "formula_cycle", {"path": "won_deals → forecast → bookings → won_deals"}),
    ],
)
def test_what_is_wrong_is_an_error_with_its_place(check, code, text, problem, params) -> None:
    found = check(code, text)
    assert [item.code for item in found.problems] == [problem]
    assert params is None or found.problems[0].params == params
    assert not found.holds


@pytest.mark.parametrize(
    ("code", "text", "problem"),
    [
        ("bookings", "average_deal + won_deals", "formula_units_added"),
        ("win_rate", "won_deals * average_deal", "formula_units_result"),
    ],
)
def test_units_that_do_not_fit_are_a_warning(check, code, text, problem) -> None:
    found = check(code, text)
    assert [(item.code, item.severity) for item in found.problems] == [(problem, Severity.WARNING)]
    assert found.holds


@pytest.mark.parametrize(
    "text", ["qqq", "won_deal", "bookings", "forecast", "win_rate + won_deals", "won_deals", "1,000"]
)
@pytest.mark.parametrize("language", list(Language))
def test_every_problem_has_its_sentence(check, text, language) -> None:
    for code in ("bookings", "won_deals"):
        for problem in check(code, text).problems:
            assert say(f"errors.{problem.code}", language, **problem.params)


def test_the_word_being_typed_is_completed_by_code_function_or_name(check) -> None:
    assert check("bookings", "wi").completions == ("win_rate",)
    assert check("bookings", "won_deals * av").completions == ("average_deal",)
    assert check("bookings", "2 * 受注").completions == ("won_deals",)
    assert check("bookings", "win_rate + m").completions == ("min", "max")


def test_what_would_lead_round_in_a_circle_is_not_offered(check) -> None:
    assert check("won_deals", "").completions == ("kgi", "average_deal", "win_rate")
    assert check("won_deals", "win_rate * ").completions == ("kgi", "average_deal", "win_rate")


def test_near_codes_are_found_by_code_and_by_name(tree) -> None:
    assert near_codes(tree(CARDS), "averag_deal")[0] == "average_deal"
    assert near_codes(tree(CARDS), "平均単")[0] == "average_deal"
    assert near_codes(tree(CARDS), "zzz") == ()
