"""Every number of truth_bank_marketing.json; its file has no year, so it is a snapshot."""

from __future__ import annotations

from datetime import date

import pytest

FILES = {"contacts": ("a_bank_marketing/bank-full.csv", None)}
YES = [{"column": "y", "op": "==", "value": "yes"}]
CALLED_BEFORE = [{"column": "pdays", "op": ">=", "value": 0}]
SPLITS = ["month", "job", "contact", "poutcome"]


def contacts(aggregate, column=None, where=()):
    return {"dataset": "contacts", "aggregate": aggregate, "column": column, "where": list(where)}


NODES = {
    "contacts": contacts("count") | {"dimensions": SPLITS},
    "won": contacts("count", where=YES) | {"dimensions": SPLITS},
    "cvr": {
        "ratio": {"numerator": contacts("count", where=YES), "denominator": contacts("count")},
        "dimensions": SPLITS,
    },
    "calls_mean": contacts("mean", "campaign"),
    "calls": contacts("sum", "campaign"),
    "calls_per_conversion": {
        "ratio": {"numerator": contacts("sum", "campaign"), "denominator": contacts("count", where=YES)}
    },
    "duration": contacts("mean", "duration") | {"dimensions": ["y"]},
    "pdays_all": contacts("mean", "pdays"),
    "pdays_called": contacts("mean", "pdays", CALLED_BEFORE),
}


@pytest.fixture(scope="module")
def bank(real, found):
    return found(real(FILES, NODES, as_of=date(2026, 5, 1)))


@pytest.fixture(scope="module")
def marketing(truth):
    return truth("bank_marketing")


@pytest.mark.parametrize(
    ("node", "kpi"),
    [("contacts", "rows"), ("cvr", "conversion_rate"), ("calls_per_conversion", "calls_per_conversion")],
)
def test_a_number_of_the_campaign(bank, marketing, right, node, kpi):
    assert bank.total(node, "2026-05") == right(marketing.number(kpi))


@pytest.mark.parametrize(
    ("kpi", "dimension", "columns"),
    [
        ("by_month", "month", {"contacts": "contacts", "won": "won", "cvr": "cvr"}),
        ("by_job", "job", {"contacts": "contacts", "cvr": "cvr"}),
        ("by_contact_channel", "contact", {"contacts": "n", "cvr": "cvr"}),
        ("by_poutcome", "poutcome", {"contacts": "n", "cvr": "cvr"}),
    ],
)
def test_a_split(bank, marketing, right, kpi, dimension, columns):
    for node, column in columns.items():
        assert bank.segments(node, dimension, "2026-05") == right(marketing.column(kpi, column, dimension))


def test_mean_duration_by_result(bank, marketing, right):
    expected = marketing.column("avg_duration_sec_by_result", "avg(CAST(duration AS INTEGER))", "y")
    assert bank.segments("duration", "y", "2026-05") == right(expected)


@pytest.mark.parametrize(
    ("nodes", "kpi"),
    [
        (["calls_mean", "calls"], "avg_calls_per_client"),
        (["pdays_all", "pdays_called"], "pdays_mean_wrong_and_right"),
    ],
)
def test_two_numbers_side_by_side(bank, marketing, right, nodes, kpi):
    assert [bank.total(node, "2026-05") for node in nodes] == right(marketing.kpis[kpi]["result"]["rows"][0])
