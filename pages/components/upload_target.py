"""Where an upload goes: a new dataset or a newer version of one, beside its rows or in their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from kpi_core.data.reading import Reading
from kpi_core.data.shaping.drift import has_moved, renames
from kpi_core.guidance.exports import recognise
from kpi_core.model.recipe import Recipe
from kpi_core.services.adding import Way
from kpi_core.services.sources import columns_lost, datasets_like, lies_as_stored, stored_shape
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import SourceKind
from pages.components.labels import distinct
from pages.components.plain import plain
from pages.components.recipe_repair import rename_offer
from pages.components.session import current, listed, raw, state, t
from pages.components.upload_recipe import take_steps

_NEW = ""


@dataclass(frozen=True)
class Destination:
    """Where files go: into ``dataset`` (its code), else a new one named ``name`` of ``source`` or a new ``kind``.

    ``way`` says what becomes of the rows there are, ``keep`` that the next file is to be read the same way, and
    ``chosen`` that it is to be added this way, whether read the same or not; ``rows`` are those that
    are stored of the files.
    """

    dataset: str
    name: str = ""
    source: str = ""
    kind: str = ""
    way: Way = field(default_factory=Way)
    keep: bool = False
    chosen: bool = False
    rows: int = 0


def kept_recipe(snap: Snapshot, answers: dict[str, Any]) -> Recipe | None:
    """The recipe of the dataset the file goes into."""
    dataset = snap.workshop.dataset(answers.get("into") or "")
    return None if dataset is None else dataset.recipe


def find_dataset(snap: Snapshot, file: Any, answers: dict[str, Any], reading: Reading) -> tuple[str, ...]:
    """A file with the columns of a dataset is taken for its newer version, to be confirmed.

    Where several datasets fit equally well none is taken: they are given back, for the person to choose.
    """
    codes = [one.code for one in snap.workshop.datasets]
    if answers.get("into", _NEW) not in (_NEW, *codes):
        answers["into"] = _NEW
    if "into" in answers or not codes:
        return ()
    columns = [column.name for column in reading.columns]
    with state() as here:
        found = datasets_like(here, snap.id, columns, file.name, reading.source)
    if len(found) > 1:
        return found
    answers["into"] = next(iter(found), _NEW)
    _read_as_stated(snap, answers)
    return ()


def _read_as_stated(snap: Snapshot, answers: dict[str, Any]) -> None:
    chosen = snap.workshop.dataset(answers["into"])
    if chosen is not None and (chosen.recipe is not None or any(column.type for column in chosen.columns)):
        st.rerun()  # read again with the recipe and types stated for that dataset


def choose_fitting(snap: Snapshot, place: str, answers: dict[str, Any], fitting: Sequence[str]) -> None:
    """Asks which of the datasets that a file fits equally well it goes into; all else waits for that."""
    names = _names(snap)
    words = {code: raw("data_sources.newer_version", name=names[code]) for code in fitting if code in names}
    words[_NEW] = raw("data_sources.new_dataset")
    key = f"{place}/which/{answers['file']}"

    def keep() -> None:
        answers["into"] = st.session_state[key]

    with st.container(border=True, key="which_dataset"):
        st.markdown(f":orange[▲] {t('data_sources.which_fits', names=listed(names[code] for code in fitting))}")
        st.radio(
            t("data_sources.upload_into"),
            list(words),
            index=None,
            format_func=distinct(words, words.__getitem__),
            key=key,
            on_change=keep,
        )


def lies_as_it_was(snap: Snapshot, answers: dict[str, Any], reading: Reading) -> bool:
    """Whether the file, as it stands, has the columns of the dataset it goes into."""
    into = answers.get("into")
    if not into:
        return False
    with state() as here:
        return lies_as_stored(here, snap.id, into, [column.name for column in reading.columns])


def _names(snap: Snapshot) -> dict[str, str]:
    """The datasets that files go into, and what they are called."""
    language = current().language
    files_of = [one for one in snap.workshop.datasets if snap.workshop.connection_of(one.code) is None]
    return {one.code: one.name.in_language(language) or one.code for one in files_of}


def destination(snap: Snapshot, place: str, file: Any, answers: dict[str, Any], reading: Reading) -> Destination:
    """Where the file goes, as found or as the person says."""
    names = _names(snap)
    columns = [column.name for column in reading.columns]
    if names:
        _choose_dataset(place, answers, names)
    chosen = answers.get("into", _NEW)
    if not chosen:
        return _new_dataset(snap, place, file, columns)
    if not _told_as_shape(reading):
        _other_columns(snap, place, answers, reading, chosen)
    return Destination(chosen)


def _other_columns(snap: Snapshot, place: str, answers: dict[str, Any], reading: Reading, chosen: str) -> None:
    """The columns that the rows there are have and the file lacks; those renamed with what gives them their names."""
    columns = [column.name for column in reading.columns]
    with state() as here:
        lost, stored = columns_lost(here, snap.id, chosen, columns), stored_shape(here, snap.id, chosen)
    plain = list(reading.source) == columns and not has_moved(stored, reading)
    renamed = renames(stored.source, columns) if lost and plain else {}
    gone = [name for name in lost if name not in renamed]
    if gone:
        st.warning(t("data_sources.columns_lost", columns=listed(gone)))
    if renamed:
        rename_offer(place, answers, reading, stored, renamed, take_steps)


def _told_as_shape(reading: Reading) -> bool:
    """Whether the file's other shape is told above, with what mends it."""
    return any(one.code.startswith("shape_") and one.code != "shape_added" for one in reading.problems)


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


def _new_dataset(snap: Snapshot, place: str, file: Any, columns: Sequence[str]) -> Destination:
    """The new dataset's name, and the source it comes from: of the kind of a recognised export."""
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
            list(options).index(_proposed_source(snap, columns)),
            format_func=distinct(options, options.__getitem__),
            key=f"{place}/source/{file.file_id}",
        )
    origin, _, code = (source or "new/sheet").partition("/")
    return Destination(_NEW, name, code if origin == "old" else "", code if origin == "new" else "")


def _proposed_source(snap: Snapshot, columns: Sequence[str]) -> str:
    """A source of the recognised system's kind, of sheets for a file nobody recognises; a new one where none is."""
    export = recognise(columns)
    kind = SourceKind.SHEET if export is None else export.kind
    fitting = [one.code for one in snap.workshop.sources if one.kind is kind]
    return f"old/{fitting[0]}" if fitting else f"new/{kind.value}"
