"""Facilitator and participant in two browsers: written in silence, revealed, voted on, adopted, nobody disturbed."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from kpi_core.model.base import Bilingual
from kpi_core.model.node import Node
from kpi_core.services.candidates import put_forward
from kpi_core.services.editing import save
from kpi_core.services.people import Who
from kpi_core.vocabulary import NodeKind

GOAL = Node(code="bookings", kind=NodeKind.KGI, name=Bilingual(ja="受注金額"), unit="JPY")
HALF = "書きかけのまま"


def in_room(server, tab, settled, workshop: str) -> Page:
    """A browser on the step of success factors with the ideas opened."""
    page = tab()
    page.goto(server.address("ksf", workshop=workshop))
    settled(page)
    page.get_by_role("radio", name="アイデア出し").click()
    expect(page.locator(".st-key-room_side_ideas")).to_be_visible()
    return page


def named(page: Page, name: str) -> None:
    field = page.get_by_role("combobox", name="あなたの名前")
    field.fill(name)
    field.press("Enter")
    expect(page.get_by_text(f"{name}さんとして参加中")).to_be_visible()


def write(page: Page, text: str) -> None:
    field = page.get_by_placeholder("アイデアを入力してEnter", exact=True)
    field.fill(text)
    field.press("Enter")
    expect(panel(page).get_by_text(text)).to_be_visible()
    expect(field).to_have_value("")


def panel(page: Page):
    return page.locator(".st-key-room_side_ideas")


def test_ideas_are_hidden_revealed_voted_on_and_adopted_while_a_half_typed_line_stays(server, tab, settled) -> None:
    workshop = server.blank("場")
    with server.state() as here:
        save(here, workshop, "nodes", GOAL, None, Who("test"))
    leader = in_room(server, tab, settled, workshop)
    guest = in_room(server, tab, settled, workshop)

    leader.get_by_role("button", name="始める").click()
    expect(guest.get_by_text("アイデア記入中")).to_be_visible()
    named(leader, "佐藤")
    named(guest, "鈴木")
    write(leader, "見積の型をそろえる")
    expect(panel(guest).get_by_text("ほかの参加者:1人・1件")).to_be_visible()
    write(guest, "展示会の翌日に連絡する")
    expect(panel(leader).get_by_text("ほかの参加者:1人・1件")).to_be_visible()
    for page, foreign in ((leader, "展示会の翌日に連絡する"), (guest, "見積の型をそろえる")):
        assert foreign not in page.content()

    half = panel(guest).get_by_role("textbox")
    half.fill(HALF)
    half.focus()
    leader.get_by_role("button", name="いっせいに公開する").click()
    expect(panel(leader).get_by_text("展示会の翌日に連絡する")).to_be_visible()
    expect(panel(guest).get_by_text("見積の型をそろえる")).to_be_visible()
    expect(half).to_have_value(HALF)
    expect(half).to_be_focused()

    leader.get_by_role("button", name="投票を始める").click()
    expect(panel(guest).get_by_text("あなたの残り 3/3票")).to_be_visible()
    for page in (leader, guest):
        card = panel(page).locator("[class*='st-key-room-idea-']", has_text="見積の型をそろえる")
        card.get_by_role("button", name="投票する").click()
        expect(panel(page).get_by_text("あなたの残り 2/3票")).to_be_visible()
    expect(half).to_have_value(HALF)
    expect(panel(leader).get_by_text("2人が投票済み")).to_be_visible()
    expect(panel(leader).get_by_text("2票", exact=True)).to_have_count(0)

    leader.get_by_role("button", name="投票を締め切って集計する").click()
    expect(panel(guest).get_by_text("2票", exact=True)).to_be_visible()
    expect(half).to_have_value(HALF)
    half.press("Enter")
    expect(panel(guest).get_by_text("未提出のアイデア")).to_be_visible()
    expect(panel(leader).get_by_text("未提出のアイデア")).to_have_count(0)
    panel(guest).get_by_role("button", name="保留の論点として進行役に渡す").click()
    expect(leader.get_by_text("保留 1")).to_be_visible()
    expect(panel(guest).get_by_text("未提出のアイデア")).to_have_count(0)
    card = panel(leader).locator("[class*='st-key-room-idea-']", has_text="見積の型をそろえる")
    card.get_by_role("button", name="KSFにする").click()
    expect(leader.locator(".st-key-ksf-factors").get_by_text("見積の型をそろえる")).to_be_visible()
    expect(guest.locator(".st-key-ksf-factors").get_by_text("見積の型をそろえる")).to_be_visible()
    expect(guest.get_by_text("発案:佐藤 · 2票")).to_be_visible()
    stored = server.workshop(workshop)
    assert [(node.name.ja, node.parent) for node in stored.of_kind(NodeKind.KSF)] == [
        ("見積の型をそろえる", "bookings")
    ]


def test_others_changes_wait_while_one_types_on_the_page(server, tab, settled) -> None:
    workshop = server.blank("待つ")
    page = tab()
    page.goto(server.address("ksf", workshop=workshop))
    settled(page)
    field = page.get_by_placeholder("成功要因の候補を入力してEnter")
    field.fill(HALF)
    with server.state() as here:
        put_forward(here, workshop, ["ほかの人の候補"], Who("別の人"))
    offer = page.get_by_role("button", name="ほかの人の変更 1件を表示")
    expect(offer).to_be_visible()
    expect(page.get_by_text("ほかの人の候補")).to_have_count(0)
    expect(field).to_have_value(HALF)
    offer.click()
    expect(page.get_by_text("ほかの人の候補")).to_be_visible()
    expect(field).to_have_value(HALF)
    field.press("Enter")
    expect(page.get_by_text(HALF, exact=True)).to_be_visible()
    with server.state() as here:
        put_forward(here, workshop, ["あとの候補"], Who("別の人"))
    expect(page.get_by_text("あとの候補")).to_be_visible()


def test_everyone_sees_the_same_clock_run_and_stand(server, tab, settled) -> None:
    workshop = server.blank("時計")
    leader, guest = tab(), tab(width=390, height=844)
    for page in (leader, guest):
        page.goto(server.address("kgi", workshop=workshop))
        settled(page)
    leader.get_by_role("button", name="タイマー").click()
    leader.get_by_role("button", name="開始").click()
    clock = guest.get_by_role("timer")
    expect(clock).to_contain_text("19:")
    first = clock.inner_text()
    expect(clock).not_to_have_text(first)  # it counts by itself
    leader.get_by_role("button", name="一時停止").click()
    expect(clock).to_contain_text("停止中")
    leader.get_by_role("button", name="+5分").click()
    expect(clock).to_contain_text("24:")
