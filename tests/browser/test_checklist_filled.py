"""The readiness checklist filled in by a team."""

from __future__ import annotations

from kpi_core.vocabulary import Answer


def test_an_agreed_answer_is_kept(server, page, settled) -> None:
    workshop = server.blank("チェック")
    page.goto(server.address("checklist", workshop=workshop))
    settled(page)
    groups = page.get_by_test_id("stButtonGroup").filter(has_text="一部")
    groups.nth(1).get_by_text("一部", exact=True).click()  # the first item: own answer, then the agreed one
    settled(page)
    page.reload()
    settled(page)
    (agreed,) = server.workshop(workshop).checklist.agreed
    assert (agreed.item, agreed.answer) == (1, Answer.PARTLY)
