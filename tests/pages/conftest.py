"""Pages as a session sees them: the frame with a page in it, over a state of the test's own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from kpi_core.model.base import Bilingual
from kpi_core.services.beginning import create_blank
from kpi_core.services.people import Who
from kpi_core.services.sample import load_sample
from kpi_core.store.state import State
from kpi_core.vocabulary import Language, Page
from pages.gate.identity import MARK, OWNER

MAIN = Path(__file__).parent.parent.parent / "pages" / "main.py"
DEPARTMENTS = (Bilingual(ja="マーケティング", en="Marketing"), Bilingual(ja="営業", en="Sales"))
Show = Callable[..., AppTest]


@pytest.fixture(scope="session", autouse=True)
def _components_scanned_once() -> Iterator[None]:
    """Streamlit looks through all installed distributions for components at each first run: here once for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty state that the pages will open."""
    file = tmp_path / "w.db"
    monkeypatch.setenv("KPI_WORKSHOP_DB", str(file))
    return file


@pytest.fixture
def here(database: Path) -> Iterator[State]:
    """That state, open for the test to look into."""
    with State.open(database) as state:
        yield state


@pytest.fixture
def blank(here: State) -> str:
    """A workshop with a name and two departments, and nothing else."""
    return create_blank(here, "受注拡大", Language.JA, 4, DEPARTMENTS, Who("test"))


@pytest.fixture(scope="session")
def sample_made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The sample, loaded once: the folder of its state and its id."""
    folder = tmp_path_factory.mktemp("sample")
    with State.open(folder / "w.db") as state:
        return folder, load_sample(state, Who("test"))


@pytest.fixture
def sample(sample_made: tuple[Path, str], database: Path) -> str:
    """The sample in a state of the test's own; gives the workshop's id."""
    folder, workshop = sample_made
    shutil.copytree(folder, database.parent, dirs_exist_ok=True)
    return workshop


@pytest.fixture
def show(database: Path) -> Show:
    """``show(page, workshop, language, mark)``: the page as it is first drawn for the owner, or for who joined."""

    def shown(page: Page, workshop: str | None = None, language: str = "ja", mark: str = OWNER) -> AppTest:
        app = AppTest.from_file(str(MAIN), default_timeout=60)
        app.user = {MARK: mark}
        app.query_params["lang"] = language
        if workshop is not None:
            app.query_params["workshop"] = workshop
        app.run()
        if page is not Page.HOME:
            app.switch_page(f"{page.value}.py").run()
        assert not app.exception, [one.value for one in app.exception]
        return app

    return shown
