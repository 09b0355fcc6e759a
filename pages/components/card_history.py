"""The card's history: who changed what of it, when, from what to what; any old version can be read and brought back."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from kpi_core.model.node import SIGNED, Node
from kpi_core.services.definitions import save_part
from kpi_core.services.history import NodeVersion, node_history, node_version
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_datetime
from kpi_core.tree.comparison import fields_between
from pages.components.act_words import field_name
from pages.components.field_words import differing, field_words
from pages.components.node_notes import node_notes
from pages.components.outcome import attempt
from pages.components.session import current, raw, state, t

_MOST = 60
#: What a version is brought back with; code, kind and place in the tree stay as they are.
_PLACE = frozenset({"code", "kind", "parent", "relation", "sign"})


def card_history(snap: Snapshot, node: Node) -> None:
    """Where the node came from, what was decided about it, its changes and sign-offs, then the version chosen."""
    node_notes(snap, node)
    with state() as here:
        versions = node_history(here, snap.id, node.code)
    rows = [row for one in versions for row in _rows(snap, one)]
    if not rows:
        st.caption(t("kpi_design.history_none"))
        return
    heads = [raw(f"kpi_design.history.{name}") for name in ("at", "who", "field", "before", "after")]
    frame = pd.DataFrame(rows[:_MOST], columns=heads)
    st.dataframe(frame, hide_index=True, height="content" if len(rows) < 12 else 420, row_height=34)
    _old_versions(snap, node, [one for one in versions if one.after is not None])


def changes_table(snap: Snapshot, before: Node, after: Node, fields: tuple[str, ...]) -> None:
    """The fields that differ between two versions of a node, one a row."""
    rows = [(field_name(field), *differing(snap.workshop, before, after, field)) for field in fields]
    heads = [raw(f"kpi_design.history.{name}") for name in ("field", "before", "after")]
    st.table(pd.DataFrame(rows, columns=heads).set_index(heads[0]))


def signed_fields(before: Node, after: Node) -> tuple[str, ...]:
    """The fields that departments agree to and that differ."""
    return tuple(field for field in fields_between(before, after) if field in SIGNED)


def _rows(snap: Snapshot, one: NodeVersion) -> list[tuple[str, str, str, str, str]]:
    at = format_datetime(one.at, current().language, snap.workshop.settings.timezone)
    who = one.who or raw("kpi_design.history.somebody")
    if one.signoff is not None:
        department = snap.workshop.department_name(one.signoff.department, current().language)
        return [(at, one.signoff.person or who, raw("kpi_design.history.signed", department=department), "", "")]
    if one.before is None or one.after is None:
        return [(at, who, raw(f"kpi_design.history.{'removed' if one.before else 'added'}"), "", "")]
    before, after = one.before, one.after
    return [(at, who, field_name(name), *differing(snap.workshop, before, after, name)) for name in one.fields]


def _old_versions(snap: Snapshot, node: Node, versions: list[NodeVersion]) -> None:
    language, timezone = current().language, snap.workshop.settings.timezone
    old = {one.change: one for one in versions[1:]}
    if not old:
        return

    def words(change: int) -> str:
        one = old[change]
        at = format_datetime(one.at, language, timezone)
        return raw("past.version_of", at=at, who=one.who or raw("kpi_design.history.somebody"), version=change)

    chosen = st.selectbox(
        t("past.old_version"),
        list(old),
        index=None,
        format_func=words,
        placeholder=raw("past.old_version_hint"),
        key=f"past.version/{node.code}",
    )
    if chosen is None:
        return
    was = node_at(snap, node.code, chosen)
    if was is None:
        return
    fields = [name for name in Node.model_fields if name != "code" and getattr(was, name) not in (None, "", ())]
    rows = [(field_name(name), field_words(snap.workshop, was, name)) for name in fields]
    heads = [raw("kpi_design.history.field"), raw("past.as_it_was")]
    st.table(pd.DataFrame(rows, columns=heads).set_index(heads[0]))
    st.button(
        t("past.bring_back"),
        icon=":material/settings_backup_restore:",
        key="past.bring_back",
        help=t("past.bring_back_help"),
        on_click=_bring_back,
        args=(snap.id, node.code, was, snap.revisions["nodes", node.code]),
    )


def node_at(snap: Snapshot, code: str, change: int) -> Node | None:
    """A node as it was right after one of its changes."""
    with state() as here:
        return node_version(here, snap.id, code, change)


def _bring_back(workshop: str, code: str, was: Node, revision: int) -> None:
    fields = {name: getattr(was, name) for name in Node.model_fields if name not in _PLACE}

    def write() -> None:
        with state() as here:
            save_part(here, workshop, code, fields, revision, current().who)

    attempt(write, "past.brought_back")
