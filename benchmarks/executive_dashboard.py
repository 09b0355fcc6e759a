"""Page: executive dashboard of a tree of 200 measured nodes, 12 tiles and the charts, by server CPU.

The reference draws the same elements with constant data and our own spec of a tile's chart, held as an object: what
remains is reading, evaluating, scoring, writing numbers, building frames and a larger drawing of the tree.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.minimal_rerun import alternately, opened
from benchmarks.websocket_client import PROJECT, Server, served
from kpi_core.charts import sparkline
from kpi_core.charts.writing import Writing
from kpi_core.model.file import read_workshop
from kpi_core.model.period import parse_period
from kpi_core.services.datasets import store_upload
from kpi_core.services.measuring import refresh
from kpi_core.services.people import Who
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import Language

REACH = 1.5
FACTORS = 9
KPIS = 190
TILES = 12
MONTHS = 36
WHO = Who("benchmark")

_REFERENCE = """import json
from pathlib import Path

import pyarrow as pa
import streamlit as st
from streamlit_agraph import _agraph

TILES, NODES, FACTORS = 12, 200, 5
ABOUT = "**Definition**  \\n–\\n\\n**Source**  \\nrows\\n\\n**Action**  \\ntalk"
st.set_page_config(layout="wide")


@st.cache_resource
def constant():
    spec = json.loads(Path("spec.json").read_text("utf-8"))
    frame = pa.table({"x": [f"2026-{month:02d}" for month in range(1, 13)], "y": [float(v) for v in range(12)]})
    nodes = [{"id": str(n), "label": f"KPI {n}", "x": n % 10 * 200, "y": n // 10 * 90} for n in range(NODES)]
    edges = [{"from": str(n), "to": str(n // 10)} for n in range(1, NODES)]
    return spec, frame, json.dumps({"nodes": nodes, "edges": edges}), json.dumps({"height": "460px"})


def tile(n):
    with st.container(border=True, height="stretch", gap="small"):
        st.markdown("**KPI** :green-badge[● on track]", help=ABOUT)
        st.metric("KPI", "1,234", delta="+12", label_visibility="collapsed")
        st.vega_lite_chart(frame, spec, theme=None, key=f"spark{n}")
        st.markdown(":small[Target **1,200** ・ Achieved :green[**103%**]]")
        with st.container(horizontal=True):
            st.button("Why?", key=f"why{n}", type="tertiary")
            st.button("Details", key=f"larger{n}", type="tertiary")


spec, frame, data, config = constant()
with st.container(horizontal=True):
    st.selectbox("workshop", ["a", "b"], key="workshop_picker")
    st.segmented_control("language", ["ja", "en"], key="language", default="ja")
st.title("Dashboard")
st.caption("purpose")
st.segmented_control("view", ["executive", "field"], key="view", default="executive")
with st.container(horizontal=True):
    st.segmented_control("grain", ["month", "quarter", "year"], key="grain", default="month")
    st.selectbox("period", [str(month) for month in range(36)], key="period")
    st.selectbox("compare", ["previous", "year", "target"], key="compare")
    for name in ("edit", "add", "present"):
        st.button(name)
with st.container(border=True):
    left, right = st.columns([5, 7])
    with left:
        st.markdown("**KGI** :orange-badge[▲ watch]")
        st.metric("KGI", "1,234", delta="+12")
        with st.container(horizontal=True):
            st.metric("target", "1,234", width="content")
            st.metric("achieved", "90%", width="content")
            st.metric("last year", "1,200", width="content")
        st.caption("fresh")
    with right:
        with st.container(horizontal=True):
            st.markdown("**finding**", width="stretch")
            st.popover("table", type="tertiary", key="table", on_change="rerun")
        st.vega_lite_chart(frame, spec, theme=None, key="pace")
left, right = st.columns(2)
with left:
    st.subheader("tree")
    with st.container():
        _agraph(data=data, config=config, key="tree")
        st.markdown("legend")
    st.expander("in words", key="words", on_change="rerun")
with right:
    st.subheader("off track")
    st.caption("order")
    for n in range(FACTORS):
        with st.container(border=True, gap="xsmall"):
            st.markdown(":small[KSF] **name** :red-badge[▼ off track]")
            with st.container(horizontal=True):
                st.markdown(":red[▼ off track] **KPI** Actual 1 / target 2  \\n:small[:gray[action]]", width="stretch")
                st.button("Details", key=f"behind{n}", type="tertiary")
    st.markdown(":small[others]")
    with st.container(horizontal=True):
        st.markdown(":small[next]")
        st.button("review")
st.subheader("key figures")
with st.grid(4):
    for n in range(TILES):
        tile(n)
with st.container(border=True):
    st.markdown("next")
st.button("again")
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


def both_served(folder: Path, stack: ExitStack) -> tuple[Server, Server, str]:
    """The app over the large workshop and the page of the same elements, served until ``stack`` ends; the workshop."""
    database = folder / "state" / "kpi.db"
    database.parent.mkdir()
    workshop = large_workshop(database, folder)
    path = {"PYTHONPATH": os.pathsep.join([".", str(PROJECT)])}
    ours = stack.enter_context(served(env={**path, "KPI_WORKSHOP_DB": str(database)}))
    same = stack.enter_context(served("constant_app:app", constant_dashboard(folder / "same"), path))
    return ours, same, workshop


def main() -> list[dict[str, object]]:
    """The row: our executive dashboard over the same elements with constant data."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        ours, same, workshop = both_served(Path(name), stack)
        measured = alternately(
            {"ours": opened(ours, "dashboard", f"workshop={workshop}&lang=en"), "same": opened(same)}, 7, 5
        )
    ratio = measured["ours"].over(measured["same"])
    figures: dict[str, object] = {
        "row": "page: executive dashboard, 12 tiles, tree of 200 nodes",
        "ratio": round(ratio, 3),
        "reach": REACH,
        "met": ratio <= REACH,
        "cpu_ms": measured["ours"].cpu_ms(),
        "reference_cpu_ms": measured["same"].cpu_ms(),
    }
    return [figures]


def constant_dashboard(folder: Path) -> Path:
    folder.mkdir()
    (folder / "main.py").write_text(_REFERENCE, "utf-8")
    (folder / "spec.json").write_text(json.dumps(sparkline.spec(Writing(Language.EN))), "utf-8")
    (folder / "constant_app.py").write_text(_APP, "utf-8")
    shutil.copytree(PROJECT / ".streamlit", folder / ".streamlit")
    return folder


def large_workshop(database: Path, folder: Path) -> str:
    """A workshop of 200 nodes, each KPI measured from one upload of three years by month, with targets."""
    codes = [f"kpi_{number}" for number in range(KPIS)]
    first = parse_period("2023-11")
    months = [first.shift(step) for step in range(MONTHS)]
    rows = [
        f"{code},{month.start},{10 + at % 7 + step}"
        for at, code in enumerate(codes)
        for step, month in enumerate(months)
    ]
    upload = folder / "rows.csv"
    upload.write_text("\n".join(["kpi,day,amount", *rows]), "utf-8")
    targets = [{"period": month.key, "value": 20 + step} for step, month in enumerate(months)]
    measure = {"dataset": "rows", "aggregate": "sum", "column": "amount", "date": "day"}
    nodes: list[dict[str, object]] = [
        {"code": "goal", "kind": "kgi", "unit": "JPY", "measure": measure, "targets": targets}
    ]
    nodes += [{"code": f"ksf_{at}", "kind": "ksf", "parent": "goal"} for at in range(FACTORS)]
    for at, code in enumerate(codes):
        where = [{"column": "kpi", "op": "==", "value": code}]
        parent = f"ksf_{at % FACTORS}"
        nodes.append(
            {"code": code, "kind": "kpi", "parent": parent, "unit": "count", "department": "sales"}
            | {"measure": {**measure, "where": where}, "targets": targets, "action": "話し合う", "owner": "営業"}
        )
    document = {
        "format": "kpi-workshop/1",
        "workshop": {"name": "200"},
        "departments": [{"code": "sales"}],
        "sources": [{"code": "sfa"}],
        "datasets": [{"code": "rows", "source": "sfa"}],
        "nodes": nodes,
        "views": [{"code": "executive", "audience": "executive", "nodes": ["goal", *codes[:TILES]], "refresh": "week"}],
    }
    with State.open(database) as state:
        workshop = create_workshop(state, read_workshop(json.dumps(document)), WHO)
        store_upload(state, workshop, "rows", upload, "rows.csv", None, WHO)
        refresh(state, workshop, WHO)
    return workshop


if __name__ == "__main__":
    for figures in main():
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
