"""A measure as form fields and back, and the live result before it is saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi_core.errors import RefusedError
from kpi_core.model.file import read_workshop
from kpi_core.model.measure import RatioMeasure, SimpleMeasure
from kpi_core.services.datasets import store_upload
from kpi_core.services.evaluating import evaluate
from kpi_core.services.mapping import (
    dataset_columns,
    frequent_values,
    measure_from,
    measure_values,
    preview_course,
    save_measure,
)
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import ColumnType

WHO = Who("test")
FILE = """{"format": "kpi-workshop/1", "workshop": {"name": "W"},
 "sources": [{"code": "sfa"}], "datasets": [{"code": "deals", "source": "sfa"}],
 "nodes": [{"code": "won", "kind": "kgi", "unit": "JPY"}]}"""
DEALS = "stage,amount,closed\nWon,100,2026-04-03\nLost,50,2026-04-09\nWon,30,2026-06-01\n"

WON_AMOUNT = SimpleMeasure.model_validate(
    {
        "dataset": "deals",
        "aggregate": "sum",
        "column": "amount",
        "date": "closed",
        "where": [{"column": "stage", "op": "in", "value": ["Won", "Big, won"]}],
        "dimensions": ["stage"],
    }
)


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


def test_a_measure_survives_the_form() -> None:
    rate = RatioMeasure.model_validate({"ratio": {"numerator": WON_AMOUNT, "denominator": WON_AMOUNT}})
    assert measure_from(measure_values(WON_AMOUNT)) == WON_AMOUNT
    back = measure_from(measure_values(rate))
    assert isinstance(back, RatioMeasure)
    assert back.ratio.numerator.where == WON_AMOUNT.where


def test_an_unfinished_form_is_no_measure_yet() -> None:
    assert measure_from(measure_values(None)) is None
    assert measure_from({"mode": "ratio", "numerator.dataset": "deals", "numerator.aggregate": "count"}) is None


def test_a_sum_without_a_column_is_refused_with_its_reason() -> None:
    with pytest.raises(RefusedError) as refused:
        measure_from({"mode": "simple", "simple.dataset": "deals", "simple.aggregate": "sum"})
    assert refused.value.problems[0].code == "file_measure_column_missing"


def test_columns_and_their_frequent_values_are_offered(state: State, workshop: str) -> None:
    columns = dataset_columns(state, workshop)["deals"].columns
    assert columns == {"stage": ColumnType.TEXT, "amount": ColumnType.INTEGER, "closed": ColumnType.DATE}
    assert frequent_values(state, workshop, "deals", "stage") == (("Won", 2), ("Lost", 1))


def test_the_preview_shows_a_gap_where_nothing_was_measured(state: State, workshop: str) -> None:
    course, problems = preview_course(state, workshop, WON_AMOUNT)
    assert problems == ()
    assert [period.key for period in course.periods] == ["2026-04", "2026-05", "2026-06"]
    assert course.actual == (100, None, 30)  # no row at all in May: not measured, never 0


def test_rows_dated_never_are_told_and_do_not_stretch_the_live_result(
    state: State, workshop: str, tmp_path: Path
) -> None:
    path = tmp_path / "never.csv"
    path.write_text(f"{DEALS}Won,7,9999-12-31\nWon,8,0999-01-01\n", encoding="utf-8")
    store_upload(state, workshop, "deals", path, path.name, None, WHO)
    course, problems = preview_course(state, workshop, WON_AMOUNT)
    assert [period.key for period in course.periods] == ["2026-04", "2026-05", "2026-06"]
    assert course.actual == (100, None, 30)
    assert [problem.code for problem in problems] == ["dates_far_ahead"]


def test_saving_computes_the_values(state: State, workshop: str) -> None:
    revision = snapshot(state, workshop).revisions["nodes", "won"]
    save_measure(state, workshop, "won", WON_AMOUNT, revision, WHO)
    found = evaluate(state, workshop, first="2026-04", last="2026-04")
    assert list(found.series["won", None].actual) == [100]
