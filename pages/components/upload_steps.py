"""An upload in three quiet steps: the file as it is, what it becomes, store. Nothing is stored unseen.

What the person decided about a file is kept as ``ReadOptions`` in the session; the file itself stays in the uploader
until it is stored, whatever else is chosen meanwhile.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import streamlit as st

from kpi_core.data.reading import Reading, ReadOptions
from kpi_core.errors import KpiError
from kpi_core.services.datasets import inspect_for, inspect_upload, today_of
from kpi_core.services.sources import columns_lost, dataset_like
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import SourceKind
from pages.components.labels import distinct
from pages.components.plain import plain
from pages.components.session import current, raw, state, t
from pages.components.trouble import show_error
from pages.components.upload_columns import column_table, decisions, problem_list
from pages.components.upload_file import file_answers, raw_preview

_NEW = ""
Store = Callable[[Path, str, ReadOptions, "Destination", date | None], bool]


@dataclass(frozen=True)
class Destination:
    """Where a file goes: into ``dataset`` (its code), else a new one named ``name`` of ``source`` or a new ``kind``."""

    dataset: str
    name: str = ""
    source: str = ""
    kind: str = ""


def upload_steps(snap: Snapshot, store: Store) -> bool:
    """Drop a file, look at it, decide what is open, store it by ``store`` in a callback (true: it went well).

    Tells whether a file is there.
    """
    place = f"upload/{snap.id}"
    turn = st.session_state.setdefault(f"{place}/turn", 0)
    file = st.file_uploader(t("data_sources.drop"), key=f"{place}/file/{turn}", help=t("data_sources.drop_help"))
    if file is None:
        st.session_state.pop(f"{place}/answers", None)
        return False
    answers: dict[str, Any] = st.session_state.setdefault(f"{place}/answers", {})
    if answers.get("file") != file.file_id:
        answers.clear()
        answers["file"] = file.file_id
    with st.spinner(t("data_sources.reading")):
        reading = _read(snap, place, file, answers)
    st.markdown(f"**{t('data_sources.step_raw')}**")
    if isinstance(reading, KpiError):
        show_error(reading)
        is_text = Path(file.name).suffix.lower() in (".csv", ".tsv", ".txt")
        file_answers(place, answers, None, is_text=is_text)
        return True
    file_answers(place, answers, reading)
    raw_preview(reading)
    st.markdown(f"**{t('data_sources.step_typed', rows=f'{reading.rows:,}', columns=len(reading.columns))}**")
    column_table(place, answers, reading, options_of(answers))
    decisions(place, answers, reading)
    problem_list(reading)
    st.markdown(f"**{t('data_sources.step_store')}**")
    _store(snap, place, file, answers, reading, store)
    return True


def options_of(answers: dict[str, Any]) -> ReadOptions:
    """What the person decided about the file so far."""
    return ReadOptions(
        sheet=answers.get("sheet"),
        header_row=answers.get("header_row"),
        encoding=answers.get("encoding"),
        delimiter=answers.get("delimiter"),
        types=answers.get("types", {}),
        day_first=answers.get("day_first", {}),
        blank_failed=frozenset(answers.get("blank", ())),
    )


def _read(snap: Snapshot, place: str, file: Any, answers: dict[str, Any]) -> Reading | KpiError:
    """The reading of the file under the decisions so far, kept for the session until one of them changes."""
    options = options_of(answers)
    dataset = snap.workshop.dataset(answers.get("into") or "")
    stated = dataset is not None and any(column.type for column in dataset.columns)
    key = (file.file_id, repr(options.to_json()), dataset.code if dataset is not None and stated else "")
    kept = st.session_state.get(f"{place}/reading")
    if kept is not None and kept[0] == key:
        return kept[1]

    def read(path: Path) -> Reading:
        if dataset is None or not stated:
            return inspect_upload(path, file.name, options)
        with state() as here:
            return inspect_for(here, snap.id, dataset.code, path, file.name, options)

    try:
        found: Reading | KpiError = _on_disk(file, read)
    except KpiError as error:
        found = error
    st.session_state[f"{place}/reading"] = (key, found)
    return found


def _on_disk(file: Any, use: Callable[[Path], Any]) -> Any:
    with tempfile.TemporaryDirectory(prefix="kpi_upload_") as folder:
        path = Path(folder) / "upload"
        path.write_bytes(file.getbuffer())
        return use(path)


def _store(snap: Snapshot, place: str, file: Any, answers: dict[str, Any], reading: Reading, store: Store) -> None:
    into = _destination(snap, place, file, answers, reading)
    as_of_key = f"{place}/as_of/{answers['file']}"

    def write() -> None:
        as_of = st.session_state.get(as_of_key)
        if _on_disk(file, lambda path: store(path, file.name, options_of(answers), into, as_of)):
            st.session_state[f"{place}/turn"] += 1  # an uploader with another key is an empty one
            st.session_state.pop(f"{place}/answers", None)
            st.session_state.pop(f"{place}/reading", None)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.date_input(
            t("data_sources.as_of"),
            value=today_of(snap.workshop),
            key=as_of_key,
            format="YYYY/MM/DD",
            help=t("data_sources.as_of_help"),
            width=180,
        )
        st.button(
            t("data_sources.store", rows=f"{reading.rows:,}"),
            type="primary",
            key=f"{place}/store",
            disabled=reading.blocked,
            on_click=write,
        )
    if reading.blocked:
        st.caption(t("data_sources.blocked"))


def _destination(snap: Snapshot, place: str, file: Any, answers: dict[str, Any], reading: Reading) -> Destination:
    """Where the file goes; a file with the columns of a dataset is taken for its newer version, to be confirmed."""
    language = current().language
    names = {one.code: one.name.in_language(language) or one.code for one in snap.workshop.datasets}
    columns = [column.name for column in reading.columns]
    if answers.get("into", _NEW) not in (_NEW, *names):
        answers["into"] = _NEW
    if "into" not in answers and names:
        with state() as here:
            answers["into"] = dataset_like(here, snap.id, columns) or _NEW
        if answers["into"] and any(column.type for column in snap.workshop.dataset(answers["into"]).columns):
            st.rerun()  # read again with the types stated for that dataset
    if names:
        _choose_dataset(place, answers, names)
    chosen = answers.get("into", _NEW)
    if not chosen:
        return _new_dataset(snap, place, file)
    with state() as here:
        lost = columns_lost(here, snap.id, chosen, columns)
    if lost:
        st.warning(t("data_sources.columns_lost", columns="、".join(lost)))
    return Destination(chosen)


def _choose_dataset(place: str, answers: dict[str, Any], names: dict[str, str]) -> None:
    key = f"{place}/into/{answers['file']}"
    st.session_state[key] = answers.get("into", _NEW)

    def keep() -> None:
        answers["into"] = st.session_state[key]

    words = {_NEW: raw("data_sources.new_dataset")}
    words |= {code: raw("data_sources.newer_version", name=name) for code, name in names.items()}
    st.selectbox(
        t("data_sources.upload_into"),
        list(words),
        format_func=distinct(words, words.__getitem__),
        key=key,
        on_change=keep,
        width=420,
    )


def _new_dataset(snap: Snapshot, place: str, file: Any) -> Destination:
    """The new dataset's name, and the source it comes from."""
    language = current().language
    sources = {one.code: one.name.in_language(language) or one.code for one in snap.workshop.sources}
    options = {f"old/{code}": name for code, name in sources.items()}
    for kind in SourceKind:
        options[f"new/{kind.value}"] = raw("data_sources.new_source", kind=raw(f"vocabulary.source_kind.{kind.value}"))
    with st.grid(2, min_column_width=260):
        name = st.text_input(
            t("data_sources.dataset_name"),
            key=f"{place}/name/{file.file_id}",
            placeholder=Path(file.name).stem,
            max_chars=100,
            help=t("data_sources.dataset_name_help", name=plain(Path(file.name).stem)),
        )
        source = st.selectbox(
            t("data_sources.source"),
            list(options),
            format_func=distinct(options, options.__getitem__),
            key=f"{place}/source",
        )
    origin, _, code = (source or "new/sfa").partition("/")
    return Destination(_NEW, name, code if origin == "old" else "", code if origin == "new" else "")
