"""The KSFs of the tree, each with its number of KPIs, and whether there are too few or too many."""

from __future__ import annotations

import streamlit as st

from kpi_core.services.workshops import Snapshot
from kpi_core.tree.structure import descendants
from kpi_core.vocabulary import NodeKind, Page
from pages.components.candidate_row import confirm_unchoose, unchoose
from pages.components.frame import address, entry_of, named
from pages.components.session import current, t

#: How many success factors a team can steer by (the guide's recommendation).
FEW, MANY = 3, 5


def factor_list(snap: Snapshot) -> None:
    """The chosen ones, whether they came from the candidates or from a starter."""
    language = current().language
    factors = snap.workshop.of_kind(NodeKind.KSF)
    with st.container(border=True, key="ksf.factors"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{t('ksf.factors')}**", width="stretch")
            if factors:
                st.badge(t(_verdict(len(factors)), count=len(factors)), color=_colour(len(factors)))
        if not factors:
            st.caption(t("ksf.factors_none"))
        for node in factors:
            count = len(descendants(snap.workshop, node.code))
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(named(node.name.in_language(language) or node.code), width="stretch")
                st.markdown(f":gray-badge[KPI {count}]" if count else f":orange-badge[{t('ksf.no_kpi')}]")
                if all(item.code != node.code for item in snap.workshop.candidates):
                    _remove_button(snap, node.code, count)
        if factors:
            st.caption(t("ksf.recommendation"))
            st.page_link(
                entry_of(Page.KPI_DESIGN),
                label=t("ksf.to_design"),
                icon=":material/arrow_forward:",
                query_params=address(),
            )


def _remove_button(snap: Snapshot, code: str, count: int) -> None:
    key = f"ksf.factor.remove.{code}"
    if count == 0:
        st.button("×", key=key, type="tertiary", help=t("ksf.unchoose_help"), on_click=unchoose, args=(snap, code))
    elif st.button("×", key=key, type="tertiary", help=t("ksf.unchoose_help")):
        confirm_unchoose(snap, code)


def _verdict(count: int) -> str:
    return "ksf.too_few" if count < FEW else "ksf.too_many" if count > MANY else "ksf.right_many"


def _colour(count: int) -> str:
    return "green" if FEW <= count <= MANY else "orange"
