"""Typed values by Excel: the template to hand out, and the filled-in one read back, checked, then stored."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.errors import KpiError, Problem
from kpi_core.services.values_template import by_hand, values_template
from kpi_core.services.values_upload import TypedValue, ValuesUpload, read_values, store_values
from kpi_core.services.workshops import Snapshot, snapshot
from kpi_core.text.periods import format_period
from pages.components.downloads import file_stem
from pages.components.outcome import attempt
from pages.components.session import current, later, raw, state, t
from pages.components.trouble import place, show_error, told

_KEY = "values_template.upload"
_READ = "values_template.read"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Problems in sight; the file is mended in Excel and read again.
_SHOWN = 20


def values_in_excel(snap: Snapshot) -> None:
    """Both ways, while any KPI is typed in."""
    nodes = by_hand(snap.workshop)
    if not nodes:
        return
    with st.expander(t("values_template.title"), icon=":material/table:", key="values_template"):
        st.caption(t("values_template.about", count=len(nodes)))
        _download(snap)
        upload = st.file_uploader(
            t("values_template.upload"), type=["xlsx"], key=_KEY, help=t("values_template.upload_help")
        )
        if upload is not None:
            _read_back(snap, upload)


def _download(snap: Snapshot) -> None:
    language, opened_then, workshop_id = current().language, later(), snap.id

    def build() -> bytes:
        with opened_then() as here:
            return values_template(snapshot(here, workshop_id).workshop, language)

    st.download_button(
        t("values_template.download"),
        data=build,
        file_name=raw("values_template.file_name", name=file_stem(snap.workshop.settings.name)),
        mime=_XLSX,
        key="values_template.download",
        icon=":material/download:",
        on_click="ignore",
    )


def _read_back(snap: Snapshot, upload: Any) -> None:
    found = _found(snap, upload)
    if isinstance(found, KpiError):
        show_error(found)
        return
    if found.blocked:
        st.error(t("values_template.blocked", count=len(found.problems)), icon=":material/warning:")
    elif found.problems:
        st.warning(t("values_template.warnings"), icon=":material/info:")
    _problems(found.problems)
    if not found.changes and not found.problems:
        st.info(t("values_template.nothing", same=found.same))
        return
    over = sum(one.stored is not None for one in found.changes)
    st.markdown(t("values_template.summary", new=len(found.changes) - over, over=over, same=found.same))
    _table(snap, found.changes)
    st.button(
        t("values_template.store", count=len(found.changes)),
        key="values_template.store",
        type="primary",
        disabled=found.blocked or not found.changes,
        on_click=_store,
        args=(snap.id, found.changes),
    )


def _found(snap: Snapshot, upload: Any) -> ValuesUpload | KpiError:
    """Read once a file and state of the workshop: parsing runs in a process of its own."""
    seen = (snap.id, snap.change, upload.file_id)
    kept = st.session_state.get(_READ)
    if kept is None or kept[0] != seen:
        found: ValuesUpload | KpiError
        try:
            with state() as here, _as_file(upload) as path:
                found = read_values(here, snap.id, path, upload.name)
        except KpiError as error:
            found = error
        kept = st.session_state[_READ] = (seen, found)
    result: ValuesUpload | KpiError = kept[1]
    return result


def _problems(problems: tuple[Problem, ...]) -> None:
    lines = [f"- {place(one)}{told(one)}" for one in problems]
    if len(lines) > _SHOWN:
        lines = [*lines[:_SHOWN], f"- {t('pages.trouble.more', count=len(lines) - _SHOWN)}"]
    if lines:
        st.markdown("\n".join(lines))


def _table(snap: Snapshot, changes: tuple[TypedValue, ...]) -> None:
    language, settings = current().language, snap.workshop.settings
    rows = []
    for one in changes:
        node = snap.workshop.node(one.node)
        if node is None:
            continue
        writing = Writing.of(node, settings, language)
        rows.append(
            (
                node.name.in_language(language) or node.code,
                format_period(one.period, language, settings.fiscal_year_start, style="name"),
                "–" if one.stored is None else writing.value(one.stored),
                writing.value(one.value),
            )
        )
    if rows:
        heads = [raw(f"values_template.column_{name}") for name in ("kpi", "period", "stored", "new")]
        st.dataframe(pd.DataFrame(rows, columns=heads), hide_index=True, height="content" if len(rows) < 12 else 420)


def _store(workshop_id: str, seen: tuple[TypedValue, ...]) -> None:
    upload = st.session_state.get(_KEY)
    if upload is None:
        return
    stored: list[int] = []

    def store() -> None:
        with state() as here, _as_file(upload) as path:
            stored.append(store_values(here, workshop_id, path, upload.name, current().who, seen))

    if attempt(store):
        attempt(lambda: None, "values_template.stored", count=stored[0])


@contextmanager
def _as_file(upload: Any) -> Iterator[Path]:
    """The upload as a file that a child process can open."""
    with tempfile.TemporaryDirectory(prefix="kpi-values-") as folder:
        path = Path(folder) / "values.xlsx"
        path.write_bytes(upload.getvalue())
        yield path
