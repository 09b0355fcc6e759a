"""A measure as form fields and back, and the live result before it is saved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kpi_core.errors import RefusedError
from kpi_core.model.file import read_workshop
from kpi_core.model.measure import RatioMeasure, SimpleMeasure
from kpi_core.services.checks import facts
from kpi_core.services.datasets import store_upload
from kpi_core.services.evaluating import evaluate
from kpi_core.services.mapping import (
    beginning,
    dataset_columns,
    filters_from,
    frequent_values,
    measure_from,
    measure_values,
    preview_course,
    save_mapping,
    save_measure,
)
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import Availability, ColumnType, Grain, Op

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


def test_an_old_export_counts_as_having_values(state: State, workshop: str, tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_text("stage,amount,closed\nWon,100,2009-12-03\n")
    store_upload(state, workshop, "deals", path, "old.csv", None, WHO)
    save_measure(state, workshop, "won", WON_AMOUNT, snapshot(state, workshop).revisions["nodes", "won"], WHO)
    assert facts(state, workshop, date(2026, 11, 23)).latest == {"won": "2009-12"}


def test_a_condition_without_its_value_is_not_said_yet() -> None:
    row = {"column": "stage", "op": "==", "value": " "}
    assert filters_from([row, {"column": "closed", "op": "is_null", "value": ""}]) == (
        {"column": "closed", "op": Op.IS_NULL, "value": None},
    )


def test_a_form_begins_with_what_leaves_no_choice(state: State, workshop: str) -> None:
    node = snapshot(state, workshop).workshop.nodes[0]
    datasets = dataset_columns(state, workshop)
    begun = beginning(node, datasets)
    assert (begun["simple.dataset"], begun["simple.aggregate"], begun["simple.date"]) == ("deals", "sum", "closed")
    rate = beginning(node.model_copy(update={"unit": "率"}), datasets)
    assert (rate["mode"], rate["denominator.dataset"], rate["numerator.aggregate"]) == ("ratio", "deals", None)
    assert beginning(node, {**datasets, "more": datasets["deals"]})["simple.dataset"] is None


def test_saving_a_mapping_keeps_a_measure_that_the_form_only_began_to_change(state: State, workshop: str) -> None:
    at = snapshot(state, workshop).revisions["nodes", "won"]
    save_mapping(state, workshop, "won", {**measure_values(WON_AMOUNT), "availability": "ready"}, at, WHO)
    at = snapshot(state, workshop).revisions["nodes", "won"]
    unfinished = {**measure_values(WON_AMOUNT), "simple.aggregate": None, "availability": "effort"}
    save_mapping(state, workshop, "won", unfinished, at, WHO)
    node = snapshot(state, workshop).workshop.node("won")
    assert node is not None
    assert (node.measure, node.availability) == (WON_AMOUNT, Availability.EFFORT)


def test_the_preview_gives_fiscal_years_too(state: State, workshop: str) -> None:
    course, _ = preview_course(state, workshop, WON_AMOUNT, Grain.YEAR)
    assert [(period.key, value) for period, value in zip(course.periods, course.actual, strict=True)] == [("2026", 130)]
