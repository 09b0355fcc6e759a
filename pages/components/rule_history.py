"""Every check of a dataset's rules so far: each rule's course, and what each check found."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from kpi_core.model.dataset import Dataset
from kpi_core.services.datasets import versions
from kpi_core.services.quality import QualityRun, past_runs
from kpi_core.services.workshops import Snapshot
from kpi_core.text.numbers import format_percent
from kpi_core.text.periods import format_datetime
from pages.components.frame import named
from pages.components.labels import distinct
from pages.components.session import current, raw, state, t

_ROW, _MOST_ROWS = 32, 12
#: How many checks a course shows.
_CHECKS = 24


def rule_history(snap: Snapshot) -> None:
    """A dataset is chosen; its rules over time, then its checks, the latest first."""
    with state() as here:
        past = past_runs(here, snap.id)
        files = {version.id: version.file_name for version in versions(here, snap.id)}
    checked = [one for one in snap.workshop.datasets if past.get(one.code)]
    if not checked:
        return
    st.subheader(t("quality.history"), anchor=False)
    names = {one.code: one.name.in_language(current().language) or one.code for one in checked}
    key = "quality.history"
    if st.session_state.get(key) not in names:
        st.session_state[key] = next(iter(names))
    chosen = st.segmented_control(
        t("data_sources.dataset"),
        list(names),
        format_func=distinct(list(names), lambda code: named(names[code])),
        key=key,
        required=True,
        label_visibility="collapsed",
    )
    dataset = next((one for one in checked if one.code == chosen), checked[0])
    runs = past[dataset.code]
    _courses(dataset, runs)
    with st.expander(t("quality.checks", count=len(runs))):
        _checks(snap, runs, files)


def _courses(dataset: Dataset, runs: Sequence[QualityRun]) -> None:
    """A line a rule: its share now and at each check, oldest first, as far as it could be checked."""
    language = current().language
    rows = []
    for rule in dataset.rules:
        shares = [
            result.compliance
            for run in reversed(runs[:_CHECKS])
            for result in run.results
            if result.key == rule.key and result.compliance is not None
        ]
        rows.append(
            (
                rule.column or "–",
                raw(f"vocabulary.rule_kind.{rule.rule.value}"),
                raw(f"vocabulary.on_break.{rule.on_break.value}"),
                format_percent(shares[-1], language, short=True) if shares else "–",
                [share * 100 for share in shares] if len(shares) > 1 else None,
            )
        )
    heads = ("rule_column", "rule_rule", "rule_on_break", "result_compliance")
    names = [raw(f"data_sources.{name}") for name in heads]
    frame = pd.DataFrame(rows, columns=[*names, "course"])
    if len(runs) < 2:
        st.caption(t("quality.first_check"))
        frame = frame.drop(columns="course")
    st.dataframe(
        frame,
        hide_index=True,
        row_height=_ROW,
        height=_ROW * (min(len(rows), _MOST_ROWS) + 1) + 4,
        placeholder="",
        column_config={
            "course": st.column_config.LineChartColumn(raw("quality.course"), y_min=-5, y_max=105, width="medium")
        },
    )


def _checks(snap: Snapshot, runs: Sequence[QualityRun], files: dict[str, str]) -> None:
    language, zone = current().language, snap.workshop.settings.timezone
    rows = [
        (
            format_datetime(run.run_at, language, zone),
            files.get(run.version, "–"),
            len(run.results),
            sum(result.failed > 0 for result in run.results),
            sum(result.failed for result in run.results if result.has_rows),
            sum(result.problem is not None for result in run.results),
        )
        for run in runs
    ]
    heads = ("at", "file", "rules", "broken", "rows", "unchecked")
    st.dataframe(
        pd.DataFrame(rows, columns=[raw(f"quality.check_{name}") for name in heads]),
        hide_index=True,
        row_height=_ROW,
        height=_ROW * (min(len(rows), _MOST_ROWS) + 1) + 4,
    )
