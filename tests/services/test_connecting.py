"""Tables of databases in a workshop: who may have it read which, and what is on record of looking at them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from kpi_core.data.connecting.secrets import PREFIX
from kpi_core.errors import RefusedError
from kpi_core.model.base import Bilingual
from kpi_core.model.workshop import Workshop
from kpi_core.services.changes import changes_since
from kpi_core.services.connecting import look_again
from kpi_core.services.datasets import versions
from kpi_core.services.evaluating import evaluate
from kpi_core.services.measuring import refresh
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.sources import rename_dataset
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import Role

OWNER = Who("佐藤")
DOCUMENT = {
    "workshop": {"name": "受注拡大"},
    "sources": [
        {"code": "sales", "kind": "database", "connection": "sales"},
        {"code": "mirror", "kind": "database", "connection": "sales"},
        {"code": "hr", "kind": "database", "connection": "hr"},
    ],
    "datasets": [{"code": "d", "source": "sales", "table": "main.t"}],
    "nodes": [
        {"code": "total", "kind": "kpi", "measure": {"dataset": "d", "aggregate": "sum", "column": "x", "date": "on"}}
    ],
}


@pytest.fixture
def databases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Two databases with a table ``t`` each: 7 in the one of sales, 1000 in the one of human resources."""
    paths = {"sales": tmp_path / "sales.duckdb", "hr": tmp_path / "hr.duckdb"}
    for (name, path), number in zip(paths.items(), (7, 1000), strict=True):
        with duckdb.connect(str(path)) as one:
            one.execute(f"CREATE TABLE t AS SELECT DATE '2026-04-03' AS \"on\", {number}::BIGINT AS x")
        monkeypatch.setenv(f"{PREFIX}{name.upper()}", f"duckdb://{path}")
    return paths


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State.open(tmp_path / "w.db") as opened:
        yield opened


@pytest.fixture
def workshop(state: State, databases: dict[str, Path]) -> str:
    made = create_workshop(state, Workshop.model_validate(DOCUMENT), OWNER)
    assert refresh(state, made, OWNER, again=True).problems == ()
    return made


def member_of(workshop: str, role: Role = Role.MEMBER) -> Who:
    return Who("鈴木", role, member="suzuki", workshops=frozenset({workshop}))


def moved_to(state: State, workshop: str, source: str, who: Who) -> None:
    revision = snapshot(state, workshop).revisions["datasets", "d"]
    rename_dataset(state, workshop, "d", Bilingual(ja="商談"), source, revision, who)


def april(state: State, workshop: str) -> float:
    return float(evaluate(state, workshop, first="2026-04", last="2026-04").series["total", None].actual[0])


@pytest.mark.parametrize("role", [Role.MEMBER, Role.FACILITATOR])
def test_people_of_one_workshop_cannot_read_another_database(state: State, workshop: str, role: Role) -> None:
    with pytest.raises(RefusedError, match="not_allowed"):
        moved_to(state, workshop, "hr", member_of(workshop, role))
    refresh(state, workshop, member_of(workshop, role), again=True)
    assert april(state, workshop) == 7
    moved_to(state, workshop, "mirror", member_of(workshop, role))  # another source of the same database
    assert refresh(state, workshop, member_of(workshop, role), again=True).problems == ()
    assert april(state, workshop) == 7


def test_a_table_never_looked_at_is_not_opened_by_a_member(state: State, databases: dict[str, Path]) -> None:
    made = create_workshop(state, Workshop.model_validate(DOCUMENT), OWNER)
    done = refresh(state, made, member_of(made), again=True)
    assert [(one.code, one.path) for one in done.problems] == [("not_allowed", "datasets.d.table")]
    assert versions(state, made, "d") == ()


def test_who_runs_the_server_may_have_another_database_read(state: State, workshop: str) -> None:
    moved_to(state, workshop, "hr", OWNER)
    assert refresh(state, workshop, OWNER, again=True).problems == ()
    assert april(state, workshop) == 1000


def test_every_look_at_a_table_is_on_record(state: State, workshop: str) -> None:
    before = snapshot(state, workshop).change
    look_again(state, workshop, ["d"], member_of(workshop))
    (entry,) = changes_since(state, workshop, before)
    assert (entry.who, entry.section, entry.code, entry.action) == ("鈴木", "versions", "d", "refreshed")
    assert snapshot(state, workshop).change == entry.id  # what is remembered of the workshop before it is asked anew
