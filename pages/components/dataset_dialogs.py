"""Dialogs over a dataset (its name and source, its versions) and over a source (name, kind, owner, refresh …)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from kpi_core.errors import RefusedError
from kpi_core.model.base import Bilingual
from kpi_core.model.dataset import Source
from kpi_core.services.codes import code_from
from kpi_core.services.composing import composed
from kpi_core.services.datasets import Version, delete_version
from kpi_core.services.editing import save
from kpi_core.services.measuring import refresh
from kpi_core.services.quality import check_outdated
from kpi_core.services.sources import rename_dataset
from kpi_core.services.typed_lists import read_list, write_list
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_date, format_datetime
from kpi_core.vocabulary import Cadence, SourceKind
from pages.components.dialog import act, asked, told_or_closed
from pages.components.labels import distinct
from pages.components.plain import plain
from pages.components.session import current, raw, state, t


def open_dialogs(snap: Snapshot, kept: Sequence[Version]) -> None:
    """Opens the dialog that a button asked for, if what it is about still exists."""
    wanted = asked()
    if wanted is None:
        return
    name, code = wanted[0], wanted[1]
    if name == "new_source":
        _source(snap, None)
    elif name == "source":
        source = next((one for one in snap.workshop.sources if one.code == code), None)
        if source is not None:
            _source(snap, source)
    elif snap.workshop.dataset(code) is not None:
        _dataset(snap, code) if name == "dataset" else _versions(snap, code, kept)


def _versions(snap: Snapshot, code: str, kept: Sequence[Version]) -> None:
    language = current().language
    zone = snap.workshop.settings.timezone
    own = [version for version in kept if version.dataset == code]

    @st.dialog(t("data_sources.versions_of", name=_dataset_name(snap, code)), width="medium")
    def body() -> None:
        told_or_closed()
        st.caption(t("data_sources.versions_help"))
        for at, version in enumerate(own):
            with st.container(border=True, horizontal=True, vertical_alignment="center"):
                with st.container(width="stretch", gap=None):
                    mark = f" :primary-badge[{t('data_sources.in_use')}]" if at == 0 else ""
                    st.markdown(f"**{plain(version.file_name)}**{mark}")
                    by = f" ・ {plain(version.uploaded_by)}" if version.uploaded_by else ""
                    at_words = format_datetime(version.uploaded_at, language, zone)
                    as_of = format_date(version.as_of, language)
                    st.caption(t("data_sources.version_line", rows=f"{version.rows:,}", as_of=as_of, at=at_words) + by)
                with st.popover(t("data_sources.delete_version"), icon=":material/delete:"):
                    st.markdown(t("data_sources.delete_version_sure", name=version.file_name))
                    st.button(
                        t("data_sources.delete_version_do"),
                        key=f"data_sources.delete.{version.id}",
                        type="primary",
                        on_click=_delete,
                        args=(snap.id, code, version.id),
                    )

    body()


def _delete(workshop: str, code: str, version: str) -> None:
    def write() -> None:
        with state() as here:
            delete_version(here, workshop, code, version, current().who)
            refresh(here, workshop, current().who)
            check_outdated(here, workshop, current().who)

    act(write, "data_sources.version_deleted")


def _dataset(snap: Snapshot, code: str) -> None:
    dataset = snap.workshop.dataset(code)
    if dataset is None:
        return
    revision = snap.revisions["datasets", code]
    language = current().language
    sources = {one.code: one.name.in_language(language) or one.code for one in snap.workshop.sources}

    def write() -> None:
        typed = {name: st.session_state[f"dataset.{name}"] for name in ("ja", "en", "source")}
        name = Bilingual(ja=typed["ja"].strip(), en=typed["en"].strip())
        with state() as here:
            rename_dataset(here, snap.id, code, name, typed["source"], revision, current().who)

    @st.dialog(t("data_sources.edit_dataset", name=_dataset_name(snap, code)))
    def body() -> None:
        told_or_closed()
        st.text_input(t("data_sources.name_ja"), value=dataset.name.ja, key="dataset.ja", max_chars=100)
        st.text_input(t("data_sources.name_en"), value=dataset.name.en, key="dataset.en", max_chars=100)
        codes = list(sources)
        place = codes.index(dataset.source) if dataset.source in codes else 0
        st.selectbox(
            t("data_sources.source"),
            codes,
            index=place,
            format_func=distinct(sources, sources.__getitem__),
            key="dataset.source",
        )
        st.button(
            t("pages.frame.save"), type="primary", key="dataset.save", on_click=act, args=(write, "pages.frame.saved")
        )

    body()


def _source(snap: Snapshot, stored: Source | None) -> None:
    """A source's card: a stored one, or one to register."""
    source = stored or Source(code="source", kind=SourceKind.SFA)
    revision = snap.revisions["sources", stored.code] if stored else None
    cadences = [one.value for one in Cadence]

    def write() -> None:
        typed = {
            name: st.session_state[f"source.{name}"] for name in ("ja", "en", "kind", "owner", "refresh", "objects")
        }
        fields: dict[str, Any] = {
            "name": {"ja": typed["ja"].strip(), "en": typed["en"].strip()},
            "kind": typed["kind"],
            "owner": typed["owner"].strip(),
            "refresh": typed["refresh"],
            "objects": read_list(typed["objects"]),
        }
        if stored is None:
            name = Bilingual(**fields["name"])
            if not (name.ja or name.en):
                raise RefusedError("name_needed")
            fields["code"] = code_from(name, "source", {one.code for one in snap.workshop.sources})
        with state() as here:
            save(here, snap.id, "sources", composed(Source, fields, source), revision, current().who)

    title = t("data_sources.edit_source", name=source.name.in_language(current().language) or source.code)

    @st.dialog(title if stored else t("data_sources.add_source"))
    def body() -> None:
        told_or_closed()
        st.text_input(t("data_sources.name_ja"), value=source.name.ja, key="source.ja", max_chars=100)
        st.text_input(t("data_sources.name_en"), value=source.name.en, key="source.en", max_chars=100)
        kinds = [one.value for one in SourceKind]
        st.selectbox(
            t("data_sources.kind"),
            kinds,
            index=kinds.index(source.kind.value),
            format_func=lambda one: raw(f"vocabulary.source_kind.{one}"),
            key="source.kind",
        )
        st.text_input(t("data_sources.owner"), value=source.owner, key="source.owner", max_chars=100)
        st.selectbox(
            t("data_sources.refresh"),
            cadences,
            index=cadences.index(source.refresh.value) if source.refresh else None,
            format_func=lambda one: raw(f"vocabulary.cadence.{one}"),
            placeholder=raw("data_sources.refresh_open"),
            key="source.refresh",
        )
        st.text_input(
            t("data_sources.objects"),
            value=write_list(source.objects),
            key="source.objects",
            placeholder=raw("data_sources.objects_hint"),
            help=t("data_sources.objects_help"),
        )
        st.button(
            t("pages.frame.save"), type="primary", key="source.save", on_click=act, args=(write, "pages.frame.saved")
        )

    body()


def _dataset_name(snap: Snapshot, code: str) -> str:
    dataset = snap.workshop.dataset(code)
    return (dataset.name.in_language(current().language) if dataset else "") or code
