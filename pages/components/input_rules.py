"""What people are to enter in a dataset's columns, how well the rows keep to it, and rules proposed to begin with."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from kpi_core.data.rule_results import RuleResult
from kpi_core.model.dataset import Dataset
from kpi_core.services.quality import QualityRun, last_runs, run_quality
from kpi_core.services.rule_proposals import propose_rules
from kpi_core.services.rules import RULE_COLUMNS, read_where, rows_of_rules, save_rules
from kpi_core.services.typed_lists import write_list, written
from kpi_core.services.workshops import Snapshot
from kpi_core.text.numbers import format_percent
from kpi_core.text.periods import format_datetime
from kpi_core.vocabulary import OnBreak, RuleKind
from pages.components.draft import Draft, Values
from pages.components.outcome import attempt
from pages.components.session import current, listed, raw, state, t
from pages.components.trouble import show_details, told

_ROW, _MOST_ROWS = 32, 12


def input_rules(snap: Snapshot, dataset: Dataset, columns: list[str]) -> None:
    """The table of rules, save and check; below, what the last check found."""
    st.subheader(t("data_sources.rules"), anchor=False)
    st.caption(t("data_sources.rules_help"))
    draft = Draft(
        f"rules.{dataset.code}", {"rules": rows_of_rules(dataset)}, snap.revisions["datasets", dataset.code], _reread
    )
    _proposals(snap, dataset, draft)
    _table(draft, dataset, columns)
    workshop_id, who = snap.id, current().who

    def store(values: Values, revision: int | None) -> None:
        with state() as here:
            save_rules(here, workshop_id, dataset.code, values["rules"], revision or 0, who)

    draft.foot(store, label=t("data_sources.save_rules"), done="data_sources.rules_saved", disabled=not draft.changed)
    with state() as here:
        run = last_runs(here, snap.id).get(dataset.code)
    _check(snap, dataset, run)
    if run is not None:
        _results(snap, run)


def _reread(dataset: Dataset) -> Values:
    return {"rules": rows_of_rules(dataset)}


def _proposals(snap: Snapshot, dataset: Dataset, draft: Draft) -> None:
    """A start from what the measures use; what it adds is a draft like anything typed."""

    def propose() -> None:
        with state() as here:
            proposed = propose_rules(here, snap.id, dataset.code)
        held = [row for row in draft.value("rules") or [] if row.get("column") or row.get("rule")]
        known = {row.get("column") for row in held}
        new = [row for row in proposed if row["column"] not in known]
        if new:
            draft.put("rules", [*held, *new])
        key = "data_sources.proposed" if new else "data_sources.nothing_to_propose"
        attempt(lambda: None, key, count=len(new))

    st.button(
        t("data_sources.propose_rules"),
        key=f"data_sources.propose.{dataset.code}",
        icon=":material/auto_awesome:",
        on_click=propose,
        help=t("data_sources.propose_help"),
    )


def _table(draft: Draft, dataset: Dataset, columns: list[str]) -> None:
    words = {kind.value: raw(f"vocabulary.rule_kind.{kind.value}") for kind in RuleKind}
    breaks = {one.value: raw(f"vocabulary.on_break.{one.value}") for one in OnBreak}
    heads = {name: raw(f"data_sources.rule_{name}") for name in RULE_COLUMNS}
    held = list(draft.value("rules") or [])
    known = list(dict.fromkeys([*columns, *(row["column"] for row in held if row.get("column"))]))
    draft.table(
        "rules",
        t("data_sources.rules"),
        RULE_COLUMNS,
        num_rows="dynamic",
        hide_index=True,
        column_order=["column", "rule", "limit", "where", "on_break", "owner", "note"],
        disabled=["where"],
        row_height=_ROW,
        height=_ROW * (min(max(len(held), 2), _MOST_ROWS) + 2) + 4,
        placeholder="",
        column_config={
            "column": st.column_config.SelectboxColumn(heads["column"], options=known, width=150),
            "rule": st.column_config.SelectboxColumn(
                heads["rule"], options=list(words), format_func=lambda one: words.get(one, one), width=140
            ),
            "limit": st.column_config.TextColumn(heads["limit"], help=t("data_sources.rule_limit_help"), width=250),
            "where": st.column_config.SelectboxColumn(
                heads["where"],
                options=list(dict.fromkeys(row["where"] for row in held if row.get("where"))),
                format_func=_condition_words,
                help=t("data_sources.rule_where_help"),
                width=150,
            ),
            "on_break": st.column_config.SelectboxColumn(
                heads["on_break"],
                options=list(breaks),
                format_func=lambda one: breaks.get(one, one),
                help=t("data_sources.rule_on_break_help"),
                width=130,
            ),
            "owner": st.column_config.TextColumn(heads["owner"], help=t("data_sources.rule_owner_help"), width=120),
            "note": st.column_config.TextColumn(heads["note"], width="large"),
        },
    )


def _condition_words(text: str) -> str:
    """A rule's conditions as people read them: ``deal_stage 等しい Won``."""
    parts = []
    for entry in read_where(text):
        value = write_list(entry.value) if isinstance(entry.value, tuple) else written(entry.value or "")
        parts.append(f"{entry.column} {raw(f'vocabulary.op.{entry.op.value}')} {value}".strip())
    return listed(parts)


def _check(snap: Snapshot, dataset: Dataset, run: QualityRun | None) -> None:
    def check() -> None:
        with state() as here:
            run_quality(here, snap.id, dataset.code, current().who)

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            t("data_sources.check_rules"),
            key=f"data_sources.check.{dataset.code}",
            icon=":material/fact_check:",
            on_click=lambda: attempt(check, "data_sources.rules_checked"),
            disabled=not dataset.rules,
        )
        if run is not None:
            at = format_datetime(run.run_at, current().language, snap.workshop.settings.timezone)
            st.caption(t("data_sources.checked_at" if run.current else "data_sources.checked_before", at=at))


def _results(snap: Snapshot, run: QualityRun) -> None:
    """Rule by rule, the least kept first."""
    language = current().language
    for one in run.results:
        if one.problem is not None:
            st.warning(told(one.problem))
    show_details(one.problem for one in run.results if one.problem is not None)
    checked = sorted((one for one in run.results if one.compliance is not None), key=_share)
    if not checked:
        return
    rows = [
        (
            one.column,
            raw(f"vocabulary.rule_kind.{one.rule.value}"),
            _share(one),
            format_percent(one.compliance, language, short=True),
            one.checked,
            one.failed,
            " / ".join(one.examples),
        )
        for one in checked
    ]
    names = ("column", "rule", "bar", "compliance", "checked", "failed", "examples")
    st.dataframe(
        pd.DataFrame(rows, columns=list(names)),
        hide_index=True,
        row_height=_ROW,
        height=_ROW * (min(len(rows), _MOST_ROWS) + 1) + 4,
        column_config={
            **{name: st.column_config.Column(raw(f"data_sources.result_{name}")) for name in names if name != "bar"},
            "bar": st.column_config.ProgressColumn("", min_value=0, max_value=1, format=" ", width="small"),
        },
    )


def _share(one: RuleResult) -> float:
    return one.compliance if one.compliance is not None else 1.0
