"""A Salesforce report proposes measures that count the won deals, and computing them gives the hand-counted sums."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpi_core.services.datasets import store_upload
from kpi_core.services.mapping import dataset_columns
from kpi_core.services.measure_proposals import gives, measure_proposals
from kpi_core.services.measuring import preview_measure
from kpi_core.services.people import Who
from kpi_core.store.state import State

REPORT = """商談 所有者,商談名,フェーズ,金額,完了予定日,作成日
森,A社,受注,100,2026-04-03,2026-03-01
森,B社,受注,300,2026-04-20,2026-03-05
林,C社,不成立,50,2026-04-21,2026-03-09
林,D社,受注,10,2026-05-02,2026-04-01
"""


def test_a_known_export_proposes_measures_that_give_its_numbers(
    state: State, workshop: str, tmp_path: Path, me: Who
) -> None:
    file = tmp_path / "report.csv"
    file.write_text(REPORT, "utf-8")
    store_upload(state, workshop, "deals", file, file.name, None, me)
    found = {one.code: one for one in measure_proposals(state, workshop, dataset_columns(state, workshop))}
    assert set(found) == {"won_amount", "won_count", "created_count"}
    assert {one.system for one in found.values()} == {"Salesforce"}
    values = {
        code: {seen.period: seen.value for seen in preview_measure(state, workshop, one.measure).observations}
        for code, one in found.items()
    }
    assert values["won_amount"] == {"2026-04": 400, "2026-05": 10}
    assert values["won_count"] == {"2026-04": 2, "2026-05": 1}
    assert values["created_count"] == {"2026-03": 3, "2026-04": 1}


def test_stages_of_their_own_are_asked_about_and_never_count_nothing(
    state: State, workshop: str, tmp_path: Path, me: Who
) -> None:
    file = tmp_path / "report.csv"
    file.write_text(REPORT.replace(",受注,", ",S5,").replace("不成立", "S9"), "utf-8")
    store_upload(state, workshop, "deals", file, file.name, None, me)
    found = {one.code: one for one in measure_proposals(state, workshop, dataset_columns(state, workshop))}
    assert found["won_count"].measure is None  # neither 0 nor all rows
    assert found["won_count"].stages == ("S5", "S9")
    chosen = found["won_count"].with_won(["S5"]).measure
    assert chosen is not None
    counted = {seen.period: seen.value for seen in preview_measure(state, workshop, chosen).observations}
    assert counted == {"2026-04": 2, "2026-05": 1}


@pytest.mark.parametrize(
    ("aggregate", "unit", "fits"),
    [
        ("count", "JPY", False),
        ("count_distinct", "JPY", False),
        ("sum", "JPY", True),
        ("count", "count", True),
        ("sum", "count", True),
        ("mean", "days", True),
    ],
)
def test_money_is_no_count_of_rows(aggregate: str, unit: str, fits: bool) -> None:
    assert gives(aggregate, unit) is fits


def test_an_unknown_table_proposes_nothing(state: State, workshop: str, deals: Path, me: Who) -> None:
    store_upload(state, workshop, "deals", deals, "d.csv", None, me)
    assert measure_proposals(state, workshop, dataset_columns(state, workshop)) == ()
