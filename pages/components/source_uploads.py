"""The datasets a workshop has, and the upload of a new one or of a newer version of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import streamlit as st

from kpi_core.data.reading import ReadOptions
from kpi_core.errors import RefusedError
from kpi_core.model.base import Bilingual
from kpi_core.model.dataset import Dataset, Source
from kpi_core.services.adding import Upload, store_files
from kpi_core.services.codes import code_from
from kpi_core.services.composing import composed
from kpi_core.services.measuring import refresh
from kpi_core.services.quality import check_outdated, last_runs
from kpi_core.services.recipes import keep_recipe, keep_way
from kpi_core.services.sources import upload_files
from kpi_core.services.workshops import Snapshot
from kpi_core.text import say
from kpi_core.vocabulary import Language, NodeKind, Page
from pages.components.connect_part import connect_part, connected_now
from pages.components.dataset_list import dataset_list
from pages.components.frame import address, entry_of
from pages.components.outcome import attempt
from pages.components.part_tabs import open_part
from pages.components.session import current, state, t
from pages.components.upload_refused import keep_refusal
from pages.components.upload_steps import upload_steps
from pages.components.upload_target import Destination

_STORED = "data_sources.stored_last"


def source_uploads(snap: Snapshot) -> None:
    """What there is, then the upload."""
    if not snap.workshop.datasets:
        st.markdown(t("data_sources.no_datasets"))
    dataset_list(snap)
    connected_now(snap)
    with st.container(border=True, key="upload"):
        st.subheader(t("data_sources.upload"), anchor=False)
        stored = st.container()

        def store(files: Sequence[Upload], options: ReadOptions, into: Destination, as_of: date | None) -> bool:
            return _store(snap, files, options, into, as_of)

        if not upload_steps(snap, store):
            with stored:
                _stored(snap)
    connect_part(snap)


def _stored(snap: Snapshot) -> None:
    """What the last upload of this session brought, and what to do with it."""
    last = st.session_state.get(_STORED)
    if last is None or last["workshop"] != snap.id or snap.workshop.dataset(last["dataset"]) is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        next_step = _next_step(snap, last["dataset"])
        words = t(f"data_sources.stored_{next_step}", name=last["file"], rows=f"{last['rows']:,}")
        st.success(words, icon=":material/check:")
        if next_step == "mapping":
            st.button(
                t("data_sources.to_mapping"),
                type="primary",
                icon=":material/arrow_forward:",
                key="data_sources.to_mapping",
                on_click=open_part,
                args=("data_sources.part", "mapping"),
            )
        else:
            page = Page.KPI_DESIGN if next_step == "design" else Page.DASHBOARD
            st.page_link(
                entry_of(page),
                label=t(f"data_sources.to_{next_step}"),
                icon=":material/arrow_forward:",
                query_params=address(),
            )
    if last.get("broken"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(t("quality.stored_with", count=last["broken"]), icon=":material/warning:")
            st.button(
                t("quality.see"),
                key="data_sources.to_quality",
                icon=":material/arrow_forward:",
                on_click=open_part,
                args=("data_sources.part", "quality"),
            )


def _next_step(snap: Snapshot, dataset: str) -> str:
    """What is to be done with a dataset just stored: design KPIs, map them to it, or look at their numbers."""
    kpis = [node for node in snap.workshop.nodes if node.kind is not NodeKind.KSF]
    if not kpis:
        return "design"
    parts = [part for node in kpis for part in (node.measure.parts if node.measure is not None else ())]
    return "dashboard" if any(part.dataset == dataset for part in parts) else "mapping"


def _store(
    snap: Snapshot, files: Sequence[Upload], options: ReadOptions, into: Destination, as_of: date | None
) -> bool:
    def write() -> None:
        who = current().who
        with state() as here:
            way = into.way
            how = {"adding": way.adding, "keys": way.keys, "twice": way.twice, "new_shape": way.new_shape}
            how |= {"period": way.period}
            if into.dataset:
                try:
                    kept = store_files(here, snap.id, into.dataset, files, options, who, as_of=as_of, **how)
                except RefusedError as error:
                    if error.code != "upload_rules_broken":
                        raise
                    keep_refusal(error)  # its rules and rows are told where the file is
                    raise RefusedError(error.code, **error.params) from error
            else:
                dataset, source = _new(snap, into, files[0].file_name)
                kept = upload_files(here, snap.id, dataset, source, files, options, who, as_of, way.twice, way.period)
            if into.keep:
                keep_recipe(here, snap.id, kept.dataset, options, kept.reading, who, way if into.chosen else None)
            elif into.chosen:
                keep_way(here, snap.id, kept.dataset, way, who)
            refresh(here, snap.id, who)
            check_outdated(here, snap.id, who)
            run = last_runs(here, snap.id).get(kept.dataset)
            broken = sum(result.failed > 0 for result in run.results) if run is not None else 0
        st.session_state[_STORED] = {
            "workshop": snap.id,
            "dataset": kept.dataset,
            "file": kept.file_name,
            "rows": into.rows,
            "broken": broken,
        }

    return attempt(write)


def _new(snap: Snapshot, into: Destination, file_name: str) -> tuple[Dataset, Source | None]:
    """The new dataset, and its source where that is new too."""
    title = into.name.strip() or Path(file_name).stem
    source, source_code = None, into.source
    if not source_code:
        words = {language.value: say(f"vocabulary.source_kind.{into.kind}", language) for language in Language}
        source_code = code_from(Bilingual(en=into.kind), "source", {one.code for one in snap.workshop.sources})
        source = composed(Source, {"code": source_code, "kind": into.kind, "name": words})
    code = code_from(Bilingual(en=title, ja=title), "dataset", {one.code for one in snap.workshop.datasets})
    names = {current().language.value: title}
    return composed(Dataset, {"code": code, "source": source_code, "name": names}), source
