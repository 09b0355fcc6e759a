"""Cold start: from starting the process to the first page painted in Chromium, against an empty Streamlit script."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.minimal_rerun import bare
from benchmarks.websocket_client import PROJECT, served

ROUNDS = 5
REACH = 1.5
_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_EMPTY = """import streamlit as st

st.title("empty")
"""


def painted(browser: Browser, target: str, folder: Path, env: dict[str, str], address: str = "") -> float:
    """Seconds until the first heading of a process just started is in sight."""
    begun = time.perf_counter()
    with served(target, folder, env) as server:
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/{address}", wait_until="commit")
        page.get_by_role("heading", level=1).wait_for(timeout=60_000)
        seconds = time.perf_counter() - begun
        page.close()
    return seconds


def main() -> list[dict[str, object]]:
    """The row: the home page of a new state over the empty script, started in turns."""
    path = {"PYTHONPATH": os.pathsep.join([".", str(PROJECT)])}
    found = next((place for name in _CHROMIUMS if (place := shutil.which(name))), None)
    seconds: dict[str, list[float]] = {"ours": [], "empty": []}
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        empty = bare(folder / "empty", settings=False, script=_EMPTY)
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        for number in range(ROUNDS):
            state = {**path, "KPI_WORKSHOP_DB": str(folder / f"{number}.db")}
            seconds["ours"].append(painted(browser, "app:app", PROJECT, state, "?lang=ja"))
            seconds["empty"].append(painted(browser, "bare_app:app", empty, path))
        browser.close()
    ours, reference = (statistics.median(seconds[one]) for one in ("ours", "empty"))
    ratio = ours / reference
    return [
        {
            "row": "cold start to first painted page",
            "ratio": round(ratio, 3),
            "reach": REACH,
            "met": ratio <= REACH,
            "seconds": round(ours, 2),
            "reference_seconds": round(reference, 2),
        }
    ]


if __name__ == "__main__":
    for figures in main():
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
