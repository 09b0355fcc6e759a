"""What is typed into the cells of a table of amounts is the number that was meant, or is told and kept."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from kpi_core.model.base import Bilingual
from kpi_core.model.node import Node
from kpi_core.services.editing import save
from kpi_core.services.people import Who
from kpi_core.vocabulary import NodeKind

ROW, HEAD = 32, 36  # pixels


@pytest.fixture
def tree(server) -> str:
    workshop = server.blank("手で入力する数字")
    with server.state() as here:
        for code, kind, parent, unit in (
            ("sales", NodeKind.KGI, None, "JPY"),
            ("factor", NodeKind.KSF, "sales", ""),
            ("rate", NodeKind.KPI, "factor", "ratio"),
        ):
            node = Node(code=code, kind=kind, parent=parent, unit=unit, name=Bilingual(ja=code))
            save(here, workshop, "nodes", node, None, Who("test"))
    return workshop


def type_in(page: Page, settled, texts: list[str], first: int = 0) -> None:
    """Types one text a row into the second column, from row ``first`` on."""
    grid = page.get_by_test_id("stDataFrame").first
    for at, text in enumerate(texts, first):
        box = grid.bounding_box()
        assert box is not None
        page.mouse.dblclick(box["x"] + box["width"] * 0.8, box["y"] + HEAD + ROW * (at + 0.5))
        cell = page.locator("textarea.gdg-input")
        expect(cell).to_be_focused()
        cell.press("ControlOrMeta+a")
        page.keyboard.insert_text(text)
        expect(cell).to_have_value(text)
        cell.press("Enter")
        expect(cell).to_have_count(0)
        settled(page)


def stored(server, workshop: str, code: str) -> list[float]:
    node = server.workshop(workshop).node(code)
    assert node is not None
    return [entry.value for entry in reversed(node.manual)]  # the newest stands on top


def test_amounts_typed_in_a_table_are_what_was_meant(server, page, settled, tree) -> None:
    page.goto(server.address("data_sources", workshop=tree))
    page.get_by_role("tab", name="手入力").click()
    settled(page)
    type_in(page, settled, ["12億", "△300", "１２３", "1,000"])
    page.get_by_role("button", name="保存する").click()
    settled(page)
    assert stored(server, tree, "sales") == [1_200_000_000, -300, 123, 1000]


def test_a_rate_is_typed_as_the_heading_says_and_nonsense_is_told_and_kept(server, page, settled, tree) -> None:
    page.goto(server.address("data_sources", workshop=tree))
    page.get_by_role("tab", name="手入力").click()
    settled(page)
    page.get_by_role("combobox", name="KPI").click()
    page.get_by_role("option", name="rate").click()
    settled(page)
    type_in(page, settled, ["30", "35%", "０．５", "未定"])
    expect(page.get_by_text("「未定」を数値として読み取れません", exact=False).first).to_be_visible()
    page.get_by_role("button", name="保存する").click()
    settled(page)
    assert stored(server, tree, "rate") == []
    page.reload()
    page.get_by_role("tab", name="手入力").click()
    page.get_by_role("combobox", name="KPI").click()
    page.get_by_role("option", name="rate").click()
    expect(page.get_by_text("「未定」を数値として読み取れません", exact=False).first).to_be_visible()
    settled(page)
    type_in(page, settled, ["4"], first=3)
    page.get_by_role("button", name="保存する").click()
    settled(page)
    assert stored(server, tree, "rate") == [0.3, 0.35, 0.005, 0.04]
