"""The file as it is: sheet, header row, encoding and delimiter as found or as the person says, and its top rows."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from kpi_core.charts.palette import palette
from kpi_core.data.reading import Reading
from pages.components.preview_cells import are_amounts, grouped, width_of
from pages.components.session import raw, t

ENCODINGS = ("utf-8", "cp932", "euc-jp", "utf-16")
DELIMITERS = (",", ";", "\t", "|")
_SHOWN = 10


def file_answers(
    place: str, answers: dict[str, Any], reading: Reading | None, *, is_text: bool = True, by_steps: bool = False
) -> None:
    """The person's word over what was found; for a text file that cannot be read, its encoding and delimiter.

    ``by_steps``: a step says where the header is.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if reading is not None and len(reading.sheets) > 1:
            _pick(place, answers, "sheet", list(reading.sheets), reading.sheet)
        if reading is not None and not by_steps:
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
        if reading.kind == "csv" if reading is not None else is_text:
            found = reading.encoding if reading else answers.get("encoding")
            _pick(place, answers, "encoding", list(dict.fromkeys([*ENCODINGS, *([found] if found else [])])), found)
            found = reading.delimiter if reading else answers.get("delimiter")
            _pick(place, answers, "delimiter", list(DELIMITERS), found)


def raw_preview(reading: Reading, *, by_steps: bool = False) -> None:
    """The top of the file as it stands, row numbers beside; the header row stands out, what is above it is faint."""
    colours = palette(st.context.theme.type)
    width = max((len(row) for row in reading.raw), default=0)
    first = max(0, reading.header_row - 4) if reading.header_row > _SHOWN - 3 else 0
    rows = [[*row, *[""] * (width - len(row))] for row in reading.raw[first : first + _SHOWN]]
    numbers = range(first + 1, first + len(rows) + 1)
    if reading.kind != "csv":  # a workbook holds numbers, a text file the very characters
        rows = _grouped(reading, rows, first, width)
    names = [str(at) for at in range(1, width + 1)]
    frame = pd.DataFrame(rows, columns=names, index=list(numbers))
    widths = {name: width_of(row[at] for row in rows) for at, name in enumerate(names)}
    frame.index.name = raw("data_sources.row_number")

    def marked(row: pd.Series) -> list[str]:
        at = int(str(row.name))
        head = f"background-color: {colours.scale[1]}; color: {colours.text}; font-weight: 700"
        style = head if at == reading.header_row else f"color: {colours.muted}" if at < reading.header_row else ""
        return [style] * len(row)

    st.dataframe(
        frame.style.apply(marked, axis=1),
        row_height=30,
        height="content",
        column_config={name: st.column_config.Column(width=wide) for name, wide in widths.items() if wide},
        alt=raw("data_sources.step_raw"),
    )
    if by_steps:
        return
    if reading.header_row:
        st.caption(t("data_sources.header_is", row=reading.header_row))
    else:
        st.caption(t("data_sources.header_none"))


def _grouped(reading: Reading, rows: list[list[str]], first: int, width: int) -> list[list[str]]:
    """The rows (the file's from ``first`` on) with the amounts below the header in groups of three."""
    head, below = reading.raw[: reading.header_row], reading.raw[reading.header_row :]
    amounts = [
        are_amounts([row[at] for row in head if at < len(row)], [row[at] for row in below if at < len(row)])
        for at in range(width)
    ]
    return [
        [
            grouped(cell) if amount and number > reading.header_row else cell
            for cell, amount in zip(row, amounts, strict=True)
        ]
        for number, row in enumerate(rows, start=first + 1)
    ]


def _answer(answers: dict[str, Any], name: str, key: str) -> None:
    answers[name] = st.session_state[key]
    if name in ("sheet", "encoding", "delimiter"):
        answers.pop("header_row", None)  # found anew in what is another table now


def _pick(place: str, answers: dict[str, Any], name: str, options: list[str], found: str | None) -> None:
    key = f"{place}/{name}/{answers['file']}"
    st.session_state[key] = found if found in options else None
    words = {"\t": raw("data_sources.tab")}
    st.selectbox(
        t(f"data_sources.{name}"),
        options,
        format_func=lambda one: words.get(one, one),
        key=key,
        index=None,
        placeholder=raw("data_sources.detect"),
        on_change=_answer,
        args=(answers, name, key),
        width=180,
    )
