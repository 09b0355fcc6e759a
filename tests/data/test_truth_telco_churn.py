"""Every number of truth_telco_churn.json: a snapshot without dates, for the period that the upload speaks of."""

from __future__ import annotations

from datetime import date

import pytest

FILES = {"customers": ("a_telco_churn/Telco-Customer-Churn.csv", None)}
SAID = {
    "customers": {
        "derived": [
            {"name": "service_and_payment", "expression": 'concat(InternetService, "|", PaymentMethod)'},
            {"name": "churned", "expression": 'when(Churn == "Yes", 1, 0)'},
        ]
    }
}
LOST = [{"column": "Churn", "op": "==", "value": "Yes"}]
SPLITS = ["Contract", "service_and_payment"]


def customers(aggregate, column=None, where=()):
    return {"dataset": "customers", "aggregate": aggregate, "column": column, "where": list(where)}


NODES = {
    "rows": customers("count") | {"dimensions": SPLITS},
    "churn_rate": {
        "ratio": {"numerator": customers("count", where=LOST), "denominator": customers("count")},
        "dimensions": SPLITS,
    },
    "churn_mean": customers("mean", "churned"),
    "mrr": customers("sum", "MonthlyCharges"),
    "mrr_lost": customers("sum", "MonthlyCharges", LOST),
    "revenue_churn_rate": {
        "ratio": {
            "numerator": customers("sum", "MonthlyCharges", LOST),
            "denominator": customers("sum", "MonthlyCharges"),
        }
    },
    "arpu": customers("mean", "MonthlyCharges"),
    "total_charges_blank": customers("count", where=[{"column": "TotalCharges", "op": "is_null"}]),
    "total_charges_sum": customers("sum", "TotalCharges"),
}


@pytest.fixture(scope="module")
def telco(real, found):
    return found(real(FILES, NODES, SAID, as_of=date(2026, 3, 31)))


@pytest.fixture(scope="module")
def churn(truth):
    return truth("telco_churn")


@pytest.mark.parametrize(
    ("node", "kpi"),
    [("churn_mean", "churn_rate"), *[(node, node) for node in NODES if node != "churn_mean"]],
)
def test_a_number_of_the_snapshot(telco, churn, right, node, kpi):
    assert telco.total(node, "2026-03") == right(churn.number(kpi))
    assert telco.total(node, "2025-Q4") == right(churn.number(kpi))
    assert telco.total(node, "2025") == right(churn.number(kpi))


@pytest.mark.parametrize(("node", "column"), [("rows", "n"), ("churn_rate", "churn_rate")])
def test_a_split_by_contract(telco, churn, right, node, column):
    assert telco.segments(node, "Contract", "2026-03") == right(churn.column("churn_by_contract", column, "Contract"))


@pytest.mark.parametrize(("node", "column"), [("rows", "n"), ("churn_rate", "churn_rate")])
def test_a_split_by_two_columns_through_a_derived_one(telco, churn, right, node, column):
    stated = churn.column("churn_by_internet_payment", column, "InternetService", "PaymentMethod")
    expected = {f"{service}|{payment}": value for (service, payment), value in stated.items()}
    assert telco.segments(node, "service_and_payment", "2026-03") == right(expected)
