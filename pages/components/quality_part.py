"""How good the data are: a grade for each dataset, what is to be mended by whom, and every check so far."""

from __future__ import annotations

import streamlit as st

from kpi_core.services.grades import grades
from kpi_core.services.quality import run_quality
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Through
from pages.components.data_grade import grade_badge, grade_reason
from pages.components.frame import named
from pages.components.mending_list import mending_list
from pages.components.outcome import attempt
from pages.components.part_tabs import open_part
from pages.components.rule_history import rule_history
from pages.components.session import current, state, t


def quality_part(snap: Snapshot) -> None:
    """Grades, to mend, over time."""
    if not snap.workshop.datasets:
        st.info(t("data_sources.rules_need_data"))
        return
    _grades(snap)
    mending_list(snap)
    rule_history(snap)


def _grades(snap: Snapshot) -> None:
    """A card a dataset: its grade, why, and how many KPIs rest on it."""
    with state() as here:
        found = grades(here, snap.id)
    st.subheader(t("quality.grades"), anchor=False)
    st.caption(t("quality.grades_help"))
    with st.grid(4, min_column_width=230):
        for dataset in snap.workshop.datasets:
            graded = found.datasets[dataset.code]
            resting = [
                code
                for code, node in found.nodes.items()
                if any(rest.dataset == dataset.code and rest.through is not Through.DRIVER for rest in node.rests)
            ]
            with st.container(border=True, height="stretch", gap="small"):
                name = named(dataset.name.in_language(current().language) or dataset.code)
                st.markdown(f"**{name}** {grade_badge(graded.grade)}")
                st.markdown(f":small[{grade_reason(snap.workshop, dataset.code, graded)}]")
                st.caption(t("quality.resting", count=len(resting)))
                if graded.reason == "not_run":
                    st.button(
                        t("quality.check"),
                        key=f"quality.check.{dataset.code}",
                        icon=":material/fact_check:",
                        on_click=_check,
                        args=(snap.id, dataset.code),
                    )
                if not dataset.rules:
                    st.button(
                        t("quality.set_rules"),
                        key=f"quality.set_rules.{dataset.code}",
                        type="tertiary",
                        icon=":material/arrow_forward:",
                        on_click=_open_rules,
                        args=(dataset.code,),
                    )


def _check(workshop: str, code: str) -> None:
    def check() -> None:
        with state() as here:
            run_quality(here, workshop, code, current().who)

    attempt(check, "data_sources.rules_checked")


def _open_rules(code: str) -> None:
    st.session_state["data_sources.settings"] = code
    open_part("data_sources.part", "rules")
