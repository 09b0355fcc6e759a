"""Page: minimal rerun. The app's page with nothing in it yet against a bare Streamlit script, by server CPU.

Both are served by uvicorn with the project's own Streamlit settings and take turns, so that a noisy machine is noisy
for both. Besides, the bare script under Streamlit's default settings: what the settings themselves give.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.websocket_client import PROJECT, Client, Server, cpu_per_rerun, served

ROUNDS = 15
RERUNS = 20
WARM_UP = 10
REACH = 1.5
#: The page measured: in an empty state it shows its frame and what it is for.
PAGE = "reviews"
#: What a browser's address bar holds after the first run.
ADDRESS = "lang=ja"

_SCRIPT = """import streamlit as st

st.title("bare")
st.button("again")
"""
#: The elements of our empty page with nothing behind them: what Streamlit itself takes for a frame like ours.
_FRAME = """import streamlit as st


def page():
    st.title("bare", anchor=False)
    st.caption("what it is for")
    with st.container(border=True):
        st.markdown("no workshop yet")
        st.page_link("page_1.py", label="home", icon=":material/home:")


st.set_page_config(page_title="bare", layout="wide")
others = [st.Page(f"page_{number}.py", title=f"page {number}") for number in range(1, 9)]
shown = st.navigation([st.Page(page, title="bare", default=True), *others], position="top")
with st.container(horizontal=True, key="top_row"):
    st.segmented_control("language", ["ja", "en"], key="language", default="ja", required=True)
shown.run()
"""
_APP = """import gc
from contextlib import asynccontextmanager

import streamlit as st


@asynccontextmanager
async def lifespan(app):
    gc.collect()
    gc.freeze()
    yield


app = st.App("main.py", lifespan=lifespan)
"""
_PLAIN_APP = """import streamlit as st

app = st.App("main.py")
"""


def bare(folder: Path, *, settings: bool, script: str = _SCRIPT) -> Path:
    """A Streamlit app of two elements; with ``settings`` under the project's configuration and frozen like ours."""
    folder.mkdir()
    (folder / "main.py").write_text(script, "utf-8")
    for number in range(1, 9):
        (folder / f"page_{number}.py").touch()
    (folder / "bare_app.py").write_text(_APP if settings else _PLAIN_APP, "utf-8")
    if settings:
        shutil.copytree(PROJECT / ".streamlit", folder / ".streamlit")
    return folder


def opened(server: Server, page: str = "", query: str = "") -> tuple[Server, Client]:
    """A tab on ``page``, run often enough that every cache is warm; what the app imports after its first page is in."""
    client, _ = Client.open(server, page, query)
    for _ in range(WARM_UP):
        client.rerun()
    server.come_to_rest()
    return server, client


@dataclass(frozen=True)
class Reruns:
    """What reruns of one tab took: server CPU seconds a rerun, by round, and wall seconds of each."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def over(self, reference: Reruns) -> float:
        """The CPU over that of ``reference``: the median of the rounds, each against its neighbour in time."""
        return statistics.median(mine / other for mine, other in zip(self.cpu, reference.cpu, strict=True))

    def cpu_ms(self) -> float:
        return round(statistics.median(self.cpu) * 1000, 2)

    def wall_ms(self) -> float:
        return round(statistics.median(self.wall) * 1000, 2)


def alternately(
    tabs: Mapping[str, tuple[Server, Client]], rounds: int = ROUNDS, reruns: int = RERUNS
) -> dict[str, Reruns]:
    """Reruns of each tab, in turns."""
    measured = {name: Reruns() for name in tabs}
    for _ in range(rounds):
        for name, (server, client) in tabs.items():
            seconds, walls = cpu_per_rerun(server, client, reruns)
            measured[name].cpu.append(seconds)
            measured[name].wall.extend(walls)
    return measured


def main() -> list[dict[str, object]]:
    """The rows: our empty page over the bare script, over a bare frame, and over Streamlit's defaults."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        path = {"PYTHONPATH": os.pathsep.join([".", str(PROJECT)])}
        state = {**path, "KPI_WORKSHOP_DB": str(folder / "state" / "kpi.db")}
        (folder / "state").mkdir()
        ours = stack.enter_context(served(env=state))
        same = stack.enter_context(served("bare_app:app", bare(folder / "same", settings=True), path))
        plain = stack.enter_context(served("bare_app:app", bare(folder / "plain", settings=False), path))
        framed = bare(folder / "frame", settings=True, script=_FRAME)
        frame = stack.enter_context(served("bare_app:app", framed, path))
        tabs = {"same": opened(same), "plain": opened(plain), "frame": opened(frame)}
        measured = alternately({"ours": opened(ours, PAGE, ADDRESS), **tabs})
    rows: list[dict[str, object]] = []
    for reference, row in (
        ("same", "page: minimal rerun"),
        ("frame", "page: minimal rerun (a frame of the same elements)"),
        ("plain", "page: minimal rerun (Streamlit's defaults)"),
    ):
        ratio = measured["ours"].over(measured[reference])
        figures: dict[str, object] = {
            "row": row,
            "ratio": round(ratio, 3),
            "reach": REACH,
            "met": ratio <= REACH,
            "cpu_ms": measured["ours"].cpu_ms(),
            "reference_cpu_ms": measured[reference].cpu_ms(),
            "wall_ms": measured["ours"].wall_ms(),
            "reference_wall_ms": measured[reference].wall_ms(),
        }
        rows.append(figures)
    return rows


if __name__ == "__main__":
    for figures in main():
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
