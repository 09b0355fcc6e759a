"""The checklist answered by two departments until the gap shows, and a quarterly revision to its end."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from kpi_core.model.base import Bilingual
from kpi_core.model.node import Node
from kpi_core.services.editing import save
from kpi_core.services.organisation import add_member
from kpi_core.services.people import Who
from kpi_core.vocabulary import NodeKind, NodeStatus

WHO = Who("test")
NODES = (
    Node(code="bookings", kind=NodeKind.KGI, name=Bilingual(ja="受注金額"), unit="JPY"),
    Node(code="speed", kind=NodeKind.KSF, parent="bookings", name=Bilingual(ja="対応の速さ")),
    Node(code="calls", kind=NodeKind.KPI, parent="speed", name=Bilingual(ja="架電数"), definition="架電した件数"),
    Node(code="visits", kind=NodeKind.KPI, parent="speed", name=Bilingual(ja="訪問数"), definition="訪問した件数"),
)


def with_kpis(server, name: str) -> str:
    workshop = server.blank(name)
    with server.state() as here:
        for node in NODES:
            save(here, workshop, "nodes", node, None, WHO)
    return workshop


def item(page: Page, number: int):
    return page.locator(f".st-key-checklist-item-{number}")


def answer_as(page: Page, settled, person: str, number: int, answer: str) -> None:
    """Chooses who answers, then the own answer of an item."""
    box = page.get_by_label("回答する人")
    box.click()
    box.fill(person)
    page.get_by_role("option", name=person).click()
    settled(page)
    item(page, number).get_by_role("radio", name=answer, exact=True).first.click()
    settled(page)


def test_two_departments_answer_and_their_gap_is_named(server, tab, settled) -> None:
    workshop = with_kpis(server, "差が見える")
    with server.state() as here:
        add_member(here, workshop, "田中", "marketing", WHO)
        add_member(here, workshop, "佐藤", "sales", WHO)
    for person, answer in (("佐藤", "はい"), ("田中", "いいえ")):
        page = tab()
        page.goto(server.address("checklist", workshop=workshop))
        settled(page)
        answer_as(page, settled, person, 3, answer)
    expect(item(page, 3).get_by_text("営業は「はい」、マーケティングは「いいえ」")).to_be_visible()
    expect(item(page, 2).get_by_text("部門で差")).to_have_count(0)
    page.get_by_text("部門で差がある項目だけを表示(1件)").click()
    settled(page)
    expect(item(page, 2)).to_have_count(0)
    expect(item(page, 3)).to_be_visible()


def test_a_quarterly_revision_from_decision_to_the_old_definition(server, page, settled) -> None:
    workshop = with_kpis(server, "見直し")
    page.goto(server.address("reviews", workshop=workshop))
    settled(page)
    page.get_by_role("tab", name="KPIの見直し").click()
    settled(page)
    decide(page, settled, "calls", "変更", "何をなぜ変えるか(必須)", "折り返しも数える")
    decide(page, settled, "visits", "廃止", "やめる理由(必須)", "オンラインに移った")
    page.get_by_role("button", name="この見直しを記録する").click()
    settled(page)
    stored = server.workshop(workshop)
    calls, visits = stored.node("calls"), stored.node("visits")
    assert (calls.version, calls.version_reason, visits.status) == (2, "折り返しも数える", NodeStatus.RETIRED)
    expect(page.locator(".st-key-revisions-kpi-visits")).to_have_count(0)
    page.get_by_role("button", name="それまでの定義(第1版)").first.click()
    expect(page.get_by_text("架電した件数").or_(page.get_by_text("訪問した件数")).first).to_be_visible()
    page.reload()
    settled(page)
    assert len(server.workshop(workshop).revisions) == 1


def decide(page: Page, settled, code: str, choice: str, label: str, reason: str) -> None:
    card = page.locator(f".st-key-revisions-kpi-{code}")
    card.get_by_role("radio", name=choice).click()
    settled(page)
    card.get_by_label(label).fill(reason)
    card.get_by_label(label).press("Tab")
    settled(page)


def test_a_factor_and_a_checklist_answer_by_keyboard_alone(server, page, settled) -> None:
    workshop = server.blank("キーボード")
    with server.state() as here:
        save(here, workshop, "nodes", NODES[0], None, WHO)
    page.goto(server.address("ksf", workshop=workshop))
    settled(page)
    tab_to(page, "textarea")
    page.keyboard.type("対応の速さ")
    page.keyboard.press("Enter")
    expect(page.get_by_text("候補 1件")).to_be_visible()
    settled(page)
    tab_to(page, ".st-key-ksf-row- [role=radio], [class*='st-key-ksf-row'] [role=radio]")
    page.keyboard.press("Space")
    settled(page)
    tab_to(page, "[class*='st-key-ksf-choose'] button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="外す")).to_be_visible()
    assert [node.kind for node in server.workshop(workshop).nodes] == [NodeKind.KGI, NodeKind.KSF]
    page.goto(server.address("checklist", workshop=workshop))
    settled(page)
    tab_to(page, ".st-key-checklist-item-1 .st-key-checklist-agreed-1 [role=radio]")
    page.keyboard.press("Space")
    settled(page)
    (agreed,) = server.workshop(workshop).checklist.agreed
    assert agreed.item == 1


def tab_to(page: Page, selector: str, most: int = 120) -> None:
    """Presses Tab until what has the focus matches ``selector``."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement?.matches(s) ?? false", selector):
            return
    raise AssertionError(f"{selector} is not reached by {most} times Tab")
