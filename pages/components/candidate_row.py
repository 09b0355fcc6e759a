"""A success factor that was put forward: its scores, its choice as a KSF, and a menu to change or withdraw it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from kpi_core.model.base import Bilingual
from kpi_core.model.node import Candidate
from kpi_core.services.candidates import SCORES, Score, score
from kpi_core.services.composing import composed
from kpi_core.services.editing import remove, save
from kpi_core.services.tree_editing import adopt_candidate, delete_node
from kpi_core.services.workshops import Snapshot
from kpi_core.tree.structure import descendants
from pages.components.draft import Draft, Values
from pages.components.frame import named
from pages.components.origin import origin_words
from pages.components.outcome import attempt, tell_outcome
from pages.components.session import current, state, t
from pages.components.stored_field import follow, store

_CLOSE = "ksf.close"


def candidate_row(snap: Snapshot, item: Candidate, rank: str | None = None) -> None:
    """A card: rank, name and the choice above, the three scores 1-5 below."""
    chosen = snap.workshop.node(item.code) is not None
    with st.container(border=True, key=f"ksf.row.{item.code}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            head = f":primary-badge[{rank}] " if rank else ""
            tail = f" :small[:gray[{t('ksf.score_of', score=item.score)}]]" if item.score is not None else ""
            st.markdown(f"{head}**{_name(item)}**{tail}", width="stretch")
            _choice(snap, item, chosen)
            if st.button("⋯", key=f"ksf.menu.{item.code}", type="tertiary", help=t("ksf.edit_help")):
                _edit(snap, item, chosen)
        with st.container(horizontal=True, gap="small"):
            for field in SCORES:
                _score_control(item, field)
        if item.note.strip():
            st.caption(f":material/notes: {named(item.note)}")
        origin = origin_words(snap.workshop, item.code)
        if origin:
            st.markdown(origin)
    if st.session_state.get("ksf.asked") == item.code:
        del st.session_state["ksf.asked"]
        confirm_unchoose(snap, item.code)


def _choice(snap: Snapshot, item: Candidate, chosen: bool) -> None:
    if chosen:
        st.badge("KSF", color="primary")
        st.button(
            t("ksf.unchoose"),
            key=f"ksf.unchoose.{item.code}",
            type="tertiary",
            on_click=_ask_or_unchoose,
            args=(snap, item.code),
        )
    else:
        st.button(
            t("ksf.choose"),
            key=f"ksf.choose.{item.code}",
            disabled=snap.workshop.kgi is None,
            help=t("ksf.choose_before_kgi") if snap.workshop.kgi is None else None,
            on_click=_choose,
            args=(item.code,),
        )


def _name(item: Candidate) -> str:
    return named(item.name.in_language(current().language) or item.code)


def _score_control(item: Candidate, field: Score) -> None:
    key = f"ksf.{field}.{item.code}"
    follow(key, getattr(item, field))
    st.segmented_control(
        t(f"charts.columns.{field}"),
        [1, 2, 3, 4, 5],
        key=key,
        help=t(f"ksf.{field}_help"),
        on_change=_keep_score,
        args=(current().workshop or "", item.code, field, key),
    )


def _keep_score(workshop: str, code: str, field: Score, key: str) -> None:
    value: int | None = st.session_state[key]

    def kept() -> None:
        with state() as here:
            score(here, workshop, code, field, value, current().who)

    store(key, lambda: attempt(kept))


def _choose(code: str) -> None:
    def adopted() -> None:
        with state() as here:
            adopt_candidate(here, current().workshop or "", code, current().who)

    attempt(adopted, "ksf.was_chosen")


def _ask_or_unchoose(snap: Snapshot, code: str) -> None:
    if descendants(snap.workshop, code):
        st.session_state["ksf.asked"] = code
    else:
        unchoose(snap, code)


def unchoose(snap: Snapshot, code: str) -> None:
    """In a callback: takes the KSF (and all below it) out of the tree; a candidate stays in the list."""

    def removed() -> None:
        with state() as here:
            delete_node(here, snap.id, code, snap.revisions["nodes", code], current().who)

    attempt(removed, "ksf.was_unchosen")


def confirm_unchoose(snap: Snapshot, code: str) -> None:
    """Asks first where KPIs hang below: they would go too."""
    language = current().language
    below = descendants(snap.workshop, code)
    node = snap.workshop.node(code)

    @st.dialog(t("ksf.unchoose_title"))
    def ask() -> None:
        name = (node.name.in_language(language) if node else "") or code
        st.markdown(t("ksf.unchoose_explain", name=name, count=len(below)))
        st.markdown("\n".join(f"- {named(one.name.in_language(language) or one.code)}" for one in below[:12]))
        with st.container(horizontal=True):
            sure = st.button(
                t("ksf.unchoose_sure"), type="primary", key="ksf.unchoose.sure", on_click=unchoose, args=(snap, code)
            )
            if st.button(t("pages.frame.cancel"), key="ksf.unchoose.cancel") or sure:
                st.rerun()

    ask()


def _edit(snap: Snapshot, item: Candidate, chosen: bool) -> None:
    @st.dialog(t("ksf.edit_title"))
    def edit() -> None:
        draft = Draft(f"candidates.{item.code}", _read(item), snap.revisions["candidates", item.code], _read)
        draft.text("ja", t("ksf.name_ja"))
        draft.text("en", t("ksf.name_en"))
        draft.area("note", t("ksf.note"), height=120, help=t("ksf.note_help"))

        def store(values: Values, revision: int | None) -> None:
            fields = {"name": Bilingual(ja=values["ja"], en=values["en"]), "note": values["note"]}
            with state() as here:
                save(here, snap.id, "candidates", composed(Candidate, fields, item), revision, current().who)
            st.session_state[_CLOSE] = True

        draft.foot(store)
        st.button(
            t("ksf.withdraw"),
            key="ksf.withdraw",
            type="tertiary",
            icon=":material/delete:",
            disabled=chosen,
            help=t("ksf.withdraw_chosen") if chosen else None,
            on_click=_withdraw,
            args=(snap, item.code),
        )
        tell_outcome()
        if st.session_state.pop(_CLOSE, False):
            st.rerun()

    edit()


def _withdraw(snap: Snapshot, code: str) -> None:
    def removed() -> None:
        with state() as here:
            remove(here, snap.id, "candidates", code, snap.revisions["candidates", code], current().who)

    st.session_state[_CLOSE] = attempt(removed, "pages.frame.removed")


def _read(item: Any) -> Values:
    return {"ja": item.name.ja, "en": item.name.en, "note": item.note}
