"""Versions compared row by row and KPI by KPI, and an older one brought back; numbers worked by hand.

April's export: D1 won on 3 April (East), D2 won on 20 April (West), D3 lost on 21 April (East), D4 won on 2 May.
The later one: D2 is lost after all, D3 is gone, D5 was won on 9 May.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from kpi_core.data.differing import differences
from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.dataset import Rule
from kpi_core.model.measure import SimpleMeasure
from kpi_core.services.datasets import Version, store_upload, versions
from kpi_core.services.editing import save
from kpi_core.services.evaluating import evaluate
from kpi_core.services.measuring import refresh
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.version_changes import compare_versions, restorations, restore_version
from kpi_core.store import changes
from kpi_core.store.state import State
from kpi_core.vocabulary import RuleKind

OLD = """id,stage,closed,region
D1,Won,2026-04-03,East
D2,Won,2026-04-20,West
D3,Lost,2026-04-21,East
D4,Won,2026-05-02,East
"""
NEW = """id,stage,closed,region
D1,Won,2026-04-03,East
D2,Lost,2026-04-20,West
D4,Won,2026-05-02,East
D5,Won,2026-05-09,East
"""
Put = Callable[..., Version]


@pytest.fixture
def put(state: State, workshop: str, tmp_path: Path, me: Who) -> Put:
    def stored(text: str, day: date = date(2026, 5, 31)) -> Version:
        file = tmp_path / "d.csv"
        file.write_text(text, "utf-8")
        version = store_upload(state, workshop, "deals", file, "案件.csv", None, me, as_of=day)
        refresh(state, workshop, me)
        return version

    return stored


def won(state: State, workshop: str) -> dict[str, float]:
    found = evaluate(state, workshop, nodes=["won"])
    values = zip(found.periods, found.series["won", None].actual, strict=True)
    return {period.key: float(value) for period, value in values if value == value}


def test_rows_are_told_apart_by_key_and_kpis_follow(state: State, workshop: str, put: Put) -> None:
    old, new = put(OLD), put(NEW)
    found = compare_versions(state, workshop, "deals", old.id, new.id)
    rows = found.rows
    assert rows.keys == ("id",)  # the only column with another value in every row besides none
    assert (rows.added, rows.removed, rows.changed, rows.same) == (1, 1, 1, 2)  # D5, D3, D2; D1 and D4
    assert rows.changed_columns == (("stage", 1),)
    assert [(one.key, one.cells) for one in rows.examples] == [(("D2",), (("stage", "Won", "Lost"),))]
    (node,) = found.nodes
    assert (node.node, node.periods) == ("won", 2)
    assert node.values == {"2026-04": (2, 1), "2026-05": (1, 2)}


def test_without_a_key_only_counts_and_sums_are_told(state: State, workshop: str, put: Put) -> None:
    old = put("stage,closed,region\nWon,2026-04-03,East\nWon,2026-04-03,East\n")
    new = put("stage,closed,region\nWon,2026-04-03,East\n")
    found = compare_versions(state, workshop, "deals", old.id, new.id)
    assert (found.rows.keys, found.rows.added) == ((), None)
    assert (found.rows.rows_before, found.rows.rows_after) == (2, 1)
    assert found.nodes[0].values == {"2026-04": (2, 1)}


def test_the_column_with_a_rule_of_no_repeats_is_the_key(state: State, workshop: str, put: Put, me: Who) -> None:
    snap = snapshot(state, workshop)
    deals = snap.workshop.dataset("deals")
    assert deals is not None
    ruled = deals.model_copy(update={"rules": (Rule(column="id", rule=RuleKind.UNIQUE),)})
    save(state, workshop, "datasets", ruled, snap.revisions["datasets", "deals"], me)
    old = put("serial,id,stage,closed\na,D1,Won,2026-04-03\nb,D2,Won,2026-04-20\n")
    new = put("serial,id,stage,closed\nb,D1,Won,2026-04-03\na,D2,Won,2026-04-20\n")
    found = compare_versions(state, workshop, "deals", old.id, new.id).rows
    assert (found.keys, found.changed, found.changed_columns) == (("id",), 2, (("serial", 2),))


def test_columns_come_go_and_change_their_type(tmp_path: Path) -> None:
    before, after = tmp_path / "a.parquet", tmp_path / "b.parquet"
    pl.DataFrame({"id": ["a", "b"], "n": [1, 2], "gone": [1, 1], "x": [None, 5]}).write_parquet(before)
    pl.DataFrame({"id": ["a", "b"], "n": ["1", "3"], "new": [1, 1], "x": [None, 5.0]}).write_parquet(after)
    found = differences(before, after)
    assert (found.columns_added, found.columns_removed) == (("new",), ("gone",))
    assert found.columns_retyped == (("n", "Int64", "String"),)
    assert (found.changed, found.changed_columns) == (1, (("n", 1),))  # 2 → "3"; an empty x stays empty, 5 is 5.0


def test_an_older_version_comes_back_as_the_newest_and_nothing_is_lost(
    state: State, workshop: str, put: Put, member: Who
) -> None:
    old, new = put(OLD), put(NEW)
    assert won(state, workshop) == {"2026-04": 1, "2026-05": 2}
    back = restore_version(state, workshop, "deals", old.id, member)
    assert [one.id for one in versions(state, workshop, "deals")] == [back.id, new.id, old.id]
    assert (back.parquet, back.uploaded_by) == (old.parquet, "鈴木")
    assert won(state, workshop) == {"2026-04": 2, "2026-05": 1}
    assert restorations(state, workshop, "deals") == {back.id: old.id}
    last = next(one for one in changes.recent(state.connection, workshop, 5) if one.section == "versions")
    assert (last.who, last.action) == ("鈴木", "added")


def test_a_list_without_dates_speaks_of_the_day_of_the_version_it_stands_in_for(
    state: State, workshop: str, put: Put, me: Who
) -> None:
    snap = snapshot(state, workshop)
    node = snap.workshop.node("won")
    assert node is not None
    counted = SimpleMeasure.model_validate({"dataset": "deals", "aggregate": "count"})
    save(state, workshop, "nodes", node.model_copy(update={"measure": counted}), snap.revisions["nodes", "won"], me)
    old = put("stage\nWon\nWon\n", date(2026, 5, 10))
    put("stage\nWon\n", date(2026, 5, 20))
    assert won(state, workshop) == {"2026-05": 1}
    back = restore_version(state, workshop, "deals", old.id, me)
    assert back.as_of == date(2026, 5, 20)
    assert won(state, workshop) == {"2026-05": 2}


def test_what_is_newest_missing_or_not_allowed_is_refused(
    state: State, workshop: str, put: Put, me: Who, viewer: Who
) -> None:
    old, new = put(OLD), put(NEW)
    with pytest.raises(RefusedError, match="version_in_use"):
        restore_version(state, workshop, "deals", new.id, me)
    with pytest.raises(RefusedError, match="not_allowed"):
        restore_version(state, workshop, "deals", old.id, viewer)
    with pytest.raises(MissingError, match="version_missing"):
        restore_version(state, workshop, "deals", "999", me)
    assert len(versions(state, workshop, "deals")) == 2


def test_rows_there_twice_count_once_and_keys_of_several_rows_are_left_out(tmp_path: Path) -> None:
    before, after = tmp_path / "a.parquet", tmp_path / "b.parquet"
    ids = [f"D{at}" for at in range(40)]
    old = pl.DataFrame({"id": [*ids, "D1", "D2"], "n": [*range(40), 1, 99]})  # D1 cell by cell again, D2 with another n
    new = pl.DataFrame({"id": [*ids[:39], "D40"], "n": [5, *range(1, 39), 40]})  # D0 is 5 now, D39 is gone, D40 came
    old.write_parquet(before)
    new.write_parquet(after)
    found = differences(before, after)
    assert (found.keys, found.doubled) == (("id",), 1)
    assert (found.added, found.removed, found.changed, found.same) == (1, 1, 1, 37)  # 0-38 without D2 and D0
    assert (found.doubled_keys, found.doubled_rows, found.repeated) == ((("D2",),), (2, 1), (1, 0))
    assert 1 + 1 + 37 + 2 + 1 == found.rows_before == 42  # every row is in one of the counts
    assert 1 + 1 + 37 + 1 == found.rows_after == 40
