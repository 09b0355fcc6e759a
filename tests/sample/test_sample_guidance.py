"""The sample is the tour: all five steps done, all fifteen items met, and a story in its numbers."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from kpi_core.data.lookups import unmatched
from kpi_core.data.quality import run_rules
from kpi_core.data.rows import columns
from kpi_core.guidance.facts import Facts
from kpi_core.guidance.findings import findings
from kpi_core.guidance.readiness import readiness
from kpi_core.guidance.steps import steps
from kpi_core.model.file import read_workshop, write_workshop
from kpi_core.model.node import definition_hash
from kpi_core.vocabulary import Language, NodeKind

TODAY = date(2026, 11, 23)
LOADED = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Asia/Tokyo"))


@pytest.fixture(scope="module")
def facts(sample) -> Facts:
    """What the state knows right after the sample was loaded."""
    latest = {
        item.node: item.period
        for item in sorted(sample.observed.observations, key=lambda item: item.period)
        if item.dimension is None and len(item.period) == 7 and "Q" not in item.period
    }
    latest |= {"adoption_rate": "2026-10", "mql_rate": "2026-10"}  # typed in, and computed by its formula
    compliance: dict[str, dict[str, float]] = {code: {} for code in sample.tables}
    for code in sample.tables:
        for result in run_rules(sample.workshop, sample.tables, code, today=TODAY):
            assert result.problem is None
            assert result.compliance is not None
            compliance[code][result.column] = min(result.compliance, compliance[code].get(result.column, 1.0))
    found = {
        code: frozenset(name for name, _ in columns(versions[0], sample.tables, sample.workshop))
        for code, versions in sample.tables.items()
    }
    loaded = dict.fromkeys(sample.tables, LOADED)
    return Facts(TODAY, latest, dict.fromkeys(latest, LOADED), loaded, found, compliance, loaded)


def test_no_finding_is_open(sample, facts) -> None:
    assert findings(sample.workshop, facts) == ()


def test_all_fifteen_items_are_met(sample, facts) -> None:
    assert [(verdict.item, verdict.reason) for verdict in readiness(sample.workshop, facts) if not verdict.met] == []


def test_all_five_steps_are_done(sample, facts) -> None:
    assert {step.state for step in steps(sample.workshop, facts)} == {"done"}


def test_quality_rules_find_the_disorder(facts) -> None:
    assert 0.9 < facts.compliance["sfa_deals"]["担当者"] < 1
    assert 0.99 < facts.compliance["sfa_deals"]["金額"] < 1
    assert 0.99 < facts.compliance["ma_leads"]["リードID"] < 1


def test_misspelt_products_need_their_aliases(sample) -> None:
    assert unmatched(sample.workshop, sample.tables, "sfa_deals", 0) == ()
    deals = sample.workshop.dataset("sfa_deals")
    bare = deals.model_copy(
        update={"lookups": (deals.lookups[0].model_copy(update={"aliases": {}}), *deals.lookups[1:])}
    )
    datasets = tuple(bare if item.code == "sfa_deals" else item for item in sample.workshop.datasets)
    without = sample.workshop.model_copy(update={"datasets": datasets})
    assert {item.value for item in unmatched(without, sample.tables, "sfa_deals", 0)} == set(deals.lookups[0].aliases)


def test_every_part_of_the_workshop_is_filled(sample) -> None:
    workshop = sample.workshop
    sections = ("departments", "members", "sources", "datasets", "candidates", "nodes", "links", "handovers")
    sections += ("signoffs", "views", "reviews", "meetings", "actions")
    assert [section for section in sections if not getattr(workshop, section)] == []
    assert len(workshop.checklist.agreed) == 15
    assert len(workshop.checklist.answers) == 15 * 5
    by_item = {item: {answer.answer for answer in workshop.checklist.answers if answer.item == item} for item in (4, 7)}
    assert all(len(answers) > 1 for answers in by_item.values())


def test_definition_cards_are_complete(sample) -> None:
    for node in sample.workshop.of_kind(NodeKind.KPI):
        card = (node.definition, node.counting_unit, node.example, node.unit, node.owner, node.updater, node.system)
        card += (node.input_rule, node.action, node.review, node.targets, node.target_rationale)
        assert all(card), node.code
        assert node.name.in_language(Language.JA) != node.name.in_language(Language.EN)


def test_sign_offs_agree_to_the_definitions_as_they_are(sample) -> None:
    for signoff in sample.workshop.signoffs:
        node = sample.workshop.node(signoff.node)
        assert signoff.definition == definition_hash(node), signoff.code


def test_the_file_is_canonical(sample) -> None:
    text = (sample.folder / "workshop.json").read_text("utf-8")
    assert write_workshop(read_workshop(text)) == text


def test_leads_grow_while_acceptance_falls(sample) -> None:
    assert sample.value("mql_count", "2026-10") > 1.1 * sample.value("mql_count", "2025-10")
    assert sample.value("sql_rate", "2026-10") < 0.35 < 0.4 < sample.value("sql_rate", "2025-10")
    assert sample.value("response_hours", "2026-10") > 2 * sample.value("response_hours", "2025-10")
