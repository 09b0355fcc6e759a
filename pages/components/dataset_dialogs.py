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
from kpi_core.services.datasets import Version
from kpi_core.services.editing import save
from kpi_core.services.sources import rename_dataset
from kpi_core.services.typed_lists import read_list, write_list
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Cadence, SourceKind
from pages.components.dataset_versions import dataset_versions
from pages.components.dialog import asked, foot, told_or_closed
from pages.components.draft import Draft
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
        _dataset(snap, code) if name == "dataset" else dataset_versions(snap, code, kept)


def _dataset(snap: Snapshot, code: str) -> None:
    dataset = snap.workshop.dataset(code)
    if dataset is None:
        return
    revision = snap.revisions["datasets", code]
    language = current().language
    place = snap.workshop.connection_of(code)  # a file goes into no database, a table is of its own one
    fitting = [one for one in snap.workshop.sources if one.connection == place]
    sources = {one.code: one.name.in_language(language) or one.code for one in fitting}

    @st.dialog(t("data_sources.edit_dataset", name=_dataset_name(snap, code)))
    def body() -> None:
        told_or_closed()
        stored = {"ja": dataset.name.ja, "en": dataset.name.en, "source": dataset.source, "owner": dataset.owner}
        draft = Draft(f"dataset.{code}", stored, revision)
        draft.text("ja", t("data_sources.name_ja"), max_chars=100)
        draft.text("en", t("data_sources.name_en"), max_chars=100)
        draft.choice("source", t("data_sources.source"), list(sources), lambda one: sources.get(one, one), index=0)
        draft.text("owner", t("quality.dataset_owner"), max_chars=100, help=t("quality.dataset_owner_help"))

        def write() -> None:
            typed = draft.values
            name = Bilingual(ja=typed["ja"].strip(), en=typed["en"].strip())
            with state() as here:
                owner = typed["owner"].strip()
                rename_dataset(here, snap.id, code, name, typed["source"], revision, current().who, owner)

        foot(draft, write, t("pages.frame.save"), "pages.frame.saved", key="dataset.save")

    body()


def _source(snap: Snapshot, source: Source | None) -> None:
    """A source's card: a stored one, or one to register."""
    shown = source or Source(code="source", kind=SourceKind.SFA)
    revision = snap.revisions["sources", source.code] if source else None
    stored = {
        "ja": shown.name.ja,
        "en": shown.name.en,
        "kind": shown.kind.value,
        "owner": shown.owner,
        "refresh": shown.refresh.value if shown.refresh else None,
        "objects": write_list(shown.objects),
    }

    title = t("data_sources.edit_source", name=shown.name.in_language(current().language) or shown.code)

    @st.dialog(title if source else t("data_sources.add_source"))
    def body() -> None:
        told_or_closed()
        draft = Draft(f"source.{source.code}" if source else "source", stored, revision)
        draft.text("ja", t("data_sources.name_ja"), max_chars=100)
        draft.text("en", t("data_sources.name_en"), max_chars=100)
        kinds = [one.value for one in SourceKind]
        draft.choice("kind", t("data_sources.kind"), kinds, lambda one: raw(f"vocabulary.source_kind.{one}"), index=0)
        draft.text("owner", t("data_sources.owner"), max_chars=100)
        draft.choice(
            "refresh",
            t("data_sources.refresh"),
            [one.value for one in Cadence],
            lambda one: raw(f"vocabulary.cadence.{one}"),
            placeholder=raw("data_sources.refresh_open"),
        )
        draft.text(
            "objects",
            t("data_sources.objects"),
            placeholder=raw("data_sources.objects_hint"),
            help=t("data_sources.objects_help"),
        )

        def write() -> None:
            typed = draft.values
            fields: dict[str, Any] = {
                "name": {"ja": typed["ja"].strip(), "en": typed["en"].strip()},
                "kind": typed["kind"],
                "owner": typed["owner"].strip(),
                "refresh": typed["refresh"],
                "objects": read_list(typed["objects"]),
            }
            if source is None:
                name = Bilingual(**fields["name"])
                if not (name.ja or name.en):
                    raise RefusedError("name_needed")
                fields["code"] = code_from(name, "source", {one.code for one in snap.workshop.sources})
            with state() as here:
                save(here, snap.id, "sources", composed(Source, fields, shown), revision, current().who)

        foot(draft, write, t("pages.frame.save"), "pages.frame.saved", key="source.save")

    body()


def _dataset_name(snap: Snapshot, code: str) -> str:
    dataset = snap.workshop.dataset(code)
    return (dataset.name.in_language(current().language) if dataset else "") or code
