"""Starter trees: complete, sound, in both languages, and free of anybody's numbers."""

from __future__ import annotations

from datetime import date

import pytest

from kpi_core.errors import MissingError
from kpi_core.guidance.facts import Facts
from kpi_core.guidance.findings import findings
from kpi_core.guidance.readiness import readiness
from kpi_core.guidance.starters import starter, starters
from kpi_core.model.file import read_workshop, write_workshop
from kpi_core.model.workshop import Workshop
from kpi_core.text import say
from kpi_core.vocabulary import Language, NodeKind, Relation, Severity

TODAY = date(2026, 11, 23)
CODES = [item.code for item in starters()]
#: What only the company can fill in.
TEAMS_OWN = {"owner_missing", "source_missing", "target_missing"}
#: Items that a design alone can meet.
MET_BY_DESIGN = (2, 3, 5, 8, 10, 11, 12, 14)


@pytest.fixture(params=CODES)
def tree(request: pytest.FixtureRequest) -> Workshop:
    return starter(request.param, Language.JA, "新しいワークショップ", 4)


def test_the_five_businesses_are_offered() -> None:
    assert CODES == ["b2b_saas_sales", "marketing_to_sales", "ecommerce", "customer_success", "manufacturing_sales"]


def test_nothing_but_the_teams_own_is_open(tree: Workshop) -> None:
    found = findings(tree, Facts(TODAY))
    assert [item for item in found if item.severity is Severity.ERROR] == []
    assert {item.code for item in found} <= TEAMS_OWN


def test_the_design_items_are_met_from_the_start(tree: Workshop) -> None:
    verdicts = {verdict.item: verdict for verdict in readiness(tree, Facts(TODAY))}
    assert [verdicts[item].reason for item in MET_BY_DESIGN if not verdicts[item].met] == []


def test_size_of_a_tree_that_fits_a_room(tree: Workshop) -> None:
    assert len(tree.of_kind(NodeKind.KSF)) in (3, 4)
    assert 8 <= len(tree.of_kind(NodeKind.KPI)) <= 14


def test_every_kpi_is_complete_but_for_the_companys_numbers(tree: Workshop) -> None:
    for node in tree.of_kind(NodeKind.KPI):
        assert node.definition, node.code
        assert node.action, node.code
        assert node.input_rule, node.code
        assert node.nature is not None, node.code
        assert node.roll_up is not None, node.code
        assert (node.name.ja, node.name.en) != ("", ""), node.code
        assert node.targets == ()
        assert node.thresholds is None


def test_the_kgi_is_computed_from_kpis(tree: Workshop) -> None:
    assert tree.kgi is not None
    assert tree.kgi.formula


def test_every_hypothesis_says_why(tree: Workshop) -> None:
    assert all(link.note for link in tree.links if link.relation is Relation.DRIVER)


@pytest.mark.parametrize("code", CODES)
def test_english_and_japanese_share_the_structure(code: str) -> None:
    japanese = starter(code, Language.JA, "名前", 4)
    english = starter(code, Language.EN, "Name", 1, currency="USD", timezone="America/New_York")
    assert [(node.code, node.parent, node.formula) for node in japanese.nodes] == [
        (node.code, node.parent, node.formula) for node in english.nodes
    ]
    assert all(text.isascii() for node in english.nodes for text in (node.definition, node.action, node.name.en))
    assert {node.unit for node in english.nodes} & {"JPY", "currency"} == set()
    assert english.settings.fiscal_year_start == 1


def test_a_starter_is_a_workshop_file(tree: Workshop) -> None:
    assert read_workshop(write_workshop(tree)) == tree


@pytest.mark.parametrize("item", starters(), ids=lambda item: item.code)
def test_a_starter_has_its_words(item) -> None:
    for language in Language:
        assert say(item.name_key, language)
        assert say(item.about_key, language)


def test_an_unknown_starter_is_missing() -> None:
    with pytest.raises(MissingError, match="starter_missing"):
        starter("restaurant", Language.JA, "名前", 4)
