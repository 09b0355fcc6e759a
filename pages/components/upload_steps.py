"""An upload in three quiet steps: the file as it is, what it becomes, store. Nothing is stored unseen.

What the person decided about a file is kept as ``ReadOptions`` in the session; the file itself stays until it is
stored or taken out, whatever else is chosen and looked at meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from kpi_core.data.reading import Reading, ReadOptions
from kpi_core.errors import KpiError
from kpi_core.services.adding import Upload, Way
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Adding
from pages.components.recipe_repair import shape_repair
from pages.components.session import listed, t
from pages.components.trouble import show_details, show_error, told
from pages.components.upload_adding import way_of, what_happens
from pages.components.upload_columns import column_table, decisions, problem_list
from pages.components.upload_day import day_field, day_of
from pages.components.upload_file import file_answers, raw_preview
from pages.components.upload_reading import all_on_disk, mended, options_of, read_file
from pages.components.upload_recipe import STEPS, proposal_open, recipe_part, shaped_preview, take_steps
from pages.components.upload_recognised import recognised_part
from pages.components.upload_refused import refused_rules
from pages.components.upload_target import (
    Destination,
    choose_fitting,
    destination,
    find_dataset,
    kept_recipe,
    lies_as_it_was,
)
from pages.components.uploader import chosen_files

Store = Callable[[Sequence[Upload], ReadOptions, Destination, date | None], bool]


def upload_steps(snap: Snapshot, store: Store) -> bool:
    """Drop a file, look at it, decide what is open, store it by ``store`` in a callback (true: it went well).

    Tells whether a file is there.
    """
    place = f"upload/{snap.id}"
    turn = st.session_state.setdefault(f"{place}/turn", 0)
    files = chosen_files(place, turn)
    if not files:
        st.session_state.pop(f"{place}/answers", None)
        return False
    file = files[0]
    if len(files) > 1:
        names = listed(one.name for one in files[1:])
        st.info(t("recipes.more_files", count=len(files) - 1, names=names), icon=":material/library_add:")
    answers: dict[str, Any] = st.session_state.setdefault(f"{place}/answers", {})
    if answers.get("file") != file.file_id:
        answers.clear()
        answers["file"] = file.file_id
    with st.spinner(t("data_sources.reading")):
        reading = read_file(snap, place, file, answers)
    st.markdown(f"**{t('data_sources.step_raw')}**")
    if isinstance(reading, KpiError):
        show_error(reading)
        is_text = Path(file.name).suffix.lower() in (".csv", ".tsv", ".txt")
        file_answers(place, answers, None, is_text=is_text)
        return True
    fitting = find_dataset(snap, file, answers, reading)
    kept = kept_recipe(snap, answers)
    by_steps = bool(answers.get(STEPS) or (STEPS not in answers and kept is not None and kept.steps))
    file_answers(place, answers, reading, by_steps=by_steps)
    raw_preview(reading, by_steps=by_steps)
    if fitting:
        choose_fitting(snap, place, answers, fitting)
        return True
    as_stored = STEPS not in answers and reading.suggestion is not None and lies_as_it_was(snap, answers, reading)
    recipe_part(place, answers, reading, kept, snap.workshop.settings.fiscal_year_start, as_stored=as_stored)
    if proposal_open(answers, reading, kept, as_stored=as_stored):
        st.caption(t("recipes.decide_first", rows=f"{reading.rows:,}", columns=len(reading.columns)))
        return True
    st.markdown(f"**{t('data_sources.step_typed', rows=f'{reading.rows:,}', columns=len(reading.columns))}**")
    if by_steps:
        shaped_preview(reading)
    column_table(place, answers, reading, options_of(answers), kept)
    recognised_part(place, reading)
    decisions(place, answers, reading)
    if kept is not None:
        shape_repair(place, answers, reading, kept, mended(file, answers, reading, kept), take_steps)
    problem_list(reading)
    st.markdown(f"**{t('data_sources.step_store')}**")
    _store(snap, place, files, answers, reading, store)
    return True


def _others(
    snap: Snapshot, place: str, files: Sequence[Any], answers: dict[str, Any], reading: Reading
) -> list[Reading | KpiError]:
    """Every file's own reading, a line each where there are several."""
    found: list[Reading | KpiError] = [reading, *(read_file(snap, place, file, answers) for file in files[1:])]
    for file, one in zip(files, found, strict=True) if len(files) > 1 else ():
        if isinstance(one, KpiError):
            st.markdown(f":red[▼] {t('recipes.file_refused', name=file.name)} {told(one)}")
        else:
            mark = ":red[▼] " if one.blocked else ""
            words = t("recipes.file_rows", name=file.name, rows=f"{one.rows:,}", columns=len(one.columns))
            st.markdown(f"{mark}{words}")
            for problem in one.problems if file is not files[0] else ():
                if problem.code in ("shape_year", "shape_unit"):
                    st.markdown(f":red[{told(problem)}] {t('recipes.file_alone')}")
    show_details(one for one in found if isinstance(one, KpiError))
    return found


def _store_words(into: Destination) -> str:
    """What the button does."""
    adding = into.way.adding.value if into.dataset and into.way.adding else "new"
    return t(f"recipes.store.{adding}", rows=f"{into.rows:,}")


def _store(
    snap: Snapshot, place: str, files: Sequence[Any], answers: dict[str, Any], reading: Reading, store: Store
) -> None:
    into = destination(snap, place, files[0], answers, reading)
    found = _others(snap, place, files, answers, reading)
    readings = [one for one in found if isinstance(one, Reading)]
    parts = tuple(one.parquet for one in readings if one.parquet is not None and not one.blocked)
    ready = len(parts) == len(files)
    columns = [column.name for column in reading.columns]
    way, known = way_of(snap, place, answers, parts, columns, into.dataset) if ready else (Way(), False)
    way = replace(way, new_shape=bool(answers.get("new_shape")))
    kept, steps = kept_recipe(snap, answers), bool(answers.get(STEPS))
    on = steps or bool(kept and kept.source)  # how it is added is kept in any case
    keep = st.checkbox(t("recipes.keep"), value=on, key=f"{place}/keep/{answers['file']}/{on}")
    chosen = bool(into.dataset) and known
    ready, after = what_happens(snap, place, answers, parts, into.dataset, way) if ready else (False, None)
    whole = after is not None and (not into.dataset or way.adding is Adding.REPLACE)  # nothing else stays beside them
    rows = after if after is not None and whole else sum(one.rows for one in readings)
    into = replace(into, way=way, keep=keep, chosen=chosen, rows=rows)
    day = day_of(snap, answers, reading)

    def write() -> None:
        options = replace(options_of(answers), suggest=False)
        as_of = st.session_state.get(f"{place}/as_of/{answers['file']}")
        if all_on_disk(files, lambda uploads: store(uploads, options, into, as_of)):
            st.session_state[f"{place}/turn"] += 1  # an uploader with another key is an empty one
            for name in [one for one in st.session_state if str(one).startswith(f"{place}/reading")]:
                st.session_state.pop(name, None)
            for name in ("answers", "files", "proposal", "foreseen"):
                st.session_state.pop(f"{place}/{name}", None)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        day_field(place, answers, reading, day)
        st.button(_store_words(into), type="primary", key=f"{place}/store", disabled=not ready, on_click=write)
    if not ready and len(parts) < len(files):
        st.caption(t("data_sources.blocked"))
    if into.dataset:
        options = replace(options_of(answers), suggest=False)
        on_disk = partial(all_on_disk, files)
        refused_rules(snap.id, into.dataset, answers["file"], way, options, on_disk, answers)
