"""Simulation in a browser: a slider moves the KGI, a lock is seen by the other within two seconds, both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from kpi_core.services.people import Who
from kpi_core.services.sample import load_sample


@pytest.fixture(scope="module")
def sample(server) -> str:
    with server.state() as here:
        return load_sample(here, Who("test"))


def shown(server, tab, settled, workshop: str, lang: str = "ja", width: int = 1440) -> Page:
    page = tab(width=width)
    page.goto(server.address("simulation", workshop=workshop, lang=lang))
    settled(page)
    return page


@pytest.mark.parametrize(("lang", "driver"), [("ja", "新規受注件数"), ("en", "New deals won")])
def test_a_slider_moves_the_kgi_and_a_reload_loses_nothing(server, tab, settled, sample, lang: str, driver) -> None:
    page = shown(server, tab, settled, sample, lang)
    values = page.locator(".st-key-simulation_goal").get_by_test_id("stMetricValue")
    before = values.nth(0).inner_text()
    page.get_by_role("slider", name=driver).press("PageUp")
    expect(values.nth(1)).not_to_have_text(before)
    expect(values.nth(0)).to_have_text(before)
    after = values.nth(1).inner_text()
    page.reload()
    expect(values.nth(1)).to_have_text(after)


def test_a_lock_is_seen_by_everyone_and_changes_who_has_to_move(server, tab, settled, sample) -> None:
    leader, guest = shown(server, tab, settled, sample), shown(server, tab, settled, sample, width=390)
    for page in (leader, guest):
        page.get_by_role("radio", name="何が必要か").click()
    goal = leader.get_by_role("spinbutton", name="受注金額の目標")
    goal.fill("60")
    goal.press("Enter")
    leader.get_by_role("button", name="この目標で逆算を始める").click()
    share = guest.locator("[class*='st-key-negotiation_share']", has_text="石井 由紀").first
    expect(share).to_contain_text("追加受注件数を")
    expander = leader.locator("[class*='st-key-negotiation_share']", has_text="石井 由紀").first
    expander.get_by_text("追加受注件数").last.click()
    expander.get_by_text("固定").click()
    expect(share).to_contain_text("いまのままでよい", timeout=4000)
    expect(guest.get_by_text("この条件で目標に届きます。")).to_be_visible()
