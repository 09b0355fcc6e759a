"""The datasets a workshop has, with their versions, and the upload of a new one or of a newer version."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import streamlit as st

from kpi_core.data.reading import ReadOptions
from kpi_core.model.base import Bilingual
from kpi_core.model.dataset import Dataset, Source
from kpi_core.services.codes import code_from
from kpi_core.services.composing import composed
from kpi_core.services.datasets import store_upload, today_of, versions
from kpi_core.services.measuring import refresh
from kpi_core.services.sources import add_dataset
from kpi_core.services.workshops import Snapshot
from kpi_core.store.state import State
from kpi_core.text.periods import format_date, format_datetime
from kpi_core.vocabulary import SourceKind
from pages.components.outcome import attempt
from pages.components.session import current, raw, state, t
from pages.components.upload_steps import upload_steps

_NEW = ""


def source_uploads(snap: Snapshot) -> None:
    """What there is, then the upload."""
    _kept(snap)
    names = {_NEW: raw("data_sources.new_dataset"), **{one.code: _name(one) for one in snap.workshop.datasets}}
    with st.container(border=True, key="upload"):
        st.markdown(f"**{t('data_sources.upload')}**")
        chosen = st.selectbox(
            raw("data_sources.upload_into"),
            list(names),
            format_func=lambda code: names.get(code, code),
            key="data_sources.into",
        )
        target = chosen if chosen in names else _NEW
        new = _new_dataset(snap) if target == _NEW else None

        def store(path: Path, file_name: str, options: ReadOptions, as_of: date | None) -> None:
            _store(snap, target, new, path, file_name, options, as_of)

        upload_steps(f"upload/{snap.id}/{target}", store, today_of(snap.workshop))


def _kept(snap: Snapshot) -> None:
    if not snap.workshop.datasets:
        st.markdown(t("data_sources.no_datasets"))
        return
    language = current().language
    sources = {source.code: source.name.in_language(language) or source.code for source in snap.workshop.sources}
    with state() as here:
        kept = versions(here, snap.id)
    rows = []
    for dataset in snap.workshop.datasets:
        own = [version for version in kept if version.dataset == dataset.code]
        at = format_datetime(own[0].uploaded_at, language, snap.workshop.settings.timezone) if own else ""
        rows.append(
            (
                _name(dataset),
                sources.get(dataset.source, dataset.source),
                own[0].file_name if own else raw("data_sources.not_uploaded"),
                own[0].rows if own else None,
                format_date(own[0].as_of, language) if own else "",
                at,
                len(own),
            )
        )
    shown = ("dataset", "source", "file", "rows", "as_of", "at", "versions")
    heads = [raw(f"data_sources.kept_{one}") for one in shown]
    st.dataframe(pd.DataFrame(rows, columns=heads).astype({heads[3]: "Int64"}), hide_index=True)


def _new_dataset(snap: Snapshot) -> tuple[str, str, str]:
    """The new dataset's name, and the source it comes from: (name, source code or empty, kind of a new source)."""
    language = current().language
    sources = {one.code: one.name.in_language(language) or one.code for one in snap.workshop.sources}
    kinds = {kind.value: raw(f"vocabulary.source_kind.{kind.value}") for kind in SourceKind}
    known = {f"new/{kind}": raw("data_sources.new_source", kind=word) for kind, word in kinds.items()}
    options = {**{f"old/{code}": name for code, name in sources.items()}, **known}
    left, right = st.columns(2)
    name = left.text_input(
        t("data_sources.dataset_name"), key="data_sources.new_name", placeholder=raw("data_sources.dataset_name_hint")
    )
    source = right.selectbox(
        raw("data_sources.source"), list(options), format_func=lambda one: options[one], key="data_sources.new_source"
    )
    origin, _, code = (source or "new/sfa").partition("/")
    return name, code if origin == "old" else "", code if origin == "new" else ""


def _store(
    snap: Snapshot,
    target: str,
    new: tuple[str, str, str] | None,
    path: Path,
    file_name: str,
    options: ReadOptions,
    as_of: date | None,
) -> None:
    def write() -> None:
        with state() as here:
            code = target
            if new is not None:
                code = _add(here, snap, new, file_name)
            store_upload(here, snap.id, code, path, file_name, options, current().who, as_of=as_of)
            refresh(here, snap.id, current().who)

    attempt(write, "data_sources.stored", name=file_name)


def _add(here: State, snap: Snapshot, new: tuple[str, str, str], file_name: str) -> str:
    name, source_code, kind = new
    title = name.strip() or Path(file_name).stem
    source = None
    if not source_code:
        words = Bilingual(ja=raw(f"vocabulary.source_kind.{kind}"), en="")
        source_code = code_from(Bilingual(en=kind), "source", {one.code for one in snap.workshop.sources})
        source = composed(Source, {"code": source_code, "kind": kind, "name": words})
    code = code_from(Bilingual(en=title, ja=title), "dataset", {one.code for one in snap.workshop.datasets})
    dataset = composed(Dataset, {"code": code, "source": source_code, "name": {"ja": title, "en": ""}})
    add_dataset(here, snap.id, dataset, source, current().who)
    return code


def _name(dataset: Dataset) -> str:
    return dataset.name.in_language(current().language) or dataset.code
