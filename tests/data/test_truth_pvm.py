"""Every number of truth_pvm.json: two scenarios and two quantities that share one amount column."""

from __future__ import annotations

import pytest

FILES = {"tr": ("a_pvm/PVM Sample.xlsx", "Transactions")}


def where(**cells):
    return [{"column": column, "op": "==", "value": value} for column, value in cells.items()]


def amounts(aggregate="sum", filters=(), dimensions=()):
    column = None if aggregate == "count" else "Amount"
    return {
        "dataset": "tr",
        "aggregate": aggregate,
        "column": column,
        "date": "DimDate",
        "where": list(filters),
        "dimensions": list(dimensions),
    }


SCENARIOS, MEASURES = ("Actual", "Forecast"), ("OrderQuantity", "ProductStandardCost")
SPLITS = ["DimSalesReps", "DimProduct"]
NODES = {
    "rows": {"dataset": "tr", "aggregate": "count"},
    "everything": {"dataset": "tr", "aggregate": "sum", "column": "Amount"},
    **{
        f"{aggregate}_{scenario}_{measure}": amounts(
            aggregate, where(Scenario=scenario, DimSalesMeasures=measure), SPLITS
        )
        for aggregate in ("sum", "count")
        for scenario in SCENARIOS
        for measure in MEASURES
    },
    "attainment": {
        "ratio": {
            "numerator": amounts(filters=where(Scenario="Actual", DimSalesMeasures="OrderQuantity")),
            "denominator": amounts(filters=where(Scenario="Forecast", DimSalesMeasures="OrderQuantity")),
        }
    },
}


@pytest.fixture(scope="module")
def pvm(real, found):
    return found(real(FILES, NODES, fiscal_year_start=1))


@pytest.fixture(scope="module")
def sample(truth):
    return truth("pvm")


@pytest.mark.parametrize(("node", "kpi"), [("rows", "rows"), ("everything", "grand_sum_trap")])
def test_a_number_of_all_rows(pvm, sample, right, node, kpi):
    assert pvm.total(node, "2026") == right(sample.number(kpi))


@pytest.mark.parametrize(("aggregate", "column"), [("sum", "amount"), ("count", "n")])
def test_each_quantity_by_scenario_and_year(pvm, sample, right, aggregate, column):
    expected = sample.column("measure_by_scenario_year", column, "Scenario", "DimSalesMeasures", "Year")
    seen = {
        (scenario, measure, year): value
        for scenario in SCENARIOS
        for measure in MEASURES
        for year, value in pvm.years(f"{aggregate}_{scenario}_{measure}").items()
    }
    assert seen == right(expected)


@pytest.mark.parametrize(("scenario", "column"), [("Actual", "actual"), ("Forecast", "forecast")])
def test_quantity_by_month(pvm, sample, right, scenario, column):
    expected = {day[:7]: value for day, value in sample.column("qty_by_month", column, "m").items()}
    assert pvm.months(f"sum_{scenario}_OrderQuantity") == right(expected)


def test_attainment_by_year(pvm, sample, right):
    assert pvm.years("attainment") == right(sample.column("attainment_by_year", "attainment", "Year"))


@pytest.mark.parametrize(("scenario", "column"), [("Actual", "actual"), ("Forecast", "forecast")])
def test_quantity_by_sales_representative(pvm, sample, right, scenario, column):
    assert _both_years(pvm, scenario, "DimSalesReps") == right(sample.column("qty_by_rep", column, "DimSalesReps"))


def test_the_ten_products_sold_most(pvm, sample, right):
    ordered = sorted(_both_years(pvm, "Actual", "DimProduct").items(), key=lambda item: (-item[1], item[0]))
    assert ordered[:10] == [
        (product, right(quantity))
        for product, quantity in sample.column("qty_by_product_top", "actual", "DimProduct").items()
    ]


def _both_years(pvm, scenario, dimension):
    totals: dict[str, float] = {}
    for year in ("2020", "2021"):
        for segment, value in pvm.segments(f"sum_{scenario}_OrderQuantity", dimension, year).items():
            totals[segment] = totals.get(segment, 0) + value
    return totals
