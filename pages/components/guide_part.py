"""The facilitator's script for a step: purpose, time, questions, common mistakes, and when it is done."""

from __future__ import annotations

import streamlit as st

from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Page
from pages.components.session import t


def guide_part(page: Page, snap: Snapshot) -> None:
    """The purpose and the questions in sight, the rest one click away."""
    key = f"guide.{page.value}"
    st.markdown(f"**{t('guide.purpose')}**")
    st.markdown(t(f"{key}.purpose"))
    st.markdown(f"**{t('guide.questions')}**")
    st.markdown(t(f"{key}.questions"))
    with st.expander(t("guide.timing"), icon=":material/timer:"):
        st.markdown(t(f"{key}.timing"))
    with st.expander(t("guide.mistakes"), icon=":material/warning:"):
        st.markdown(t(f"{key}.mistakes"))
    st.caption(f"**{t('guide.done')}**: {t(f'{key}.done')}")
