"""A tree in three lines: its KGI, its success factors with their number of KPIs, and what it holds in all."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.workshop import Workshop
from kpi_core.tree.structure import descendants
from kpi_core.vocabulary import NodeKind
from pages.components.frame import named
from pages.components.session import current, t

_FACTORS = 5


def tree_summary(workshop: Workshop) -> None:
    """The tree as badges: one for the KGI, below it one a KSF, then the count of KPIs and departments."""
    language = current().language
    kgi = workshop.kgi
    if kgi is None:
        st.caption(t("home.no_kgi"))
        return
    factors = workshop.of_kind(NodeKind.KSF)
    lines = [f":primary-badge[KGI] **{named(kgi.name.in_language(language) or kgi.code)}**"]
    for factor in factors[:_FACTORS]:
        below = descendants(workshop, factor.code)
        name = named(factor.name.in_language(language) or factor.code)
        lines.append(f"└ {name} :gray-badge[KPI {len(below)}]")
    if len(factors) > _FACTORS:
        lines.append(f"└ {t('home.more_factors', count=len(factors) - _FACTORS)}")
    st.markdown("  \n".join(lines))
