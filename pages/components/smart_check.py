"""Whether the KGI says all that a goal must say; it turns while one types."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.components.draft import Values
from pages.components.session import t


def smart_check(values: Values, targets: Mapping[str, float | None]) -> None:
    """Six lines, each met or open, with what it asks for."""
    checks = {
        "specific": bool((values["name_ja"] or values["name_en"]).strip() and values["definition"].strip()),
        "measurable": bool(values["unit"]),
        "baseline": bool(values["baseline_period"] and values["baseline_value"].strip()),
        "target": any(value is not None for value in targets.values()),
        "dated": values["due"] is not None,
        "owned": bool(values["owner"].strip()),
    }
    with st.container(border=True, key="kgi.smart"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{t('kgi.smart')}**", width="stretch")
            met = sum(checks.values())
            st.badge(t("kgi.smart_count", met=met, count=len(checks)), color="green" if met == len(checks) else "gray")
        for name, is_met in checks.items():
            sign = ":green[●]" if is_met else ":gray[○]"
            st.markdown(f"{sign} **{t(f'kgi.smart_{name}')}**  \n:gray[:small[{t(f'kgi.smart_{name}_asks')}]]")
    with st.expander(t("kgi.questions"), expanded=False, icon=":material/forum:"):
        st.markdown(t("kgi.questions_text"))
