"""Hand-over criteria between departments: what must hold before work is passed on, by when it is answered, and how
it comes back."""

from __future__ import annotations

from typing import Any

import streamlit as st

from kpi_core.model.operation import Handover
from kpi_core.services.composing import composed
from kpi_core.services.editing import remove, save
from kpi_core.services.mapping import dataset_columns, filter_rows, filters_from
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Op
from pages.components.draft import Draft, Values
from pages.components.frame import named
from pages.components.handover_tracking import read_tracking, tracking_fields, tracking_of, without_tracking
from pages.components.labels import distinct
from pages.components.outcome import attempt
from pages.components.session import current, raw, state, t


def handover_form(snap: Snapshot) -> None:
    """Every hand-over as a form of its own, and a popover to begin one."""
    st.caption(t("kpi_design.handover_explain"))
    if len(snap.workshop.departments) < 2:
        st.info(t("kpi_design.handover_departments"))
    for one in snap.workshop.handovers:
        title = f"{_department(snap, one.source)} → {_department(snap, one.target)}"
        complete = bool(one.criterion.strip()) and one.sla_hours is not None
        with st.expander(title + ("" if complete else " :orange[▲]"), expanded=not complete):
            _form(snap, one)
    if len(snap.workshop.departments) >= 2:
        with st.popover(t("kpi_design.handover_add"), icon=":material/add:"):
            _new(snap)


def _form(snap: Snapshot, one: Handover) -> None:
    draft = Draft(f"handovers.{one.code}", _read(one), snap.revisions["handovers", one.code], _read)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        hint = raw("kpi_design.criterion_hint")
        draft.area("criterion", t("kpi_design.criterion"), placeholder=hint, height=120, max_chars=5000)
        hint = raw("kpi_design.return_hint")
        draft.area("return_path", t("kpi_design.return_path"), placeholder=hint, height=80, max_chars=5000)
    with right:
        draft.number("sla_hours", t("kpi_design.sla_hours"), min_value=0.5, max_value=10000.0, step=0.5)
        hint = raw("kpi_design.reject_hint")
        draft.area("reject_reasons", t("kpi_design.reject_reasons"), placeholder=hint, height=120)
    _filter(draft, snap)
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            t("kpi_design.handover_remove"),
            type="tertiary",
            key=f"handover.remove/{one.code}",
            on_click=_remove,
            args=(snap.id, one.code, snap.revisions["handovers", one.code]),
        )

    def store(values: Values, revision: int | None) -> None:
        handover = composed(Handover, _fields(values), one)
        with state() as here:
            save(here, snap.id, "handovers", handover, revision, current().who)

    draft.foot(store, label=t("kpi_design.handover_save"))


def _filter(draft: Draft, snap: Snapshot) -> None:
    """The criterion as conditions on a dataset, where the team has one."""
    with state() as here:
        tables = dataset_columns(here, snap.id)
    if not tables:
        return
    language = current().language

    def words(code: str) -> str:
        found = snap.workshop.dataset(code)
        return (found.name.in_language(language) if found else "") or code

    with st.expander(t("kpi_design.handover_filter")):
        none = raw("kpi_design.choose")
        draft.choice("dataset", t("data_sources.dataset"), list(tables), words, placeholder=none, width=300)
        chosen = tables.get(draft.value("dataset") or "")
        if chosen is None:
            return
        ops = {one.value: raw(f"vocabulary.op.{one.value}") for one in Op}
        columns = st.column_config
        draft.table(
            "where",
            t("data_sources.filters"),
            ("column", "op", "value"),
            num_rows="dynamic",
            hide_index=True,
            column_config={
                "column": columns.SelectboxColumn(raw("data_sources.filter_column"), options=list(chosen.columns)),
                "op": columns.SelectboxColumn(
                    raw("data_sources.filter_op"), options=list(ops), format_func=lambda one: ops.get(one, one)
                ),
                "value": columns.TextColumn(raw("data_sources.filter_value")),
            },
        )
    tracking_fields(draft, snap, chosen.code, chosen)


def _new(snap: Snapshot) -> None:
    codes = [one.code for one in snap.workshop.departments]
    for place in ("source", "target"):
        st.selectbox(
            t(f"kpi_design.handover_{place}"),
            codes,
            index=None,
            format_func=distinct(codes, lambda one: snap.workshop.department_name(one, current().language)),
            placeholder=raw("kpi_design.choose"),
            key=f"handover.{place}",
        )
    source, target = (st.session_state.get(f"handover.{place}") for place in ("source", "target"))
    st.button(
        t("kpi_design.handover_do"),
        key="handover.do",
        type="primary",
        on_click=_add,
        args=(snap.id, [one.code for one in snap.workshop.handovers]),
        disabled=source is None or target is None or source == target,
    )


def _add(workshop: str, taken: list[str]) -> None:
    source, target = st.session_state["handover.source"], st.session_state["handover.target"]
    base = f"{source}_to_{target}"[:56]
    numbered = (base if number == 1 else f"{base}_{number}" for number in range(1, len(taken) + 2))
    code = next(one for one in numbered if one not in taken)

    def write() -> None:
        handover = composed(Handover, {"code": code, "source": source, "target": target})
        with state() as here:
            save(here, workshop, "handovers", handover, None, current().who)

    if attempt(write, "kpi_design.handover_added"):
        st.session_state["handover.source"] = st.session_state["handover.target"] = None


def _remove(workshop: str, code: str, revision: int) -> None:
    def write() -> None:
        with state() as here:
            remove(here, workshop, "handovers", code, revision, current().who)

    attempt(write, "pages.frame.removed")


def _department(snap: Snapshot, code: str) -> str:
    return named(snap.workshop.department_name(code, current().language))


def _read(one: Any) -> Values:
    return {
        "criterion": one.criterion,
        "return_path": one.return_path,
        "sla_hours": None if one.sla_hours is None else float(one.sla_hours),
        "reject_reasons": "\n".join(one.reject_reasons),
        "dataset": one.dataset,
        "where": filter_rows(one.where),
        **read_tracking(one),
    }


def _fields(values: Values) -> dict[str, object]:
    hours = values["sla_hours"]
    return {
        **without_tracking(values),
        "tracking": tracking_of(values),
        "sla_hours": int(hours) if hours is not None and float(hours).is_integer() else hours,
        "reject_reasons": tuple(line.strip() for line in values["reject_reasons"].splitlines() if line.strip()),
        "where": filters_from(values["where"] or ()),
    }
