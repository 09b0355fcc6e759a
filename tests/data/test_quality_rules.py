"""Each rule on a column of six cells: how many were checked, how many fail, which."""

from __future__ import annotations

from datetime import date

import pytest

from kpi_core.data.quality import run_rules

TODAY = date(2026, 11, 23)
OUTSIDE = ("2025-01-01", "2027-01-01")
ROWS = {
    "stage": ["Won", "won", "Lost", None, "  ", "Won"],
    "id": ["A-1", "A-2", "A-2", None, "b3", "A-22"],
    "amount": [10, -1, 50, None, 100, 101],
    "day": [date(2026, 11, 1), date(2026, 11, 20), date(2027, 1, 1), None, date(2025, 1, 1), date(2026, 4, 1)],
}


def run(ground, *rules, **more):
    made = ground(ROWS, said={"rules": list(rules), **more.pop("said", {})}, **more)
    return run_rules(made.workshop, made.tables, "d", today=TODAY)


@pytest.mark.parametrize(
    ("rule", "checked", "failed", "examples"),
    [
        ({"column": "stage", "rule": "required"}, 6, 2, ("#4", "#5")),
        ({"column": "id", "rule": "unique"}, 5, 2, ("A-2",)),
        ({"column": "stage", "rule": "allowed", "values": ["Won", "Lost"]}, 4, 1, ("won",)),
        ({"column": "amount", "rule": "allowed", "values": [10, 50, 100]}, 5, 2, ("-1", "101")),
        ({"column": "amount", "rule": "range", "minimum": 0, "maximum": 100}, 5, 2, ("-1", "101")),
        ({"column": "amount", "rule": "range", "minimum": 0}, 5, 1, ("-1",)),
        ({"column": "day", "rule": "range", "minimum": "2026-04-01", "maximum": "2026/12/31"}, 5, 2, OUTSIDE),
        ({"column": "id", "rule": "pattern", "pattern": "A-[0-9]"}, 5, 2, ("A-22", "b3")),
        ({"column": "id", "rule": "pattern", "pattern": "A-1|b3"}, 5, 3, ("A-2", "A-22")),
        ({"column": "amount", "rule": "pattern", "pattern": "[0-9]+"}, 5, 1, ("-1",)),
        ({"column": "day", "rule": "freshness", "max_age_days": 3}, 1, 0, ()),
        ({"column": "day", "rule": "freshness", "max_age_days": 2}, 1, 1, ("2026-11-20",)),
    ],
)  # fmt: skip
def test_a_rule(ground, rule, checked, failed, examples):
    (result,) = run(ground, rule)
    assert (result.checked, result.failed, result.examples, result.problem) == (checked, failed, examples, None)
    assert result.compliance == 1 - failed / checked


def test_where_narrows_the_rows_that_are_checked(ground):
    won = [{"column": "stage", "op": "==", "value": "Won"}]
    (required,) = run(ground, {"column": "amount", "rule": "required", "where": won})
    assert (required.checked, required.failed) == (2, 0)
    (unique,) = run(ground, {"column": "id", "rule": "unique", "where": [{"column": "amount", "op": ">", "value": 0}]})
    assert (unique.checked, unique.failed) == (4, 0)  # the other A-2 is outside


def test_a_reference_must_exist_there_aliases_of_the_lookup_applied(ground):
    masters = {"stages": {"name": ["Won", "Lost", "Lost"]}}
    rule = {"column": "stage", "rule": "reference", "dataset": "stages", "reference": "name"}
    (plain,) = run(ground, rule, also=masters)
    assert (plain.checked, plain.failed, plain.examples) == (4, 1, ("won",))
    lookup = {"dataset": "stages", "on": [["stage", "name"]], "columns": [], "aliases": {"won": "Won"}}
    (aliased,) = run(ground, rule, also=masters, said={"lookups": [lookup]})
    assert aliased.failed == 0


def test_a_reference_to_the_own_dataset(ground):
    rows = {"account": ["a", "b", "c"], "parent": ["b", "x", None]}
    rule = {"column": "parent", "rule": "reference", "dataset": "d", "reference": "account"}
    made = ground(rows, said={"rules": [rule]})
    (result,) = run_rules(made.workshop, made.tables, "d", today=TODAY)
    assert (result.checked, result.failed, result.examples) == (2, 1, ("x",))


def test_rules_on_derived_columns(ground):
    said = {"derived": [{"name": "double", "expression": "amount * 2"}]}
    (result,) = run(ground, {"column": "double", "rule": "range", "maximum": 150}, said=said)
    assert (result.checked, result.failed, result.examples) == (5, 2, ("200", "202"))


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"column": "nowhere", "rule": "required"}, "column_unknown"),
        ({"column": "stage", "rule": "freshness", "max_age_days": 3}, "date_not_date"),
        ({"column": "amount", "rule": "range", "minimum": "many"}, "value_type"),
        ({"column": "id", "rule": "pattern", "pattern": "A-["}, "pattern_unreadable"),
        ({"column": "id", "rule": "pattern", "pattern": "(A"}, "pattern_unreadable"),
        ({"column": "id", "rule": "reference", "dataset": "nowhere", "reference": "x"}, "no_rows"),
    ],
)
def test_a_rule_that_cannot_be_checked_says_why_and_the_others_go_on(ground, rule, code):
    wrong, right = run(ground, rule, {"column": "amount", "rule": "required"})
    assert wrong.problem is not None
    assert (wrong.problem.code, wrong.problem.path) == (code, "datasets.d.rules[0]")
    assert (wrong.checked, wrong.compliance) == (0, None)
    assert (right.position, right.failed) == (1, 1)


def test_no_rows_or_no_rules_give_no_results(ground):
    assert run(ground) == ()
    made = ground(ROWS, said={"rules": [{"column": "id", "rule": "required"}]})
    assert run_rules(made.workshop, {}, "d", today=TODAY) == ()
