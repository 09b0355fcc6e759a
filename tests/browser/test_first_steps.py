"""The first minutes: from the home page into the sample, straight to a page, and a reload in the middle of typing."""

from __future__ import annotations

from playwright.sync_api import expect

SLOW = 120_000  # ms: the sample's files are read, typed and measured once


def test_a_first_visitor_opens_the_sample_and_sees_its_goal(fresh_server, page, settled) -> None:
    page.goto(fresh_server.address())
    expect(page.get_by_text("ダッシュボードを作ることではありません")).to_be_visible()
    page.get_by_role("button", name="サンプルを開く").click()
    expect(page.get_by_role("heading", name="ミナモ株式会社の受注拡大ワークショップ")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="KGIから順にたどる").click()
    expect(page.get_by_role("heading", name="KGIを決める")).to_be_visible()
    settled(page)
    expect(page.get_by_label("名称(日本語)")).to_have_value("受注金額")
    expect(page.get_by_text("6/6")).to_be_visible()
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_a_deep_link_opens_its_page_in_english_on_a_server_just_started(fresh_server, page, settled) -> None:
    workshop = fresh_server.blank("深いリンク")
    page.goto(fresh_server.address("checklist", workshop=workshop, lang="en"))
    expect(page.get_by_role("heading", name="Readiness checklist")).to_be_visible()
    expect(page.get_by_text("1. The KGI is set")).to_be_visible()
    settled(page)
    expect(page.get_by_text("準備度チェックリスト")).to_have_count(0)


def test_what_was_typed_is_back_after_a_reload(server, page, settled) -> None:
    workshop = server.blank("再読み込み")
    page.goto(server.address("kgi", workshop=workshop))
    settled(page)
    page.get_by_label("名称(日本語)").fill("受注金額")
    expect(page.get_by_text("保存していない変更があります")).to_be_visible()
    page.reload()
    settled(page)
    expect(page.get_by_label("名称(日本語)")).to_have_value("受注金額")
    expect(page.get_by_text("入力を復元しました")).to_be_visible()
    assert server.workshop(workshop).kgi is None


def test_the_check_list_beside_the_goal_turns_while_one_types(server, page, settled) -> None:
    page.goto(server.address("kgi", workshop=server.blank("入力中")))
    settled(page)
    expect(page.get_by_text("1/6")).to_be_visible()  # the unit is proposed
    page.get_by_label("責任者").press_sequentially("佐藤")
    expect(page.get_by_text("2/6")).to_be_visible()
