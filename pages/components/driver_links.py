"""Further driver links of a node, beside its parent edge: what else it drives, and what else drives it."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.node import Link, Node
from kpi_core.services.composing import composed
from kpi_core.services.editing import remove, save
from kpi_core.services.workshops import Snapshot
from kpi_core.tree.structure import order
from kpi_core.vocabulary import Relation, Sign
from pages.components.frame import named
from pages.components.labels import distinct
from pages.components.outcome import attempt
from pages.components.session import current, raw, state, t

_DIRECTIONS = ("to", "from")


def driver_links(snap: Snapshot, node: Node) -> None:
    """The node's links with a way to take each away, and a popover to add one."""
    st.divider()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{t('kpi_design.links')}**", help=t("kpi_design.links_help"), width="content")
        with st.popover(t("kpi_design.link_add"), icon=":material/add:"):
            _new(snap, node)
    found = [link for link in snap.workshop.links if node.code in (link.source, link.target)]
    if not found:
        st.caption(t("kpi_design.links_none"))
    for link in found:
        _line(snap, link)


def _line(snap: Snapshot, link: Link) -> None:
    sign = {Sign.PLUS: "＋", Sign.MINUS: "－", None: "?"}[link.sign]
    lag = t("kpi_design.lag_periods", count=link.lag) if link.lag else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{_name(snap, link.source)} → {_name(snap, link.target)}　{sign} {lag}", width="stretch")
        st.button(
            "",
            icon=":material/close:",
            help=t("kpi_design.link_remove"),
            key=f"link.remove/{link.code}",
            type="tertiary",
            on_click=_remove,
            args=(snap.id, link.code, snap.revisions["links", link.code]),
        )


def _new(snap: Snapshot, node: Node) -> None:
    language, place = current().language, f"link/{node.code}"
    names = {one.code: one.name.in_language(language) or one.code for one in order(snap.workshop)}
    names.pop(node.code)
    st.segmented_control(
        t("kpi_design.link_direction"),
        _DIRECTIONS,
        format_func=lambda one: t(f"kpi_design.link_{one}"),
        default="to",
        required=True,
        key=f"{place}/direction",
        label_visibility="collapsed",
    )
    st.selectbox(
        t("kpi_design.link_other"),
        list(names),
        index=None,
        format_func=distinct(names, names.__getitem__),
        placeholder=raw("kpi_design.choose"),
        key=f"{place}/other",
    )
    st.segmented_control(
        t("kpi_design.field.sign"),
        [one.value for one in Sign],
        format_func=lambda one: t(f"kpi_design.sign_short.{one}"),
        key=f"{place}/sign",
    )
    st.number_input(t("kpi_design.field.lag"), min_value=0, max_value=60, value=0, step=1, key=f"{place}/lag")
    st.button(
        t("kpi_design.link_do"),
        key=f"{place}/do",
        on_click=_add,
        args=(snap.id, node.code, place),
        disabled=st.session_state.get(f"{place}/other") is None,
    )


def _add(workshop: str, code: str, place: str) -> None:
    other = st.session_state[f"{place}/other"]
    source, target = (code, other) if st.session_state[f"{place}/direction"] == "to" else (other, code)
    typed = {"sign": st.session_state[f"{place}/sign"], "lag": st.session_state[f"{place}/lag"]}

    def write() -> None:
        link = composed(Link, {"source": source, "target": target, "relation": Relation.DRIVER, **typed})
        with state() as here:
            save(here, workshop, "links", link, None, current().who)

    if attempt(write, "kpi_design.link_added"):
        st.session_state[f"{place}/other"] = None


def _remove(workshop: str, code: str, revision: int) -> None:
    def write() -> None:
        with state() as here:
            remove(here, workshop, "links", code, revision, current().who)

    attempt(write, "pages.frame.removed")


def _name(snap: Snapshot, code: str) -> str:
    node = snap.workshop.node(code)
    return named(node.name.in_language(current().language) or code) if node else named(code)
