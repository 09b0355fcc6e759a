"""Closure of a workshop's own nodes."""

from __future__ import annotations

from datetime import date

import pytest

from kpi_core.model.workshop import Workshop
from kpi_core.services.closing import closures
from kpi_core.services.evaluating import evaluate
from kpi_core.services.people import Who
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import ClosureVerdict

MONTHS = [f"2026-{month:02d}" for month in range(4, 10)]


def typed(*values: float) -> list[dict[str, object]]:
    return [{"period": month, "value": value} for month, value in zip(MONTHS, values, strict=True)]


def test_a_typed_total_is_compared_with_its_formula(state: State, me: Who) -> None:
    # new and repeat orders add up to the total that accounting gives, but repeat orders are counted twice there
    document = {
        "workshop": {"name": "w"},
        "nodes": [
            {"code": "total", "kind": "kgi", "formula": "fresh + again", "manual": typed(20, 26, 21, 30, 24, 35)},
            {"code": "ksf", "kind": "ksf", "parent": "total"},
            {"code": "fresh", "kind": "kpi", "parent": "ksf", "unit": "count", "manual": typed(10, 12, 9, 14, 20, 11)},
            {"code": "again", "kind": "kpi", "parent": "ksf", "unit": "count", "manual": typed(5, 7, 6, 8, 2, 12)},
        ],
    }
    workshop = create_workshop(state, Workshop.model_validate(document), me)
    (one,) = closures(state, workshop, today=date(2026, 10, 15))
    assert one.node == "total"
    assert [period.key for period in one.periods] == MONTHS
    assert one.found.computed.tolist() == [15, 19, 15, 22, 22, 23]
    assert one.found.residual.tolist() == [5, 7, 6, 8, 2, 12]
    assert one.found.verdict is ClosureVerdict.CHILD
    assert (one.found.suspects[0].child, one.found.suspects[0].factor) == ("again", pytest.approx(2, rel=1e-3))
    # the typed value stays the node's actual
    shown = evaluate(state, workshop, first="2026-04", last="2026-04", nodes=["total"], today=date(2026, 10, 15))
    assert shown.series["total", None].actual.tolist() == [20]


def test_a_workshop_without_such_nodes_has_no_closures(state: State, workshop: str) -> None:
    assert closures(state, workshop, today=date(2026, 10, 15)) == ()
