"""The day of conversion of a rate by cohort, and which cohorts it shows to be too young to judge."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from kpi_core.errors import KpiError
from kpi_core.insight.maturity import Maturity
from kpi_core.model.node import Node
from kpi_core.services.datasets import today_of
from kpi_core.services.mapping import DATES, DatasetColumns
from kpi_core.services.variation import cohort_of, preview_maturity
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_period
from pages.components.draft import Draft
from pages.components.session import current, raw, state, t
from pages.components.trouble import show_error

_COHORTS = 4


def conversion_form(snap: Snapshot, node: Node, draft: Draft, tables: Mapping[str, DatasetColumns]) -> None:
    """The column, and the latest cohorts with the share of each that has not had the usual time yet.

    ``node`` carries the measure that the form says; what it makes immature is told of a measure that is stored.
    """
    st.caption(t("pipeline.converted_about"))
    cohort = cohort_of(node)
    if cohort is None:
        st.info(t("insight.maturity.not_a_cohort"))
        return
    chosen = tables.get(cohort[0].dataset)
    held = draft.value("converted")
    names = [column for column, kind in chosen.columns.items() if kind in DATES] if chosen else []
    draft.choice(
        "converted",
        t("pipeline.converted"),
        [*names, *([held] if held and held not in names else [])],
        str,
        help=t("pipeline.converted_help"),
        placeholder=raw("pipeline.no_converted"),
    )
    column = draft.value("converted")
    if column is None:
        return
    stored = snap.workshop.node(node.code)
    if stored is None or stored.measure != node.measure:
        st.caption(t("pipeline.after_saving"))
        return
    try:
        with state() as here:
            found = preview_maturity(here, snap.id, node.code, column, today=today_of(snap.workshop))
    except KpiError as error:
        show_error(error)
        return
    _result(snap, found)


def _result(snap: Snapshot, found: Maturity) -> None:
    if found.usual_days is None:
        st.info(t(f"insight.maturity.{found.code}"))
        return
    language, start = current().language, snap.workshop.settings.fiscal_year_start
    with st.container(border=True):
        days = f"{found.usual_days:.0f}"
        st.markdown(t("pipeline.usual_days", days=days, conversions=f"{found.conversions:,}"))
        rows = [
            (
                format_period(one.period, language, start),
                f"{one.converted:,} / {one.entered:,}",
                f"{one.converted / one.entered:.1%}",
                f"{one.immature:.0%}",
            )
            for one in reversed(found.cohorts[-_COHORTS:])
        ]
        heads = [t("dashboard.period"), *(t(f"pipeline.head_{one}") for one in ("converted", "rate", "immature"))]
        st.table(pd.DataFrame(rows, columns=heads).set_index(heads[0]))
        st.caption(t("pipeline.immature_help"))
