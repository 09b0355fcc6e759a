"""Two people on one goal: the later save is refused, both versions are shown, and nothing is lost."""

from __future__ import annotations

from playwright.sync_api import expect

from kpi_core.model.base import Bilingual
from kpi_core.model.node import Node
from kpi_core.services.editing import save
from kpi_core.services.people import Who
from kpi_core.vocabulary import NodeKind

GOAL = Node(code="bookings", kind=NodeKind.KGI, name=Bilingual(ja="受注金額"), unit="JPY", owner="佐藤")


def with_goal(server, name: str) -> str:
    workshop = server.blank(name)
    with server.state() as here:
        save(here, workshop, "nodes", GOAL, None, Who("test"))
    return workshop


def type_owner(page, owner: str) -> None:
    page.get_by_label("責任者").fill(owner)
    expect(page.get_by_text("保存していない変更があります")).to_be_visible()


def test_a_stale_save_is_refused_shows_both_versions_and_loses_nothing(server, tab, settled) -> None:
    workshop = with_goal(server, "二つのタブ")
    first, second = tab(), tab()
    for page in (first, second):
        page.goto(server.address("kgi", workshop=workshop))
        settled(page)
    type_owner(second, "鈴木")  # both type over the same version: who only reads sees the other's at once
    type_owner(first, "田中")
    first.get_by_role("button", name="KGIを保存する").click()
    expect(first.get_by_text("保存していない変更があります")).to_have_count(0)
    second.get_by_role("button", name="KGIを保存する").click()
    expect(second.get_by_text("ほかの画面で先に変更されています")).to_be_visible()
    assert server.workshop(workshop).kgi.owner == "田中"
    expect(second.get_by_label("責任者")).to_have_value("鈴木")
    second.get_by_role("button", name="自分の入力で保存する").click()
    expect(second.get_by_text("ほかの画面で先に変更されています")).to_have_count(0)
    assert server.workshop(workshop).kgi.owner == "鈴木"
    assert server.workshop(workshop).kgi.name.ja == "受注金額"


def test_nobody_meets_anothers_half_typed_input(server, tab, settled) -> None:
    workshop = with_goal(server, "下書き")
    first, second = tab(), tab()
    first.goto(server.address("kgi", workshop=workshop))
    settled(first)
    type_owner(first, "書きかけ")
    second.goto(server.address("kgi", workshop=workshop))
    settled(second)
    expect(second.get_by_label("責任者")).to_have_value("佐藤")
    first.reload()
    settled(first)
    expect(first.get_by_label("責任者")).to_have_value("書きかけ")
