"""Mapping a KPI to rows: an aggregate or a ratio of two, with its live result by month before it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.services.mapping import (
    DATES,
    DatasetColumns,
    beginning,
    dataset_columns,
    measure_values,
    save_mapping,
    save_measure,
)
from kpi_core.services.measure_proposals import gives
from kpi_core.services.pipelines import foreseen_by, foreseen_values, missing
from kpi_core.services.workshops import Snapshot
from kpi_core.tree.units import is_currency
from kpi_core.vocabulary import Aggregate, Availability, ColumnType
from pages.components.condition_rows import condition_rows
from pages.components.draft import Draft, Values
from pages.components.foreseen_part import foreseen_part
from pages.components.measure_proposals import proposals_part
from pages.components.measure_result import measure_result
from pages.components.outcome import attempt
from pages.components.session import current, raw, state, t

#: Ways a KPI gets its value from rows.
MODES = ("simple", "ratio")
_NUMBERS = (ColumnType.INTEGER, ColumnType.DECIMAL)
_MOST_DIMENSIONS = 5


def measure_form(snap: Snapshot, node: Node) -> None:
    """The form of ``node``'s measure: mode, parts, dimensions; then what it gives; then save."""
    with state() as here:
        tables = dataset_columns(here, snap.id)

    def read(stored: Any) -> Values:
        values = measure_values(stored.measure) if stored.measure is not None else beginning(stored, tables)
        availability = stored.availability.value if stored.availability else None
        return values | foreseen_values(stored) | {"availability": availability}

    draft = Draft(f"measure.{node.code}", read(node), snap.revisions["nodes", node.code], read)
    finished = False
    if tables:
        proposals_part(snap, node, draft, tables)
        _parts(draft, snap.workshop, tables)
        if (
            draft.value("mode") != "ratio"
            and is_currency(node.unit)
            and not gives(draft.value("simple.aggregate"), node.unit)
        ):
            st.warning(t("data_sources.count_of_money"), icon=":material/warning:")
        finished = measure_result(snap, node, draft)
        foreseen_part(snap, node, draft, tables)
    else:
        st.info(t("data_sources.no_rows_yet"))
    draft.segments(
        "availability",
        t("data_sources.matrix_availability"),
        [one.value for one in Availability],
        lambda one: t(f"vocabulary.availability.{one}"),
        help=t("data_sources.availability_help"),
    )
    workshop_id, who = snap.id, current().who

    def store(values: Values, revision: int | None) -> None:
        with state() as here:
            save_mapping(here, workshop_id, node.code, values, revision or 0, who, foreseen_by(values, node))

    label = t("data_sources.save_measure" if finished else "data_sources.save_availability")
    half = bool(missing(draft.values))
    disabled = half or (not finished and not draft.changed)
    draft.foot(store, label=label, done="data_sources.measure_saved", disabled=disabled)
    if node.measure is not None:
        _undo(snap, node)


def _parts(draft: Draft, workshop: Workshop, tables: Mapping[str, DatasetColumns]) -> None:
    label = t("data_sources.mode")
    draft.segments("mode", label, list(MODES), lambda one: t(f"data_sources.mode_{one}"), required=True)
    if draft.value("mode") == "ratio":
        for part, column in zip(("numerator", "denominator"), st.columns(2, gap="medium", border=True), strict=True):
            with column:
                st.markdown(f"**{t(f'data_sources.{part}')}**")
                _part(draft, part, workshop, tables, columns=2)
    else:
        _part(draft, "simple", workshop, tables, columns=4)
    _dimensions(draft, tables)


def _undo(snap: Snapshot, node: Node) -> None:
    def write() -> None:
        with state() as here:
            save_measure(here, snap.id, node.code, None, snap.revisions["nodes", node.code], current().who)

    with st.popover(t("data_sources.unmap"), type="tertiary"):
        st.markdown(t("data_sources.unmap_sure"))
        st.button(
            t("data_sources.unmap_do"),
            key=f"data_sources.unmap.{node.code}",
            on_click=lambda: attempt(write, "data_sources.unmapped"),
        )


def _part(draft: Draft, part: str, workshop: Workshop, tables: Mapping[str, DatasetColumns], columns: int) -> None:
    """One aggregate: of what, over which rows, by which date; its fields in ``columns`` beside each other."""
    language = current().language

    def dataset_name(code: str) -> str:
        found = workshop.dataset(code)
        return (found.name.in_language(language) if found else "") or code

    with st.grid(columns, min_column_width=200):
        codes = _with_stored(draft, f"{part}.dataset", tables)
        draft.choice(
            f"{part}.dataset",
            t("data_sources.dataset"),
            codes,
            dataset_name,
            placeholder=_choose(),
            then=lambda: _leave_behind(draft, part, tables),
        )
        chosen = tables.get(draft.value(f"{part}.dataset") or "")
        if chosen is None:
            return
        aggregates = [one.value for one in Aggregate]
        draft.choice(
            f"{part}.aggregate", t("data_sources.aggregate"), aggregates, _aggregate_word, placeholder=_choose()
        )
        aggregate = draft.value(f"{part}.aggregate")
        if aggregate not in (None, Aggregate.COUNT.value):
            wanted = _NUMBERS if aggregate in ("sum", "mean", "median") else tuple(ColumnType)
            names = {name: kind for name, kind in chosen.columns.items() if kind in wanted}
            names_or_stored = _with_stored(draft, f"{part}.column", names)
            draft.choice(f"{part}.column", t("data_sources.column"), names_or_stored, str, placeholder=_choose())
        dates = {name: kind for name, kind in chosen.columns.items() if kind in DATES}
        draft.choice(
            f"{part}.date",
            t("data_sources.date"),
            _with_stored(draft, f"{part}.date", dates),
            str,
            help=t("data_sources.date_help"),
            placeholder=raw("data_sources.no_date"),
        )
    if dates and draft.value(f"{part}.date") is None:
        st.warning(t("data_sources.no_date_chosen", dates=", ".join(dates)), icon=":material/event_busy:")
    condition_rows(draft, f"{part}.where", chosen)
    if aggregate == Aggregate.SUM.value:
        draft.flag(f"{part}.zero", t("data_sources.empty_zero"), help=t("data_sources.empty_zero_help"))


def _leave_behind(draft: Draft, part: str, tables: Mapping[str, DatasetColumns]) -> None:
    """In a callback: what another dataset was asked for and the chosen one has no columns of goes out of the form."""
    chosen = tables.get(draft.value(f"{part}.dataset") or "")
    if chosen is None:
        return
    for field in (f"{part}.column", f"{part}.date"):
        if draft.value(field) not in (None, *chosen.columns):
            draft.put(field, None)
    for field, column_of in ((f"{part}.where", lambda row: row.get("column")), ("dimensions", str)):
        held = draft.value(field) or []
        there = [one for one in held if column_of(one) is None or column_of(one) in chosen.columns]
        if there != held:
            draft.put(field, there)


def _with_stored(draft: Draft, field: str, options: Mapping[str, object]) -> list[str]:
    """The options, and what the field holds although it is none of them now (a column that the newest file lacks)."""
    held = draft.value(field)
    return [*options, *([held] if held and held not in options else [])]


def _choose() -> str:
    return raw("data_sources.choose")


def _aggregate_word(one: str) -> str:
    return raw(f"vocabulary.aggregate.{one}")


def _dimensions(draft: Draft, tables: Mapping[str, DatasetColumns]) -> None:
    parts = ("numerator", "denominator") if draft.value("mode") == "ratio" else ("simple",)
    chosen = [tables[code] for part in parts if (code := draft.value(f"{part}.dataset")) in tables]
    if len(chosen) < len(parts):
        return
    shared = [name for name in chosen[0].columns if all(name in one.columns for one in chosen)]
    offered = [name for name in shared if chosen[0].columns[name] in (ColumnType.TEXT, ColumnType.BOOLEAN)]
    draft.several(
        "dimensions",
        t("data_sources.dimensions"),
        list(dict.fromkeys([*offered, *(draft.value("dimensions") or [])])),
        str,
        help=t("data_sources.dimensions_help"),
        max_selections=_MOST_DIMENSIONS,
        placeholder=raw("data_sources.dimensions_placeholder"),
    )
