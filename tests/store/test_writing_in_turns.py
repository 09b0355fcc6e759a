"""Those who write wait for their turn, and those who wait for each other share a commit; each part stands alone."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from kpi_core.errors import RefusedError, StaleError
from kpi_core.model.base import Bilingual
from kpi_core.model.node import Node
from kpi_core.model.workshop import Settings, Workshop
from kpi_core.services.editing import save
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.workshops import create_workshop
from kpi_core.store import commits
from kpi_core.store.state import State
from kpi_core.store.turns import Turns, turns_of
from kpi_core.vocabulary import NodeKind

ME = Who("me")


def together(file: Path, *acts: Callable[[State], object]) -> list[Future[object]]:
    """Runs the acts while someone writes, so that they all stand in the queue, in this order; then lets them go."""

    def run(act: Callable[[State], object]) -> object:
        with State.open(file) as state:
            return act(state)

    with State.open(file) as holder, ThreadPoolExecutor(len(acts)) as crowd:
        with holder.writing():
            done = []
            for number, act in enumerate(acts):
                done.append(crowd.submit(run, act))
                while len(turns_of(file)) <= number:  # being about to ask is not having asked
                    threading.Event().wait(0.001)
        crowd.shutdown()
    return done


def put(key: str, *, shared: bool = True) -> Callable[[State], None]:
    def act(state: State) -> None:
        with state.writing(shared=shared) as connection:
            connection.execute("INSERT INTO meta VALUES (?, 'x')", (key,))

    return act


def failing(key: str) -> Callable[[State], None]:
    def act(state: State) -> None:
        with state.writing(shared=True) as connection:
            connection.execute("INSERT INTO meta VALUES (?, 'x')", (key,))
            raise ValueError(key)

    return act


def against_the_rules(state: State) -> None:
    """A value without what it was measured from, which SQLite sees at the commit alone."""
    with state.writing(shared=True) as connection:
        connection.execute("PRAGMA defer_foreign_keys = ON")
        connection.execute("INSERT INTO observations VALUES ('nowhere', 'x', '2026-04', NULL, NULL, 1.0, 'v', 'now')")


def kept(file: Path) -> set[str]:
    with State.open(file) as state:
        return {key for (key,) in state.connection.execute("SELECT key FROM meta WHERE value = 'x'")}


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many parts each commit had; a slow machine does not part them."""
    seen: list[int] = []
    commit = commits.Transaction.commit

    def counted(transaction: commits.Transaction) -> None:
        seen.append(transaction._parts)
        commit(transaction)

    monkeypatch.setattr(commits.Transaction, "commit", counted)
    monkeypatch.setattr(commits, "_LONGEST", 60)
    return seen


def test_they_come_in_the_order_of_asking(tmp_path: Path) -> None:
    came: list[int] = []

    def noted(number: int) -> Callable[[State], None]:
        def act(state: State) -> None:
            with state.writing():
                came.append(number)

        return act

    together(tmp_path / "w.db", *(noted(number) for number in range(4)))
    assert came == [0, 1, 2, 3]


def test_a_turn_that_does_not_come_leaves_the_queue() -> None:
    turns = Turns()
    assert turns.take(0)
    assert not turns.take(0.01)
    assert len(turns) == 0
    assert not turns.pass_on()
    turns.end()
    assert turns.take(0)


def test_who_waits_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "w.db"
    with State.open(file) as holder, State.open(file) as other, holder.writing():
        monkeypatch.setattr(commits, "BUSY_SECONDS", 0.01)
        with pytest.raises(RefusedError, match="state_busy"), other.writing(shared=True):
            pass


def test_those_who_wait_for_each_other_share_a_commit(tmp_path: Path, ends: list[int]) -> None:
    file = tmp_path / "w.db"
    for done in together(file, *(put(f"k{number}") for number in range(5))):
        done.result()
    assert kept(file) == {"k0", "k1", "k2", "k3", "k4"}
    assert ends == [1, 5]  # who held the turn, and the five


def test_nobody_is_told_before_it_is_written(tmp_path: Path, ends: list[int]) -> None:
    file, told = tmp_path / "w.db", threading.Event()

    def first(state: State) -> None:
        put("first")(state)
        told.set()

    def second(state: State) -> bool:
        with state.writing(shared=True):
            return told.is_set() or bool(kept(file))

    one, other = together(file, first, second)
    one.result()
    assert other.result() is False
    assert told.is_set()


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_part_that_fails_leaves_nothing_and_takes_nothing_with_it(tmp_path: Path, ends: list[int], at: int) -> None:
    file = tmp_path / "w.db"
    acts = [put("a"), put("b")]
    acts.insert(at, failing("bad"))
    results = together(file, *acts)
    with pytest.raises(ValueError, match="bad"):
        results.pop(at).result()
    for one in results:
        one.result()
    assert kept(file) == {"a", "b"}


def test_a_commit_that_fails_is_told_to_all_its_parts(tmp_path: Path, ends: list[int]) -> None:
    file = tmp_path / "w.db"
    results = together(file, put("a"), against_the_rules, put("b"))
    for one in results:
        with pytest.raises(sqlite3.IntegrityError):
            one.result()
    assert kept(file) == set()
    together(file, put("after"))[0].result()
    assert kept(file) == {"after"}


def test_who_writes_alone_finds_everything_before_it_written(tmp_path: Path, ends: list[int]) -> None:
    file = tmp_path / "w.db"

    def alone(state: State) -> set[str]:
        with state.writing():
            return kept(file)  # by another connection, as a backup reads

    _, _, seen, last = together(file, put("a"), put("b"), alone, put("c"))
    last.result()
    assert seen.result() == {"a", "b"}
    assert kept(file) == {"a", "b", "c"}


def test_of_two_who_save_the_same_in_one_commit_the_second_is_stale(tmp_path: Path, ends: list[int]) -> None:
    file = tmp_path / "w.db"

    def node(name: str) -> Node:
        return Node(code="won", kind=NodeKind.KPI, name=Bilingual(ja=name))

    with State.open(file) as state:
        workshop = create_workshop(state, Workshop(settings=Settings(name="x")), ME)
        read = save(state, workshop, "nodes", node("受注"), None, ME)

    def saving(name: str) -> Callable[[State], int]:
        return lambda state: save(state, workshop, "nodes", node(name), read, ME)

    ends.clear()
    first, stale, gone = together(file, saving("受注額"), saving("受注件数"), failing("other"))
    revision = first.result()
    with pytest.raises(StaleError) as told:
        stale.result()
    assert told.value.revision == revision
    with pytest.raises(ValueError, match="other"):
        gone.result()
    with State.open(file) as state:
        found = snapshot(state, workshop)
    assert [one.name.ja for one in found.workshop.nodes] == ["受注額"]
    assert found.revisions["nodes", "won"] == revision
    assert ends == [1, 1]


def test_a_number_given_back_by_a_failed_save_is_not_taken_for_it(tmp_path: Path, ends: list[int]) -> None:
    """A save that fails gives its number in the feed back; the next save gets it, and is not mistaken for the other."""
    file = tmp_path / "w.db"
    with State.open(file) as state:
        workshop = create_workshop(state, Workshop(settings=Settings(name="x")), ME)

    def saving(code: str) -> Callable[[State], int]:
        kpi = Node(code=code, kind=NodeKind.KPI, name=Bilingual(ja=code))
        return lambda state: save(state, workshop, "nodes", kpi, None, ME)

    def undone(state: State) -> None:
        with state.writing(shared=True) as connection:
            connection.execute(
                "INSERT INTO changes (workshop, at, who, section, code, action) VALUES (?, '', '', '', '', '')",
                (workshop,),
            )
            connection.execute("UPDATE workshops SET change = (SELECT max(id) FROM changes) WHERE id = ?", (workshop,))
            snapshot(state, workshop)
            raise ValueError("undone")

    first, bad, third, fourth = together(file, saving("a"), undone, saving("b"), saving("c"))
    with pytest.raises(ValueError, match="undone"):
        bad.result()
    assert [first.result(), third.result(), fourth.result()] == sorted(
        {first.result(), third.result(), fourth.result()}
    )
    with State.open(file) as state:
        assert [one.code for one in snapshot(state, workshop).workshop.nodes] == ["a", "b", "c"]
