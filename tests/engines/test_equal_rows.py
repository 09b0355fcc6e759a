"""What is told of rows one by one (open deals, cohorts, hand-overs) is the same where a database counts them."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from kpi_core.data.cohorts import days_of
from kpi_core.data.deals import counted_deals
from kpi_core.data.handovers import follow
from kpi_core.insight.pipeline import weighted
from kpi_core.model.measure import SimpleMeasure
from kpi_core.model.operation import Handover
from kpi_core.model.period import parse_period, periods_between
from kpi_core.model.pipeline import Pipeline
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Grain

from .rows import FRAMES

pytestmark = pytest.mark.filterwarnings("ignore")
DEALS = FRAMES["deals"]
HOT = [{"column": "units", "op": ">=", "value": 1}]
NOW = datetime(2026, 11, 28)  # noqa: DTZ001 - the wall clock of the workshop's time zone
AHEAD = periods_between(parse_period("2026-04", 4), parse_period("2026-09", 4))


def made() -> Workshop:
    return Workshop.model_validate(
        {
            "workshop": {"name": "rows", "timezone": "Asia/Tokyo"},
            "sources": [{"code": "sfa"}],
            "datasets": [{"code": "deals", "source": "sfa"}],
        }
    )


def test_open_deals_are_weighted_alike(uploaded, connected):
    pipeline = Pipeline.model_validate(
        {
            "dataset": "deals",
            "stage": "stage",
            "open": [{"value": "Open", "reached": "closed"}, {"value": "Ｗon"}],
            "won": ["Won", "WON"],
            "lost": ["Lost"],
            "expected": "day",
            "closed": "moment",
            "amount": "price",
            "where": HOT,
        }
    )
    here, there = (
        weighted(pipeline, counted_deals(made(), at(made()), pipeline), AHEAD) for at in (uploaded, connected)
    )
    assert there.rest == pytest.approx(here.rest, rel=1e-12)
    assert there.overdue == pytest.approx(here.overdue, rel=1e-12)
    assert there.without_amount == here.without_amount
    assert [(one.won, one.closed, one.open_deals) for one in there.stages] == [
        (one.won, one.closed, one.open_deals) for one in here.stages
    ]
    kept = [row for row in DEALS.iter_rows(named=True) if row["units"] >= 1]
    decided = [row for row in kept if row["stage"] in ("Won", "WON", "Lost")]
    first, second = here.stages
    assert (first.closed, second.closed) == (sum(row["closed"] is not None for row in decided), len(decided))
    assert here.without_amount == sum(row["price"] is None for row in kept if row["stage"] in ("Open", "Ｗon"))
    assert second.open_amount == pytest.approx(float(sum(row["price"] or 0 for row in kept if row["stage"] == "Ｗon")))


@pytest.mark.parametrize(("aggregate", "column"), [("count", None), ("count", "amount"), ("count_distinct", "region")])
def test_cohorts_enter_and_convert_on_the_same_days(uploaded, connected, aggregate, column):
    part = SimpleMeasure.model_validate(
        {"dataset": "deals", "date": "day", "aggregate": aggregate, "column": column, "where": HOT}
    )
    found = [
        sorted(zip(*(days[name].dt.strftime("%F").fillna("") for name in ("entered", "converted")), strict=True))
        for days in (days_of(made(), at(made()), part, "closed") for at in (uploaded, connected))
    ]
    assert found[0] == found[1]
    rows = [row for row in DEALS.iter_rows(named=True) if row["units"] >= 1]
    counted = [row for row in rows if column is None or row[column] is not None]
    once = {(row["day"], row[column or "id"]) for row in counted}
    assert len(found[0]) == (len(once) if aggregate == "count_distinct" else len(counted))


@pytest.mark.parametrize("key", [None, "id"])
def test_a_handover_is_followed_alike(uploaded, connected, key):
    handover = Handover.model_validate(
        {
            "code": "to_sales",
            "from": "mkt",
            "to": "sales",
            "dataset": "deals",
            "sla_hours": 24,
            "where": HOT,
            "tracking": {
                "handed_at": "closed",
                "answered_at": "moment",  # nine hours later in Tokyo
                "outcome": "stage",
                "accepted": ["Won"],
                "rejected": ["Lost", "WON"],
                "reason": "region",
                "key": key,
            },
        }
    )
    here, there = (follow(made(), at(made()), handover, Grain.MONTH, now=NOW) for at in (uploaded, connected))
    assert there == here
    assert sum(one.handed for one in here.periods) == sum(
        row["closed"] is not None and row["units"] >= 1 for row in DEALS.iter_rows(named=True)
    )
    assert any(one.on_time for one in here.periods)
    assert here.overdue
    assert any("100%" in reasons for reasons in here.reasons.values())


def test_of_a_key_that_comes_twice_a_database_takes_what_was_handed_over_first(connected, uploaded):
    handover = Handover.model_validate(
        {
            "code": "to_sales",
            "from": "mkt",
            "to": "sales",
            "dataset": "deals",
            "tracking": {"handed_at": "day", "key": "product"},
        }
    )
    found = follow(made(), connected(made()), handover, Grain.YEAR, now=NOW)
    rows = [(row["product"], row["day"]) for row in DEALS.iter_rows(named=True) if row["day"] is not None]
    first = [min(day for product, day in rows if product == one) for one in {product for product, _ in rows} - {None}]
    expected = sorted([*first, *(day for product, day in rows if product is None)])

    def fiscal(day: date) -> int:
        return day.year - (day.month < 4)

    assert {one.period.start.year: one.handed for one in found.periods} == {
        year: sum(fiscal(day) == year for day in expected) for year in {fiscal(day) for day in expected}
    }
