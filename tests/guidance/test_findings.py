"""One thing broken in a sound workshop gives exactly that finding."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from kpi_core.guidance.facts import Discrepancy
from kpi_core.guidance.findings import RULES, findings
from kpi_core.guidance.wording import finding_text
from kpi_core.model.base import PeriodValue
from kpi_core.model.file import read_workshop
from kpi_core.model.precedence import Precedence
from kpi_core.model.workshop import Workshop
from kpi_core.text import placeholders, sentences
from kpi_core.vocabulary import Language, Page, PrecedenceKind, Severity

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
DATASET, NODE, ENTRY = PrecedenceKind.DATASET, PrecedenceKind.NODE, PrecedenceKind.ENTRY
TARGETS = [{"period": "2026", "value": 10}]
MEASURE = {"dataset": "deals", "aggregate": "sum", "column": "amount", "date": "close_date"}


def kpi(code: str, **more: Any) -> dict[str, Any]:
    """Another sound KPI of sales, unlike the others."""
    base = {"kind": "kpi", "parent": "ksf_close", "department": "sales", "definition": "定義", "owner": "鈴木"}
    base |= {"unit": "count", "nature": "lagging", "relation": "driver", "sign": "+", "lag": 0, "updater": "田中"}
    return {"code": code, "name": {"ja": code, "en": code}, "targets": TARGETS, **base, **more}


def test_a_sound_workshop_has_no_findings(broken, facts) -> None:
    assert findings(broken(), facts) == ()


def test_an_empty_workshop_has_no_findings(facts) -> None:
    empty = read_workshop(json.dumps({"format": "kpi-workshop/1", "workshop": {"name": "新規"}}))
    assert findings(empty, facts) == ()


# (node, keys changed (None: taken away), code, severity, page, params that must be told)
NODE_BREAKS: tuple[tuple[str, dict[str, Any], str, Severity, Page, dict[str, Any]], ...] = (
    ("visits", {"parent": None}, "kpi_orphan", ERROR, Page.KPI_DESIGN, {}),
    ("won_deals", {"formula": "won_deals + 1"}, "formula_cycle", ERROR, Page.KPI_DESIGN,
     {"path": "won_deals,won_deals"}),
    ("cycle", {"formula": "mqls_total * 2"}, "formula_name_unknown", ERROR, Page.KPI_DESIGN, {"name": "mqls_total"}),
    ("visits", {"formula": "won_deal * 2"}, "formula_name_unknown_near", ERROR, Page.KPI_DESIGN,
     {"name": "won_deal", "hint": "won_deals"}),
    ("bookings", {"unit": "count"}, "unit_mismatch", WARNING, Page.KGI, {"unit": "count", "found": "JPY"}),
    ("visits", {"formula": "won_deals + average_deal"}, "unit_mixed", WARNING, Page.KPI_DESIGN,
     {"left": "count", "right": "JPY"}),
    ("mqls", {"relation": None}, "edge_without_relation", WARNING, Page.KPI_DESIGN, {"parent": "ksf_lead"}),
    ("mqls", {"sign": None}, "driver_sign_missing", WARNING, Page.KPI_DESIGN, {"parent": "ksf_lead"}),
    ("ksf_lead", {"lag": None}, "driver_lag_missing", WARNING, Page.KPI_DESIGN, {"parent": "bookings"}),
    ("visits", {"department": None}, "department_missing", WARNING, Page.KPI_DESIGN, {}),
    ("cycle", {"owner": " "}, "owner_missing", WARNING, Page.KPI_DESIGN, {}),
    ("bookings", {"owner": None}, "owner_missing", WARNING, Page.KGI, {}),
    ("cycle", {"definition": None}, "definition_missing", WARNING, Page.KPI_DESIGN, {}),
    ("visits", {"unit": None}, "unit_missing", WARNING, Page.KPI_DESIGN, {}),
    ("visits", {"unit": "%", "formula": "won_deals / mqls"}, "unit_percent_of_one", WARNING, Page.KPI_DESIGN, {}),
    ("visits", {"unit": "%", "measure": {"ratio": {"numerator": MEASURE, "denominator": MEASURE}}},
     "unit_percent_of_one", WARNING, Page.KPI_DESIGN, {}),
    ("mqls", {"measure": None}, "source_missing", WARNING, Page.DATA_SOURCES, {}),
    ("visits", {"updater": None}, "updater_missing", WARNING, Page.DATA_SOURCES, {}),
    ("visits", {"targets": None}, "target_missing", WARNING, Page.KPI_DESIGN, {}),
    ("bookings", {"targets": None}, "target_missing", WARNING, Page.KGI, {}),
    ("visits", {"targets": [{"period": "2026-Q1", "value": 5}, {"period": "2026-Q2", "value": 5}]},
     "targets_incomplete", WARNING, Page.KPI_DESIGN, {"year": "2026", "count": 6, "first": "2026-10"}),
    ("visits", {"targets": [{"period": "2025", "value": 5}]},
     "targets_incomplete", WARNING, Page.KPI_DESIGN, {"year": "2026", "count": 12, "first": "2026-04"}),
    ("cycle", {"thresholds": {"goal": 90, "red": 60}}, "thresholds_contradict_down", ERROR, Page.KPI_DESIGN,
     {"goal": 90, "red": 60}),
    ("visits", {"thresholds": {"goal": 50, "red": 50}}, "thresholds_contradict_up", ERROR, Page.KPI_DESIGN, {}),
    ("visits", {"direction": "range", "thresholds": {"goal": 50, "red": 40}}, "thresholds_contradict_range", ERROR,
     Page.KPI_DESIGN, {}),
    ("mqls", {"nature": None}, "nature_missing", INFO, Page.KPI_DESIGN, {}),
    ("visits", {"measure": {"dataset": "deals", "aggregate": "count", "date": "mql_date", "dimensions": ["stage"]}},
     "same_measure", WARNING, Page.KPI_DESIGN, {"other": "mqls"}),
    ("visits", {"name": {"ja": "MQL件数", "en": ""}}, "same_name", WARNING, Page.KPI_DESIGN, {"other": "mqls"}),
    ("visits", {"name": {"ja": "訪問", "en": "won deal"}}, "same_name", WARNING, Page.KPI_DESIGN, {}),
    ("mqls", {"measure": {"dataset": "deals", "aggregate": "count", "date": "mql_day"}},
     "measure_column_missing", ERROR, Page.DATA_SOURCES, {"column": "mql_day", "dataset": "deals"}),
    ("mqls", {"measure": {"dataset": "deals", "aggregate": "count", "date": "mql_dates"}},
     "measure_column_missing_near", ERROR, Page.DATA_SOURCES, {"hint": "mql_date"}),
    ("visits", {"update_frequency": "week"}, "values_stale", WARNING, Page.DATA_SOURCES,
     {"days": 23, "period": "2026-10", "cadence": "week"}),
)  # fmt: skip


@pytest.mark.parametrize(("node", "values", "code", "severity", "page", "told"), NODE_BREAKS)
def test_one_thing_broken_in_a_node(broken, change, facts, node, values, code, severity, page, told) -> None:
    found = findings(broken(change(node, **values)), facts)
    assert [(item.code, item.severity, item.page) for item in found] == [(code, severity, page)]
    assert found[0].node in (node, "mqls", "visits", "won_deals")
    assert {key: found[0].params[key] for key in told} == told


@pytest.mark.parametrize("values", [{"unit": "%"}, {"unit": "%", "formula": "won_deals / mqls * 100"}])
def test_per_cents_that_are_numbers_as_typed_are_sound(broken, change, facts, values) -> None:
    assert findings(broken(change("visits", **values)), facts) == ()


def test_an_orphan_ksf(broken, change, facts) -> None:
    found = findings(broken(change("ksf_lead", parent=None)), facts)
    assert [(item.code, item.page, item.node) for item in found] == [("ksf_orphan", Page.KSF, "ksf_lead")]


def test_a_ksf_without_kpi(broken, facts) -> None:
    def add(document: dict[str, Any]) -> None:
        ksf = {"code": "ksf_new", "kind": "ksf", "parent": "bookings", "relation": "driver", "sign": "+", "lag": 0}
        document["nodes"].append({**ksf, "name": {"ja": "新しい要因", "en": "New"}})

    found = findings(broken(add), facts)
    assert [(item.code, item.node) for item in found] == [("ksf_without_kpi", "ksf_new")]


def test_a_tree_without_its_kgi(broken, facts) -> None:
    workshop = broken()
    nodes = tuple(node for node in workshop.nodes if node.kind != "kgi")
    codes = [item.code for item in findings(workshop.model_copy(update={"nodes": nodes}), facts)]
    # what the KGI's formula explained is open now, too
    assert codes[:3] == ["kgi_missing", "ksf_orphan", "ksf_orphan"]
    assert set(codes[3:]) == {"edge_without_relation"}


def test_a_circle_over_two_formulas_names_its_path(broken, facts) -> None:
    def circle(document: dict[str, Any]) -> None:
        document["nodes"] += [kpi("甲", formula="乙 * 2"), kpi("乙", formula="甲 / 3")]

    found = findings(broken(circle), facts)
    assert [(item.code, item.params["path"]) for item in found] == [("formula_cycle", "甲,乙,甲")]
    assert "甲 → 乙 → 甲" in finding_text(found[0], broken(circle), Language.JA)


def test_the_same_formula_under_two_names(broken, facts) -> None:
    def twice(document: dict[str, Any]) -> None:
        document["nodes"] += [kpi("甲指標", formula="mqls * 2"), kpi("乙指標", formula="mqls*2")]

    found = findings(broken(twice), facts)
    assert [(item.code, item.node, item.params["other"]) for item in found] == [("same_formula", "乙指標", "甲指標")]


@pytest.mark.parametrize(
    "names", [("新規受注件数", "既存受注件数"), ("受注件数A1", "受注件数A2"), ("SQL件数", "商談件数")]
)
def test_names_that_people_tell_apart_are_not_the_same(broken, facts, names) -> None:
    def add(document: dict[str, Any]) -> None:
        pairs = zip(("甲指標", "乙指標"), names, strict=True)
        document["nodes"] += [kpi(code, name={"ja": name, "en": ""}) for code, name in pairs]

    assert findings(broken(add), facts) == ()


def test_more_kpis_than_a_department_can_steer(broken, facts) -> None:
    def add(document: dict[str, Any]) -> None:
        document["nodes"] += [kpi(f"追加指標{number}") for number in range(5)]  # sales owns three already

    found = findings(broken(add), facts)
    assert [(item.code, item.params["count"], item.params["limit"]) for item in found] == [
        ("too_many_kpis_department", 8, 7)
    ]


def test_more_kpis_than_a_team_can_steer(broken, facts) -> None:
    def add(document: dict[str, Any]) -> None:
        for number in range(21):  # five are there already
            document["departments"].append({"code": f"d{number}"})
            document["nodes"].append(kpi(f"追加指標{number}", department=f"d{number}"))
            ends = {"from": "sales", "to": f"d{number}", "criterion": "条件", "sla_hours": 8}
            document["handovers"].append({"code": f"h{number}", **ends})

    found = findings(broken(add), facts)
    assert [(item.code, item.params["count"]) for item in found] == [("too_many_kpis", 26)]


def test_a_ksf_with_only_lagging_kpis(broken, change, facts) -> None:
    found = findings(broken(change("cycle", nature="lagging")), facts)
    assert [(item.code, item.node) for item in found] == [("ksf_only_lagging", "ksf_close")]


def test_marketing_and_sales_without_a_handover(broken, facts) -> None:
    found = findings(broken(lambda document: document.pop("handovers")), facts)
    assert [(item.code, dict(item.params)) for item in found] == [
        ("handover_missing", {"department": "marketing", "other_department": "sales"})
    ]


def test_departments_joined_through_another_need_no_handover_of_their_own(broken, facts) -> None:
    def chain(document: dict[str, Any]) -> None:
        document["departments"].append({"code": "inside"})
        document["handovers"][0]["to"] = "inside"
        document["handovers"].append({**document["handovers"][0], "code": "next", "from": "inside", "to": "sales"})

    assert findings(broken(chain), facts) == ()


@pytest.mark.parametrize(
    ("key", "code"), [("criterion", "handover_criterion_missing"), ("sla_hours", "handover_sla_missing")]
)
def test_a_handover_that_says_half(broken, facts, key, code) -> None:
    found = findings(broken(lambda document: document["handovers"][0].pop(key)), facts)
    assert [item.code for item in found] == [code]


def test_a_department_that_nobody_defined(broken, facts) -> None:
    def add(document: dict[str, Any]) -> None:
        document["members"] = [{"code": "m", "name": "山田", "department": "legal"}]

    found = findings(broken(add), facts)
    assert [(item.code, item.page, item.params["department"]) for item in found] == [
        ("department_unknown", Page.SETTINGS, "legal")
    ]


def test_a_lookup_into_a_dataset_that_is_not_there(broken, facts) -> None:
    found = findings(broken(lambda document: document["datasets"].pop(1)), facts)
    assert [(item.code, item.params["other_dataset"]) for item in found] == [("lookup_dataset_missing", "products")]


def test_columns_are_not_missed_before_an_upload(broken, change, facts) -> None:
    measure = {"dataset": "deals", "aggregate": "count", "date": "nowhere"}
    assert findings(broken(change("mqls", measure=measure)), replace(facts, columns={})) == ()


def test_a_view_that_shows_a_retired_node(broken, facts) -> None:
    def retire(document: dict[str, Any]) -> None:
        document["nodes"].append(kpi("古い指標", status="retired"))
        document["views"][0]["nodes"].append("古い指標")

    found = findings(broken(retire), facts)
    assert [(item.code, item.params["view"]) for item in found] == [("view_shows_retired", "executive")]


def test_a_review_without_a_view(broken, facts) -> None:
    found = findings(broken(lambda document: document["reviews"][0].pop("views")), facts)
    assert [(item.code, item.page, item.params["review"]) for item in found] == [
        ("review_without_view", Page.REVIEWS, "weekly")
    ]


def test_a_sign_off_is_void_after_the_definition_changed(broken, change, facts) -> None:
    found = findings(broken(late=change("won_deals", definition="別の定義")), facts)
    assert [(item.code, item.node, item.params["department"]) for item in found] == [
        ("signoff_void", "won_deals", "sales")
    ]


def test_a_leading_indicator_without_lag(broken, change, facts) -> None:
    found = findings(broken(change("cycle", relation="component", sign=None, lag=None)), facts)
    assert [(item.code, item.severity) for item in found] == [("lag_missing", Severity.INFO)]


def test_targets_that_follow_from_a_formula_are_not_missed(broken, facts) -> None:
    def derived(document: dict[str, Any]) -> None:
        document["nodes"].append(kpi("来場あたりMQL", formula="mqls / visits", unit="ratio", targets=[]))

    assert findings(broken(derived), facts) == ()


def test_retired_nodes_are_left_in_peace(broken, facts) -> None:
    def retire(document: dict[str, Any]) -> None:
        document["nodes"].append({"code": "古い指標", "kind": "kpi", "status": "retired"})

    assert findings(broken(retire), facts) == ()


def test_next_years_targets_are_looked_at_once_they_are_begun(broken, facts) -> None:
    workshop = broken()
    visits = workshop.node("visits")
    assert visits is not None
    begun = visits.model_copy(update={"targets": (*visits.targets, PeriodValue(period="2027-04", value=1))})
    nodes = tuple(begun if node.code == "visits" else node for node in workshop.nodes)
    found = findings(workshop.model_copy(update={"nodes": nodes, "signoffs": ()}), facts)
    assert [(item.code, item.params["year"], item.params["count"]) for item in found] == [
        ("targets_incomplete", "2027", 11)
    ]


@pytest.mark.parametrize(
    ("told", "leading", "code", "severity"),
    [
        (Discrepancy(DATASET, "deals", "products", 1, 2, None, "amount", 6), None, "datasets_differ", WARNING),
        (Discrepancy(DATASET, "deals", "products", 1, 2, None, "amount", 6), "products", "dataset_counts", INFO),
        (Discrepancy(NODE, "mqls", "visits", 1, 2), None, "nodes_differ", WARNING),
        (Discrepancy(NODE, "mqls", "visits", 1, 2), "visits", "node_counts", INFO),
        (Discrepancy(ENTRY, "measure", "manual", 1, 2, "mqls"), None, "entries_differ", WARNING),
        (Discrepancy(ENTRY, "measure", "manual", 1, 2, "mqls"), "measure", "measure_counts", INFO),
        (Discrepancy(ENTRY, "measure", "manual", 1, 2, "mqls"), "manual", "manual_counts", WARNING),
    ],
)
def test_what_is_there_twice_is_asked_about_until_it_is_decided(
    broken, facts, told: Discrepancy, leading: str | None, code: str, severity: Severity
) -> None:
    workshop: Workshop = broken()
    if leading is not None:
        following = told.other if leading == told.one else told.one
        made = Precedence(kind=told.kind, leading=leading, following=following, node=told.node)
        workshop = workshop.model_copy(update={"precedences": (made,)})
    (found,) = findings(workshop, replace(facts, discrepancies=(told,)))
    assert (found.code, found.severity, found.page) == (code, severity, Page.DATA_SOURCES)
    for language in Language:
        assert "{" not in finding_text(found, workshop, language)


def test_the_gravest_come_first(broken, facts) -> None:
    def many(document: dict[str, Any]) -> None:
        document["nodes"].append({"code": "何か", "kind": "kpi", "name": {"ja": "何か"}})

    severities = [item.severity for item in findings(broken(many), facts)]
    assert severities == sorted(severities, key=[ERROR, WARNING, INFO].index)
    assert len(severities) > 3


@pytest.mark.parametrize(("node", "values", "code"), [entry[:3] for entry in NODE_BREAKS])
@pytest.mark.parametrize("language", Language)
def test_every_finding_reads_as_a_sentence_with_names(broken, change, facts, node, values, code, language) -> None:
    workshop: Workshop = broken(change(node, **values))
    for finding in findings(workshop, facts):
        text = finding_text(finding, workshop, language)
        assert "{" not in text
        assert len(text) > 10


def test_the_registry_is_literal_and_names_each_rule_once() -> None:
    assert len(set(RULES)) == len(RULES)


def test_sentences_use_only_names_that_can_be_shown() -> None:
    known = {"node", "other", "parent", "path", "department", "other_department", "dataset", "other_dataset", "view"}
    known |= {"review", "cadence", "name", "hint", "unit", "found", "left", "right", "year", "count", "first", "goal"}
    known |= {"red", "person", "limit", "column", "days", "period", "periods", "compared", "common", "date", "why"}
    used = {
        name
        for key, text in sentences(Language.JA).items()
        if key.startswith("guidance.findings.")
        for name in placeholders(text)
    }
    assert used <= known
