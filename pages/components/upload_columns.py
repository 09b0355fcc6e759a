"""What a file becomes: its columns with their types, what only the person can decide, and every problem by row."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd
import streamlit as st

from kpi_core.data.reading import ColumnReport, Reading, ReadOptions
from kpi_core.data.reading.header import is_unnamed
from kpi_core.data.shaping.repairing import plain_steps
from kpi_core.errors import Problem
from kpi_core.model.recipe import Recipe
from kpi_core.services.wording import sentence_for
from kpi_core.vocabulary import ColumnType, Severity
from pages.components.column_names import rename_column
from pages.components.preview_cells import grouped, is_amount, width_of
from pages.components.session import current, listed, raw, t
from pages.components.trouble import told
from pages.components.upload_placeholders import made_here, placeholder_part, retype, undecided

_MARKS = {Severity.ERROR: "▼", Severity.WARNING: "▲", Severity.INFO: "●"}
_COLUMNS = ("name", "type", "unit", "nulls", "failed", "samples")
_ROW, _MOST_ROWS = 32, 14
#: Problems told as sentences; all of them are in the table below.
_IN_SIGHT = 4
_CONVERSIONS = ("conversion_failed", "conversions_failed")
_CELLS, _CELL_LENGTH = 3, 16
_SAMPLES = 4


def _unit(unit: str | None) -> str:
    return raw(f"reading.units.{unit.lower()}") if unit else ""


def _samples(column: ColumnReport) -> str:
    """A few cells as they are written; amounts in groups of three."""
    cells = column.samples[:_SAMPLES]
    amount = is_amount(column.name, column.type, cells)
    return " / ".join(grouped(cell) if amount else cell for cell in cells)


def column_table(
    place: str, answers: dict[str, Any], reading: Reading, options: ReadOptions, kept: Recipe | None
) -> None:
    """A line per column: name and type (both changeable), unit, empty and failed cells, samples."""
    heads = {name: raw(f"data_sources.column_{name}") for name in _COLUMNS}
    rows = [
        (one.name, one.type.value, _unit(one.unit), one.nulls, one.failed, _samples(one)) for one in reading.columns
    ]
    key = f"{place}/types/{answers['file']}/{hash((repr(options.to_json()), answers.get('into')))}"
    words = {kind.value: raw(f"reading.types.{kind.value}") for kind in ColumnType}

    def take_changes() -> None:
        names = [one.name for one in reading.columns]
        begun = kept.steps if kept is not None and kept.steps else plain_steps(reading)
        for at, change in st.session_state[key]["edited_rows"].items():
            if change.get("type"):
                retype(answers, names[int(at)], ColumnType(change["type"]))
            if change.get("name"):
                rename_column(answers, names[int(at)], change["name"], begun, names)

    st.data_editor(
        pd.DataFrame(rows, columns=list(heads)),
        key=key,
        hide_index=True,
        disabled=[name for name in heads if name not in ("name", "type")],
        on_change=take_changes,
        row_height=_ROW,
        height=_ROW * (min(len(rows), _MOST_ROWS) + 1) + 4,
        column_config={
            **{name: st.column_config.Column(label) for name, label in heads.items() if name not in ("name", "type")},
            "name": st.column_config.TextColumn(
                heads["name"], max_chars=200, required=True, width=width_of(one.name for one in reading.columns)
            ),
            "type": st.column_config.SelectboxColumn(
                heads["type"], options=list(words), format_func=lambda one: words.get(one, one), required=True
            ),
        },
    )
    if any(is_unnamed(one.name) for one in reading.columns):
        st.caption(f":orange[▲] {t('data_sources.name_columns')}")


def decisions(place: str, answers: dict[str, Any], reading: Reading) -> None:
    """What must be settled before storing, and what only the person can say: d/m order, odd cells that become empty."""
    blocking = [one for one in reading.problems if one.severity is Severity.ERROR]
    unclear = [one.column for one in reading.problems if one.code == "date_order_ambiguous" and one.column]
    orders = list(dict.fromkeys([*answers.get("day_first", ()), *unclear]))
    failing = [column.name for column in reading.columns if column.failed]
    signs, made = undecided(reading, answers), made_here(answers)
    blanks = [one for one in dict.fromkeys([*answers.get("blank", ()), *failing]) if one not in made]
    if not (blocking or orders or blanks or signs or made):
        return
    with st.container(border=True):
        if blocking:
            st.markdown(f"**:red[▼] {t('data_sources.to_settle', count=len(blocking))}**")
            told_here = [one for one in blocking if one.code not in _CONVERSIONS]  # those have lines of their own
            if told_here:
                st.markdown("\n".join(f"- {told(one)}" for one in told_here[:_IN_SIGHT]))
            if len(told_here) > _IN_SIGHT:
                st.caption(t("data_sources.more_below", count=len(told_here) - _IN_SIGHT))
        if any(one.code == "no_rows" for one in blocking) and len(reading.sheets) > 1:
            st.markdown(t("data_sources.other_sheets", sheets=listed(reading.sheets)))
        for column in orders:
            _day_first(place, answers, column)
        if blanks:
            _blanks(place, answers, blanks, reading)
        placeholder_part(place, answers, reading)


def _blanks(place: str, answers: dict[str, Any], columns: list[str], reading: Reading) -> None:
    """A line a column with cells that do not convert, and the button that makes them empty; one for all of them."""
    chosen = set(answers.get("blank", ()))
    failed = {one.name: one for one in reading.columns}
    st.markdown(f"**{t('data_sources.blank_failed')}**", help=t("data_sources.blank_failed_help"))
    if len(set(columns) - chosen) > 1:
        key = f"{place}/blank_all/{answers['file']}"
        label = t("data_sources.blank_all", count=len(set(columns) - chosen))
        st.button(label, key=key, type="primary", on_click=_blank, args=(answers, {*chosen, *columns}))
    for at, name in enumerate(columns):
        key = f"{place}/blank/{answers['file']}/{at}"
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if name in chosen:
                st.markdown(f":green[✓] {t('data_sources.blanked', column=name)}", width="content")
                words, become = t("data_sources.blank_undo"), chosen - {name}
            else:
                count = failed[name].failed if name in failed else 0
                cells = listed(_failing_cells(reading, name))
                line = t("data_sources.blank_line", column=name, count=f"{count:,}", cells=cells)
                st.markdown(line, width="content")
                words, become = t("data_sources.blank_one"), chosen | {name}
            kind: Literal["tertiary", "secondary"] = "tertiary" if name in chosen else "secondary"
            st.button(words, key=key, type=kind, on_click=_blank, args=(answers, become))


def _blank(answers: dict[str, Any], columns: set[str]) -> None:
    answers["blank"] = sorted(columns)


def _failing_cells(reading: Reading, column: str) -> list[str]:
    """A few different cells of the column that do not convert."""
    cells = [
        str(one.params.get("text", "")) for one in reading.problems if one.column == column and "text" in one.params
    ]
    short = [cell if len(cell) <= _CELL_LENGTH else f"{cell[:_CELL_LENGTH]}…" for cell in cells]
    return list(dict.fromkeys(short))[:_CELLS]


def _day_first(place: str, answers: dict[str, Any], column: str) -> None:
    key = f"{place}/day_first/{answers['file']}/{column}"
    stated = answers.get("day_first", {}).get(column)

    def keep() -> None:
        if st.session_state[key] is not None:
            answers.setdefault("day_first", {})[column] = st.session_state[key] == "dmy"

    st.segmented_control(
        t("data_sources.date_order", column=column),
        ["dmy", "mdy"],
        default=None if stated is None else "dmy" if stated else "mdy",
        format_func=lambda one: t(f"data_sources.order_{one}"),
        key=key,
        on_change=keep,
    )


def problem_list(reading: Reading) -> None:
    """Every problem with its row; open while one of them blocks."""
    if not reading.problems:
        st.caption(t("data_sources.no_problems"))
        return
    blocking = sum(problem.severity is Severity.ERROR for problem in reading.problems)
    label = t(
        "data_sources.problems" if blocking else "data_sources.notes", count=len(reading.problems), blocking=blocking
    )
    with st.expander(label):
        st.dataframe(
            problem_frame(reading.problems),
            hide_index=True,
            placeholder="",
            column_config={raw("data_sources.problem_what"): st.column_config.TextColumn(width="large")},
            row_height=_ROW,
            height=_ROW * (min(len(reading.problems), 8) + 1) + 4,
        )


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
