"""Departments against success factors: who measures what, and where nobody does."""

from __future__ import annotations

import streamlit as st

from kpi_core.charts import coverage
from kpi_core.model.workshop import Workshop
from kpi_core.tree.structure import ancestors
from kpi_core.vocabulary import NodeKind, NodeStatus
from pages.components.chart import chart, colours
from pages.components.dialog import ask
from pages.components.plain import plain
from pages.components.session import current, t


def coverage_matrix(workshop: Workshop) -> None:
    """The matrix with its finding as the title."""
    language = current().language
    ksfs = [(one.code, one.name.in_language(language) or one.code) for one in workshop.of_kind(NodeKind.KSF)]
    departments = [(one.code, workshop.department_name(one.code, language)) for one in workshop.departments]
    if not ksfs or not departments:
        st.caption(t("kpi_design.no_matrix"))
        return
    kpis = [
        (factor.code, node.department)
        for node in workshop.of_kind(NodeKind.KPI)
        if node.status is not NodeStatus.RETIRED
        for factor in ancestors(workshop, node.code)
        if factor.kind is NodeKind.KSF
    ]
    rows = coverage.frame(ksfs, departments, kpis, language)
    finding = coverage.title(rows, language)
    st.markdown(f"**{plain(finding)}**")
    chart(rows, coverage.spec(language, colours=colours()), finding, key="kpi_design.coverage")
    _holes(ksfs, departments, set(kpis))


def _holes(ksfs: list[tuple[str, str]], departments: list[tuple[str, str]], kpis: set[tuple[str, str | None]]) -> None:
    """Every hole as an invitation: the factor, and a button for each department without a KPI for it."""
    holes = {code: [one for one in departments if (code, one[0]) not in kpis] for code, _ in ksfs}
    if not any(holes.values()):
        return
    st.caption(t("kpi_design.holes_explain"))
    for code, name in ksfs:
        if not holes[code]:
            continue
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(plain(name), width=260)
            for department, called in holes[code]:
                st.button(
                    plain(called),
                    icon=":material/add:",
                    key=f"hole/{code}/{department}",
                    help=t("kpi_design.hole_help", department=called, factor=name),
                    on_click=_fill,
                    args=(code, department),
                )


def _fill(factor: str, department: str) -> None:
    st.session_state["add.department"] = department
    ask("add", factor)
