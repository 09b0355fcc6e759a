"""The readiness checklist filled in by a team."""

from __future__ import annotations

from playwright.sync_api import expect

from kpi_core.services.organisation import add_member
from kpi_core.services.people import Who
from kpi_core.vocabulary import Answer

#: What everyone says of items 1-12, of 13 and 14, and of 15.
SAID = {item: "はい" if item <= 12 else "一部" if item <= 14 else "いいえ" for item in range(1, 16)}
MEANT = {"はい": Answer.YES, "一部": Answer.PARTLY, "いいえ": Answer.NO}


def test_all_fifteen_items_are_answered_and_agreed_and_the_score_is_seen(server, page, settled) -> None:
    workshop = server.blank("チェック")
    with server.state() as here:
        add_member(here, workshop, "佐藤", "sales", Who("test"))
    page.goto(server.address("checklist", workshop=workshop))
    settled(page)
    box = page.get_by_label("回答する人")
    box.click()
    box.fill("佐藤")
    page.get_by_role("option", name="佐藤").click()
    settled(page)
    for item, answer in SAID.items():  # one click after the other, as a team in a hurry does
        line = page.locator(f".st-key-checklist-item-{item}").get_by_role("radio", name=answer, exact=True)
        line.first.click()  # the own answer
        line.last.click()  # the agreed one
    settled(page)
    agreed = page.get_by_test_id("stMetric").filter(has_text="「はい」で合意した項目")
    expect(agreed.get_by_test_id("stMetricValue")).to_have_text("12/15")
    page.reload()
    settled(page)
    expect(agreed.get_by_test_id("stMetricValue")).to_have_text("12/15")
    stored = server.workshop(workshop).checklist
    expected = {item: MEANT[answer] for item, answer in SAID.items()}
    assert {one.item: one.answer for one in stored.agreed} == expected
    assert {one.item: (one.member, one.answer) for one in stored.answers} == {
        item: ("佐藤", answer) for item, answer in expected.items()
    }
