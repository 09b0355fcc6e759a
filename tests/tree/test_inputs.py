"""What a formula takes, one step down: which nodes in which periods."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kpi_core.model.period import parse_period
from kpi_core.model.workshop import Workshop
from kpi_core.tree.inputs import inputs_of
from kpi_core.tree.plan import plan_of, structure_of

Build = Callable[..., Workshop]
LEAVES = {"won": {"unit": "count"}, "size": {"unit": "JPY", "roll_up": "mean"}}


@pytest.mark.parametrize(
    ("formula", "period", "inputs"),
    [
        ("won * size", "2026-05", [("won", "2026-05"), ("size", "2026-05")]),
        ("won - lag(won, 1)", "2026-05", [("won", "2026-05"), ("won", "2026-04")]),
        ("ytd(won)", "2026-06", [("won", "2026-04"), ("won", "2026-05"), ("won", "2026-06")]),
        ("rolling(won, 2) / size", "2026-04", [("won", "2026-03"), ("won", "2026-04"), ("size", "2026-04")]),
        ("(won + won) * 2", "2026-05", [("won", "2026-05")]),
        ("won", "2026-05", [("won", "2026-05")]),
    ],
)
def test_a_formula_takes_its_names_in_the_periods_it_looks_at(
    tree: Build, formula: str, period: str, inputs: list[tuple[str, str]]
) -> None:
    plan = plan_of(structure_of(tree({**LEAVES, "top": {"formula": formula}})))
    found = inputs_of(plan, "top", parse_period(period, 4))
    assert [(code, one.key) for code, one in found] == inputs


def test_a_nested_formula_is_one_input_not_its_leaves(tree: Build) -> None:
    workshop = tree({**LEAVES, "amount": {"formula": "won * size"}, "top": {"formula": "amount / 2"}})
    found = inputs_of(plan_of(structure_of(workshop)), "top", parse_period("2026-05", 4))
    assert [(code, one.key) for code, one in found] == [("amount", "2026-05")]


def test_a_leaf_takes_nothing(tree: Build) -> None:
    assert inputs_of(plan_of(structure_of(tree(LEAVES))), "won", parse_period("2026-05", 4)) == ()
