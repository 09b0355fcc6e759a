"""Step 2: success factors put forward, scored, and the few that matter chosen."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.node import Candidate
from kpi_core.services.candidates import put_forward
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Page
from pages.components.candidate_matrix import candidate_matrix, ranks
from pages.components.candidate_row import candidate_row
from pages.components.factor_list import factor_list
from pages.components.frame import address, entry_of, heading, named, needs_workshop, next_step
from pages.components.outcome import attempt
from pages.components.room import in_the_room
from pages.components.session import current, opened, raw, state, t


def goal(snap: Snapshot) -> None:
    """The KGI that the factors are sought for."""
    kgi = snap.workshop.kgi
    if kgi is None:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(t("ksf.kgi_first"), width="stretch")
            st.page_link(
                entry_of(Page.KGI), label=t("ksf.to_kgi"), icon=":material/arrow_back:", query_params=address()
            )
    else:
        st.markdown(f":primary-badge[KGI] **{named(kgi.name.in_language(current().language) or kgi.code)}**")


def entry() -> None:
    """Lines typed or pasted become candidates at once."""
    st.chat_input(raw("ksf.entry"), key="ksf.entry", on_submit=add_candidates, max_chars=5000)
    st.caption(t("ksf.entry_help"))


def add_candidates() -> None:
    lines = str(st.session_state["ksf.entry"] or "").splitlines()
    added: list[str] = []

    def put() -> None:
        with state() as here:
            added.extend(put_forward(here, current().workshop or "", lines, current().who))

    if attempt(put) and not added and any(line.strip() for line in lines):
        attempt(lambda: None, "ksf.nothing_new")


def teach() -> None:
    """What a success factor is, with examples, while there is none."""
    with st.container(border=True):
        st.markdown(f"**{t('ksf.empty_title')}**")
        st.markdown(t("ksf.empty_explain"))
        st.markdown(t("ksf.empty_examples"))


def in_order(items: tuple[Candidate, ...]) -> list[Candidate]:
    """As they were put forward, or the best first."""
    if not st.session_state.get("ksf.sorted"):
        return list(items)
    return sorted(items, key=lambda item: -(item.score or 0))


def work(snap: Snapshot) -> None:
    wide, narrow = st.columns([2, 1], gap="medium")
    with wide:
        goal(snap)
        entry()
        if not snap.workshop.candidates:
            teach()
        else:
            with st.container(horizontal=True, vertical_alignment="center"):
                count = len(snap.workshop.candidates)
                st.markdown(f"**{t('ksf.candidates', count=count)}**", width="stretch")
                st.toggle(t("ksf.sort"), key="ksf.sorted")
            ranked = ranks(snap)
            for item in in_order(snap.workshop.candidates):
                candidate_row(snap, item, ranked.get(item.code))
    with narrow:
        factor_list(snap)
        candidate_matrix(snap)


if needs_workshop(Page.KSF):
    st.stop()
heading(Page.KSF)
opened_now = opened()
if opened_now is not None:
    with in_the_room(Page.KSF):
        work(opened_now)
    next_step(Page.KSF)
