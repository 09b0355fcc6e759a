"""Measures that a recognised export gives, each put into the mapping's form with one click."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
from rapidfuzz import fuzz

from kpi_core.model.node import Node
from kpi_core.services.mapping import DatasetColumns, measure_values
from kpi_core.services.measure_proposals import MeasureProposal, gives, measure_proposals
from kpi_core.services.workshops import Snapshot
from pages.components.draft import Draft
from pages.components.session import current, listed, raw, state, t

_MOST = 6


def proposals_part(snap: Snapshot, node: Node, draft: Draft, tables: Mapping[str, DatasetColumns]) -> None:
    """The proposals that fit the KPI's unit, those nearest to its name first; nothing without a known export."""
    with state() as here:
        every = measure_proposals(here, snap.id, tables)
    found = [one for one in every if gives(one.proposed.aggregate, node.unit)]
    if not found:
        return
    systems = listed(dict.fromkeys(one.system for one in found))
    st.caption(t("exports.propose", systems=systems))
    name = node.name.in_language(current().language) or node.code
    ordered = sorted(found, key=lambda one: -fuzz.WRatio(name, _word(one)))[:_MOST]
    several = len({one.dataset for one in found}) > 1
    won = {code: _won(snap, node, code, ordered) for code in {one.dataset for one in ordered if one.stages}}
    ordered = [one.with_won(won[one.dataset]) if one.stages else one for one in ordered]
    with st.container(horizontal=True, gap="small", key=f"mapping.proposals.{node.code}"):
        for one in ordered:
            label = (
                t("exports.propose_of", name=_word(one), dataset=_dataset(snap, one.dataset)) if several else _word(one)
            )
            st.button(
                label,
                key=f"mapping.propose.{node.code}.{one.dataset}.{one.code}",
                icon=":material/auto_fix_high:",
                disabled=one.measure is None,
                on_click=_take,
                args=(draft, one),
            )


def _won(snap: Snapshot, node: Node, dataset: str, proposals: Sequence[MeasureProposal]) -> list[str]:
    """Asks which of the file's own stages count as won, where none of the system's words is among them."""
    one = next(each for each in proposals if each.dataset == dataset and each.stages)
    st.markdown(
        ":orange[▲] "
        + t("exports.won_missing", name=_dataset(snap, dataset), column=one.proposed.stage or "", system=one.system)
    )
    return st.multiselect(
        t("exports.won_are"),
        one.stages,
        list(one.proposed.won),
        key=f"mapping.won.{node.code}.{dataset}",
        placeholder=raw("data_sources.choose"),
        select_all=False,
        width=420,
    )


def _take(draft: Draft, one: MeasureProposal) -> None:
    """In a callback: the form says the proposed measure; nothing is stored before somebody saves it."""
    if one.measure is None:
        return
    for field, value in measure_values(one.measure).items():
        if field != "dimensions" and draft.value(field) != value:
            draft.put(field, value)


def _word(one: MeasureProposal) -> str:
    return raw(f"exports.measures.{one.code}")


def _dataset(snap: Snapshot, code: str) -> str:
    dataset = snap.workshop.dataset(code)
    return (dataset.name.in_language(current().language) if dataset else "") or code
