"""Formula against measure, with gaps made on purpose."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from kpi_core.insight.closure import closure
from kpi_core.vocabulary import ClosureVerdict

NONE = float("nan")
A = np.array([10.0, 12, 9, 14, 20, 11])
B = np.array([5.0, 3, 8, 2, 4, 9])


def added(children: Mapping[str, np.ndarray]) -> np.ndarray:
    return children["a"] + children["b"]


def multiplied(children: Mapping[str, np.ndarray]) -> np.ndarray:
    return children["a"] * children["b"]


def test_what_fits_within_a_percent_closes() -> None:
    found = closure((A + B) * 1.009, {"a": A, "b": B}, added)
    assert (found.verdict, found.suspects) == (ClosureVerdict.CLOSES, ())
    assert all(found.closes)


def test_the_residual_is_measured_minus_computed() -> None:
    found = closure(np.array([20.0, NONE, 17]), {"a": A[:3], "b": B[:3]}, added)
    assert found.residual[[0, 2]].tolist() == [5, 0]
    assert np.isnan(found.residual[1])
    assert found.closes == (False, False, True)
    assert found.verdict is ClosureVerdict.NOT_ENOUGH_DATA  # two periods do not tell whose definition it is


def test_the_one_child_that_explains_the_gap_is_named() -> None:
    # the sum was measured with a counted twice
    found = closure(2 * A + B, {"a": A, "b": B}, added)
    assert found.verdict is ClosureVerdict.CHILD
    (suspect,) = found.suspects
    assert suspect.child == "a"
    assert suspect.factor == pytest.approx(2, rel=1e-3)
    assert suspect.share == pytest.approx(1, abs=1e-4)


def test_factors_of_a_product_cannot_be_told_apart() -> None:
    found = closure(1.2 * A * B, {"a": A, "b": B}, multiplied)
    assert found.verdict is ClosureVerdict.AMBIGUOUS
    assert {suspect.child for suspect in found.suspects} == {"a", "b"}
    assert [suspect.factor for suspect in found.suspects] == pytest.approx([1.2, 1.2], rel=1e-3)


def test_a_child_with_a_gap_of_its_own_is_named_before_its_rival() -> None:
    found = closure(1.2 * A * B, {"a": A, "b": B}, multiplied, own_gaps=["b"])
    assert (found.verdict, found.suspects[0].child) == (ClosureVerdict.CHILD, "b")
    assert found.suspects[0].own_gap


def test_a_gap_that_no_child_explains_stays_unexplained() -> None:
    noise = np.array([30.0, -28, 31, -33, 29, -30])
    assert closure(A + B + noise, {"a": A, "b": B}, added).verdict is ClosureVerdict.UNEXPLAINED


def test_without_common_periods_nothing_is_said() -> None:
    assert closure(np.full(6, NONE), {"a": A, "b": B}, added).verdict is ClosureVerdict.NOT_ENOUGH_DATA
