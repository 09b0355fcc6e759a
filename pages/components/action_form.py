"""The form of an improvement action, new or stored; it folds away when it is saved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import streamlit as st

from kpi_core.model.base import Bilingual
from kpi_core.model.operation import Action
from kpi_core.services.codes import code_from
from kpi_core.services.composing import composed
from kpi_core.services.editing import save
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import NodeKind, NodeStatus
from pages.components.draft import Draft, Values
from pages.components.session import current, raw, state, t

#: A new action is due in two weeks unless said otherwise.
_USUAL_DUE = timedelta(days=14)


def action_form(
    snap: Snapshot,
    place: str,
    *,
    today: date,
    node: str | None = None,
    owner: str = "",
    title: str = "",
    made: Callable[[str], object] | None = None,
) -> None:
    """A button that unfolds the form of a new action; ``node`` fixes its KPI, else one can be chosen.

    The standard action (``title``) and owner are proposed. ``made`` is told the new action's code.
    """
    key = f"actions.open.{place}"
    draft_place = f"actions.new.{place}"
    if not st.session_state.get(key):
        st.button(
            t("reviews.add_action"),
            icon=":material/add:",
            key=f"{key}.button",
            on_click=lambda: st.session_state.update({key: True}),
        )
        return
    proposed = {"title": title.strip().splitlines()[0][:200] if title.strip() else "", "owner": owner}
    with st.container(border=True):
        st.markdown(f"**{t('reviews.new_action')}**")
        draft = Draft(draft_place, {**proposed, "due": today + _USUAL_DUE, "note": "", "node": node}, None)
        _fields(snap, draft, choose_node=node is None)

        def store(values: Values, _: int | None) -> None:
            code = code_from(Bilingual(), "action", {one.code for one in snap.workshop.actions})
            with state() as here:
                save(here, snap.id, "actions", _composed(values, Action(code=code, title="-")), None, current().who)
            st.session_state.pop(key, None)
            if made is not None:
                made(code)

        empty = not (draft.value("title") or "").strip()
        draft.foot(store, label=t("reviews.save_action"), done="reviews.action_added", disabled=empty)
        st.button(t("reviews.cancel"), key=f"{key}.cancel", type="tertiary", on_click=_fold, args=(draft, key))


def action_editor(snap: Snapshot, action: Action, key: str) -> None:
    """The form of a stored action."""
    revision = snap.revisions["actions", action.code]
    draft = Draft(f"actions.{action.code}", _read(action), revision, _read)
    _fields(snap, draft, choose_node=True)

    def store(values: Values, revision: int | None) -> None:
        with state() as here:
            save(here, snap.id, "actions", _composed(values, action), revision, current().who)
        st.session_state.pop(key, None)

    draft.foot(store, done="reviews.action_saved", disabled=not (draft.value("title") or "").strip())
    st.button(t("reviews.cancel"), key=f"{key}.cancel", type="tertiary", on_click=_fold, args=(draft, key))


def _fields(snap: Snapshot, draft: Draft, *, choose_node: bool) -> None:
    language = current().language
    draft.text("title", t("reviews.action_title"), max_chars=200)
    with st.grid(2, min_column_width=180):
        draft.text("owner", t("reviews.action_owner"), max_chars=100)
        draft.date("due", t("reviews.action_due"))
    if choose_node:
        kpis = {
            node.code: node.name.in_language(language) or node.code
            for node in snap.workshop.nodes
            if node.kind is not NodeKind.KSF and node.status is not NodeStatus.RETIRED
        }
        held = draft.value("node")
        options = [*kpis, *([held] if held and held not in kpis else [])]
        draft.choice(
            "node", t("reviews.action_kpi"), options, lambda one: kpis.get(one, one), placeholder=raw("reviews.no_kpi")
        )
    draft.area("note", t("reviews.action_note"), height=80)


def _composed(values: Values, over: Action) -> Action:
    fields = {
        "title": values["title"].strip(),
        "node": values["node"],
        "owner": (values["owner"] or "").strip(),
        "due": values["due"],
        "note": values["note"] or "",
    }
    return composed(Action, fields, over)


def _read(action: Action) -> Values:
    return {name: getattr(action, name) for name in ("title", "owner", "due", "note", "node")}


def _fold(draft: Draft, key: str) -> None:
    draft.discard()
    st.session_state.pop(key, None)
