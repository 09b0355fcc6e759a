"""Sources and datasets: what a file is a newer version of, what it lacks, and where KPIs come from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi_core.errors import RefusedError
from kpi_core.model.base import Bilingual
from kpi_core.model.dataset import Dataset, Source
from kpi_core.model.file import read_workshop
from kpi_core.services.datasets import store_upload, versions
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.sources import (
    columns_lost,
    datasets_like,
    deliveries,
    lies_as_stored,
    rename_dataset,
    upload_new,
)
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import Availability

WHO = Who("test")
FILE = """{"format": "kpi-workshop/1", "workshop": {"name": "W"},
 "sources": [{"code": "sfa", "name": {"ja": "営業支援"}}, {"code": "ma"}],
 "datasets": [{"code": "deals", "source": "sfa"}, {"code": "leads", "source": "ma"}],
 "nodes": [{"code": "goal", "kind": "kgi", "system": "営業支援", "availability": "effort"},
  {"code": "more", "kind": "ksf", "parent": "goal"},
  {"code": "won", "kind": "kpi", "parent": "more", "measure": {"dataset": "deals", "aggregate": "count"}},
  {"code": "rate", "kind": "kpi", "parent": "more", "availability": "none", "measure": {"ratio": {
    "numerator": {"dataset": "deals", "aggregate": "count"},
    "denominator": {"dataset": "leads", "aggregate": "count"}}}},
  {"code": "mood", "kind": "kpi", "parent": "more", "system": "電話"}]}"""
DEALS = "id,stage,amount,closed,owner\n1,Won,10,2026-04-01,A\n"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State.open(tmp_path / "w.db") as opened:
        yield opened


@pytest.fixture
def workshop(state: State, tmp_path: Path) -> str:
    created = create_workshop(state, read_workshop(FILE), WHO)
    path = tmp_path / "deals.csv"
    path.write_text(DEALS)
    store_upload(state, created, "deals", path, "deals.csv", None, WHO)
    return created


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ("id stage amount closed owner", ("deals",)),
        ("id stage amount closed", ("deals",)),  # 4 of 5
        ("id stage amount closed rep", ("deals",)),  # 4 of 5, and one renamed
        ("id stage amount", ()),  # 3 of 5
        ("id stage closed owner amount(千円)", ("deals",)),  # another unit
        ("id stage amount closed a b c d e", ()),  # 4 of 5, but most of the file is something else
        ("", ()),
    ],
)
def test_a_file_with_most_of_the_columns_is_a_newer_version(
    state: State, workshop: str, columns: str, found: tuple[str, ...]
) -> None:
    assert datasets_like(state, workshop, columns.split()) == found


def test_datasets_that_fit_equally_well_are_all_named_but_for_one_of_the_files_name(
    state: State, workshop: str, tmp_path: Path
) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(DEALS)
    store_upload(state, workshop, "leads", path, "leads_2026-04.csv", None, WHO)
    columns = ["id", "stage", "amount", "closed", "owner"]
    assert set(datasets_like(state, workshop, columns, "export.csv")) == {"deals", "leads"}
    assert datasets_like(state, workshop, columns, "leads_2026-05.csv") == ("leads",)


def test_a_file_lies_as_those_before_it_where_it_has_their_columns(state: State, workshop: str) -> None:
    columns = ["id", "stage", "amount", "closed", "owner"]
    assert lies_as_stored(state, workshop, "deals", [*columns, "note"])
    assert lies_as_stored(state, workshop, "deals", [*columns[:-1], "rep"])  # renamed, and told as that
    assert not lies_as_stored(state, workshop, "deals", columns[:-1])
    assert not lies_as_stored(state, workshop, "deals", ["id", "stage", "amount(千円)", "closed", "owner"])
    assert not lies_as_stored(state, workshop, "leads", columns)  # which has no rows yet


def test_columns_that_a_newer_version_lacks_are_named(state: State, workshop: str) -> None:
    assert columns_lost(state, workshop, "deals", ["id", "stage", "closed", "new"]) == ("amount", "owner")
    assert columns_lost(state, workshop, "leads", ["id"]) == ()


def test_a_measured_kpi_is_ready_where_its_rows_come_from(state: State, workshop: str) -> None:
    assert deliveries(snapshot(state, workshop).workshop) == {
        ("goal", "sfa"): Availability.EFFORT,  # not measured: its card names the system
        ("won", "sfa"): Availability.READY,
        ("rate", "sfa"): Availability.NONE,  # its card knows better
        ("rate", "ma"): Availability.NONE,
    }


def test_a_renamed_dataset_keeps_its_code_and_rows(state: State, workshop: str) -> None:
    revision = snapshot(state, workshop).revisions["datasets", "deals"]
    rename_dataset(state, workshop, "deals", Bilingual(ja="商談"), "ma", revision, WHO)
    dataset = snapshot(state, workshop).workshop.dataset("deals")
    assert dataset is not None
    assert (dataset.name.ja, dataset.source) == ("商談", "ma")
    assert len(versions(state, workshop, "deals")) == 1


def test_a_refused_file_leaves_no_empty_dataset(state: State, workshop: str, tmp_path: Path) -> None:
    before = snapshot(state, workshop).workshop
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    new = Dataset(code="calls", source="crm")
    with pytest.raises(RefusedError):
        upload_new(state, workshop, new, Source(code="crm"), empty, "empty.csv", None, WHO)
    assert snapshot(state, workshop).workshop == before


def test_a_new_dataset_comes_with_its_source_and_first_version(state: State, workshop: str, tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("id\n1\n2\n")
    kept = upload_new(
        state, workshop, Dataset(code="calls", source="crm"), Source(code="crm"), path, "calls.csv", None, WHO
    )
    assert kept.rows == 2
    assert [source.code for source in snapshot(state, workshop).workshop.sources] == ["sfa", "ma", "crm"]
