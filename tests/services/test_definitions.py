from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi_core.errors import MissingError, RefusedError, StaleError
from kpi_core.model.node import Node
from kpi_core.model.workshop import Settings, Workshop
from kpi_core.services.definitions import save_part
from kpi_core.services.people import Who
from kpi_core.services.workshops import create_workshop, snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import NodeKind

ME = Who("佐藤")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State.open(tmp_path / "w.db") as opened:
        yield opened


@pytest.fixture
def workshop(state: State) -> str:
    nodes = (Node(code="sales", kind=NodeKind.KGI, owner="鈴木"),)
    return create_workshop(state, Workshop(workshop=Settings(name="受注"), nodes=nodes), ME)


def test_another_part_saved_meanwhile_is_kept_and_does_not_refuse(state: State, workshop: str) -> None:
    seen = snapshot(state, workshop).revisions["nodes", "sales"]
    save_part(state, workshop, "sales", {"unit": "JPY"}, seen, ME)
    save_part(state, workshop, "sales", {"definition": "契約した金額"}, seen, ME)
    node = snapshot(state, workshop).workshop.node("sales")
    assert node is not None
    assert (node.unit, node.definition, node.owner) == ("JPY", "契約した金額", "鈴木")


def test_the_same_part_saved_meanwhile_is_stale(state: State, workshop: str) -> None:
    seen = snapshot(state, workshop).revisions["nodes", "sales"]
    save_part(state, workshop, "sales", {"unit": "JPY", "decimals": 0}, seen, ME)
    with pytest.raises(StaleError) as refused:
        save_part(state, workshop, "sales", {"unit": "count", "decimals": 0}, seen, ME)
    assert isinstance(refused.value.current, Node)
    assert refused.value.current.unit == "JPY"
    save_part(state, workshop, "sales", {"unit": "count"}, refused.value.revision, ME)
    node = snapshot(state, workshop).workshop.node("sales")
    assert node is not None
    assert node.unit == "count"


def test_a_field_that_does_not_fit_is_named(state: State, workshop: str) -> None:
    seen = snapshot(state, workshop).revisions["nodes", "sales"]
    with pytest.raises(RefusedError) as refused:
        save_part(state, workshop, "sales", {"decimals": 9}, seen, ME)
    assert [problem.path for problem in refused.value.problems] == ["decimals"]


def test_a_removed_node_is_missing(state: State, workshop: str) -> None:
    with pytest.raises(MissingError):
        save_part(state, workshop, "gone", {"unit": "JPY"}, 1, ME)
