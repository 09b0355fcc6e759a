"""From a number to its reasons as a person asks: why, the waterfall, further down, by segment; and where it lands."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from kpi_core.model.base import Bilingual, PeriodValue
from kpi_core.model.node import Node
from kpi_core.model.period import period_of
from kpi_core.services.datasets import today_of
from kpi_core.services.editing import save
from kpi_core.services.people import Who
from kpi_core.services.sample import load_sample
from kpi_core.services.snapshots import snapshot
from kpi_core.services.views import add_missing_views
from kpi_core.text import say
from kpi_core.vocabulary import Grain, Language, NodeKind


@pytest.fixture(scope="module")
def sample(server) -> str:
    with server.state() as here:
        return load_sample(here, Who("test"))


def waterfall(page: Page):
    """The drawer's waterfall, by the sentence that screen readers read."""
    return page.get_by_role("dialog").get_by_test_id("stVegaLiteChart").first


@pytest.mark.parametrize("language", [Language.JA, Language.EN])
def test_why_leads_to_the_waterfall_to_an_input_and_to_its_segments(server, page, settled, sample, language) -> None:
    name = {Language.JA: "新規受注件数", Language.EN: "New deals won"}[language]
    top = {Language.JA: "受注金額", Language.EN: "Bookings"}[language]
    page.goto(server.address("dashboard", workshop=sample, lang=language.value))
    settled(page)
    page.get_by_role("button", name=say("why.button", language)).first.click()
    drawer = page.get_by_role("dialog")
    expect(waterfall(page)).to_have_attribute("aria-label", re.compile(top))
    expect(waterfall(page).locator("svg")).to_contain_text(name)
    drawer.get_by_role("button", name=name).click()
    expect(drawer.get_by_text(say("why.own_by_segments", language), exact=False)).to_be_visible()
    expect(waterfall(page)).to_have_attribute("aria-label", re.compile(name))
    drawer.get_by_role("radio", name="地域").click()
    expect(waterfall(page).locator("svg")).to_contain_text("関東")
    drawer.get_by_role("button", name=top, exact=True).click()
    expect(waterfall(page)).to_have_attribute("aria-label", re.compile(top))
    expect(drawer.get_by_text("Traceback")).to_have_count(0)


@pytest.fixture
def steady(server) -> str:
    """A KGI typed in by month, 100 million yen each, over thirty months that are over."""
    workshop = server.blank("着地の見えるKGI")
    with server.state() as here:
        this = period_of(today_of(snapshot(here, workshop).workshop), Grain.MONTH, 4)
        typed = tuple(PeriodValue(period=this.shift(-at).key, value=100_000_000) for at in range(1, 31))
        goal = Node(code="goal", kind=NodeKind.KGI, name=Bilingual(ja="受注金額"), unit="JPY", manual=typed)
        save(here, workshop, "nodes", goal, None, Who("test"))
        add_missing_views(here, workshop, Who("test"))
    return workshop


def test_the_landing_comes_by_itself_and_takes_a_persons_own_figure(server, page, settled, steady) -> None:
    page.goto(server.address("dashboard", workshop=steady))
    settled(page)
    expect(page.get_by_text(re.compile(r"着地見込み\(\d{4}年度\)"))).to_be_visible(timeout=90_000)
    expect(page.get_by_text("着地見込みを計算しています")).to_have_count(0)
    expect(page.get_by_text("1,200,000,000円").first).to_be_visible()
    page.get_by_role("button", name="根拠", exact=True).click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text("採用するのは")).to_be_visible()
    drawer.get_by_text("見込みを手で入力").click()
    drawer.get_by_label("見込みの値").fill("13億円")
    drawer.get_by_label("理由").fill("大型案件の受注が確実")
    drawer.get_by_label("理由").press("Tab")
    drawer.get_by_role("button", name="この見込みを記録する").click()
    expect(drawer).to_have_count(0)
    expect(page.get_by_text("大型案件の受注が確実")).to_be_visible()
    expect(page.get_by_text("1,300,000,000円").first).to_be_visible()
