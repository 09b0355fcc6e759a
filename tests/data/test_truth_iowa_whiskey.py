"""Every number of truth_iowa_whiskey.json that measures alone can say; its years have gaps.

Not here: the effects of ``pvm_2016_2020_by_category`` and ``lmdi_2016_2020_total``, which are attributions (their
revenues and bottles by category and year are here).
"""

from __future__ import annotations

import pytest

FILES = {"sales": ("a_iowa_whiskey/iowa_whiskey_sales.csv", None)}
SAID = {
    "sales": {
        "derived": [
            {"name": "residual", "expression": "sales_amount - price_per_bottle * bottles_sold"},
            {"name": "off", "expression": "abs(residual)"},
        ]
    }
}
OFF = [{"column": "off", "op": ">", "value": 0.01}]


def sales(aggregate, column=None, where=(), date="date", dimensions=()):
    return {
        "dataset": "sales",
        "aggregate": aggregate,
        "column": column,
        "where": list(where),
        "date": date,
        "dimensions": list(dimensions),
    }


NODES = {
    "rows": sales("count", date=None),
    "orders": sales("count"),
    "revenue": sales("sum", "sales_amount", dimensions=["category"]),
    "bottles": sales("sum", "bottles_sold", dimensions=["category"]),
    "avg_price": {"ratio": {"numerator": sales("sum", "sales_amount"), "denominator": sales("sum", "bottles_sold")}},
    "vendors": sales("sum", "sales_amount", date=None, dimensions=["vendor"]),
    "worst": sales("max", "off", date=None),
    "off_rows": sales("count", where=OFF, date=None),
    "off_sum": sales("sum", "residual", where=OFF, date=None),
}


@pytest.fixture(scope="module")
def iowa(real, found):
    return found(real(FILES, NODES, SAID, fiscal_year_start=1))


@pytest.fixture(scope="module")
def whiskey(truth):
    return truth("iowa_whiskey")


@pytest.mark.parametrize(("node", "kpi"), [("rows", "rows"), ("worst", "identity_residual")])
def test_a_number_of_all_rows(iowa, whiskey, right, node, kpi):
    assert iowa.total(node, "2026") == right(whiskey.number(kpi))


@pytest.mark.parametrize("column", ["revenue", "bottles", "avg_price", "orders"])
def test_by_year_with_the_gaps_left_out(iowa, whiskey, right, column):
    assert iowa.years(column) == right(whiskey.column("by_year", column, "y"))


@pytest.mark.parametrize("column", ["revenue", "bottles"])
def test_by_year_and_category(iowa, whiskey, right, column):
    expected = whiskey.column("by_year_category", column, "y", "category")
    seen = {
        (year, category): value
        for year in (2012, 2016, 2020)
        for category, value in iowa.segments(column, "category", str(year)).items()
    }
    assert seen == right(expected)


def test_revenue_by_month(iowa, whiskey, right):
    assert iowa.months("revenue") == right(whiskey.column("by_month", "revenue", "m"))


def test_the_ten_largest_vendors(iowa, whiskey, right):
    seen = iowa.segments("vendors", "vendor", "2026")
    ordered = sorted(seen.items(), key=lambda item: (-item[1], item[0]))[:10]
    expected = whiskey.column("top_vendors", "revenue", "vendor")
    assert [vendor for vendor, _ in ordered] == list(expected)
    assert dict(ordered) == right(expected)


def test_rows_whose_amount_is_not_price_times_bottles(iowa, whiskey, right):
    stated = whiskey.kpis["identity_bad_rows"]["result"]["rows"][0]
    assert [iowa.total("off_rows", "2026"), iowa.total("off_sum", "2026")] == right(stated)
