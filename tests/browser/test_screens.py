"""Every page in both languages and widths: drawn without trouble, nothing wider than the screen.

With ``KPI_WORKSHOP_SCREENS=docs/screens`` the pictures are kept there (``kgi-ja.png``, ``kgi-ja-phone.png``), else
beside the test's other files. A picture that looks as before is not written again.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Page, expect

from kpi_core.services.people import Who
from kpi_core.services.sample import load_sample
from kpi_core.services.sharing import make_link
from kpi_core.text import say
from kpi_core.vocabulary import Language, Role
from kpi_core.vocabulary import Page as AppPage

#: Widths, and what the name of a picture ends with.
WIDTHS = {1440: "", 390: "-phone"}
#: Pages that draw the tree: a canvas in a frame of its own.
DRAWN = (AppPage.KPI_DESIGN, AppPage.DASHBOARD)
#: What an antialiased edge may differ by (of 255) without looking different, and how much of a picture may do so.
_SLIGHT, _SHARE = 40, 0.0005


@dataclass(frozen=True)
class Screen:
    """A place of the app: its address, the sentence that says it is drawn, and whether the tree is."""

    name: str
    path: str
    heading: str | None
    params: tuple[tuple[str, str], ...] = ()
    tree: bool = False


PAGES = tuple(
    Screen(one.value, "" if one is AppPage.HOME else one.value, f"pages.{one.value}.title", tree=one in DRAWN)
    for one in AppPage
)
#: Shown to a room, where there is no heading.
SHOWN = tuple(Screen(f"{one.value}-presenting", one.value, None, (("present", "1"),), tree=True) for one in DRAWN)


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
    for screen in PAGES + (SHOWN if width == 1440 else ()):
        page.goto(server.address(screen.path, workshop=sample, lang=language.value, **dict(screen.params)))
        drawn(page, settled, screen, language)
        expect(page.get_by_text(say("pages.trouble.unexpected", language))).to_have_count(0)
        assert overflow(page) <= 0, f"{screen.name} is wider than {width} px"
        keep(page, folder / f"{screen.name}-{language.value}{WIDTHS[width]}.png", width)


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", list(Language))
def test_the_join_page_fits_every_screen(server, tab, sample, folder, language, width) -> None:
    with server.state() as here:
        code = make_link(here, sample, Role.MEMBER, 8, Who("test")).code
    page = tab(width=width, locale="ja-JP" if language is Language.JA else "en-US")
    page.goto(f"{server.url}/join/{code}?lang={language.value}")
    expect(page.get_by_role("button", name=say("joining.go", language))).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    save(page.screenshot(), folder / f"join-{language.value}{WIDTHS[width]}.png")


def drawn(page: Page, settled: Callable[[Page], None], screen: Screen, language: Language) -> None:
    """Waits until the page shows what it is for."""
    if screen.heading is not None:
        settled(page)
        expect(page.get_by_role("heading", name=say(screen.heading, language), exact=True)).to_be_visible()
    if screen.tree:
        expect(page.frame_locator("iframe").locator("canvas").first).to_be_attached()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def overflow(page: Page) -> int:
    """Pixels by which the page's main part is wider than the screen."""
    return int(page.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth"))


def keep(page: Page, file: Path, width: int) -> None:
    """A picture of the whole page: the main part scrolls within the window, so the window grows for it."""
    height = int(page.get_by_test_id("stMain").evaluate("main => main.scrollHeight"))
    page.set_viewport_size({"width": width, "height": max(900, min(height + 40, 8000))})
    page.wait_for_function("() => document.fonts.status === 'loaded'")
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    save(page.screenshot(), file)
    page.set_viewport_size({"width": width, "height": 900})


def save(picture: bytes, file: Path) -> None:
    """Writes it, where it differs visibly, in 256 colours: chosen to cover all, so that a rare sign keeps its own."""
    new = Image.open(io.BytesIO(picture)).convert("RGB")
    if file.exists() and not differs(new, Image.open(file).convert("RGB")):
        return
    new.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(file, optimize=True)


def differs(new: Image.Image, old: Image.Image) -> bool:
    """Whether more than a little of the picture is more than slightly another colour."""
    if new.size != old.size:
        return True
    shades = ImageChops.difference(new, old).convert("L").histogram()
    return sum(shades[_SLIGHT:]) > _SHARE * new.width * new.height
