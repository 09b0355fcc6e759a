"""Each rule on a column of six cells: how many were checked, how many fail, which."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_core.data.quality import failing_rows, run_rules
from kpi_core.data.rule_results import RuleResult
from kpi_core.errors import RefusedError

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
        ({"column": "id", "rule": "pattern", "pattern": "A)|(b"}, "pattern_unreadable"),  # readable only in a bracket
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


def versions(ground, rows_now, rows_before, rule):
    """Two versions of a dataset of one column, and what the rule says of the newer one."""
    made = ground({"id": rows_now}, said={"rules": [rule]})
    older = ground({"x": [1]}, also={"before": {"id": rows_before}}).tables["before"]
    ground({"id": rows_now})  # the file of the newer rows lies where both were written
    tables = {"d": [*made.tables["d"], *older]}
    (result,) = run_rules(made.workshop, tables, "d", today=TODAY)
    return result


@pytest.mark.parametrize(
    ("now", "before", "low", "high", "failed"),
    [
        (9, 10, -10, None, 0),  # 10 % less is 9 rows
        (8, 10, -10, None, 1),
        (30, 10, -10, None, 0),  # growth is not limited
        (12, 10, -10, 20, 0),
        (13, 10, -10, 20, 1),
        (10, 10, 0, 0, 0),
        (9, 10, 0, 0, 1),
        (11, 10, None, 0, 1),
    ],
)
def test_the_number_of_rows_against_the_version_before(ground, now, before, low, high, failed):
    rule = {"rule": "row_count", "minimum": low, "maximum": high}
    found = versions(ground, list(range(now)), list(range(before)), rule)
    assert (found.checked, found.failed) == (1, failed)
    assert found.examples == ((f"{before} → {now}",) if failed else ())


def test_a_first_version_has_no_number_of_rows_to_compare(ground):
    made = ground(ROWS, said={"rules": [{"rule": "row_count", "minimum": -10}]})
    (result,) = run_rules(made.workshop, made.tables, "d", today=TODAY)
    assert (result.checked, result.failed, result.problem) == (0, 0, None)


def test_the_number_of_rows_counts_those_that_where_keeps(ground):
    where = [{"column": "id", "op": "<", "value": 5}]
    rule = {"rule": "row_count", "minimum": 0, "maximum": 0, "where": where}
    assert versions(ground, list(range(9)), list(range(7)), rule).failed == 0  # five each


def test_the_rows_that_break_a_rule_are_given_whole_with_their_numbers(ground):
    rules = [{"column": "id", "rule": "unique"}, {"column": "day", "rule": "freshness", "max_age_days": 1}]
    made = ground(ROWS, said={"rules": rules})
    rows = failing_rows(made.workshop, made.tables, "d", 0)
    assert list(rows.columns) == ["#", *ROWS]
    assert list(rows["#"]) == [2, 3]
    assert list(rows["amount"]) == [-1, 50]
    assert failing_rows(made.workshop, made.tables, "d", 0, limit=1).shape[0] == 1
    assert failing_rows(made.workshop, made.tables, "d", 1).empty  # the dataset as a whole is too old, not a row
    (result, _) = run_rules(made.workshop, made.tables, "d", today=TODAY)
    assert result.rows == (2, 3)


def test_rows_of_a_rule_that_cannot_be_checked_are_refused_with_the_reason(ground):
    made = ground(ROWS, said={"rules": [{"column": "nowhere", "rule": "required"}]})
    with pytest.raises(RefusedError) as refused:
        failing_rows(made.workshop, made.tables, "d", 0)
    assert refused.value.problems[0].code == "column_unknown"


def test_a_result_comes_back_from_its_json(ground):
    (result,) = run(ground, {"column": "id", "rule": "unique", "on_break": "block"})
    assert RuleResult.from_json(result.to_json()) == result
    assert result.refuses
    (unchecked,) = run(ground, {"column": "nowhere", "rule": "required", "on_break": "block"})
    assert RuleResult.from_json(unchecked.to_json()) == unchecked
    assert unchecked.refuses  # nobody knows whether it is kept


@given(
    st.lists(st.one_of(st.none(), st.integers(-3, 3)), min_size=1, max_size=30),
    st.sampled_from(["required", "unique", "allowed", "range"]),
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_counted_is_what_plain_counting_says(ground, cells, kind):
    """pointblank's counts and the rows it names, against the rule's own words."""
    filled = [cell for cell in cells if cell is not None]
    broken = {
        "required": [cell for cell in cells if cell is None],
        "unique": [cell for cell in filled if filled.count(cell) > 1],
        "allowed": [cell for cell in filled if cell not in (0, 1)],
        "range": [cell for cell in filled if not -1 <= cell <= 2],
    }[kind]
    rule = {"column": "x", "rule": kind, "values": [0, 1], "minimum": -1, "maximum": 2}
    made = ground(pl.DataFrame({"x": pl.Series(cells, dtype=pl.Int64)}), said={"rules": [rule]})
    (result,) = run_rules(made.workshop, made.tables, "d", today=TODAY)
    looked_at = len(cells) if kind == "required" else len(filled)
    assert (result.checked, result.failed) == (looked_at, len(broken))
    assert failing_rows(made.workshop, made.tables, "d", 0).shape[0] == len(broken)
