"""A dataset's input rules with measured compliance, and its look-ups; one dataset at a time."""

from __future__ import annotations

import streamlit as st

from kpi_core.services.mapping import dataset_columns
from kpi_core.services.workshops import Snapshot
from pages.components.frame import named
from pages.components.input_rules import input_rules
from pages.components.labels import distinct
from pages.components.lookup_list import lookup_list
from pages.components.session import current, state, t

_CHOSEN = "data_sources.settings"


def dataset_settings(snap: Snapshot) -> None:
    """Rules, then look-ups."""
    if not snap.workshop.datasets:
        st.info(t("data_sources.rules_need_data"))
        return
    names = {one.code: one.name.in_language(current().language) or one.code for one in snap.workshop.datasets}
    if st.session_state.get(_CHOSEN) not in names:
        st.session_state[_CHOSEN] = next(iter(names))
    chosen = st.segmented_control(
        t("data_sources.dataset"),
        list(names),
        format_func=distinct(names, lambda code: named(names[code])),
        key=_CHOSEN,
        required=True,
    )
    dataset = snap.workshop.dataset(chosen or "") or snap.workshop.datasets[0]
    with state() as here:
        tables = dataset_columns(here, snap.id)
    columns = {code: list(one.columns) for code, one in tables.items()}
    input_rules(snap, dataset, columns.get(dataset.code, []))
    st.divider()
    lookup_list(snap, dataset, columns)
