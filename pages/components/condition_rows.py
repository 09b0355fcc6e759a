"""The conditions on rows, one a line: a column, a comparison, and values offered from what the column holds.

A draft keeps them as rows of text (``column``, ``op``, ``value``), as ``services.mapping`` reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import streamlit as st

from kpi_core.services.mapping import DATES, DatasetColumns, frequent_values
from kpi_core.services.typed_lists import read_list, write_list
from kpi_core.vocabulary import ColumnType, Op
from pages.components.draft import Draft
from pages.components.plain import plain
from pages.components.session import current, raw, state, t
from pages.components.stored_field import follow, store

_WORDS = ("==", "!=", "in", "not in", "contains", "starts_with", "is_null", "not_null")
_AMOUNTS = ("==", "!=", ">=", ">", "<=", "<", "between", "in", "not in", "is_null", "not_null")
_TRUTHS = ("==", "is_null", "not_null")
_LISTS = ("in", "not in", "between")
_BARE = ("is_null", "not_null")
#: Up to so many values stand side by side to be clicked; more are a list to search in.
_IN_SIGHT = 7

Row = dict[str, Any]


def condition_rows(draft: Draft, field: str, chosen: DatasetColumns) -> None:
    """The rows of ``field``, each with its values and a way out, and the button that adds one."""
    draft.labels[field] = t("data_sources.filters")
    st.caption(t("data_sources.filters"))
    for at, row in enumerate(_rows(draft, field)):
        _row(draft, field, at, row, chosen)
    st.button(
        t("data_sources.add_filter"),
        key=f"{draft.place}/{field}/add",
        icon=":material/add:",
        type="tertiary",
        on_click=lambda: draft.put(field, [*_rows(draft, field), {"column": None, "op": None, "value": ""}]),
    )


def _rows(draft: Draft, field: str) -> list[Row]:
    return [dict(row) for row in draft.value(field) or []]


def _change(draft: Draft, field: str, at: int, **changed: Any) -> None:
    rows = _rows(draft, field)
    if at < len(rows):  # else another act of the same moment took the condition away
        rows[at] = {**rows[at], **changed}
        draft.put(field, rows)


def _row(draft: Draft, field: str, at: int, row: Row, chosen: DatasetColumns) -> None:
    place = f"{draft.place}/{field}/{at}"
    kind = chosen.columns.get(row.get("column") or "")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _choose_column(draft, field, at, row, chosen)
        if kind is not None:
            _choose_op(draft, field, at, row, kind)
            if row.get("op") and row["op"] not in _BARE:
                _choose_value(draft, field, at, row, chosen, kind)
        st.button(
            "",
            key=f"{place}/remove",
            icon=":material/close:",
            help=t("data_sources.remove_filter"),
            type="tertiary",
            on_click=lambda: draft.put(field, [one for here, one in enumerate(_rows(draft, field)) if here != at]),
        )


def _choose_column(draft: Draft, field: str, at: int, row: Row, chosen: DatasetColumns) -> None:
    key = f"{draft.place}/{field}/{at}/column"
    names = list(dict.fromkeys([*chosen.columns, *([row["column"]] if row.get("column") else [])]))
    follow(key, row.get("column"))

    def keep() -> None:
        column = st.session_state[key]
        kind = chosen.columns.get(column or "")
        op = None if kind is None else ">=" if kind in DATES or kind in _NUMBERS else "=="
        store(key, lambda: _change(draft, field, at, column=column, op=op, value=""))

    label = t("data_sources.filter_column")
    st.selectbox(label, names, index=None, key=key, on_change=keep, placeholder=raw("data_sources.choose"), width=220)


_NUMBERS = (ColumnType.INTEGER, ColumnType.DECIMAL)


def _ops(kind: ColumnType) -> Sequence[str]:
    if kind is ColumnType.BOOLEAN:
        return _TRUTHS
    return _AMOUNTS if kind in _NUMBERS or kind in DATES else _WORDS


def _choose_op(draft: Draft, field: str, at: int, row: Row, kind: ColumnType) -> None:
    key = f"{draft.place}/{field}/{at}/op"
    options = list(dict.fromkeys([*_ops(kind), *([row["op"]] if row.get("op") else [])]))
    follow(key, row.get("op"))

    def keep() -> None:
        before, after, text = row.get("op"), st.session_state[key], str(row.get("value") or "")
        values = read_list(text) if before in _LISTS else (text,) if text else ()
        if after in _BARE:
            values = ()
        text = write_list(values) if after in _LISTS else "".join(values[:1])
        store(key, lambda: _change(draft, field, at, op=after, value=text))

    words = {one.value: raw(f"vocabulary.op.{one.value}") for one in Op}
    label = t("data_sources.filter_op")
    st.selectbox(label, options, index=None, format_func=lambda one: words[one], key=key, on_change=keep, width=200)


def _choose_value(draft: Draft, field: str, at: int, row: Row, chosen: DatasetColumns, kind: ColumnType) -> None:
    """The widget that fits the column's type and the comparison."""
    text, op = str(row.get("value") or ""), row["op"]

    def keep(value: str) -> None:
        _change(draft, field, at, value=value)

    def keep_end(value: str, end: int) -> None:
        """Beside the other end as it is by then: both may be typed at the same moment."""
        other = _ends(str(_rows(draft, field)[at].get("value") or ""))[1 - end] or value
        keep(write_list([other, value] if end else [value or other, other]))

    place = f"{draft.place}/{field}/{at}/value/{op}"
    if op == "between":
        low, high = _ends(text)
        _typed(f"{place}/low", t("data_sources.from"), low, kind, lambda one: keep_end(one, 0))
        _typed(f"{place}/high", t("data_sources.to"), high, kind, lambda one: keep_end(one, 1))
    elif op in ("==", "!=", "in", "not in") and kind not in DATES and (op in _LISTS or kind not in _NUMBERS):
        with state() as here:
            found = frequent_values(here, current().workshop or "", chosen.code, str(row["column"]))
        _offered(place, text, dict(found), op in _LISTS, keep)
    else:
        _typed(place, t("data_sources.filter_value"), text, kind, keep)


def _ends(text: str) -> tuple[str, str]:
    low, high = (*read_list(text), "", "")[:2]
    return low, high


def _offered(place: str, text: str, found: dict[str, int], several: bool, keep: Callable[[str], None]) -> None:
    """One or several of the column's values; up to ``_IN_SIGHT`` stand side by side, others can be typed."""
    now = list(read_list(text)) if several else [text] if text else []
    options = list(dict.fromkeys([*found, *now]))
    words = {value: f"{value}({found[value]:,})" if value in found else value for value in options}
    label = t("data_sources.filter_value")
    in_sight = 0 < len(options) <= _IN_SIGHT
    key = f"{place}/{'pills' if in_sight else 'list'}"

    def chosen() -> None:
        store(key, lambda: keep(_text(st.session_state[key], several)))

    follow(key, now if several else next(iter(now), None))
    if in_sight:
        st.pills(
            label,
            options,
            selection_mode="multi" if several else "single",
            format_func=lambda one: plain(words.get(one, one)),
            key=key,
            on_change=chosen,
            wrap=True,
        )
        return
    more: dict[str, Any] = {
        "format_func": lambda one: words.get(one, str(one)),
        "key": key,
        "placeholder": raw("data_sources.choose_or_type"),
        "accept_new_options": True,
        "on_change": chosen,
    }
    if several:
        st.multiselect(label, options, select_all=False, **more)
    else:
        st.selectbox(label, options, index=None, width=260, **more)


def _text(chosen: Any, several: bool) -> str:
    return write_list(chosen or ()) if several else str(chosen or "")


def _typed(place: str, label: str, text: str, kind: ColumnType, keep: Callable[[str], None]) -> None:
    """A day from a calendar, or a number or text as typed."""
    dated = kind in DATES
    key = f"{place}/day" if dated else place

    def typed() -> None:
        value = st.session_state[key]
        text = value.strip() if isinstance(value, str) else value.isoformat() if value else ""
        store(key, lambda: keep(text))

    follow(key, _day(text) if dated else text)
    if dated:
        st.date_input(label, key=key, value=None, format="YYYY/MM/DD", width=160, on_change=typed)
    else:
        hint = "0" if kind in _NUMBERS else ""
        st.text_input(label, key=key, placeholder=hint, width=180, on_change=typed)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
