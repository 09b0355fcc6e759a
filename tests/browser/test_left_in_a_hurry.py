"""Whoever clicks on the next step straight out of a field loses nothing, and is on that step."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from kpi_core.services.people import Who
from kpi_core.services.sample import load_sample
from kpi_core.text import say
from kpi_core.vocabulary import Language


@pytest.fixture(scope="module")
def sample(server) -> str:
    with server.state() as here:
        return load_sample(here, Who("test"))


@pytest.mark.parametrize(("label", "delay"), [("kgi.rationale", 0), ("kgi.rationale", 120), ("kgi.owner", 0)])
def test_what_was_typed_last_is_there_again_and_so_is_all_the_rest(server, page, settled, sample, label, delay) -> None:
    before = server.workshop(sample).node("bookings")
    page.goto(server.address("kgi", workshop=sample))
    settled(page)
    field = page.get_by_label(say(label, Language.JA)).first
    held = field.input_value()
    field.click()
    field.press("End")
    page.keyboard.type("と追記")
    page.get_by_role("link", name=re.compile("KSF")).first.click(delay=delay)
    page.wait_for_url(re.compile("/ksf"))
    settled(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("KSF")
    page.get_by_role("link", name=re.compile("KGI")).first.click()
    page.wait_for_url(re.compile("/kgi"))
    settled(page)
    expect(field).to_have_value(f"{held}と追記")
    expect(page.get_by_label(say("kgi.name_ja", Language.JA)).first).to_have_value(before.name.ja)
    page.get_by_role("button", name=say("kgi.save", Language.JA)).click()
    settled(page)
    after = server.workshop(sample).node("bookings")
    name = {"kgi.rationale": "target_rationale", "kgi.owner": "owner"}[label]
    assert getattr(after, name) == f"{getattr(before, name)}と追記"
    assert after.model_copy(update={name: getattr(before, name)}) == before
