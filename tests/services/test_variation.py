"""Signals, intervals and maturity of a workshop's nodes."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kpi_core.errors import MissingError
from kpi_core.insight.proportion import wilson
from kpi_core.model.workshop import Workshop
from kpi_core.services.datasets import store_upload
from kpi_core.services.editing import save
from kpi_core.services.measuring import refresh
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.variation import counted_rate, node_maturity, node_signals
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import Variation

TODAY = date(2026, 6, 1)
COUNT = {"dataset": "leads", "aggregate": "count_distinct", "column": "id", "date": "created"}
DOCUMENT: dict[str, Any] = {
    "workshop": {"name": "w"},
    "sources": [{"code": "ma"}],
    "datasets": [{"code": "leads", "source": "ma"}],
    "nodes": [
        {
            "code": "orders",
            "kind": "kgi",
            "unit": "count",
            "manual": [{"period": f"2025-{month:02d}", "value": 10 + month % 2} for month in range(1, 12)]
            + [{"period": "2025-12", "value": 30}, {"period": "2026-06", "value": 1}],
        },
        {"code": "ksf", "kind": "ksf", "parent": "orders"},
        {
            "code": "sql_rate",
            "kind": "kpi",
            "parent": "ksf",
            "unit": "ratio",
            "converted": "sql_on",
            "measure": {
                "ratio": {
                    "numerator": {**COUNT, "where": [{"column": "verdict", "op": "==", "value": "SQL"}]},
                    "denominator": COUNT,
                }
            },
        },
    ],
}


@pytest.fixture
def measured(state: State, me: Who, tmp_path: Path) -> str:
    """21 leads of 5 January that became SQL after 1 to 21 days, one that did not; 2 of 20 May, one already SQL."""
    rows = ["id,created,verdict,sql_on"]
    begun = date(2026, 1, 5)
    rows += [f"L{at},{begun},SQL,{begun + timedelta(days=at)}" for at in range(1, 22)]
    rows += [f"L1,{begun},SQL,{begun + timedelta(days=1)}", f"L30,{begun},rejected,"]  # L1 twice in the export
    rows += ["L40,2026-05-20,SQL,2026-05-21", "L41,2026-05-20,,"]
    path = tmp_path / "leads.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    workshop = create_workshop(state, Workshop.model_validate(DOCUMENT), me)
    store_upload(state, workshop, "leads", path, path.name, None, me, TODAY)
    refresh(state, workshop, me)
    return workshop


def test_the_latest_ended_value_has_a_word(state: State, measured: str) -> None:
    found = node_signals(state, measured, today=TODAY)
    orders = found["orders"]
    assert orders.period is not None
    assert (orders.period.key, orders.found.latest) == ("2025-12", Variation.SIGNAL)  # June 2026 is not over
    assert len(orders.periods) == len(orders.found.outside)
    assert found["sql_rate"].found.latest is Variation.NOT_ENOUGH_DATA
    assert "ksf" not in found


def test_a_counted_rate_comes_with_its_counts_and_interval(state: State, measured: str) -> None:
    january, may = counted_rate(state, measured, "sql_rate", today=TODAY)
    assert (january.period.key, january.successes, january.trials) == ("2026-01", 21, 22)
    assert (january.low, january.high) == pytest.approx(wilson(21, 22))
    assert (may.successes, may.trials) == (1, 2)
    assert counted_rate(state, measured, "orders", today=TODAY) == ()


def test_a_young_cohort_is_marked_immature(state: State, measured: str) -> None:
    found = node_maturity(state, measured, "sql_rate", today=TODAY)
    assert (found.usual_days, found.conversions, found.code) == (19, 21, None)
    january, may = found.cohorts
    assert (january.entered, january.converted, january.immature) == (22, 21, 0)
    assert (may.period.key, may.entered, may.converted, may.immature) == ("2026-05", 2, 1, 1)  # 12 days old


def test_where_maturity_cannot_be_known_it_says_why(state: State, measured: str, me: Who) -> None:
    assert node_maturity(state, measured, "orders", today=TODAY).code == "not_a_cohort"
    snap = snapshot(state, measured)
    node = snap.workshop.node("sql_rate")
    assert node is not None
    bare = node.model_copy(update={"converted": None})
    save(state, measured, "nodes", bare, snap.revisions["nodes", "sql_rate"], me)
    assert node_maturity(state, measured, "sql_rate", today=TODAY).code == "no_conversion_date"
    with pytest.raises(MissingError):
        node_maturity(state, measured, "nope", today=TODAY)
