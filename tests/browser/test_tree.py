"""The drawn tree under a real mouse: a click opens the card, again and again, and the canvas stays as it was."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from kpi_core.model.base import Bilingual
from kpi_core.model.node import Node
from kpi_core.services.editing import save
from kpi_core.services.people import Who
from kpi_core.vocabulary import NodeKind


@pytest.fixture
def chain(server) -> str:
    """A KGI, a factor and a KPI in a row: fitted, the factor stands in the middle of the canvas."""
    workshop = server.blank("一列のツリー")
    nodes = (
        Node(code="goal", kind=NodeKind.KGI, name=Bilingual(ja="受注金額")),
        Node(code="factor", kind=NodeKind.KSF, parent="goal", name=Bilingual(ja="出会いを増やす")),
        Node(code="measure", kind=NodeKind.KPI, parent="factor", name=Bilingual(ja="リード数")),
    )
    with server.state() as here:
        for node in nodes:
            save(here, workshop, "nodes", node, None, Who("test"))
    return workshop


def canvas(page: Page) -> Locator:
    return page.frame_locator("iframe[title='streamlit_agraph.agraph']").locator("canvas")


def card_of(page: Page, name: str) -> Locator:
    return page.get_by_role("heading", name=name, level=4)


def test_a_click_opens_the_card_and_does_so_again_after_a_choice_made_elsewhere(server, page, settled, chain) -> None:
    page.goto(server.address("kpi_design", workshop=chain))
    expect(card_of(page, "リード数")).to_be_visible()
    expect(canvas(page)).to_be_visible()
    settled(page)
    canvas(page).click()
    expect(card_of(page, "出会いを増やす")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="定義書を開く").last.click()
    expect(card_of(page, "リード数")).to_be_visible()
    settled(page)
    canvas(page).click()
    expect(card_of(page, "出会いを増やす")).to_be_visible()


def test_the_canvas_stays_when_the_card_is_saved_and_begins_anew_when_a_branch_is_folded(
    server, page, settled, chain
) -> None:
    page.goto(server.address("kpi_design", workshop=chain))
    expect(canvas(page)).to_be_visible()
    settled(page)
    canvas(page).evaluate("canvas => { canvas.dataset.seen = 'yes' }")
    page.get_by_label("名称(日本語)").fill("新規リード数")
    page.get_by_role("button", name="このタブを保存する").click()
    expect(card_of(page, "新規リード数")).to_be_visible()
    settled(page)
    expect(canvas(page)).to_have_attribute("data-seen", "yes")
    canvas(page).click()
    expect(card_of(page, "出会いを増やす")).to_be_visible()
    page.get_by_role("button", name="配下をたたむ").click()
    expect(page.get_by_role("button", name="配下をひらく")).to_be_visible()
    settled(page)
    expect(canvas(page)).not_to_have_attribute("data-seen", "yes")
    assert server.workshop(chain).node("measure").name.ja == "新規リード数"


def test_the_outline_is_walked_with_the_arrow_keys(server, page, settled, chain) -> None:
    page.goto(server.address("kpi_design", workshop=chain))
    settled(page)
    page.get_by_role("radio", name="アウトライン").click()
    line = page.get_by_role("treeitem", name="リード数")
    expect(line).to_have_attribute("aria-selected", "true")
    line.focus()
    page.keyboard.press("ArrowUp")
    expect(card_of(page, "出会いを増やす")).to_be_visible()
