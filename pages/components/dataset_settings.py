"""A dataset's input rules with measured compliance, and its look-ups with what they did not find."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from kpi_core.model.dataset import Dataset
from kpi_core.services.mapping import dataset_columns
from kpi_core.services.quality import last_runs, run_quality
from kpi_core.services.rules import (
    RULE_COLUMNS,
    add_alias,
    rows_of_rules,
    save_lookup,
    save_rules,
    unmatched_values,
)
from kpi_core.services.workshops import Snapshot
from kpi_core.text.numbers import format_percent
from kpi_core.text.periods import format_datetime
from kpi_core.vocabulary import RuleKind
from pages.components.draft import Draft, Values
from pages.components.frame import named
from pages.components.outcome import attempt
from pages.components.session import current, raw, state, t


def dataset_settings(snap: Snapshot) -> None:
    """One dataset at a time: rules, then look-ups."""
    if not snap.workshop.datasets:
        st.info(t("data_sources.no_datasets"))
        return
    names = {one.code: one.name.in_language(current().language) or one.code for one in snap.workshop.datasets}
    chosen = st.segmented_control(
        t("data_sources.dataset"),
        list(names),
        format_func=lambda code: named(names.get(code, code)),
        key="data_sources.settings",
        default=next(iter(names)),
        required=True,
    )
    dataset = snap.workshop.dataset(chosen or "") or snap.workshop.datasets[0]
    with state() as here:
        tables = dataset_columns(here, snap.id)
    columns = list(tables[dataset.code].columns) if dataset.code in tables else []
    _rules(snap, dataset, columns)
    _lookups(snap, dataset, {code: list(one.columns) for code, one in tables.items()})


def _rules(snap: Snapshot, dataset: Dataset, columns: list[str]) -> None:
    st.subheader(t("data_sources.rules"), anchor=False)
    st.caption(t("data_sources.rules_help"))
    draft = Draft(
        f"rules.{dataset.code}", {"rules": rows_of_rules(dataset)}, snap.revisions["datasets", dataset.code], _reread
    )
    words = {kind.value: raw(f"vocabulary.rule_kind.{kind.value}") for kind in RuleKind}
    heads = {name: raw(f"data_sources.rule_{name}") for name in RULE_COLUMNS}
    known = list(dict.fromkeys([*columns, *(rule.column for rule in dataset.rules)]))
    draft.table(
        "rules",
        t("data_sources.rules"),
        RULE_COLUMNS,
        num_rows="dynamic",
        hide_index=True,
        column_config={
            "column": st.column_config.SelectboxColumn(heads["column"], options=known),
            "rule": st.column_config.SelectboxColumn(
                heads["rule"], options=list(words), format_func=lambda one: words.get(one, one)
            ),
            **{name: st.column_config.TextColumn(heads[name]) for name in RULE_COLUMNS[2:]},
        },
    )
    workshop_id, who = snap.id, current().who

    def store(values: Values, revision: int | None) -> None:
        with state() as here:
            save_rules(here, workshop_id, dataset.code, values["rules"], revision or 0, who)

    draft.foot(store, done="data_sources.rules_saved")
    _compliance(snap, dataset)


def _reread(dataset: Dataset) -> Values:
    return {"rules": rows_of_rules(dataset)}


def _compliance(snap: Snapshot, dataset: Dataset) -> None:
    """What the last check found, rule by rule."""
    language = current().language
    with state() as here:
        run = last_runs(here, snap.id).get(dataset.code)

    def check() -> None:
        with state() as here:
            run_quality(here, snap.id, dataset.code, current().who)

    st.button(
        t("data_sources.check_rules"),
        key=f"data_sources.check.{dataset.code}",
        on_click=lambda: attempt(check, "data_sources.rules_checked"),
        disabled=not dataset.rules,
    )
    if run is None:
        return
    st.caption(t("data_sources.checked_at", at=format_datetime(run.run_at, language, snap.workshop.settings.timezone)))
    rows = [
        (
            one.column,
            raw(f"vocabulary.rule_kind.{one.rule.value}"),
            format_percent(one.compliance, language, short=True),
            one.failed,
            " / ".join(one.examples),
        )
        for one in run.results
    ]
    heads = [raw(f"data_sources.result_{name}") for name in ("column", "rule", "compliance", "failed", "examples")]
    st.dataframe(pd.DataFrame(rows, columns=heads), hide_index=True)


def _lookups(snap: Snapshot, dataset: Dataset, columns: dict[str, list[str]]) -> None:
    st.subheader(t("data_sources.lookups"), anchor=False)
    st.caption(t("data_sources.lookups_help"))
    for at, lookup in enumerate(dataset.lookups):
        other = snap.workshop.dataset(lookup.dataset)
        name = (other.name.in_language(current().language) if other else "") or lookup.dataset
        with st.container(border=True):
            st.markdown(
                t(
                    "data_sources.lookup_line",
                    here=lookup.on[0][0] if lookup.on else "",
                    name=name,
                    there=lookup.on[0][1] if lookup.on else "",
                    columns=", ".join(lookup.columns),
                )
            )
            for value, target in lookup.aliases.items():
                st.caption(t("data_sources.alias_line", value=value, target=target))
            _unmatched(snap, dataset, at)
    others = {code: names for code, names in columns.items() if code != dataset.code}
    if dataset.code in columns and others:
        with st.popover(t("data_sources.add_lookup"), icon=":material/add:"):
            _new_lookup(snap, dataset, columns[dataset.code], others)


def _unmatched(snap: Snapshot, dataset: Dataset, at: int) -> None:
    with state() as here:
        missing = unmatched_values(here, snap.id, dataset.code, at)
    if not missing:
        st.caption(t("data_sources.all_matched"))
    for one in missing[:10]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(t("data_sources.unmatched", value=one.value, rows=one.rows))
            for near in one.near[:3]:
                st.button(
                    t("data_sources.use_alias", near=near),
                    key=f"data_sources.alias.{dataset.code}.{at}.{one.value}.{near}",
                    on_click=_alias,
                    args=(snap, dataset, at, one.value, near),
                )


def _alias(snap: Snapshot, dataset: Dataset, at: int, value: str, near: str) -> None:
    def store() -> None:
        with state() as here:
            revision = snap.revisions["datasets", dataset.code]
            add_alias(here, snap.id, dataset.code, at, value, near, revision, current().who)

    attempt(store, "data_sources.alias_added", value=value, target=near)


def _new_lookup(snap: Snapshot, dataset: Dataset, own: list[str], others: dict[str, list[str]]) -> None:
    names = {one.code: one.name.in_language(current().language) or one.code for one in snap.workshop.datasets}
    nothing = {"dataset": next(iter(others)), "here": None, "there": None, "columns": []}
    draft = Draft(f"lookup.{dataset.code}", nothing, None)
    draft.choice("dataset", t("data_sources.lookup_dataset"), list(others), lambda code: names.get(code, code))
    there = others.get(draft.value("dataset") or "", [])
    draft.choice("here", t("data_sources.lookup_here"), own, str)
    draft.choice("there", t("data_sources.lookup_there"), there, str)
    draft.several("columns", t("data_sources.lookup_columns"), [name for name in there if name not in own], str)
    ready = all(draft.value(field) for field in ("dataset", "here", "there", "columns"))

    def store(values: Values, _: int | None) -> None:
        with state() as here:
            revision = snap.revisions["datasets", dataset.code]
            save_lookup(here, snap.id, dataset.code, values, revision, current().who)

    draft.foot(store, label=t("data_sources.save_lookup"), done="data_sources.lookup_saved", disabled=not ready)
