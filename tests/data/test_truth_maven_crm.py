"""Every number of truth_maven_crm.json that measures alone can say, from the real files.

Not here, as they need formulas between nodes: ``mean_of_monthly_win_rates`` (a roll-up stated as mean) and
``tree_check_q`` (closed x win rate x deal size against revenue).
"""

from __future__ import annotations

from datetime import date

import pytest

from kpi_core.data.lookups import unmatched

FILES = {
    "deals": ("a_maven_crm/sales_pipeline.csv", None),
    "products": ("a_maven_crm/products.csv", None),
    "teams": ("a_maven_crm/sales_teams.csv", None),
    "accounts": ("a_maven_crm/accounts.csv", None),
}
SAID = {
    "deals": {
        "derived": [{"name": "cycle_days", "expression": "days_between(engage_date, close_date)"}],
        "lookups": [
            {
                "dataset": "products",
                "on": [["product", "product"]],
                "columns": ["sales_price"],
                "aliases": {"GTXPro": "GTX Pro"},
            },
            {"dataset": "teams", "on": [["sales_agent", "sales_agent"]], "columns": ["manager", "regional_office"]},
            {"dataset": "accounts", "on": [["account", "account"]], "columns": ["sector"]},
        ],
    }
}
WON = [{"column": "deal_stage", "op": "==", "value": "Won"}]
CLOSED = [{"column": "deal_stage", "op": "in", "value": ["Won", "Lost"]}]
OPEN = [{"column": "deal_stage", "op": "in", "value": ["Engaging", "Prospecting"]}]
SPLITS = ["regional_office", "manager", "sales_agent", "product", "sector"]


def deals(aggregate, column=None, where=(), date="close_date", dimensions=()):
    return {
        "dataset": "deals",
        "aggregate": aggregate,
        "column": column,
        "where": list(where),
        "date": date,
        "dimensions": list(dimensions),
    }


def ratio(numerator, denominator, dimensions=()):
    return {"ratio": {"numerator": numerator, "denominator": denominator}, "dimensions": list(dimensions)}


NODES = {
    "rows": deals("count", date=None, dimensions=["deal_stage"]),
    "revenue": deals("sum", "close_value", WON, dimensions=SPLITS),
    "won": deals("count", where=WON, dimensions=SPLITS),
    "closed": deals("count", where=CLOSED, dimensions=SPLITS),
    "win_rate": ratio(deals("count", where=WON), deals("count", where=CLOSED), SPLITS),
    "win_rate_of_all": ratio(deals("count", where=WON, date=None), deals("count", date=None)),
    "cohort_rate": ratio(
        deals("count", where=WON, date="engage_date"), deals("count", where=CLOSED, date="engage_date")
    ),
    "cohort_closed": deals("count", where=CLOSED, date="engage_date"),
    "deal_size": ratio(deals("sum", "close_value", WON), deals("count", where=WON), SPLITS),
    "mean_size": deals("mean", "close_value", WON),
    "median_size": deals("median", "close_value", WON),
    "mean_closed": deals("mean", "close_value", CLOSED),
    "cycle_mean": deals("mean", "cycle_days", CLOSED, dimensions=["deal_stage"]),
    "cycle_median": deals("median", "cycle_days", CLOSED, dimensions=["deal_stage"]),
    "open_count": deals("count", where=OPEN, date=None, dimensions=["deal_stage"]),
    "open_value": deals("sum", "sales_price", OPEN, date=None, dimensions=["deal_stage"]),
    "no_account": deals("count", where=[{"column": "account", "op": "is_null"}], date=None, dimensions=["deal_stage"]),
    "against_list": ratio(deals("sum", "close_value", WON), deals("sum", "sales_price", WON)),
    "velocity": ratio(deals("sum", "close_value", WON), deals("mean", "cycle_days", WON)),
}


@pytest.fixture(scope="module")
def crm(real, found):
    return found(real(FILES, NODES, SAID, as_of=date(2017, 12, 31), fiscal_year_start=1))


@pytest.fixture(scope="module")
def maven(truth):
    return truth("maven_crm")


@pytest.mark.parametrize(
    ("node", "kpi"),
    [
        ("rows", "rows"),
        ("revenue", "won_revenue"),
        ("win_rate", "win_rate"),
        ("win_rate_of_all", "win_rate_all_denominator"),
        ("mean_size", "avg_deal_size"),
        ("median_size", "median_deal_size"),
        ("mean_closed", "avg_close_value_won_and_lost"),
        ("against_list", "discount_vs_list"),
        ("velocity", "sales_velocity_2017"),
    ],
)
def test_a_number_of_the_whole_year(crm, maven, right, node, kpi):
    assert crm.total(node, "2017") == right(maven.number(kpi))


@pytest.mark.parametrize(
    ("node", "kpi", "column"),
    [
        ("revenue", "won_revenue_by_month", "revenue"),
        ("won", "won_revenue_by_month", "won"),
        ("won", "win_rate_by_close_month", "won"),
        ("closed", "win_rate_by_close_month", "closed"),
        ("win_rate", "win_rate_by_close_month", "win_rate"),
        ("cohort_rate", "win_rate_by_engage_month_cohort", "win_rate"),
    ],
)
def test_a_series_by_month(crm, maven, right, node, kpi, column):
    assert crm.months(node) == right(maven.column(kpi, column, "m"))


def test_closed_deals_by_month_of_engagement(crm, maven, right):
    expected = maven.column("win_rate_by_engage_month_cohort", "closed", "m")
    seen = crm.months("cohort_closed")
    assert {period: value for period, value in seen.items() if value} == right(expected)


@pytest.mark.parametrize("column", ["revenue", "won", "closed", "win_rate", "deal_size"])
def test_a_series_by_calendar_quarter(crm, maven, right, column):
    assert crm.quarters(column) == right(maven.column("by_quarter", column, "q"))


@pytest.mark.parametrize(
    ("kpi", "dimension", "columns"),
    [
        ("by_region", "regional_office", ["revenue", "won", "closed", "win_rate", "deal_size"]),
        ("by_manager", "manager", ["revenue", "won"]),
        ("by_agent", "sales_agent", ["revenue", "won", "closed", "win_rate"]),
        ("by_product", "product", ["revenue", "won", "win_rate"]),
        ("by_sector", "sector", ["revenue", "won"]),
    ],
)
def test_a_split_by_a_column_of_the_deal_or_a_looked_up_one(crm, maven, right, kpi, dimension, columns):
    for column in columns:
        seen = crm.segments(column, dimension, "2017")
        assert seen == right(maven.column(kpi, column, dimension))


def test_opportunities_by_stage(crm, maven, right):
    assert crm.segments("rows", "deal_stage", "2017") == right(maven.column("stage_counts", "n", "deal_stage"))


@pytest.mark.parametrize(("node", "column"), [("cycle_mean", "mean_days"), ("cycle_median", "median_days")])
def test_days_from_engagement_to_close_by_stage(crm, maven, right, node, column):
    expected = maven.column("sales_cycle_days", column, "deal_stage")
    assert crm.segments(node, "deal_stage", "2017") == right(expected)


@pytest.mark.parametrize(("node", "column"), [("open_count", "n"), ("open_value", "list_value")])
def test_open_pipeline_at_list_price_after_the_alias(crm, maven, right, node, column):
    expected = maven.column("open_pipeline_list_price", column, "deal_stage")
    seen = crm.segments(node, "deal_stage", "2017")
    assert {stage: value for stage, value in seen.items() if value} == right(expected)


def test_opportunities_without_account_by_stage(crm, maven, right):
    expected = maven.column("missing_account", "count_star()", "deal_stage")
    seen = crm.segments("no_account", "deal_stage", "2017")
    assert {stage: value for stage, value in seen.items() if value} == right(expected)


def test_the_same_rows_by_japanese_fiscal_year(real, found, maven, right):
    april = found(real(FILES, {"revenue": NODES["revenue"]}, SAID, fiscal_year_start=4))
    assert april.years("revenue") == right(maven.column("japanese_fiscal_year", "sum(close_value)", "fy"))


def test_rows_that_a_join_on_product_misses_without_the_alias(real, maven):
    bare = {"deals": {"lookups": [{"dataset": "products", "on": [["product", "product"]], "columns": ["series"]}]}}
    ground = real(FILES, NODES, bare)
    missed = unmatched(ground.workshop, ground.tables, "deals", 0)
    assert [(one.value, one.near[0]) for one in missed] == [("GTXPro", "GTX Pro")]
    assert sum(one.rows for one in missed) == maven.number("join_loss_without_fix")
