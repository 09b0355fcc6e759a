"""Joining from a phone: shared by the facilitator, joined by a link, one workshop and no other, ended at once."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from kpi_core.vocabulary import Role

from .conftest import ROOM
from .joined import elsewhere, join, link

HOSTILE = '<img src=x onerror="window.ran=1"> **鈴木**'


def test_a_facilitator_shares_a_phone_joins_and_loses_access_when_removed(room, tab, settled) -> None:
    workshop, foreign = room.blank("受注拡大"), room.blank("ほかの会社")
    host = tab()
    host.goto(room.address("kgi", workshop=workshop))
    settled(host)
    host.get_by_role("button", name="参加を受け付ける").click()
    dialog = host.get_by_role("dialog")
    dialog.get_by_role("button", name="参加リンクを作る").click()
    expect(dialog.get_by_text("スマートフォンのカメラで読み取ってください")).to_be_visible()
    expect(dialog.get_by_role("img").first).to_be_visible()
    code = dialog.get_by_role("heading", name=re.compile(r"^\w{4}-\w{4}-\w{4}$")).inner_text()
    expect(dialog.get_by_text(f"http://{ROOM}:").first).to_be_visible()

    phone = tab(width=390, height=844, fails=False)
    phone.goto(f"{elsewhere(room)}/kgi?workshop={workshop}")
    expect(phone.get_by_role("alert")).to_contain_text("参加が必要です")
    phone.get_by_label("参加コード").fill(code)
    phone.get_by_role("button", name="次へ").click()
    join(phone, phone.url, "鈴木 花子")
    settled(phone)
    expect(phone).to_have_url(re.compile(f"/kgi.*workshop={workshop}"))
    expect(phone.get_by_text("鈴木 花子 (営業)")).to_be_visible()
    expect(phone.get_by_role("button", name="参加を受け付ける")).to_have_count(0)
    expect(dialog.get_by_text("鈴木 花子")).to_be_visible()

    phone.goto(f"{elsewhere(room)}/kgi?workshop={foreign}&lang=ja")
    expect(phone.get_by_text("このワークショップは見つかりません")).to_be_visible()
    expect(phone.get_by_text("ほかの会社")).to_have_count(0)
    phone.goto(f"{elsewhere(room)}/settings?workshop={workshop}&lang=ja")
    expect(phone.get_by_text("進行役にお声がけください")).to_be_visible()
    phone.goto(f"{elsewhere(room)}/kgi?workshop={workshop}&lang=ja")
    settled(phone)

    dialog.get_by_role("button", name="参加を取り消す").click()
    expect(dialog.get_by_text("まだ誰も参加していません")).to_be_visible()
    expect(phone.get_by_test_id("stApp")).not_to_have_attribute("data-test-connection-state", "CONNECTED")
    phone.reload()
    expect(phone.get_by_role("alert")).to_contain_text("参加が必要です")
    expect(phone.get_by_text("受注拡大")).to_have_count(0)


def test_what_a_person_typed_as_a_name_is_text_everywhere(room, tab, settled) -> None:
    workshop = room.blank("名前")
    phone, host = tab(width=390, height=844), tab()
    join(phone, link(room, workshop), HOSTILE)
    settled(phone)
    expect(phone.get_by_text(HOSTILE).first).to_be_visible()
    host.goto(room.address("settings", workshop=workshop))
    settled(host)
    host.get_by_role("tab", name="メンバー").click()
    expect(host.get_by_text(HOSTILE).first).to_be_visible()
    host.get_by_role("tab", name="共有").click()
    expect(host.get_by_text(HOSTILE).last).to_be_visible()
    for page in (phone, host):
        assert page.evaluate("window.ran") is None
        expect(page.locator('img[src="x"]')).to_have_count(0)


def test_a_viewer_reads_the_tree_and_the_dashboard_and_finds_nothing_to_change(room, tab, settled) -> None:
    workshop = room.blank("閲覧")
    reader = tab()
    join(reader, link(room, workshop, Role.VIEWER), "田中", None)
    settled(reader)
    expect(reader).to_have_url(re.compile("/dashboard"))
    expect(reader.get_by_test_id("stTopNavLink")).to_have_count(4)  # home, tree, dashboard, simulation
    reader.goto(f"{elsewhere(room)}/kpi_design?workshop={workshop}&lang=ja")
    settled(reader)
    expect(reader.get_by_text("閲覧のみ")).to_be_visible()
    reader.goto(f"{elsewhere(room)}/checklist?workshop={workshop}&lang=ja")
    expect(reader.get_by_text("進行役にお声がけください")).to_be_visible()


def test_a_file_made_for_one_person_is_not_anothers(room, tab, settled) -> None:
    """Streamlit hands a media file to anyone with its address; the gate only to whom a session shows it."""
    workshop = room.blank("書き出し")
    mine, other = tab(), tab(fails=False)
    join(mine, link(room, workshop, Role.FACILITATOR), "高木")
    settled(mine)
    join(other, link(room, room.blank("別の会社")), "小林")
    settled(other)
    mine.goto(f"{elsewhere(room)}/settings?workshop={workshop}&lang=ja")
    settled(mine)
    mine.get_by_role("tab", name="書き出し").click()
    with mine.expect_request(re.compile("/media/")) as asked, mine.expect_download() as download:
        mine.get_by_role("button", name="ワークショップファイル").click()
    assert "書き出し" in Path(download.value.path()).read_text("utf-8")
    address = asked.value.url
    assert mine.evaluate("async url => (await fetch(url)).status", address) == 200
    assert other.goto(address).status == 404
    assert tab(fails=False).goto(address).status == 403


def test_one_leaves_by_oneself(room, tab, settled) -> None:
    workshop = room.blank("退出")
    phone = tab(width=390, height=844, fails=False)
    join(phone, link(room, workshop), "伊藤")
    settled(phone)
    phone.get_by_text("伊藤 (営業)").click()
    phone.get_by_role("button", name="退出する").click()
    expect(phone.get_by_text("参加していません").first).to_be_visible()
    phone.reload()
    expect(phone.get_by_role("alert")).to_contain_text("参加が必要です")
