"""A state with one small workshop in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi_core.model.workshop import Workshop
from kpi_core.services.people import Who
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import Role

DOCUMENT = {
    "format": "kpi-workshop/1",
    "workshop": {"name": "受注拡大", "fiscal_year_start": 4},
    "departments": [
        {"code": "marketing", "name": {"ja": "マーケティング"}},
        {"code": "sales", "name": {"ja": "営業"}},
    ],
    "sources": [{"code": "sfa", "kind": "sfa"}],
    "datasets": [{"code": "deals", "source": "sfa"}],
    "candidates": [{"code": "speed", "name": {"ja": "対応の速さ"}}],
    "nodes": [
        {"code": "bookings", "kind": "kgi", "unit": "JPY", "formula": "won * size"},
        {"code": "quality", "kind": "ksf", "parent": "bookings"},
        {
            "code": "won",
            "kind": "kpi",
            "parent": "quality",
            "department": "sales",
            "unit": "count",
            "measure": {
                "dataset": "deals",
                "aggregate": "count",
                "date": "closed",
                "where": [{"column": "stage", "op": "==", "value": "Won"}],
                "dimensions": ["region"],
            },
        },
        {
            "code": "size",
            "kind": "kpi",
            "parent": "quality",
            "unit": "JPY",
            "roll_up": "mean",
            "manual": [{"period": "2026-04", "value": 100}, {"period": "2026-05", "value": 110}],
        },
    ],
    "links": [{"from": "won", "to": "bookings"}],
    "views": [{"code": "executive", "audience": "executive", "nodes": ["bookings", "won"]}],
}
DEALS = """stage,closed,region
Won,2026-04-03,East
Won,2026-04-20,West
Lost,2026-04-21,East
Won,2026-05-02,East
"""


@pytest.fixture
def me() -> Who:
    return Who("佐藤")


@pytest.fixture
def member() -> Who:
    return Who("鈴木", Role.MEMBER)


@pytest.fixture
def viewer() -> Who:
    return Who("田中", Role.VIEWER)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State.open(tmp_path / "state.db") as opened:
        yield opened


@pytest.fixture
def workshop(state: State, me: Who) -> str:
    """The id of the small workshop."""
    return create_workshop(state, Workshop.model_validate(DOCUMENT), me)


@pytest.fixture
def deals(tmp_path: Path) -> Path:
    """An export of four deals: won 2 in April and 1 in May 2026."""
    path = tmp_path / "deals.csv"
    path.write_text(DEALS, encoding="utf-8")
    return path
