"""The foot of a step: its link leads to where the item that is missing is done, and says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from kpi_core.errors import RefusedError
from kpi_core.guidance.wording import next_text
from kpi_core.services.checks import steps
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Language, Page
from pages.components.frame import STEPS
from pages.components.outcome import attempt
from pages.components.part_tabs import open_part

Show = Callable[..., AppTest]


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("page", STEPS)
def test_link_and_text_at_the_foot_agree(show: Show, blank: str, here: State, page: Page, language: Language) -> None:
    app = show(page, blank, language.value)
    app.run()
    assert not app.exception
    missing = next(one for one in steps(here, blank) if one.page is page).missing
    away = next((gap for gap in missing if gap.page is not page), None)
    link = [(one.proto.page, one.proto.label) for one in app.get("page_link")][-1]
    if away is not None:
        assert link == (away.page.value, next_text(away, snapshot(here, blank).workshop, language))
    else:
        following = STEPS[STEPS.index(page) + 1] if page in STEPS[:-1] else Page.CHECKLIST
        assert link[0] == following.value


def test_data_before_kpis_leads_to_the_design(show: Show, blank: str) -> None:
    app = show(Page.DATA_SOURCES, blank)
    app.run()
    link = app.get("page_link")[-1].proto
    assert (link.page, link.label) == (Page.KPI_DESIGN.value, "KPI設計に戻る")


def test_a_failure_is_told_until_another_part_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, object] = {"data_sources.part": "upload"}
    monkeypatch.setattr(st, "session_state", kept)

    def fail() -> None:
        raise RefusedError("scenario_of_another", author="A")

    attempt(fail)
    open_part("data_sources.part", "upload")
    assert len(kept) == 2
    open_part("data_sources.part", "mapping")
    assert kept == {"data_sources.part": "mapping"}
