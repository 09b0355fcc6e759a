"""A dataset's grade from what its rules found, and which datasets a node rests on."""

from __future__ import annotations

import pytest

from kpi_core.data.rule_results import RuleResult
from kpi_core.errors import Problem
from kpi_core.guidance.foundation import Rest, foundations
from kpi_core.guidance.grade import graded, together
from kpi_core.model.dataset import Rule
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import DataGrade, OnBreak, RuleKind, Through

A, B, C = DataGrade
RULES = (Rule(column="x", rule=RuleKind.REQUIRED),)


def found(checked: int, failed: int, kind: RuleKind = RuleKind.REQUIRED, **more: object) -> RuleResult:
    return RuleResult("d", 0, "x", kind, checked, failed, (), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("results", "grade"),
    [
        ([found(100, 0)], A),
        ([found(100, 1)], A),  # 99 % is still A
        ([found(1000, 11)], B),  # 98.9 %
        ([found(100, 5)], B),  # 95 % is still B
        ([found(1000, 51)], C),  # 94.9 %
        ([found(100, 0), found(100, 20)], C),  # the rule kept least decides
        ([found(100, 1, on_break=OnBreak.BLOCK)], C),
        ([found(1, 1, RuleKind.FRESHNESS)], C),
        ([found(1, 1, RuleKind.ROW_COUNT)], C),
        ([found(100, 0), found(0, 0, RuleKind.ROW_COUNT)], A),  # a first version has no last time
        ([found(100, 0), found(0, 0, problem=Problem("no_rows"))], None),
        ([found(100, 50), found(0, 0, problem=Problem("no_rows"))], C),  # nothing unknown makes it better
        ([found(0, 0)], None),
    ],
)
def test_a_grade(results: list[RuleResult], grade: DataGrade | None) -> None:
    assert graded(RULES, results).grade is grade


def test_no_grade_says_why() -> None:
    assert graded((), None).reason == "no_rules"
    assert graded(RULES, None).reason == "not_run"
    assert graded(RULES, [found(0, 0)]).reason == "nothing_checked"
    assert graded(RULES, [found(0, 0, problem=Problem("no_rows"))]).reason == "unchecked"


def test_what_rests_on_several_datasets_is_as_its_worst_and_unknown_while_one_is() -> None:
    assert together([A, B, A]) is B
    assert together([A, None]) is None
    assert together([None, C]) is C
    assert together([]) is None


WORKSHOP = Workshop.model_validate(
    {
        "workshop": {"name": "W"},
        "sources": [{"code": "sfa"}],
        "datasets": [
            {"code": "deals", "source": "sfa", "lookups": [{"dataset": "products", "on": [], "columns": ["group"]}]},
            {"code": "products", "source": "sfa"},
            {"code": "leads", "source": "sfa"},
            {"code": "web", "source": "sfa"},
        ],
        "nodes": [
            {"code": "sales", "kind": "kgi", "formula": "won * size"},
            {"code": "win", "kind": "ksf", "parent": "sales"},
            {"code": "won", "kind": "kpi", "parent": "win", "measure": {"dataset": "deals", "aggregate": "count"}},
            {"code": "size", "kind": "kpi", "parent": "win", "manual": [{"period": "2026-04", "value": 1}]},
            {
                "code": "grouped",
                "kind": "kpi",
                "parent": "win",
                "measure": {"dataset": "deals", "aggregate": "count", "dimensions": ["group"]},
            },
            {"code": "leads_in", "kind": "kpi", "parent": "won", "measure": {"dataset": "leads", "aggregate": "count"}},
            {"code": "visits", "kind": "kpi", "parent": "win", "measure": {"dataset": "web", "aggregate": "count"}},
            {"code": "gone", "kind": "kpi", "parent": "win", "status": "retired"},
        ],
        "links": [{"from": "visits", "to": "leads_in"}],
    }
)


def test_a_node_rests_on_datasets_by_measure_by_formula_and_by_what_drives_it() -> None:
    rests = foundations(WORKSHOP)
    assert rests["won"] == (
        Rest("deals", Through.MEASURE, "won"),
        Rest("leads", Through.DRIVER, "leads_in"),
        Rest("web", Through.DRIVER, "visits"),  # over two edges
    )
    assert rests["leads_in"] == (Rest("leads", Through.MEASURE, "leads_in"), Rest("web", Through.DRIVER, "visits"))
    assert rests["size"] == ()
    by_way = {rest.dataset: (rest.through, rest.via) for rest in rests["sales"]}
    assert by_way == {
        "deals": (Through.FORMULA, "won"),
        "leads": (Through.DRIVER, "leads_in"),
        "web": (Through.DRIVER, "visits"),
        "products": (Through.DRIVER, "grouped"),
    }
    assert "gone" not in rests


def test_a_looked_up_column_brings_its_dataset_only_where_it_is_used() -> None:
    rests = foundations(WORKSHOP)
    assert {rest.dataset for rest in rests["grouped"]} == {"deals", "products"}
    assert "products" not in {rest.dataset for rest in rests["won"]}


def test_formulas_and_edges_in_a_circle_end() -> None:
    nodes = [
        {"code": "k", "kind": "kgi", "formula": "a"},
        {"code": "a", "kind": "ksf", "parent": "k", "formula": "k"},
    ]
    circular = WORKSHOP.model_copy(
        update={"nodes": Workshop.model_validate({"workshop": {"name": "W"}, "nodes": nodes}).nodes}
    )
    assert foundations(circular) == {"k": (), "a": ()}
