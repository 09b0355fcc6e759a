"""A real server and a real Chromium: what a person sees, types and clicks."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from kpi_core.model.base import Bilingual
from kpi_core.model.workshop import Workshop
from kpi_core.services.beginning import create_blank
from kpi_core.services.people import Who
from kpi_core.services.workshops import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Language

from .answering import Answering

PROJECT = Path(__file__).parent.parent.parent
_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: Seconds: a noisy machine starts slowly, a good one does not wait.
_START, _STEP = 180, 60
#: Streamlit asks for these below the page's path first on a deep link, then at the root.
_EXPECTED_MISSES = ("/_stcore/health", "/_stcore/host-config", "favicon")

#: A name for this machine that is none of its local ones: to the app, whoever asks for it comes from elsewhere.
ROOM = "room.localhost"

expect.set_options(timeout=_STEP * 1000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True)
class Server:
    """The app as it runs for the tests; ``state()`` opens what it has stored."""

    url: str
    database: Path
    log: Path

    def address(self, page: str = "", **params: str) -> str:
        """The address of a page; ``lang`` is Japanese unless stated."""
        return f"{self.url}/{page}?{urlencode({'lang': 'ja', **params})}"

    def state(self) -> State:
        return State.open(self.database)

    def blank(self, name: str) -> str:
        """A new workshop with marketing and sales and nothing else; gives its id."""
        departments = (Bilingual(ja="マーケティング", en="Marketing"), Bilingual(ja="営業", en="Sales"))
        with self.state() as here:
            return create_blank(here, name, Language.JA, 4, departments, Who("test"))

    def workshop(self, workshop_id: str) -> Workshop:
        """A workshop as it is stored now."""
        with self.state() as here:
            return snapshot(here, workshop_id).workshop


def started(folder: Path, address: str = "127.0.0.1", hosts: str = "") -> Iterator[Server]:
    """A server over a state of its own in ``folder``, answering to ``hosts``; ended at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    database, log = folder / "w.db", folder / "server.log"
    allowed = {"STREAMLIT_SERVER_ALLOWED_HOSTS": hosts} if hosts else {}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    command += ["--server.address", address, "--server.headless", "true"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "KPI_WORKSHOP_DB": str(database), **allowed},
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_healthy(url, process, log)
        yield Server(url, database, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _START
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            with urlopen(f"{url}/healthz", timeout=5) as answer:  # noqa: S310 - our own server's address
                if answer.status == 200:
                    return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)  # the port is not open yet: there is nothing to wait on but time
    pytest.fail(f"the server did not start:\n{log.read_text(errors='replace')[-3000:]}")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all browser tests; each makes its own workshop in it."""
    yield from started(tmp_path_factory.mktemp("server"))


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server as it is started for a room."""
    hosts = f"localhost 127.0.0.1 {ROOM}"
    yield from started(tmp_path_factory.mktemp("room"), "0.0.0.0", hosts)  # noqa: S104 - as for a room


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[Server]:
    """A server nobody has asked for anything yet."""
    yield from started(tmp_path)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = next((path for name in _CHROMIUMS if (path := shutil.which(name))), None)
    if found is None:
        message = f"no Chromium found ({', '.join(_CHROMIUMS)})"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(_FLAGS))
        yield browser
        browser.close()


Tab = Callable[..., Page]


@pytest.fixture
def answering() -> Answering:
    """What the test's pages ask of the app."""
    return Answering()


@pytest.fixture
def tab(chromium: Browser, answering: Answering) -> Iterator[Tab]:
    """``tab(width=…, locale=…)``: a new page of a new browser session. A JavaScript error in any fails the test.

    With ``fails=False`` refused requests, which browsers log as errors, are expected.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        place = str(message.location.get("url", ""))
        if message.type == "error" and not any(known in place for known in _EXPECTED_MISSES):
            errors.append(f"{message.text} ({place})")

    def opened(width: int = 1440, height: int = 900, locale: str = "ja-JP", *, fails: bool = True) -> Page:
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, locale=locale))
        page = contexts[-1].new_page()
        page.set_default_timeout(_STEP * 1000)
        answering.follow(page)
        page.on("pageerror", lambda error: errors.append(str(error)))
        if fails:
            page.on("console", listen)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not errors, "JavaScript errors:\n" + "\n".join(errors)


@pytest.fixture
def page(tab: Tab) -> Page:
    """One tab, Japanese, 1440 px wide."""
    return tab()


@pytest.fixture
def settled(answering: Answering) -> Callable[[Page], None]:
    """Waits until the app has answered and drawn all it was asked for."""
    return answering.wait
