"""Text that would be code somewhere else stays text: typed into every field of a page, it is shown and never runs."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

HOSTILE = '<img src=x onerror="window.ran=1"> [x](javascript:window.ran=1) $x$ :red[x] **x**'


WORDS = {
    "ja": {"refusing": ("計算式(KPIのコードで書く)", "コード", "基準値(出発点の実績)"), "save": "KGIを保存する"},
    "en": {
        "refusing": ("Formula (written with KPI codes)", "Code", "Baseline (where you start from)"),
        "save": "Save the KGI",
    },
}


def type_everywhere(page, settled) -> int:
    """Types it into each text field in sight and waits until the app has taken it."""
    fields = page.locator('[data-testid="stTextInput"] input:enabled, [data-testid="stTextArea"] textarea:enabled')
    for at in range(fields.count()):
        if fields.nth(at).is_visible():
            fields.nth(at).fill(HOSTILE)
            fields.nth(at).blur()
            settled(page)
    return fields.count()


def never_ran(page) -> None:
    assert page.evaluate("window.ran") is None
    expect(page.locator('img[src="x"]')).to_have_count(0)
    expect(page.locator('a[href^="javascript"]')).to_have_count(0)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_goal_shows_hostile_text_as_text(server, page, settled, language: str) -> None:
    workshop = server.blank(HOSTILE)
    page.goto(server.address("kgi", workshop=workshop, lang=language))
    settled(page)
    page.get_by_test_id("stExpander").first.locator("summary").click()
    assert type_everywhere(page, settled) >= 6
    never_ran(page)
    words = WORDS[language]
    for field in words["refusing"]:  # they hold a formula, a code and an amount, and say so
        page.get_by_role("textbox", name=field, exact=True).fill("")
        page.get_by_role("textbox", name=field, exact=True).blur()
        settled(page)
    page.get_by_role("button", name=words["save"]).click()
    settled(page)
    assert server.workshop(workshop).kgi.name.ja == HOSTILE
    for where in ("ksf", "checklist", "settings", "kpi_design", "dashboard", ""):
        page.goto(server.address(where, workshop=workshop, lang=language))
        settled(page)
        never_ran(page)


def test_candidates_departments_and_members_show_hostile_text_as_text(server, page, settled) -> None:
    workshop = server.blank("記号")
    page.goto(server.address("ksf", workshop=workshop))
    settled(page)
    entry = page.get_by_test_id("stChatInputTextArea")
    entry.fill(HOSTILE)
    entry.press("Enter")
    expect(page.get_by_text("onerror").first).to_be_visible()
    never_ran(page)
    page.goto(server.address("settings", workshop=workshop))
    settled(page)
    page.get_by_role("tab", name="部門").click()
    page.get_by_role("button", name="部門を追加").click()
    page.get_by_role("dialog").get_by_label("名称(日本語)").fill(HOSTILE)
    page.get_by_role("dialog").get_by_role("button", name="保存する").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("tab", name="メンバー").click()
    page.get_by_role("button", name="メンバーを追加").click()
    page.get_by_role("dialog").get_by_label("名前").fill(HOSTILE)
    page.get_by_role("dialog").get_by_role("button", name="保存する").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    never_ran(page)
    assert server.workshop(workshop).candidates[0].name.ja == HOSTILE
    assert server.workshop(workshop).departments[-1].name.ja == HOSTILE
    assert server.workshop(workshop).members[0].name == HOSTILE
