"""An upload in three quiet steps: the file as it is, what it becomes, store. Nothing is stored unseen.

What the person decided about a file is kept as ``ReadOptions`` in the session; the file itself stays in the uploader
until it is stored, whatever else is chosen meanwhile.
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
from kpi_core.guidance.exports import recognise
from kpi_core.services.adding import Upload, Way
from kpi_core.services.datasets import today_of, versions
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Adding
from pages.components.recipe_repair import shape_repair
from pages.components.session import raw, state, t
from pages.components.trouble import show_error
from pages.components.upload_columns import column_table, decisions, problem_list
from pages.components.upload_file import file_answers, raw_preview
from pages.components.upload_reading import all_on_disk, mended, options_of, read_file
from pages.components.upload_recipe import STEPS, proposal_open, recipe_part, shaped_preview, take_steps
from pages.components.upload_refused import refused_rules
from pages.components.upload_target import Destination, destination, find_dataset, how_to_add, kept_recipe

Store = Callable[[Sequence[Upload], ReadOptions, Destination, date | None], bool]


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
        reading = read_file(snap, place, file, answers)
    st.markdown(f"**{t('data_sources.step_raw')}**")
    if isinstance(reading, KpiError):
        show_error(reading)
        is_text = Path(file.name).suffix.lower() in (".csv", ".tsv", ".txt")
        file_answers(place, answers, None, is_text=is_text)
        return True
    find_dataset(snap, file, answers, reading)
    kept = kept_recipe(snap, answers)
    by_steps = bool(answers.get(STEPS) or (STEPS not in answers and kept is not None and kept.steps))
    file_answers(place, answers, reading, by_steps=by_steps)
    raw_preview(reading, by_steps=by_steps)
    recipe_part(place, answers, reading, kept)
    if proposal_open(answers, reading, kept):
        st.caption(t("recipes.decide_first", rows=f"{reading.rows:,}", columns=len(reading.columns)))
        return True
    st.markdown(f"**{t('data_sources.step_typed', rows=f'{reading.rows:,}', columns=len(reading.columns))}**")
    if by_steps:
        shaped_preview(reading)
    column_table(place, answers, reading, options_of(answers), kept)
    _recognised(reading)
    decisions(place, answers, reading)
    if kept is not None:
        shape_repair(place, answers, reading, kept, mended(snap, file, answers, reading, kept), take_steps)
    problem_list(reading)
    st.markdown(f"**{t('data_sources.step_store')}**")
    _store(snap, place, files, answers, reading, store)
    return True


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


def _store_words(snap: Snapshot, into: Destination, reading: Reading) -> str:
    """What the button does: rows that would leave the KPIs are said before they do."""
    rows = f"{reading.rows:,}"
    if into.dataset and into.adding is Adding.REPLACE:
        with state() as here:
            kept = versions(here, snap.id, into.dataset)
        if kept:
            return t("data_sources.store_replacing", before=f"{kept[0].rows:,}", rows=rows)
    return t("data_sources.store", rows=rows)


def _store(
    snap: Snapshot, place: str, files: Sequence[Any], answers: dict[str, Any], reading: Reading, store: Store
) -> None:
    into = destination(snap, place, files[0], answers, reading)
    into = how_to_add(snap, place, answers, reading, into)
    as_of_key = f"{place}/as_of/{answers['file']}"

    def write() -> None:
        as_of = st.session_state.get(as_of_key)
        options = replace(options_of(answers), suggest=False)
        if all_on_disk(files, lambda uploads: store(uploads, options, into, as_of)):
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
            _store_words(snap, into, reading),
            type="primary",
            key=f"{place}/store",
            disabled=reading.blocked,
            on_click=write,
        )
    if reading.blocked:
        st.caption(t("data_sources.blocked"))
    if into.dataset:
        how = Way(into.adding, into.keys, into.twice, into.new_shape)
        options = replace(options_of(answers), suggest=False)
        on_disk = partial(all_on_disk, files)
        refused_rules(snap.id, into.dataset, answers["file"], how, options, on_disk, answers)
