"""Input rules as rows to edit, look-ups, and aliases that mend them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi_core.errors import RefusedError
from kpi_core.model.file import read_workshop
from kpi_core.model.workshop import Workshop
from kpi_core.services.datasets import store_upload
from kpi_core.services.people import Who
from kpi_core.services.quality import last_runs
from kpi_core.services.rules import add_alias, rows_of_rules, save_lookup, save_rules, unmatched_values
from kpi_core.services.snapshots import snapshot
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State

WHO = Who("test")
FILE = """{"format": "kpi-workshop/1", "workshop": {"name": "W"}, "sources": [{"code": "sfa"}],
 "datasets": [
  {"code": "deals", "source": "sfa", "rules": [
    {"column": "product", "rule": "allowed", "values": ["GTX Pro", "A, B"], "note": "営業が入力"},
    {"column": "amount", "rule": "range", "minimum": 0, "maximum": 100},
    {"column": "amount", "rule": "required", "where": [{"column": "stage", "op": "==", "value": "Won"}]}]},
  {"code": "products", "source": "sfa"}]}"""


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State.open(tmp_path / "w.db") as opened:
        yield opened


@pytest.fixture
def workshop(state: State, tmp_path: Path) -> str:
    created = create_workshop(state, read_workshop(FILE), WHO)
    for code, text in (
        ("deals", "product,stage,amount\nGTXPro,Won,10\nGTX Pro,Won,\nGTX Pro,Lost,\n"),
        ("products", "product,series\nGTX Pro,GTX\n"),
    ):
        path = tmp_path / f"{code}.csv"
        path.write_text(text)
        store_upload(state, created, code, path, path.name, None, WHO)
    return created


def stored(state: State, workshop: str) -> Workshop:
    return snapshot(state, workshop).workshop


def revision(state: State, workshop: str) -> int:
    return snapshot(state, workshop).revisions["datasets", "deals"]


def test_rules_untouched_in_the_table_stay_as_they_were(state: State, workshop: str) -> None:
    before = stored(state, workshop).datasets[0]
    save_rules(state, workshop, "deals", rows_of_rules(before), revision(state, workshop), WHO)
    assert stored(state, workshop).datasets[0].rules == before.rules


def test_saving_rules_checks_them_at_once(state: State, workshop: str) -> None:
    rows = rows_of_rules(stored(state, workshop).datasets[0])
    save_rules(state, workshop, "deals", rows, revision(state, workshop), WHO)
    results = last_runs(state, workshop)["deals"].results
    assert [(one.checked, one.failed) for one in results] == [(3, 1), (1, 0), (2, 1)]


def test_a_range_may_be_open_and_a_rule_without_its_limit_is_refused(state: State, workshop: str) -> None:
    rows = [{"column": "amount", "rule": "range", "limit": "〜50"}]
    save_rules(state, workshop, "deals", rows, revision(state, workshop), WHO)
    rule = stored(state, workshop).datasets[0].rules[0]
    assert (rule.minimum, rule.maximum) == (None, 50)
    with pytest.raises(RefusedError):
        save_rules(state, workshop, "deals", [{"column": "a", "rule": "allowed"}], revision(state, workshop), WHO)


def test_an_alias_mends_what_a_look_up_did_not_find(state: State, workshop: str) -> None:
    values = {"dataset": "products", "here": "product", "there": "product", "columns": ["series"]}
    save_lookup(state, workshop, "deals", values, revision(state, workshop), WHO)
    (missing,) = unmatched_values(state, workshop, "deals", 0)
    assert (missing.value, missing.rows, missing.near) == ("GTXPro", 1, ("GTX Pro",))
    add_alias(state, workshop, "deals", 0, "GTXPro", "GTX Pro", revision(state, workshop), WHO)
    assert unmatched_values(state, workshop, "deals", 0) == ()
