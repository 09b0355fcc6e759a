"""Input rules to begin with, read from what the measures use and what the cells hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kpi_core.model.file import read_workshop
from kpi_core.services.checks import readiness
from kpi_core.services.datasets import store_upload
from kpi_core.services.people import Who
from kpi_core.services.quality import check_outdated, last_runs
from kpi_core.services.rule_proposals import propose_rules
from kpi_core.services.rules import read_where, remove_alias, remove_lookup, save_rules
from kpi_core.services.snapshots import snapshot
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State

WHO = Who("test")
FILE = """{"format": "kpi-workshop/1", "workshop": {"name": "W"}, "sources": [{"code": "sfa"}],
 "datasets": [{"code": "deals", "source": "sfa",
   "derived": [{"name": "days", "expression": "days_between(opened, closed)"}],
   "lookups": [{"dataset": "products", "on": [["product", "name"]], "columns": ["series"],
                "aliases": {"GTXPro": "GTX Pro"}}],
   "rules": [{"column": "opened", "rule": "required"}]},
  {"code": "products", "source": "sfa"}],
 "nodes": [{"code": "goal", "kind": "kgi", "measure": {"dataset": "deals", "aggregate": "sum", "column": "amount",
   "date": "closed", "where": [{"column": "stage", "op": "==", "value": "Won"}], "dimensions": ["series"]}},
  {"code": "more", "kind": "ksf", "parent": "goal"},
  {"code": "speed", "kind": "kpi", "parent": "more", "measure": {"dataset": "deals", "aggregate": "mean",
   "column": "days", "date": "closed"}}]}"""
DEALS = """deal_id,stage,product,amount,opened,closed,memo
1,Won,GTX Pro,10,2026-04-01,2026-04-03,a
2,Lost,GTXPro,,2026-04-01,2026-04-09,b
3,Won,GTX Pro,30,2026-04-02,2026-05-01,c
"""


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State.open(tmp_path / "w.db") as opened:
        yield opened


@pytest.fixture
def workshop(state: State, tmp_path: Path) -> str:
    created = create_workshop(state, read_workshop(FILE), WHO)
    upload(state, created, tmp_path, DEALS)
    upload(state, created, tmp_path, "name,series\nGTX Pro,GTX\n", "products")
    return created


def upload(state: State, workshop: str, folder: Path, text: str, code: str = "deals") -> None:
    path = folder / f"{code}.csv"
    path.write_text(text)
    store_upload(state, workshop, code, path, path.name, None, WHO)


def revision(state: State, workshop: str) -> int:
    return snapshot(state, workshop).revisions["datasets", "deals"]


def test_each_column_gets_the_rule_that_fits_it(state: State, workshop: str) -> None:
    rows = {row["column"]: row for row in propose_rules(state, workshop, "deals")}
    assert {name: (row["rule"], row["limit"]) for name, row in rows.items()} == {
        "deal_id": ("unique", ""),
        "stage": ("allowed", "Won, Lost"),
        "product": ("reference", "products.name"),
        "amount": ("required", ""),
        "closed": ("required", ""),
    }  # opened has a rule, memo is used by nothing, days and series are not typed in
    (only,) = read_where(rows["amount"]["where"])
    assert (only.column, only.value) == ("stage", "Won")  # the amount of a lost deal may stay empty
    assert rows["closed"]["where"] == ""  # two measures need it over different rows: over all of them


def test_nothing_is_proposed_without_rows(state: State, workshop: str) -> None:
    assert propose_rules(state, workshop, "nowhere") == []
    fresh = create_workshop(state, read_workshop(FILE), WHO)
    assert propose_rules(state, fresh, "deals") == []


def test_confirmed_proposals_settle_the_items_on_rules(state: State, workshop: str) -> None:
    assert [readiness(state, workshop)[item - 1].met for item in (7, 15)] == [False, True]  # an upload runs the rules
    for code in ("deals", "products"):
        kept = [{"column": "opened", "rule": "required"}] if code == "deals" else []
        at = snapshot(state, workshop).revisions["datasets", code]
        save_rules(state, workshop, code, [*kept, *propose_rules(state, workshop, code)], at, WHO)
    assert [readiness(state, workshop)[item - 1].met for item in (7, 15)] == [True, True]
    results = {result.column: (result.checked, result.failed) for result in last_runs(state, workshop)["deals"].results}
    assert results["amount"] == (2, 0)
    assert results["product"] == (3, 0)  # the alias counts


def test_rules_are_checked_anew_when_rows_change(state: State, workshop: str, tmp_path: Path) -> None:
    save_rules(state, workshop, "deals", [{"column": "deal_id", "rule": "unique"}], revision(state, workshop), WHO)
    upload(state, workshop, tmp_path, DEALS + "3,Won,GTX Pro,5,2026-04-02,2026-05-01,d\n")
    run = last_runs(state, workshop)["deals"]
    assert run.current
    assert run.results[0].failed == 2


def test_rules_that_refer_to_rows_which_change_are_checked_anew(state: State, workshop: str, tmp_path: Path) -> None:
    rule = {"column": "product", "rule": "reference", "limit": "products.product"}
    save_rules(state, workshop, "deals", [rule], revision(state, workshop), WHO)
    path = tmp_path / "products.csv"
    path.write_text("product,series\nother,GTX\n")
    store_upload(state, workshop, "products", path, path.name, None, WHO)
    assert not last_runs(state, workshop)["deals"].current
    check_outdated(state, workshop, WHO)
    assert last_runs(state, workshop)["deals"].current


def test_an_alias_and_a_look_up_can_be_taken_back(state: State, workshop: str) -> None:
    remove_alias(state, workshop, "deals", 0, "GTXPro", revision(state, workshop), WHO)
    assert snapshot(state, workshop).workshop.datasets[0].lookups[0].aliases == {}
    remove_lookup(state, workshop, "deals", 0, revision(state, workshop), WHO)
    assert snapshot(state, workshop).workshop.datasets[0].lookups == ()


def arrive(state: State, workshop: str, folder: Path, text: str, day: str) -> None:
    path = folder / "deals.csv"
    path.write_text(text)
    store_upload(state, workshop, "deals", path, path.name, None, WHO, as_of=date.fromisoformat(day))


def whole(state: State, workshop: str) -> dict[str, str]:
    rows = propose_rules(state, workshop, "deals")
    return {row["rule"]: row["limit"] for row in rows if row["rule"] in ("freshness", "row_count")}


def test_how_a_dataset_arrives_is_proposed_from_its_versions(state: State, workshop: str, tmp_path: Path) -> None:
    assert whole(state, workshop) == {}  # one version says nothing of the next
    more = DEALS + "4,Won,GTX Pro,5,2026-05-01,2026-05-30,d\n"
    created = create_workshop(state, read_workshop(FILE), WHO)
    arrive(state, created, tmp_path, DEALS, "2026-05-03")
    arrive(state, created, tmp_path, more, "2026-06-02")
    # closed: newest 2026-05-01 until 2026-06-02 are 32 days; 3 rows became 4, +33.3 %, and 1.5 times that is 50
    assert whole(state, created) == {"freshness": "32", "row_count": "0〜50"}
    arrive(state, created, tmp_path, DEALS, "2026-06-20")
    # 2026-05-30 until 2026-06-20 are 21 days, so 32 stays; -25 % is beyond -37.5, rounded to -40
    assert whole(state, created) == {"freshness": "32", "row_count": "-40〜50"}


def test_without_a_second_version_the_sources_rhythm_tells(state: State, tmp_path: Path) -> None:
    weekly = FILE.replace('{"code": "sfa"}', '{"code": "sfa", "refresh": "week"}')
    created = create_workshop(state, read_workshop(weekly), WHO)
    arrive(state, created, tmp_path, DEALS, "2026-05-03")
    assert whole(state, created) == {"freshness": "9"}  # two days old on arrival, and a week until the next


def test_rows_yet_to_come_propose_no_freshness(state: State, tmp_path: Path) -> None:
    weekly = FILE.replace('{"code": "sfa"}', '{"code": "sfa", "refresh": "week"}')
    created = create_workshop(state, read_workshop(weekly), WHO)
    arrive(state, created, tmp_path, DEALS, "2026-04-20")  # a deal is planned to close on 2026-05-01
    assert whole(state, created) == {}
