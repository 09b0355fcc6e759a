"""The reading of an uploaded file under what the person decided about it, kept while nothing of that changes."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from kpi_core.data.reading import Reading, ReadOptions
from kpi_core.errors import KpiError
from kpi_core.model.recipe import Recipe
from kpi_core.services.adding import Upload
from kpi_core.services.inspecting import as_further, inspect_for, inspect_upload, mended_recipe
from kpi_core.services.workshops import Snapshot
from pages.components.session import state
from pages.components.upload_recipe import STEPS, recipe_of


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


def read_file(snap: Snapshot, place: str, file: Any, answers: dict[str, Any]) -> Reading | KpiError:
    """The reading of the file under the decisions so far, kept for the session until one of them changes."""
    options = options_of(answers)
    dataset = snap.workshop.dataset(answers.get("into") or "")
    stated = dataset is not None and (dataset.recipe is not None or any(column.type for column in dataset.columns))
    new_shape = bool(st.session_state.get(f"{place}/new_shape/{answers['file']}"))
    key = (file.file_id, repr(options.to_json()), dataset.code if dataset is not None and stated else "", new_shape)
    first = file.file_id == answers["file"]
    name = f"{place}/reading" if first else f"{place}/reading/{file.file_id}"
    kept = st.session_state.get(name)
    if kept is not None and kept[0] == key:
        return kept[1]

    tables = Folder()

    def read(path: Path) -> Reading:
        if dataset is None or not stated:
            alone = inspect_upload(path, file.name, options, into=tables.path)
            return alone if first else as_further(alone, options)
        with state() as here:
            how = {"new_shape": new_shape, "further": not first}
            return inspect_for(here, snap.id, dataset.code, path, file.name, options, into=tables.path, **how)

    try:
        found: Reading | KpiError = on_disk(file, read)
    except KpiError as error:
        found = error
    st.session_state[name] = (key, found, tables)
    return found


class Folder:
    """A folder that lasts as long as the session holds this."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="kpi_upload_"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def remembered(name: str, about: object, make: Callable[[], Any]) -> Any:
    """What ``make`` gives, kept in the session while ``about`` is the same."""
    kept = st.session_state.get(name)
    if kept is None or kept[0] != about:
        kept = st.session_state[name] = (about, make())
    return kept[1]


def mended(file: Any, answers: dict[str, Any], reading: Reading, kept: Recipe) -> Recipe | None:
    """The kept recipe as it would fit a file of another shape."""
    options = options_of(answers)
    return on_disk(file, lambda path: mended_recipe(kept, reading, path, file.name, options))


def on_disk(file: Any, use: Callable[[Path], Any]) -> Any:
    with tempfile.TemporaryDirectory(prefix="kpi_upload_") as folder:
        path = Path(folder) / "upload"
        path.write_bytes(file.getbuffer())
        return use(path)


def all_on_disk(files: Sequence[Any], use: Callable[[Sequence[Upload]], Any]) -> Any:
    with tempfile.TemporaryDirectory(prefix="kpi_upload_") as folder:
        uploads = [Upload(Path(folder) / f"upload{at}", file.name) for at, file in enumerate(files)]
        for upload, file in zip(uploads, files, strict=True):
            upload.path.write_bytes(file.getbuffer())
        return use(uploads)
