"""The main job as a new user does it: from a blank workshop to a dashboard fed by the team's own export."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from kpi_core.model.measure import SimpleMeasure
from kpi_core.vocabulary import Aggregate, NodeKind

WON = "10,005,534"


def choose(page: Page, label: str, option: str) -> None:
    """Picks an option of a list by typing, as a person does."""
    box = page.get_by_label(label, exact=True).first
    box.click()
    box.fill(option)
    page.get_by_role("option", name=option, exact=True).click()


@pytest.fixture
def pipeline(shared: Path) -> Path:
    return shared / "data" / "a_maven_crm" / "sales_pipeline.csv"


@pytest.mark.slow
def test_from_a_blank_workshop_to_a_dashboard_of_ones_own_data(server, page, settled, pipeline) -> None:
    begin(server, page, settled)
    set_the_goal(page, settled)
    find_a_factor(page, settled)
    design_a_kpi(page, settled)
    upload(page, settled, pipeline)
    workshop = page.url.split("workshop=")[1].split("&")[0]
    map_the_goal(page, settled)
    see_the_dashboard(page, settled)
    page.reload()
    settled(page)
    page.get_by_text("年度", exact=True).click()
    expect(page.get_by_text(WON).first).to_be_visible()
    stored = server.workshop(workshop)
    assert [node.kind for node in stored.nodes] == [NodeKind.KGI, NodeKind.KSF, NodeKind.KPI]
    assert isinstance(stored.kgi.measure, SimpleMeasure)
    assert stored.kgi.measure.aggregate is Aggregate.SUM
    assert [(entry.column, entry.value) for entry in stored.kgi.measure.where] == [("deal_stage", "Won")]
    assert stored.kgi.owner == "営業本部長"
    expect(page.get_by_text("予期しない問題")).to_have_count(0)


def begin(server, page: Page, settled) -> None:
    page.goto(server.address())
    settled(page)
    page.get_by_role("button", name="白紙で始める").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("ワークショップ名").fill("受注拡大ワークショップ")
    choose(page, "会計年度の開始月", "1月")
    dialog.get_by_role("button", name="ワークショップを作る").click()
    page.wait_for_url(re.compile(r"/kgi\?.*workshop="))
    settled(page)


def set_the_goal(page: Page, settled) -> None:
    page.get_by_label("名称(日本語)").fill("受注金額")
    page.get_by_label("責任者").fill("営業本部長")
    page.get_by_label("責任者").press("Tab")
    page.get_by_role("button", name="KGIを保存する").click()
    expect(page.get_by_text("保存しました").first).to_be_visible()
    settled(page)


def find_a_factor(page: Page, settled) -> None:
    page.get_by_role("link", name=re.compile("次へ:KSF")).click()
    settled(page)
    idea = page.get_by_placeholder(re.compile("成功要因の候補"))
    idea.fill("商談の質を上げる")
    idea.press("Enter")
    page.get_by_role("button", name="KSFに選ぶ").click()
    expect(page.get_by_role("button", name="外す")).to_be_visible()
    settled(page)


def design_a_kpi(page: Page, settled) -> None:
    page.get_by_role("link", name=re.compile("次へ:部門横断")).click()
    settled(page)
    page.get_by_text("アウトライン", exact=True).click()
    page.get_by_role("treeitem", name="商談の質を上げる").click()
    expect(page.get_by_role("heading", name="商談の質を上げる", level=4)).to_be_visible()
    page.get_by_role("button", name="下にKPIを追加").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("名称(日本語)").fill("受注率")
    dialog.get_by_label("名称(日本語)").press("Tab")
    dialog.get_by_role("button", name="追加する").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("treeitem", name="受注率")).to_be_visible()
    settled(page)


def upload(page: Page, settled, pipeline: Path) -> None:
    page.get_by_role("link", name=re.compile("次へ:データソース")).click()
    settled(page)
    page.locator("input[type=file]").first.set_input_files(pipeline)
    store = page.get_by_role("button", name="8,800行を保存する")
    expect(store).to_be_visible()
    settled(page)
    store.click()
    page.get_by_role("button", name="KPIとの対応づけへ").click()
    settled(page)


def map_the_goal(page: Page, settled) -> None:
    for label, option in (
        ("データセット", "sales_pipeline"),
        ("集計方法", "合計"),
        ("対象の列", "close_value"),
        ("期間を決める日付の列", "close_date"),
    ):
        choose(page, label, option)
        settled(page)
    page.get_by_role("button", name="条件を追加").click()
    choose(page, "列", "deal_stage")
    page.get_by_text(re.compile(r"^Won\(")).click()
    settled(page)
    expect(page.get_by_text(WON).first).to_be_visible()
    page.get_by_role("button", name="この集計で対応づける").click()
    expect(page.get_by_text("保存していない変更があります")).to_have_count(0)
    settled(page)


def see_the_dashboard(page: Page, settled) -> None:
    page.get_by_role("link", name=re.compile("次へ:ダッシュボード")).click()
    settled(page)
    page.get_by_role("button", name="経営ビューと現場ビューを作成").click()
    settled(page)
    page.get_by_text("年度", exact=True).click()
    settled(page)
    expect(page.get_by_text(WON).first).to_be_visible()
