"""The 15 items: a sound workshop meets all of them, and one thing broken opens exactly the items that ask for it."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from kpi_core.guidance.facts import Facts
from kpi_core.guidance.readiness import GROUPS, ITEMS, Verdict, readiness
from kpi_core.guidance.wording import verdict_text
from kpi_core.model.file import read_workshop
from kpi_core.model.operation import READINESS_ITEMS
from kpi_core.model.workshop import Workshop
from kpi_core.text import say, sentences
from kpi_core.vocabulary import Language, Page


def open_items(workshop: Workshop, facts: Facts) -> dict[int, Verdict]:
    return {verdict.item: verdict for verdict in readiness(workshop, facts) if not verdict.met}


def drop(section: str, position: int | None = None, key: str | None = None):
    """Takes a section, an item of it or a key of an item away."""

    def apply(document: dict[str, Any]) -> None:
        if position is None:
            document.pop(section)
        elif key is None:
            document[section].pop(position)
        else:
            document[section][position].pop(key)

    return apply


def put(section: str, position: int, **values: Any):
    return lambda document: document[section][position].update(copy.deepcopy(values))


def test_a_sound_workshop_meets_all_fifteen(broken, facts) -> None:
    verdicts = readiness(broken(), facts)
    assert [verdict.item for verdict in verdicts] == list(range(1, 16))
    assert [verdict.reason for verdict in verdicts if not verdict.met] == []


def test_an_empty_workshop_meets_none(facts) -> None:
    empty = read_workshop(json.dumps({"format": "kpi-workshop/1", "workshop": {"name": "新規"}}))
    assert len(open_items(empty, Facts(facts.today))) == 15


# (node, keys changed, the items it opens: item → (reason, page))
NODE_BREAKS: tuple[tuple[str, dict[str, Any], dict[int, tuple[str, Page]]], ...] = (
    ("bookings", {"baseline": None}, {1: ("kgi_incomplete", Page.KGI)}),
    ("bookings", {"due": None}, {1: ("kgi_incomplete", Page.KGI)}),
    ("bookings", {"targets": None}, {1: ("kgi_incomplete", Page.KGI)}),
    ("bookings", {"owner": None}, {1: ("kgi_incomplete", Page.KGI)}),
    ("bookings", {"unit": None}, {1: ("kgi_incomplete", Page.KGI)}),
    ("bookings", {"name": {}}, {1: ("kgi_incomplete", Page.KGI)}),
    ("mqls", {"relation": None}, {2: ("edges_without_relation", Page.KPI_DESIGN)}),
    ("visits", {"parent": None}, {2: ("orphans", Page.KPI_DESIGN), 3: ("structure_errors", Page.KPI_DESIGN)}),
    ("visits", {"formula": "nobody * 2"}, {3: ("structure_errors", Page.KPI_DESIGN)}),
    ("visits", {"name": {"ja": "MQL件数"}}, {4: ("same_meaning", Page.KPI_DESIGN)}),
    ("mqls", {"definition": " "}, {5: ("definitions_missing", Page.KPI_DESIGN)}),
    ("visits", {"updater": None}, {6: ("sources_missing_updater", Page.DATA_SOURCES)}),
    ("visits", {"updater": None, "formula": "visits_2"},
     {3: ("structure_errors", Page.KPI_DESIGN), 6: ("sources_missing_updater", Page.DATA_SOURCES)}),
    ("visits", {"status": "live", "action": None}, {11: ("actions_missing", Page.KPI_DESIGN)}),
)  # fmt: skip


@pytest.mark.parametrize(("node", "values", "opened"), NODE_BREAKS)
def test_one_thing_broken_in_a_node(broken, change, facts, node, values, opened) -> None:
    found = open_items(broken(change(node, **values)), facts)
    assert {item: (verdict.reason, verdict.page) for item, verdict in found.items()} == opened
    assert {verdict.node for verdict in found.values()} == {node}


BREAKS: tuple[tuple[Any, int, str, Page], ...] = (
    (drop("handovers"), 8, "handover_none", Page.KPI_DESIGN),
    (drop("handovers", 0, "criterion"), 8, "handover_incomplete", Page.KPI_DESIGN),
    (drop("handovers", 0, "sla_hours"), 8, "handover_incomplete", Page.KPI_DESIGN),
    (put("handovers", 0, to="somebody"), 8, "handover_gap", Page.KPI_DESIGN),
    (put("views", 2, nodes=["mqls"]), 9, "kpis_not_on_view", Page.DASHBOARD),
    (put("views", 0, audience="field", department="sales"), 10, "view_executive_none", Page.DASHBOARD),
    (put("views", 2, department="sales"), 10, "view_field_none", Page.DASHBOARD),
    (drop("reviews", 0), 12, "reviews_missing", Page.REVIEWS),
    (drop("reviews", 0, "weekday"), 12, "review_without_day", Page.REVIEWS),
    (drop("reviews", 1, "day"), 12, "review_without_day", Page.REVIEWS),
    (drop("views", 1, "refresh"), 13, "refresh_undecided", Page.DASHBOARD),
    (put("views", 1, refresh="week"), 13, "refresh_late", Page.DATA_SOURCES),
    (drop("reviews", 2), 14, "revision_none", Page.REVIEWS),
)


@pytest.mark.parametrize(("apply", "item", "reason", "page"), BREAKS)
def test_one_thing_broken_elsewhere(broken, facts, apply, item, reason, page) -> None:
    found = open_items(broken(apply), facts)
    assert {number: (verdict.reason, verdict.page) for number, verdict in found.items()} == {item: (reason, page)}


def test_the_missing_parts_of_the_kgi_are_named(broken, change, facts) -> None:
    workshop = broken(change("bookings", due=None, baseline=None))
    verdict = open_items(workshop, facts)[1]
    assert verdict.params["fields"] == "baseline,due"
    assert verdict_text(verdict, workshop, Language.JA) == "KGIの基準値、達成期限が未設定です。"


def test_only_marketing_owning_kpis_is_no_shared_system(broken, facts) -> None:
    def take_over(document: dict[str, Any]) -> None:
        for node in document["nodes"]:
            if node["kind"] == "kpi":
                node["department"] = "marketing"

    verdict = open_items(broken(take_over), facts)[4]
    assert (verdict.reason, verdict.params["departments"]) == ("departments_without_kpi", "sales")


def test_a_missing_sign_off_names_department_and_nodes(broken, facts) -> None:
    def forget(document: dict[str, Any]) -> None:
        document["signoffs"] = [item for item in document["signoffs"] if item["node"] not in ("mqls", "visits")]

    verdict = open_items(broken(late=forget), facts)[4]
    assert (verdict.reason, dict(verdict.params)) == (
        "signoffs_missing",
        {"nodes": "mqls,visits", "count": 2, "departments": "marketing"},
    )


def test_a_changed_definition_voids_the_agreement(broken, change, facts) -> None:
    verdict = open_items(broken(late=change("won_deals", unit="件")), facts)[4]
    assert (verdict.reason, verdict.node) == ("signoffs_void", "won_deals")


def test_a_contributing_department_signs_too(broken, facts) -> None:
    def contribute(document: dict[str, Any]) -> None:
        next(node for node in document["nodes"] if node["code"] == "mqls")["contributors"] = ["sales"]

    verdict = open_items(broken(contribute), facts)[4]
    assert (verdict.reason, verdict.params["departments"]) == ("signoffs_missing", "sales")


def test_departments_that_read_like_neither_are_asked_by_what_they_own(broken, facts) -> None:
    def rename(document: dict[str, Any]) -> None:
        text = json.dumps(document).replace('"marketing"', '"group_a"').replace('"sales"', '"group_b"')
        document.update(json.loads(text))
        for department, name in zip(document["departments"], ("甲", "乙"), strict=True):
            department["name"] = {"ja": name}

    assert open_items(broken(rename), facts) == {}


def test_a_measures_columns_need_rules_where_people_type_them(broken, facts) -> None:
    def unruled(document: dict[str, Any]) -> None:
        rules = document["datasets"][0]["rules"]
        document["datasets"][0]["rules"] = [rule for rule in rules if rule["column"] != "open_date"]
        document["datasets"][1]["rules"] = [{"column": "product", "rule": "unique"}]

    verdict = open_items(broken(unruled), facts)[7]
    # open_date stands behind the derived column days, series comes from the products
    assert verdict.reason == "rules_missing"
    assert set(str(verdict.params["columns"]).split(",")) == {"deals.open_date", "products.series"}


def test_rules_without_measured_compliance_do_not_count(broken, facts) -> None:
    verdict = open_items(broken(), replace(facts, compliance={"deals": {"stage": 1.0}}))[7]
    assert verdict.reason == "compliance_unknown"


def test_the_lowest_compliance_is_told(broken, facts) -> None:
    verdict = readiness(broken(), facts)[6]
    assert (verdict.params["columns"], verdict.params["share"]) == ("deals.amount", 0.95)
    assert "95.0%" in verdict_text(verdict, broken(), Language.EN)


def test_a_live_kpi_without_values_is_named(broken, facts) -> None:
    latest = {code: key for code, key in facts.latest.items() if code != "visits"}
    verdict = open_items(broken(), replace(facts, latest=latest))[9]
    assert (verdict.reason, verdict.node, verdict.page) == ("kpis_without_values", "visits", Page.DATA_SOURCES)


def test_nothing_live_is_not_ready(broken, facts) -> None:
    def draft(document: dict[str, Any]) -> None:
        for node in document["nodes"]:
            node.pop("status", None)

    assert open_items(broken(draft), facts)[9].reason == "kpi_none_live"


def test_an_open_action_stands_in_for_the_standard_one(broken, change, facts) -> None:
    def act(document: dict[str, Any]) -> None:
        change("mqls", action=None)(document)
        document["actions"] = [{"code": "a", "title": "調べる", "node": "mqls"}]

    assert open_items(broken(act), facts) == {}


@pytest.mark.parametrize(
    ("today", "latest", "late"),
    [
        (date(2026, 12, 1), "2026-10", False),  # 31 days after October's last day
        (date(2026, 12, 2), "2026-10", True),
        (date(2026, 12, 2), "2026-11", False),
        (date(2026, 11, 23), "2026-11", False),  # running month, rows of 20 November
        (date(2027, 1, 5), "2026-12", True),  # December has values, but its rows are of 20 November
    ],
)
def test_the_age_of_a_value_counts_from_the_day_it_speaks_of(broken, facts, today, latest, late) -> None:
    fresh = replace(facts, today=today, latest=dict.fromkeys(facts.latest, latest))
    workshop = broken(lambda document: document["views"].pop(2))
    verdict = readiness(workshop, fresh)[12]
    assert (verdict.reason == "refresh_late") == late


def test_a_dataset_whose_rules_never_ran_is_named(broken, facts) -> None:
    verdict = open_items(broken(), replace(facts, rules_run_at={"products": datetime(2026, 11, 1, tzinfo=UTC)}))[15]
    assert (verdict.reason, verdict.params["datasets"]) == ("rules_never_run", "deals")


def test_a_mapped_dataset_without_rules(broken, facts) -> None:
    found = open_items(broken(drop("datasets", 0, "rules")), facts)
    assert {item: verdict.reason for item, verdict in found.items()} == {
        7: "rules_missing",
        15: "datasets_without_rules",
    }


@pytest.mark.parametrize("language", Language)
def test_every_item_has_its_words(language) -> None:
    assert len(ITEMS) == READINESS_ITEMS
    for item in range(1, READINESS_ITEMS + 1):
        assert say(f"guidance.readiness.title.{item}", language)
        assert say(f"guidance.readiness.meaning.{item}", language)
    for group in GROUPS:
        assert say(f"guidance.readiness.group.{group}", language)


def test_every_item_is_in_one_group() -> None:
    assert sorted(item for items in GROUPS.values() for item in items) == list(range(1, 16))


@pytest.mark.parametrize("language", Language)
def test_every_reason_reads_as_a_sentence(broken, change, facts, language) -> None:
    workshops = [broken(), *(broken(entry[0]) for entry in BREAKS)]
    workshops += [broken(change(node, **values)) for node, values, _ in NODE_BREAKS]
    for workshop in workshops:
        for known in (facts, Facts(facts.today)):
            for verdict in readiness(workshop, known):
                assert "{" not in verdict_text(verdict, workshop, language)


def test_no_reason_is_written_for_nobody() -> None:
    from pathlib import Path

    import kpi_core.guidance

    code = "".join(file.read_text("utf-8") for file in Path(kpi_core.guidance.__path__[0]).glob("*.py"))
    written = [key for key in sentences(Language.JA) if key.startswith("guidance.readiness.reasons.")]
    assert [key for key in written if f'"{key.rpartition(".")[2]}"' not in code] == []


def revised_on(day: str):
    """The quarterly meeting on first Mondays, and a revision held on a day."""

    def apply(document: dict[str, Any]) -> None:
        document["reviews"][2]["weekday"] = "mon"
        document["revisions"] = [{"code": "r", "held_on": day, "review": "quarterly"}]

    return apply


def test_the_next_revision_is_told(broken, facts) -> None:
    workshop = broken(revised_on("2026-10-05"))
    verdict = readiness(workshop, replace(facts, today=date(2026, 11, 27)))[13]
    assert (verdict.met, verdict.reason, verdict.params["date"]) == (True, "revision_coming", "2027-01-04")


@pytest.mark.parametrize(("today", "is_met"), [(date(2027, 2, 5), True), (date(2027, 2, 6), False)])
def test_a_revision_long_ago_opens_the_item(broken, facts, today, is_met) -> None:
    workshop = broken(revised_on("2026-10-05"))  # 92 days a quarter and 31 of grace end 123 days later, on 5 February
    verdict = readiness(workshop, replace(facts, today=today))[13]
    assert verdict.met is is_met
    if not is_met:
        assert "2026年10月5日" in verdict_text(verdict, workshop, Language.JA)
