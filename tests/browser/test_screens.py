"""Every page of the sample in both languages and widths: drawn without trouble, nothing wider than the screen.

With ``KPI_WORKSHOP_SCREENS=docs/screens`` the pictures are kept there (1440 px), else beside the test's other files.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from kpi_core.services.people import Who
from kpi_core.services.sample import load_sample
from kpi_core.text import say
from kpi_core.vocabulary import Language
from kpi_core.vocabulary import Page as AppPage

WIDTHS = (1440, 390)


@pytest.fixture(scope="module")
def sample(server) -> str:
    with server.state() as here:
        return load_sample(here, Who("test"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = os.environ.get("KPI_WORKSHOP_SCREENS")
    place = Path(kept) if kept else tmp_path_factory.mktemp("screens")
    place.mkdir(parents=True, exist_ok=True)
    return place


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", list(Language))
def test_every_page_is_drawn_without_trouble(server, tab, settled, sample, folder, language, width) -> None:
    page = tab(width=width)
    for shown in AppPage:
        path = "" if shown is AppPage.HOME else shown.value
        page.goto(server.address(path, workshop=sample, lang=language.value))
        settled(page)
        title = say(f"pages.{shown.value}.title", language)
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
        if shown in (AppPage.KPI_DESIGN, AppPage.DASHBOARD) or (shown is AppPage.SIMULATION and width > 640):
            expect(page.frame_locator("iframe").locator("canvas").first).to_be_visible()
        expect(page.get_by_text(say("pages.trouble.unexpected", language))).to_have_count(0)
        assert overflow(page) <= 0, f"{shown.value} is wider than {width} px"
        keep(page, folder / f"{shown.value}-{language.value}{'' if width == 1440 else f'-{width}'}.png", width)


def overflow(page: Page) -> int:
    """Pixels by which the page's main part is wider than the screen."""
    return int(page.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth"))


def keep(page: Page, file: Path, width: int) -> None:
    """A picture of the whole page: the main part scrolls within the window, so the window grows for it."""
    height = int(page.get_by_test_id("stMain").evaluate("main => main.scrollHeight"))
    page.set_viewport_size({"width": width, "height": max(900, min(height + 40, 8000))})
    page.wait_for_function("() => document.fonts.status === 'loaded'")
    page.screenshot(path=file)
    page.set_viewport_size({"width": width, "height": 900})
