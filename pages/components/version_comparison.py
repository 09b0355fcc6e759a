"""Two versions of the tree compared: what came, went, moved and changed, as a marked outline and field by field."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.services.history import compared, tree_at
from kpi_core.services.milestones import keep_milestone
from kpi_core.services.moments import Moment, moments
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_datetime
from kpi_core.tree.comparison import Comparison, NodeDifference
from kpi_core.tree.layout import levels
from kpi_core.tree.structure import order
from kpi_core.vocabulary import NodeStatus
from pages.components.card_history import changes_table
from pages.components.frame import named
from pages.components.labels import distinct
from pages.components.outcome import attempt
from pages.components.session import current, raw, state, t

_MARKS = {
    "added": ":green[＋ {}]",
    "removed": ":red[－ {}]",
    "moved": ":primary[⇄ {}]",
    "changed": ":orange[✎ {}]",
    "retired": ":gray[✕ {}]",
}
_KINDS = ("added", "removed", "retired", "moved", "changed")
_INDENT = "\u2003"


def version_comparison(snap: Snapshot) -> None:
    """Name the version of now; choose two moments; see what differs between them."""
    st.caption(t("past.compare_explain"))
    with state() as here:
        found = moments(here, snap.id)
    _name_now(snap)
    if len(found) < 2:
        st.caption(t("past.compare_nothing_yet"))
        return
    words = {one.change: _words(snap, one) for one in found}
    changes = list(words)
    left, right = st.columns(2, gap="small")
    shown = distinct(changes, lambda one: words[one])
    with left:
        earlier = st.selectbox(
            t("past.earlier"), changes, index=len(changes) - 1, format_func=shown, key=f"past.earlier/{snap.id}"
        )
    with right:
        later = st.selectbox(t("past.later"), changes, index=0, format_func=shown, key=f"past.later/{snap.id}")
    if earlier > later:
        earlier, later = later, earlier
    with state() as here:
        differences = compared(here, snap.id, earlier, later)
        before, after = tree_at(here, snap.id, earlier), tree_at(here, snap.id, later)
    if not differences.differs:
        st.markdown(f":green[●] {t('past.no_difference')}")
        return
    by_kind = _by_kind(differences)
    counts = [_MARKS[kind].format(t(f"past.{kind}", count=len(by_kind[kind]))) for kind in _KINDS if by_kind[kind]]
    links = len(differences.links_added) + len(differences.links_removed)
    st.markdown("　".join([*counts, *([t("past.links_differ", count=links)] if links else [])]))
    _outline(after, differences, before)
    for one in (*differences.moved, *differences.changed):
        _fields(snap, one)


def _name_now(snap: Snapshot) -> None:
    with st.popover(t("past.name_version"), icon=":material/bookmark_add:"):
        st.text_input(
            t("past.version_name"), key="past.milestone", placeholder=raw("past.version_name_hint"), max_chars=200
        )
        st.button(t("past.name_do"), type="primary", key="past.name_do", on_click=_keep, args=(snap.id,))


def _keep(workshop: str) -> None:
    def write() -> None:
        with state() as here:
            keep_milestone(here, workshop, st.session_state["past.milestone"] or "", current().who)

    if attempt(write, "past.named"):
        st.session_state["past.milestone"] = ""


def _words(snap: Snapshot, moment: Moment) -> str:
    at = format_datetime(moment.at, current().language, snap.workshop.settings.timezone)
    return raw(f"past.moment.{moment.kind}", name=moment.name, at=at, number=moment.change)


def _by_kind(differences: Comparison) -> dict[str, list[NodeDifference]]:
    """Every difference under one kind; a KPI taken out of use is told as retired, whatever else changed in it."""
    found = {kind: list(getattr(differences, kind, ())) for kind in _KINDS}
    for kind in ("moved", "changed"):
        found["retired"] += [one for one in found[kind] if _retired(one)]
        found[kind] = [one for one in found[kind] if not _retired(one)]
    return found


def _retired(one: NodeDifference) -> bool:
    if one.before is None or one.after is None:
        return False
    return NodeStatus.RETIRED in {one.after.status} - {one.before.status}


def _outline(after: Workshop, differences: Comparison, before: Workshop) -> None:
    """Both trees in one: every node that is or was, with what happened to it; unchanged ones quiet."""
    kind_of = {one.node.code: kind for kind, those in _by_kind(differences).items() for one in those}
    level = levels(after)
    gone: dict[str | None, list[Node]] = {}
    for one in differences.removed:
        gone.setdefault(one.node.parent, []).append(one.node)
    lines: list[str] = []

    def add(node: Node, depth: int) -> None:
        name = named(node.name.in_language(current().language) or node.code)
        kind = kind_of.get(node.code)
        mark = (
            _MARKS[kind].format(f"~~{name}~~" if kind in ("removed", "retired") else f"**{name}**")
            if kind
            else f":gray[{name}]"
        )
        lines.append(f"{_INDENT * depth}{mark}")
        for child in gone.pop(node.code, ()):
            add(child, depth + 1)

    for node in order(after):
        add(node, level[node.code])
    for left in list(gone.values()):
        for node in left:
            add(node, levels(before).get(node.code, 0))
    with st.container(border=True, height=420 if len(lines) > 16 else "content"):
        st.markdown("  \n".join(lines))


def _fields(snap: Snapshot, one: NodeDifference) -> None:
    if one.before is None or one.after is None:
        return
    name = named(one.node.name.in_language(current().language) or one.node.code)
    with st.expander(f"{'✕' if _retired(one) else '⇄' if one.moved else '✎'} {name}"):
        changes_table(snap, one.before, one.after, one.fields)
