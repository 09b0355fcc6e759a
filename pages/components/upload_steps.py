"""An upload in three quiet steps: the file as it is, what it becomes, store. Nothing is stored unseen.

What the person decided about a file is kept as ``ReadOptions`` in the session; the file itself stays in the uploader
until it is stored, whatever else is chosen meanwhile.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import streamlit as st

from kpi_core.data.reading import Reading, ReadOptions
from kpi_core.data.shaping.drift import repaired
from kpi_core.errors import KpiError
from kpi_core.guidance.exports import recognise
from kpi_core.model.recipe import Recipe
from kpi_core.services.adding import Upload
from kpi_core.services.datasets import inspect_for, inspect_upload, today_of
from kpi_core.services.sources import columns_lost, dataset_like
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Adding, SourceKind, Twice
from pages.components.labels import distinct
from pages.components.plain import plain
from pages.components.session import current, raw, state, t
from pages.components.trouble import show_error
from pages.components.upload_columns import column_table, decisions, problem_list
from pages.components.upload_file import file_answers, raw_preview
from pages.components.upload_recipe import STEPS, recipe_of, recipe_part, shape_part, shaped_preview

_NEW = ""
Store = Callable[[Sequence[Upload], ReadOptions, "Destination", date | None], bool]


@dataclass(frozen=True)
class Destination:
    """Where files go: into ``dataset`` (its code), else a new one named ``name`` of ``source`` or a new ``kind``.

    ``adding``, ``keys`` and ``twice`` say what becomes of the rows there are, ``new_shape`` that other columns are
    meant, and ``keep`` that the next file is to be read the same way.
    """

    dataset: str
    name: str = ""
    source: str = ""
    kind: str = ""
    adding: Adding = Adding.REPLACE
    keys: tuple[str, ...] = ()
    twice: Twice | None = None
    new_shape: bool = False
    keep: bool = False


def upload_steps(snap: Snapshot, store: Store) -> bool:
    """Drop a file, look at it, decide what is open, store it by ``store`` in a callback (true: it went well).

    Tells whether a file is there.
    """
    place = f"upload/{snap.id}"
    turn = st.session_state.setdefault(f"{place}/turn", 0)
    files = st.file_uploader(
        t("data_sources.drop"),
        accept_multiple_files=True,
        key=f"{place}/file/{turn}",
        help=t("data_sources.drop_help"),
    )
    if not files:
        st.session_state.pop(f"{place}/answers", None)
        return False
    file = files[0]
    if len(files) > 1:
        names = "、".join(one.name for one in files[1:])
        st.info(t("recipes.more_files", count=len(files) - 1, names=names), icon=":material/library_add:")
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
    kept = _kept(snap, answers)
    by_steps = bool(answers.get(STEPS) or (STEPS not in answers and kept is not None and kept.steps))
    file_answers(place, answers, reading, by_steps=by_steps)
    raw_preview(reading, by_steps=by_steps)
    recipe_part(place, answers, reading, kept)
    st.markdown(f"**{t('data_sources.step_typed', rows=f'{reading.rows:,}', columns=len(reading.columns))}**")
    if by_steps:
        shaped_preview(reading)
    column_table(place, answers, reading, options_of(answers))
    _recognised(reading)
    decisions(place, answers, reading)
    if kept is not None:
        shape_part(place, answers, reading, _mended(snap, file, answers, reading, kept))
    problem_list(reading)
    st.markdown(f"**{t('data_sources.step_store')}**")
    _store(snap, place, files, answers, reading, store)
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
        recipe=recipe_of(answers),
        suggest=STEPS not in answers,
    )


def _recognised(reading: Reading) -> None:
    """Which system the file seems to come from, and what it can measure."""
    stages = {sample for column in reading.columns for sample in column.samples}
    found = recognise([column.name for column in reading.columns], stages)
    if found is None:
        return
    pairs = [f"{raw(f'exports.meanings.{meaning}')}={column}" for meaning, column in found.meanings.items()]
    lines = [t("exports.found", system=found.system), t("exports.columns", columns="、".join(pairs))]
    if found.measures:
        names = "、".join(raw(f"exports.measures.{one.code}") for one in found.measures)
        lines.append(t("exports.can_measure", measures=names))
    st.info("  \n".join(lines), icon=":material/lightbulb:")


def _kept(snap: Snapshot, answers: dict[str, Any]) -> Recipe | None:
    """The recipe of the dataset the file goes into."""
    dataset = snap.workshop.dataset(answers.get("into") or "")
    return None if dataset is None else dataset.recipe


def _mended(snap: Snapshot, file: Any, answers: dict[str, Any], reading: Reading, kept: Recipe) -> Recipe | None:
    """The kept recipe as it would fit a file of another shape."""
    moved = any(problem.code == "shape_moved" for problem in reading.problems)
    plain_options = replace(options_of(answers), recipe=None, suggest=True)
    layout = _on_disk(file, lambda path: inspect_upload(path, file.name, plain_options)).suggestion if moved else None
    return repaired(kept, reading, layout.steps if layout else ())


def _read(snap: Snapshot, place: str, file: Any, answers: dict[str, Any]) -> Reading | KpiError:
    """The reading of the file under the decisions so far, kept for the session until one of them changes."""
    options = options_of(answers)
    dataset = snap.workshop.dataset(answers.get("into") or "")
    stated = dataset is not None and (dataset.recipe is not None or any(column.type for column in dataset.columns))
    new_shape = bool(st.session_state.get(f"{place}/new_shape/{answers['file']}"))
    key = (file.file_id, repr(options.to_json()), dataset.code if dataset is not None and stated else "", new_shape)
    kept = st.session_state.get(f"{place}/reading")
    if kept is not None and kept[0] == key:
        return kept[1]

    def read(path: Path) -> Reading:
        if dataset is None or not stated:
            return inspect_upload(path, file.name, options)
        with state() as here:
            return inspect_for(here, snap.id, dataset.code, path, file.name, options, new_shape=new_shape)

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


def _all_on_disk(files: Sequence[Any], use: Callable[[Sequence[Upload]], Any]) -> Any:
    with tempfile.TemporaryDirectory(prefix="kpi_upload_") as folder:
        uploads = [Upload(Path(folder) / f"upload{at}", file.name) for at, file in enumerate(files)]
        for upload, file in zip(uploads, files, strict=True):
            upload.path.write_bytes(file.getbuffer())
        return use(uploads)


def _store(
    snap: Snapshot, place: str, files: Sequence[Any], answers: dict[str, Any], reading: Reading, store: Store
) -> None:
    into = _destination(snap, place, files[0], answers, reading)
    into = how_to_add(snap, place, answers, reading, into)
    as_of_key = f"{place}/as_of/{answers['file']}"

    def write() -> None:
        as_of = st.session_state.get(as_of_key)
        options = replace(options_of(answers), suggest=False)
        if _all_on_disk(files, lambda uploads: store(uploads, options, into, as_of)):
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


def how_to_add(snap: Snapshot, place: str, answers: dict[str, Any], reading: Reading, into: Destination) -> Destination:
    """What becomes of the rows there are, and whether this way of reading is kept for the next file."""
    file = answers["file"]
    kept = _kept(snap, answers)
    adding, keys, twice = kept.adding if kept else Adding.REPLACE, kept.keys if kept else (), None
    if into.dataset:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            adding = (
                st.segmented_control(
                    t("recipes.adding"),
                    list(Adding),
                    default=adding,
                    format_func=lambda one: t(f"vocabulary.adding.{one.value}"),
                    key=f"{place}/adding/{file}",
                )
                or adding
            )
            if adding is Adding.UPSERT:
                names = [column.name for column in reading.columns]
                here = [key for key in keys if key in names]
                keys = tuple(st.multiselect(t("recipes.keys"), names, here, key=f"{place}/keys/{file}", width=320))
            elif adding is Adding.APPEND:
                twice = st.segmented_control(
                    t("recipes.twice"),
                    list(Twice),
                    format_func=lambda one: t(f"vocabulary.twice.{one.value}"),
                    key=f"{place}/twice/{file}",
                    help=t("recipes.twice_help"),
                )
    steps = bool(answers.get(STEPS))
    keep = st.checkbox(t("recipes.keep"), value=steps or kept is not None, key=f"{place}/keep/{file}/{steps}")
    return replace(into, adding=adding, keys=keys, twice=twice, keep=keep, new_shape=bool(answers.get("new_shape")))


def _destination(snap: Snapshot, place: str, file: Any, answers: dict[str, Any], reading: Reading) -> Destination:
    """Where the file goes; a file with the columns of a dataset is taken for its newer version, to be confirmed."""
    language = current().language
    files_of = [one for one in snap.workshop.datasets if snap.workshop.connection_of(one.code) is None]
    names = {one.code: one.name.in_language(language) or one.code for one in files_of}
    columns = [column.name for column in reading.columns]
    if answers.get("into", _NEW) not in (_NEW, *names):
        answers["into"] = _NEW
    if "into" not in answers and names:
        with state() as here:
            answers["into"] = dataset_like(here, snap.id, columns, file.name, reading.source) or _NEW
        chosen = snap.workshop.dataset(answers["into"])
        if chosen is not None and (chosen.recipe is not None or any(column.type for column in chosen.columns)):
            st.rerun()  # read again with the recipe and types stated for that dataset
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
