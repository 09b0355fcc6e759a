"""Simulation in a browser: a slider moves the KGI, a lock is seen by the other within two seconds, both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from kpi_core.services.people import Who
from kpi_core.services.sample import load_sample
from kpi_core.text import say
from kpi_core.vocabulary import Language


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


@pytest.mark.parametrize(
    ("lang", "goal_name", "driver", "moves"),
    [
        (Language.JA, "受注金額の目標", "追加受注件数", "追加受注件数を"),
        (Language.EN, "Target of Bookings", "Expansion deals", "Expansion deals 1"),
    ],
)
def test_a_lock_is_seen_by_everyone_and_changes_who_has_to_move(
    server, tab, settled, lang: Language, goal_name: str, driver: str, moves: str
) -> None:
    with server.state() as here:
        workshop = load_sample(here, Who("test"))

    def said(key: str) -> str:
        return say(f"simulation.{key}", lang)

    leader = shown(server, tab, settled, workshop, lang.value)
    guest = shown(server, tab, settled, workshop, lang.value, width=390)
    for page in (leader, guest):
        page.get_by_role("radio", name=said("mode_needed")).click()
    goal = leader.get_by_role("spinbutton", name=goal_name)
    goal.fill("60")
    goal.press("Enter")
    leader.get_by_role("button", name=said("needed.open")).click()
    share = guest.locator("[class*='st-key-negotiation_share']", has_text="石井 由紀").first
    expect(share).to_contain_text(moves)
    expect(share).not_to_contain_text(said("needed.no_move"))
    expander = leader.locator("[class*='st-key-negotiation_share']", has_text="石井 由紀").first
    expander.get_by_text(driver).last.click()
    expander.get_by_text(said("needed.lock"), exact=True).click()
    expect(share).to_contain_text(said("needed.no_move"), timeout=4000)
    expect(guest.get_by_text(said("needed.feasible"))).to_be_visible()
    share.get_by_text(driver).last.click()
    settled(guest)
    expect(share.get_by_text(said("needed.effort"))).to_be_visible()
    assert guest.evaluate(CUT) == []


#: The choices that are cut at the edge of the page or of their own box.
CUT = """() => [...document.querySelectorAll('[data-testid=stButtonGroup] [role=radiogroup]')]
    .filter(group => group.scrollWidth > group.clientWidth || group.getBoundingClientRect().right > innerWidth)
    .map(group => group.innerText)"""
