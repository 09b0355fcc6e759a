"""Formulas over the real CRM's published numbers close: revenue by quarter, sales velocity, the rates of periods."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kpi_core.model.period import parse_period
from kpi_core.model.workshop import Workshop
from kpi_core.tree.evaluation import evaluate

COUNT = {"dataset": "deals", "aggregate": "count", "date": "close_date"}
SUM = {"dataset": "deals", "aggregate": "sum", "column": "close_value", "date": "close_date"}


@pytest.fixture
def truth(shared: Path) -> dict[str, Any]:
    found = json.loads((shared / "data" / "truth_maven_crm.json").read_text("utf-8"))
    return {kpi["id"]: kpi["result"] for kpi in found["kpis"]}


def table(result: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(result["columns"], row, strict=True)) for row in result["rows"]]


@pytest.fixture
def workshop() -> Workshop:
    nodes = [
        {"code": "revenue", "kind": "kgi", "unit": "USD", "measure": SUM},
        {"code": "won", "kind": "kpi", "unit": "count", "measure": COUNT},
        {"code": "closed", "kind": "kpi", "unit": "count", "measure": COUNT},
        {"code": "win_rate", "kind": "kpi", "unit": "ratio", "formula": "won / closed"},
        {"code": "deal_size", "kind": "kpi", "unit": "USD", "formula": "revenue / won"},
        {"code": "tree", "kind": "kpi", "unit": "USD", "formula": "closed * win_rate * deal_size"},
        {"code": "cycle", "kind": "kpi", "unit": "days", "measure": {**SUM, "aggregate": "mean"}},
        {"code": "velocity", "kind": "kpi", "unit": "USD", "formula": "win_rate * closed * deal_size / cycle"},
    ]
    frame = {"name": "CRM", "currency": "USD", "fiscal_year_start": 1}
    return Workshop.model_validate({"format": "kpi-workshop/1", "workshop": frame, "nodes": nodes})


@pytest.fixture
def monthly(truth) -> dict[str, dict[str, float]]:
    rates = table(truth["win_rate_by_close_month"])
    money = table(truth["won_revenue_by_month"])
    return {
        "won": {row["m"]: row["won"] for row in rates},
        "closed": {row["m"]: row["closed"] for row in rates},
        "revenue": {row["m"]: row["revenue"] for row in money},
    }


def test_revenue_closes_as_closed_times_win_rate_times_deal_size_by_quarter(truth, workshop, monthly) -> None:
    quarters = table(truth["by_quarter"])
    periods = [parse_period(row["q"], 1) for row in quarters]
    found = evaluate(workshop, monthly, periods).actual
    for code, column in {"won": "won", "win_rate": "win_rate", "deal_size": "deal_size", "tree": "revenue"}.items():
        assert list(found[code]) == pytest.approx([row[column] for row in quarters], rel=1e-9)


def test_the_years_win_rate_is_not_the_mean_of_the_months(truth, workshop, monthly) -> None:
    found = evaluate(workshop, monthly, [parse_period("2017", 1)]).actual
    assert found["win_rate"][0] == pytest.approx(truth["win_rate"], rel=1e-9)
    assert abs(found["win_rate"][0] - truth["mean_of_monthly_win_rates"]) > 0.002
    assert found["revenue"][0] == truth["won_revenue"] == 10_005_534


def test_sales_velocity_of_the_year(truth, workshop, monthly) -> None:
    won = next(row for row in table(truth["sales_cycle_days"]) if row["deal_stage"] == "Won")
    values = {**monthly, "cycle": {"2017": won["mean_days"]}}
    found = evaluate(workshop, values, [parse_period("2017", 1)]).actual["velocity"]
    assert found[0] == pytest.approx(truth["sales_velocity_2017"], rel=1e-9)


def test_the_japanese_fiscal_year_splits_the_same_months(truth, workshop, monthly) -> None:
    april = workshop.model_copy(update={"settings": workshop.settings.model_copy(update={"fiscal_year_start": 4})})
    found = evaluate(april, monthly, [parse_period("2016", 4), parse_period("2017", 4)]).actual["revenue"]
    # March 2017 alone belongs to the fiscal year 2016
    assert list(found) == [1_134_672, 10_005_534 - 1_134_672]
