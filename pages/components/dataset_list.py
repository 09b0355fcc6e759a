"""The datasets with their newest file, the dialogs that rename them, and their versions; the sources behind them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from kpi_core.model.dataset import Dataset, Source
from kpi_core.services.datasets import Version, versions
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_date, format_datetime
from pages.components.connect_part import again_button
from pages.components.dataset_dialogs import open_dialogs
from pages.components.dialog import ask
from pages.components.frame import named
from pages.components.session import current, state, t


def dataset_list(snap: Snapshot) -> None:
    """A line a dataset with what can be done to it, then the sources."""
    with state() as here:
        kept = versions(here, snap.id)
    if snap.workshop.datasets:
        with st.container(border=True, gap="medium"):
            for dataset in snap.workshop.datasets:
                _dataset(snap, dataset, [version for version in kept if version.dataset == dataset.code])
    bare = bool(snap.workshop.sources) and not snap.workshop.datasets
    with st.expander(t("data_sources.sources", count=len(snap.workshop.sources)), expanded=bare):
        st.caption(t("data_sources.sources_about"))
        for source in snap.workshop.sources:
            _source(snap, source)
        st.button(
            t("data_sources.add_source"),
            key="data_sources.add_source",
            icon=":material/add:",
            on_click=ask,
            args=("new_source", ""),
        )
    open_dialogs(snap, kept)


def _dataset(snap: Snapshot, dataset: Dataset, kept: Sequence[Version]) -> None:
    language = current().language
    source = next((one for one in snap.workshop.sources if one.code == dataset.source), None)
    name = dataset.name.in_language(language) or dataset.code
    place = snap.workshop.connection_of(dataset.code)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(width="stretch", gap=None):
            st.markdown(
                f"**{named(name)}** ・ {named((source and source.name.in_language(language)) or dataset.source)}"
            )
            st.caption(_looked(snap, dataset, kept) if place else _newest(snap, kept))
        with st.container(horizontal=True, width="content"):
            if place:
                again_button(snap, dataset)
            else:
                st.button(
                    t("data_sources.versions", count=len(kept)),
                    key=f"data_sources.versions.{dataset.code}",
                    icon=":material/history:",
                    disabled=not kept,
                    on_click=ask,
                    args=("versions", dataset.code),
                )
            st.button(
                t("data_sources.edit"),
                key=f"data_sources.edit.{dataset.code}",
                icon=":material/edit:",
                on_click=ask,
                args=("dataset", dataset.code),
            )


def _looked(snap: Snapshot, dataset: Dataset, kept: Sequence[Version]) -> str:
    """Where a connected table lies, and when it was last looked at."""
    words = {"connection": snap.workshop.connection_of(dataset.code), "table": dataset.table}
    if not kept:
        return t("connecting.not_looked", **words)
    at = format_datetime(kept[0].uploaded_at, current().language, snap.workshop.settings.timezone)
    return t("connecting.looked", rows=f"{kept[0].rows:,}", at=at, **words)


def _newest(snap: Snapshot, kept: Sequence[Version]) -> str:
    if not kept:
        return t("data_sources.not_uploaded")
    language, version = current().language, kept[0]
    return t(
        "data_sources.newest",
        file=version.file_name,
        rows=f"{version.rows:,}",
        as_of=format_date(version.as_of, language),
        at=format_datetime(version.uploaded_at, language, snap.workshop.settings.timezone),
    )


def _source(snap: Snapshot, source: Source) -> None:
    language = current().language
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(width="stretch", gap=None):
            kind = t(f"vocabulary.source_kind.{source.kind.value}")
            st.markdown(f"**{named(source.name.in_language(language) or source.code)}** ・ {kind}")
            refresh = t(f"vocabulary.cadence.{source.refresh.value}") if source.refresh else "–"
            st.caption(
                t("data_sources.source_line", owner=source.owner or "–", refresh=refresh)
                + (f" ・ {named(', '.join(source.objects))}" if source.objects else "")
            )
        st.button(
            t("data_sources.edit"),
            key=f"data_sources.edit_source.{source.code}",
            icon=":material/edit:",
            on_click=ask,
            args=("source", source.code),
        )
