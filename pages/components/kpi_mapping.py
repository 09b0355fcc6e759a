"""Which KPI comes from which field of which system: all of them at a glance, and the mapping of the chosen one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pandas as pd
import streamlit as st

from kpi_core.charts import sources as source_chart
from kpi_core.charts.palette import palette
from kpi_core.guidance.measurability import OBSTACLES, Obstacle, obstacles
from kpi_core.model.node import Node
from kpi_core.services.datasets import today_of
from kpi_core.services.editing import save
from kpi_core.services.recency import recency
from kpi_core.services.snapshots import snapshot
from kpi_core.services.sources import deliveries
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_period
from kpi_core.tree.writing import formula_in_words
from kpi_core.vocabulary import NodeKind, NodeStatus, Page
from pages.components.frame import address, entry_of, named
from pages.components.measure_form import measure_form
from pages.components.plain import plain
from pages.components.session import allowed, current, raw, state, t

_CHOSEN = "data_sources.node"
_TURN = "data_sources.matrix_turn"
_VIEWS = ("list", "sources")
#: Half a row shows that there are more.
_ROW, _MOST_ROWS = 35, 9.5


def kpi_mapping(snap: Snapshot) -> None:
    """A line per KPI, or KPIs against sources; the chosen KPI's mapping below."""
    nodes = [
        node for node in snap.workshop.nodes if node.kind is not NodeKind.KSF and node.status is not NodeStatus.RETIRED
    ]
    if not nodes:
        st.info(t("data_sources.no_kpis"))
        st.page_link(
            entry_of(Page.KPI_DESIGN),
            label=t("data_sources.to_design"),
            icon=":material/arrow_forward:",
            query_params=address(),
        )
        return
    lacking = obstacles(snap.workshop)
    _overview(snap, nodes, lacking)
    codes = [node.code for node in nodes]
    if st.session_state.get(_CHOSEN) not in codes:
        st.session_state[_CHOSEN] = next(iter(_waiting(nodes, lacking)), codes[0])
    node = next(one for one in nodes if one.code == st.session_state[_CHOSEN])
    with st.container(border=True, key="mapping"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.subheader(named(_name(node)), anchor=False, width="content")
            _next_open(nodes, node, lacking)
        if node.formula:
            words = formula_in_words(node.formula, snap.workshop, current().language)
            st.caption(t("data_sources.has_formula", formula=words))
        if lacking.get(node.code) == "updater":
            _name_updater(snap, node)
        measure_form(snap, node)


def _waiting(nodes: list[Node], lacking: Mapping[str, Obstacle]) -> list[str]:
    """The nodes to do something about, what has no source at all first; a formula waits for what it uses."""
    return [node.code for wanted in ("nothing", "updater") for node in nodes if lacking.get(node.code) == wanted]


def _name_updater(snap: Snapshot, node: Node) -> None:
    """The one thing typed values lack, where it is noticed."""
    key = f"mapping.updater/{snap.id}/{node.code}"

    def store() -> None:
        name = str(st.session_state[key] or "").strip()
        if not name:
            return
        with state() as here:
            found = snapshot(here, snap.id)
            now = found.workshop.node(node.code)
            if now is not None:
                changed = now.model_copy(update={"updater": name})
                save(here, snap.id, "nodes", changed, found.revisions["nodes", node.code], current().who)
        st.toast(t("data_sources.updater_named"))

    st.text_input(
        t("data_sources.name_updater"),
        key=key,
        help=t("data_sources.name_updater_help"),
        max_chars=200,
        width=420,
        on_change=store,
        disabled=not allowed(),
    )
    st.caption(t("data_sources.name_updater_help"))


def _overview(snap: Snapshot, nodes: list[Node], lacking: Mapping[str, Obstacle]) -> None:
    counts = Counter(lacking.values())
    reasons = t("data_sources.unset_separator").join(
        t(f"data_sources.unset_{one}", count=counts[one]) for one in OBSTACLES if counts[one]
    )
    unset = len(lacking)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        if unset:
            st.markdown(t("data_sources.unset", count=unset, all=len(nodes), reasons=reasons), width="content")
        else:
            st.markdown(t("data_sources.all_set", all=len(nodes)), width="content")
        view = st.segmented_control(
            t("data_sources.view"),
            _VIEWS,
            format_func=lambda one: t(f"data_sources.view_{one}"),
            default=_VIEWS[0],
            required=True,
            key="data_sources.view",
            label_visibility="collapsed",
        )
    if view == "sources":
        _sources(snap, nodes)
    else:
        _list(snap, nodes, lacking)


def _list(snap: Snapshot, nodes: list[Node], lacking: Mapping[str, Obstacle]) -> None:
    key = f"data_sources.matrix/{st.session_state.setdefault(_TURN, 0)}"

    def choose() -> None:
        rows = st.session_state[key].selection.rows
        if rows and rows[0] < len(nodes):
            st.session_state[_CHOSEN] = nodes[rows[0]].code

    st.dataframe(
        _matrix(snap, nodes, lacking),
        hide_index=True,
        on_select=choose,
        selection_mode="single-row",
        key=key,
        row_height=_ROW,
        height=int(_ROW * (min(len(nodes), _MOST_ROWS) + 1)) + 4,
    )
    st.caption(t("data_sources.matrix_help"))


def _sources(snap: Snapshot, nodes: list[Node]) -> None:
    language = current().language
    found = deliveries(snap.workshop)
    placed = {code for code, _ in found}  # what is typed in, or computed from others, needs no source of its own
    kpis = [(node.code, _name(node)) for node in nodes if node.code in placed or _way(node) in ("measure", "none")]
    names = [(one.code, one.name.in_language(language) or one.code) for one in snap.workshop.sources]
    rows = source_chart.frame(kpis, names, found, language)
    if not rows.num_rows:
        st.info(t("data_sources.no_sources"))
        return
    st.markdown(f"**{plain(source_chart.title(rows, language))}**")
    spec = source_chart.spec(language, colours=palette(st.context.theme.type))
    st.vega_lite_chart(rows, spec, theme=None, key="data_sources.sources")
    st.caption(t("data_sources.sources_help"))


def _next_open(nodes: list[Node], shown: Node, lacking: Mapping[str, Obstacle]) -> None:
    """The way to the next KPI that cannot be measured yet."""
    by_code = {node.code: node for node in nodes}
    waiting = [by_code[code] for code in _waiting(nodes, lacking) if code != shown.code]
    if not waiting:
        return

    def go() -> None:
        st.session_state[_CHOSEN] = waiting[0].code
        st.session_state[_TURN] += 1  # the list forgets which line was chosen

    st.button(
        t("data_sources.next_open", name=_name(waiting[0])),
        key="data_sources.next_open",
        icon=":material/arrow_forward:",
        type="tertiary",
        on_click=go,
    )


def _matrix(snap: Snapshot, nodes: list[Node], lacking: Mapping[str, Obstacle]) -> pd.DataFrame:
    language = current().language
    with state() as here:
        fresh = recency(here, snap.id, today_of(snap.workshop))
    start = snap.workshop.settings.fiscal_year_start
    rows = []
    for node in nodes:
        found = fresh.get(node.code)
        latest = format_period(found.period, language, start) if found else ""
        rows.append(
            (
                _name(node),
                snap.workshop.department_name(node.department, language),
                _way_words(node, lacking.get(node.code)),
                _datasets(snap, node),
                ", ".join(_fields(node)) or node.field,
                raw(f"vocabulary.availability.{node.availability.value}") if node.availability else "",
                latest,
            )
        )
    heads = ("kpi", "department", "way", "dataset", "fields", "availability", "latest")
    return pd.DataFrame(rows, columns=[raw(f"data_sources.matrix_{one}") for one in heads])


def _way_words(node: Node, lacks: Obstacle | None) -> str:
    """How a node gets its value, ``●`` where that is complete; else what is missing."""
    way = "manual" if lacks == "updater" else _way(node)  # typed values also stand in for a formula
    words = f"{'○' if lacks else '●'} {raw(f'data_sources.way_{way}')}"
    return words if lacks in (None, "nothing") else words + raw(f"data_sources.lack_{lacks}")


def _name(node: Node) -> str:
    return node.name.in_language(current().language) or node.code


def _way(node: Node) -> str:
    """How the node gets its value: ``measure``, ``formula``, ``manual`` or ``none``."""
    if node.measure is not None:
        return "measure"
    if node.formula:
        return "formula"
    return "manual" if node.manual or node.updater else "none"


def _datasets(snap: Snapshot, node: Node) -> str:
    if node.measure is None:
        return node.system
    names = []
    for code in dict.fromkeys(part.dataset for part in node.measure.parts):
        dataset = snap.workshop.dataset(code)
        names.append((dataset.name.in_language(current().language) if dataset else "") or code)
    return ", ".join(names)


def _fields(node: Node) -> list[str]:
    if node.measure is None:
        return []
    named_columns = [name for part in node.measure.parts for name in (part.column, part.date) if name]
    return list(dict.fromkeys(named_columns))
