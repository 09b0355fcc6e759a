"""A weighted pipeline from a form's fields and back, what a measure proposes, and its result before it is saved."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kpi_core.errors import RefusedError
from kpi_core.model.measure import SimpleMeasure
from kpi_core.model.node import Node
from kpi_core.model.pipeline import Pipeline
from kpi_core.model.workshop import Workshop
from kpi_core.services.datasets import store_upload
from kpi_core.services.landing import landings
from kpi_core.services.mapping import measure_values, save_mapping
from kpi_core.services.measuring import refresh
from kpi_core.services.people import Who
from kpi_core.services.pipelines import (
    foreseen_by,
    foreseen_values,
    missing,
    pipeline_from,
    pipeline_values,
    preview_pipeline,
    takes_pipeline,
)
from kpi_core.services.snapshots import snapshot
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import LandingMethod, NodeKind

TODAY = date(2026, 6, 10)
WON = SimpleMeasure.model_validate(
    {
        "dataset": "deals",
        "aggregate": "sum",
        "column": "amount",
        "date": "closed",
        "where": [
            {"column": "stage", "op": "==", "value": "won"},
            {"column": "kind", "op": "in", "value": ["new", "more"]},
        ],
    }
)
PIPELINE = Pipeline.model_validate(
    {
        "dataset": "deals",
        "stage": "stage",
        "open": [{"value": "visit"}, {"value": "offer", "reached": "offered"}],
        "won": ["won"],
        "lost": ["lost", False],
        "expected": "expected",
        "closed": "closed",
        "amount": "amount",
        "where": [{"column": "kind", "op": "in", "value": ["new", "more"]}],
    }
)
#: Two won of three decided; two of those two with an offer were won. Open: a visit of 100, an offer of 40 and one late.
ROWS = """stage,kind,amount,offered,expected,closed
won,new,500,2026-04-03,2026-04-30,2026-04-20
won,more,300,2026-05-01,2026-05-10,2026-05-20
lost,new,70,,2026-05-10,2026-05-21
visit,new,100,,2026-07-15,
offer,new,40,2026-05-25,2026-06-30,
offer,new,60,2026-03-25,2026-04-30,
offer,new,,2026-05-25,2026-06-30,
visit,other,9000,,2026-07-15,
"""


def node(**fields: object) -> Node:
    return Node(code="sales", kind=NodeKind.KGI, **{"unit": "JPY", **fields})


@pytest.fixture
def workshop(state: State, me: Who, tmp_path: Path) -> str:
    path = tmp_path / "deals.csv"
    path.write_text(ROWS, encoding="utf-8")
    made = create_workshop(
        state,
        Workshop.model_validate(
            {
                "format": "kpi-workshop/1",
                "workshop": {"name": "w"},
                "sources": [{"code": "sfa"}],
                "datasets": [{"code": "deals", "source": "sfa"}],
                "nodes": [{"code": "sales", "kind": "kgi", "unit": "JPY", "measure": WON.model_dump()}],
            }
        ),
        me,
    )
    store_upload(state, made, "deals", path, path.name, None, me, date(2026, 6, 1))
    refresh(state, made, me)
    return made


def test_a_pipeline_comes_back_from_its_fields_as_it_was() -> None:
    stored = node(pipeline=PIPELINE)
    assert pipeline_from(pipeline_values(stored), PIPELINE) == PIPELINE


def test_a_measure_of_won_deals_proposes_what_it_leaves_no_choice_about() -> None:
    values = pipeline_values(node(measure=WON))
    assert values["pipeline.use"] is False
    assert pipeline_from(values) is None
    said = {name: values[f"pipeline.{name}"] for name in ("dataset", "stage", "won", "closed", "amount", "expected")}
    assert said == {
        "dataset": "deals",
        "stage": "stage",
        "won": ["won"],
        "closed": "closed",
        "amount": "amount",
        "expected": None,
    }
    assert values["pipeline.where"] == [{"column": "kind", "op": "in", "value": "new, more"}]


def test_what_is_missing_is_named_and_a_half_stated_pipeline_leaves_the_stored_one() -> None:
    stored = node(pipeline=PIPELINE)
    values = pipeline_values(stored) | {"pipeline.open": [], "pipeline.expected": None}
    assert missing(values) == ("expected", "open")
    assert foreseen_by(values, stored)["pipeline"] == PIPELINE
    assert missing(values | {"pipeline.use": False}) == ()
    assert foreseen_by(values | {"pipeline.use": False}, stored)["pipeline"] is None


@pytest.mark.parametrize(
    ("stated", "fields", "takes"),
    [
        ({"mode": "simple", "simple.aggregate": "sum"}, {}, True),
        ({"mode": "simple", "simple.aggregate": "count"}, {"unit": "件"}, True),
        ({"mode": "simple", "simple.aggregate": None}, {"unit": "count"}, True),
        ({"mode": "simple", "simple.aggregate": "median"}, {}, False),
        ({"mode": "simple", "simple.aggregate": "sum"}, {"roll_up": "mean"}, False),
        ({"mode": "simple", "simple.aggregate": "sum"}, {"unit": "days"}, False),
        ({"mode": "ratio"}, {"unit": "ratio"}, False),
        ({"mode": "ratio"}, {"unit": "ratio", "pipeline": PIPELINE}, True),
    ],
)
def test_open_deals_are_asked_of_money_and_counts_that_add_up(stated, fields, takes) -> None:
    assert takes_pipeline(node(**fields), stated) is takes


def test_the_result_before_saving_is_what_the_landing_says_after(state: State, workshop: str, me: Who) -> None:
    """Visit: (2+1)/(3+2) = 0.6 of 100 in July. Offer: (2+1)/(2+2) = 0.75 of 40 in June; 60 of April is overdue."""
    found = preview_pipeline(state, workshop, "sales", PIPELINE, today=TODAY)
    assert [period.key for period in found.periods][:2] == ["2026-06", "2026-07"]
    assert found.periods[-1].key == "2027-03"
    assert list(found.found.rest) == pytest.approx([30, 60, *[0] * 8])
    visit, offer = found.found.stages
    assert (visit.won, visit.closed, visit.open_deals, visit.open_amount) == (2, 3, 1, 100)
    assert (offer.won, offer.closed, offer.open_deals, offer.open_amount) == (2, 2, 3, 100)
    assert (found.found.overdue, found.found.without_amount) == (45, 1)
    before = snapshot(state, workshop)
    stored = before.workshop.kgi
    assert stored is not None
    assert stored.pipeline is None
    values = measure_values(stored.measure) | foreseen_values(stored.model_copy(update={"pipeline": PIPELINE}))
    revision = before.revisions["nodes", "sales"]
    save_mapping(state, workshop, "sales", values, revision, me, foreseen_by(values, stored))
    (year,) = [one for one in landings(state, workshop, ["sales"], today=TODAY) if one.period.key == "2026"]
    said = next(one.foreseen.value for one in year.methods if one.method is LandingMethod.PIPELINE)
    assert said == pytest.approx(500 + 300 + 30 + 60)


def test_a_column_that_is_gone_is_refused_with_its_reason(state: State, workshop: str) -> None:
    with pytest.raises(RefusedError) as refused:
        preview_pipeline(state, workshop, "sales", PIPELINE.model_copy(update={"expected": "nowhere"}), today=TODAY)
    assert refused.value.code == "rows_refused"
