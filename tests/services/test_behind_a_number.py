"""The rows behind a number: their count and aggregate are the number, for every kind of measure, by hand.

Deals: won on 3 and 20 April (East, West), lost on 21 April, won on 2 May.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kpi_core.errors import RefusedError
from kpi_core.model.measure import RatioMeasure, SimpleMeasure
from kpi_core.model.period import parse_period
from kpi_core.services.behind import behind_number, computed, csv_behind
from kpi_core.services.datasets import store_upload
from kpi_core.services.editing import save
from kpi_core.services.evaluating import evaluate
from kpi_core.services.measuring import refresh
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Grain

DEALS = """stage,closed,region,amount
Won,2026-04-03,East,100
Won,2026-04-20,West,300
Lost,2026-04-21,East,50
Won,2026-05-02,=HYPERLINK("x"),10
"""
BY_DAY: dict[str, Any] = {"dataset": "deals", "date": "closed"}
WON = {"where": [{"column": "stage", "op": "==", "value": "Won"}]}
COUNT: dict[str, Any] = {**BY_DAY, "aggregate": "count"}
SUM: dict[str, Any] = {**BY_DAY, "aggregate": "sum", "column": "amount"}


@pytest.fixture
def fed(state: State, workshop: str, tmp_path: Path, me: Who) -> str:
    file = tmp_path / "d.csv"
    file.write_text(DEALS, "utf-8")
    store_upload(state, workshop, "deals", file, "案件.csv", None, me, as_of=date(2026, 5, 31))
    return workshop


def measured(state: State, workshop: str, measure: dict[str, Any], me: Who) -> None:
    found = snapshot(state, workshop)
    made = RatioMeasure if "ratio" in measure else SimpleMeasure
    node = found.workshop.node("won")
    assert node is not None
    changed = node.model_copy(update={"measure": made.model_validate(measure)})
    save(state, workshop, "nodes", changed, found.revisions["nodes", "won"], me)
    assert refresh(state, workshop, me).problems == ()


@pytest.mark.parametrize(
    ("measure", "counts", "number"),
    [
        ({**COUNT, **WON}, [2], 2),
        ({**SUM, **WON}, [2], 400),
        ({**SUM, **WON, "aggregate": "mean"}, [2], 200),
        ({**BY_DAY, "aggregate": "count_distinct", "column": "region"}, [3], 2),  # East, West, East
        ({"ratio": {"numerator": {**COUNT, **WON}, "denominator": COUNT}}, [2, 3], 2 / 3),
        ({"ratio": {"numerator": {**SUM, **WON}, "denominator": {**COUNT, **WON}}}, [2, 2], 200),
    ],
)
def test_the_rows_give_the_number_that_is_shown(
    state: State, fed: str, me: Who, measure: dict[str, Any], counts: list[int], number: float
) -> None:
    measured(state, fed, measure, me)
    parts = behind_number(state, fed, "won", parse_period("2026-04"))
    assert [part.count for part in parts] == counts
    assert [len(part.rows) for part in parts] == counts
    assert {part.file_name for part in parts} == {"案件.csv"}
    assert computed(parts) == pytest.approx(number)
    shown = evaluate(state, fed, grain=Grain.MONTH, first="2026-04", last="2026-04", nodes=["won"])
    assert shown.series["won", None].actual[0] == pytest.approx(number)


def test_of_nothing_there_is_no_ratio(state: State, fed: str, me: Who) -> None:
    measured(state, fed, {"ratio": {"numerator": {**COUNT, **WON}, "denominator": COUNT}}, me)
    assert computed(behind_number(state, fed, "won", parse_period("2030-01"))) is None


def test_what_is_taken_away_is_no_formula(state: State, fed: str, me: Who) -> None:
    measured(state, fed, COUNT, me)
    (part,) = behind_number(state, fed, "won", parse_period("2026-05"))
    text = csv_behind(state, fed, part.part, parse_period("2026-05")).decode("utf-8-sig")
    assert "'=HYPERLINK" in text
    assert "T00:00:00" not in text  # days are days
    assert len(text.splitlines()) == 1 + part.count


def test_a_node_without_a_measure_has_no_rows_and_a_measure_without_data_says_so(state: State, workshop: str) -> None:
    assert behind_number(state, workshop, "size", parse_period("2026-04")) == ()
    with pytest.raises(RefusedError) as refused:
        behind_number(state, workshop, "won", parse_period("2026-04"))
    assert [problem.code for problem in refused.value.problems] == ["no_rows"]
