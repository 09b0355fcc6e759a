"""What makes a KPI's forecast more precise, folded away: open deals for sums, the day of conversion for a rate."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from kpi_core.errors import KpiError
from kpi_core.model.node import Node
from kpi_core.services.mapping import DatasetColumns, measure_from
from kpi_core.services.pipelines import takes_pipeline
from kpi_core.services.variation import cohort_of
from kpi_core.services.workshops import Snapshot
from pages.components.conversion_form import conversion_form
from pages.components.draft import Draft
from pages.components.pipeline_form import pipeline_form, still_missing
from pages.components.session import t


def foreseen_part(snap: Snapshot, node: Node, draft: Draft, tables: Mapping[str, DatasetColumns]) -> None:
    """Nothing for a KPI that neither can help; what is half said is told also while it is folded."""
    stated = _stated(node, draft)
    rate = node.converted is not None or cohort_of(stated) is not None
    if not rate and not takes_pipeline(node, draft.values):
        return
    with st.expander(t("pipeline.more"), key=f"{draft.place}/foreseen", on_change="rerun") as shown:
        if shown.open and rate:
            conversion_form(snap, stated, draft, tables)
        elif shown.open:
            pipeline_form(snap, node, draft, tables)
    lacking = still_missing(draft)
    if lacking:
        st.warning(t("pipeline.unfinished", fields=lacking), icon=":material/edit_note:")


def _stated(node: Node, draft: Draft) -> Node:
    """The node with the measure that the form says, where it says a whole one."""
    try:
        return node.model_copy(update={"measure": measure_from(draft.values)})
    except KpiError:
        return node.model_copy(update={"measure": None})
