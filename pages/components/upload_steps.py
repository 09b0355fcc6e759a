"""An upload in three quiet steps: the file as it is, what it becomes, store. Nothing is stored unseen."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from kpi_core.data.reading import Reading, ReadOptions
from kpi_core.errors import KpiError, Problem
from kpi_core.services.datasets import inspect_upload
from kpi_core.services.wording import sentence_for
from kpi_core.vocabulary import ColumnType, Severity
from pages.components.plain import plain
from pages.components.session import current, raw, t
from pages.components.trouble import show_error

KINDS = ["csv", "tsv", "txt", "xlsx", "xlsm", "xls", "ods"]
ENCODINGS = ("utf-8", "cp932", "euc-jp", "utf-16")
DELIMITERS = (",", ";", "\t", "|")
_MARKS = {Severity.ERROR: "▼", Severity.WARNING: "▲", Severity.INFO: "●"}


def upload_steps(place: str, store: Callable[[Path, str, ReadOptions, date | None], object], today: date) -> None:
    """Drop a file, look at it, decide what is open, store it by ``store(path, name, options, as_of)`` in a callback."""
    file = st.file_uploader(t("data_sources.drop"), type=KINDS, key=f"{place}/file", help=t("data_sources.drop_help"))
    if file is None:
        st.session_state.pop(f"{place}/answers", None)
        return
    answers: dict[str, Any] = st.session_state.setdefault(f"{place}/answers", {})
    if answers.get("file") != file.file_id:
        answers.clear()
        answers["file"] = file.file_id
    with st.spinner(t("data_sources.reading")):
        reading = _read(place, file, _options(answers))
    st.markdown(f"**{t('data_sources.step_raw')}**")
    if isinstance(reading, KpiError):
        show_error(reading)
        _file_answers(place, answers, None)
        return
    _file_answers(place, answers, reading)
    _raw(reading)
    st.markdown(f"**{t('data_sources.step_typed')}**")
    _columns(place, answers, reading)
    _decisions(place, answers, reading)
    _problems(reading)
    st.markdown(f"**{t('data_sources.step_store')}**")
    _store(place, file, answers, reading, store, today)


def _options(answers: dict[str, Any]) -> ReadOptions:
    return ReadOptions(
        sheet=answers.get("sheet"),
        header_row=answers.get("header_row"),
        encoding=answers.get("encoding"),
        delimiter=answers.get("delimiter"),
        types=answers.get("types", {}),
        day_first=answers.get("day_first", {}),
        blank_failed=frozenset(answers.get("blank", ())),
    )


def _read(place: str, file: Any, options: ReadOptions) -> Reading | KpiError:
    """The reading of the file under these options, kept for the session until either changes."""
    key = (file.file_id, repr(options.to_json()))
    kept = st.session_state.get(f"{place}/reading")
    if kept is None or kept[0] != key:
        try:
            found: Reading | KpiError = _on_disk(file, lambda path: inspect_upload(path, file.name, options))
        except KpiError as error:
            found = error
        st.session_state[f"{place}/reading"] = kept = (key, found)
    return kept[1]


def _on_disk(file: Any, use: Callable[[Path], Any]) -> Any:
    with tempfile.TemporaryDirectory(prefix="kpi_upload_") as folder:
        path = Path(folder) / "upload"
        path.write_bytes(file.getbuffer())
        return use(path)


def _answer(answers: dict[str, Any], name: str, key: str) -> None:
    answers[name] = st.session_state[key]


def _file_answers(place: str, answers: dict[str, Any], reading: Reading | None) -> None:
    """Sheet, header row, encoding and delimiter: what was found, and the person's word over it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if reading is not None and len(reading.sheets) > 1:
            _pick(place, answers, "sheet", list(reading.sheets), reading.sheet)
        if reading is not None:
            key = f"{place}/header_row/{answers['file']}"
            st.session_state[key] = reading.header_row
            st.number_input(
                t("data_sources.header_row"),
                min_value=0,
                step=1,
                key=key,
                help=t("data_sources.header_row_help"),
                on_change=_answer,
                args=(answers, "header_row", key),
                width=160,
            )
        if reading is None or reading.kind == "csv":
            found = reading.encoding if reading else answers.get("encoding")
            _pick(place, answers, "encoding", list(dict.fromkeys([*ENCODINGS, *([found] if found else [])])), found)
            found = reading.delimiter if reading else answers.get("delimiter")
            _pick(place, answers, "delimiter", list(DELIMITERS), found)


def _pick(place: str, answers: dict[str, Any], name: str, options: list[str], found: str | None) -> None:
    key = f"{place}/{name}/{answers['file']}"
    st.session_state[key] = found if found in options else None
    words = {"\t": raw("data_sources.tab")}
    st.selectbox(
        raw(f"data_sources.{name}"),
        options,
        format_func=lambda one: words.get(one, one),
        key=key,
        index=None,
        placeholder=raw("data_sources.detect"),
        on_change=_answer,
        args=(answers, name, key),
        width=180,
    )


def _raw(reading: Reading) -> None:
    """The top of the file as it stands, row numbers beside, the header row marked."""
    width = max((len(row) for row in reading.raw), default=0)
    rows = [[*row, *[""] * (width - len(row))] for row in reading.raw[:12]]
    marks = ["▶" if at == reading.header_row else "" for at in range(1, len(rows) + 1)]
    frame = pd.DataFrame(rows, columns=[str(at) for at in range(1, width + 1)], index=range(1, len(rows) + 1))
    frame.insert(0, raw("data_sources.header_mark"), marks)
    st.dataframe(frame, height=230)


def _columns(place: str, answers: dict[str, Any], reading: Reading) -> None:
    """A line per column: name, type (changeable), unit, empty and failed cells, samples."""
    shown = ("name", "type", "unit", "nulls", "failed", "samples")
    heads = {name: raw(f"data_sources.column_{name}") for name in shown}
    frame = pd.DataFrame(
        [
            (one.name, one.type.value, one.unit or "", one.nulls, one.failed, " / ".join(one.samples[:4]))
            for one in reading.columns
        ],
        columns=list(heads),
    )
    key = f"{place}/types/{answers['file']}/{hash(repr(_options(answers).to_json()))}"
    words = {kind.value: raw(f"reading.types.{kind.value}") for kind in ColumnType}

    def retype() -> None:
        for at, change in st.session_state[key]["edited_rows"].items():
            if change.get("type"):
                answers.setdefault("types", {})[reading.columns[int(at)].name] = ColumnType(change["type"])

    st.data_editor(
        frame,
        key=key,
        hide_index=True,
        disabled=[name for name in heads if name != "type"],
        on_change=retype,
        height=min(420, 36 * (len(frame) + 1) + 2),
        column_config={
            **{name: st.column_config.Column(label) for name, label in heads.items() if name != "type"},
            "type": st.column_config.SelectboxColumn(
                heads["type"], options=list(words), format_func=lambda one: words.get(one, one), required=True
            ),
        },
    )


def _decisions(place: str, answers: dict[str, Any], reading: Reading) -> None:
    """What only the person can say: the order of day and month, and whether odd cells become empty."""
    for problem in reading.problems:
        if problem.code == "date_order_ambiguous" and problem.column:
            key = f"{place}/day_first/{answers['file']}/{problem.column}"

            def keep(column: str = problem.column, key: str = key) -> None:
                answers.setdefault("day_first", {})[column] = st.session_state[key] == "dmy"

            st.segmented_control(
                t("data_sources.date_order", column=problem.column),
                ["dmy", "mdy"],
                format_func=lambda one: t(f"data_sources.order_{one}"),
                key=key,
                on_change=keep,
            )
    failing = [column.name for column in reading.columns if column.failed]
    if failing or answers.get("blank"):
        key = f"{place}/blank/{answers['file']}"
        options = list(dict.fromkeys([*answers.get("blank", ()), *failing]))
        st.pills(
            t("data_sources.blank_failed"),
            options,
            selection_mode="multi",
            default=answers.get("blank", []),
            format_func=plain,
            key=key,
            help=t("data_sources.blank_failed_help"),
            on_change=_answer,
            args=(answers, "blank", key),
        )


def _problems(reading: Reading) -> None:
    if not reading.problems:
        st.caption(t("data_sources.no_problems"))
        return
    blocking = sum(problem.severity is Severity.ERROR for problem in reading.problems)
    with st.expander(t("data_sources.problems", count=len(reading.problems), blocking=blocking), expanded=blocking > 0):
        st.dataframe(problem_frame(reading.problems), hide_index=True, height=260)


def problem_frame(problems: tuple[Problem, ...]) -> pd.DataFrame:
    """One row a problem: severity's sign and word, row, column, what it is."""
    language = current().language
    rows = [
        (
            f"{_MARKS[one.severity]} {raw(f'vocabulary.severity.{one.severity.value}')}",
            one.row,
            one.column or "",
            sentence_for(one, language),
        )
        for one in problems
    ]
    heads = [raw(f"data_sources.problem_{name}") for name in ("severity", "row", "column", "what")]
    return pd.DataFrame(rows, columns=heads).astype({heads[1]: "Int64"})


def _store(
    place: str,
    file: Any,
    answers: dict[str, Any],
    reading: Reading,
    store: Callable[[Path, str, ReadOptions, date | None], object],
    today: date,
) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        as_of = st.date_input(
            t("data_sources.as_of"),
            value=today,
            key=f"{place}/as_of/{answers['file']}",
            format="YYYY/MM/DD",
            help=t("data_sources.as_of_help"),
            width=180,
        )
        st.button(
            t("data_sources.store", rows=reading.rows),
            type="primary",
            key=f"{place}/store",
            disabled=reading.blocked,
            on_click=lambda: _on_disk(file, lambda path: store(path, file.name, _options(answers), as_of)),
        )
    if reading.blocked:
        st.caption(t("data_sources.blocked"))
