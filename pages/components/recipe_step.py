"""One step of a recipe as a sentence, and its fields to change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st
from pydantic import ValidationError

from kpi_core.data.shaping.column_steps import is_fiscal
from kpi_core.data.shaping.repairing import beginning_in
from kpi_core.data.shaping.units import scale_of
from kpi_core.model.recipe import (
    AddColumn,
    Blocks,
    DropColumns,
    DropEmpty,
    DropNotes,
    DropTotals,
    FillDown,
    Header,
    JoinDate,
    KeepRows,
    Names,
    Rename,
    Skip,
    Step,
    Unit,
    Unpivot,
)
from pages.components.session import listed, raw, t

_SHOWN, _LONG = 3, 24
_APRIL = 4
_CHOICES = {
    "op": ("is", "is_not", "starts", "filled"),
    "source": ("title", "file_name", "sheet"),
    "what": ("date", "month", "year", "text"),
}
_COUNTS = {"rows": (1, 10_000), "width": (1, 10_000), "start": (1, 12)}
_WORDS = ("marks", "words", "values", "names")
_SWITCHES = ("carried", "alone")
_ANY_COLUMN = ("month", "day", "era")


def blank_step(start: int) -> Mapping[str, Step]:
    """Each kind of step as it begins, with a fiscal year that begins in month ``start``."""
    steps: tuple[Step, ...] = (
        Skip(step="skip", rows=1),
        Header(step="header"),
        Names(step="names", names=()),
        DropNotes(step="drop_notes", marks=("※", "注")),
        DropTotals(step="drop_totals", column="", words=("合計",)),
        DropColumns(step="drop_columns", columns=()),
        DropEmpty(step="drop_empty"),
        Blocks(step="blocks", width=2),
        FillDown(step="fill_down", columns=()),
        Unpivot(step="unpivot"),
        JoinDate(step="join_date", year=""),
        Unit(step="unit", columns=(), unit="千円"),
        AddColumn(step="add_column", name=raw("recipes.day_name")),
        KeepRows(step="keep_rows", column=""),
        Rename(step="rename", names=()),
    )
    return {step.step: step for step in beginning_in(steps, start)}


def step_words(step: Step) -> str:
    """What the step does, with its columns and words by name."""
    params: dict[str, object] = {}
    for name, value in step.model_dump().items():
        if name in _CHOICES:
            params[name] = raw(f"recipes.choices.{name}_{value}")
        elif isinstance(value, tuple | list):
            words = [_pair(*one) if isinstance(one, tuple | list) else str(one) for one in value]
            shown = 1 if any(len(word) > _LONG for word in words) else _SHOWN  # long names would fill a phone's page
            more = t("recipes.and_more", count=len(words) - shown) if len(words) > shown else ""
            params[name] = listed(map(_short, words[:shown])) + more or "…"
        else:
            params[name] = "…" if value in (None, "") else value
    if step.step == "join_date":
        parts = (step.era, step.year, step.month, step.day)
        params["parts"] = listed(part for part in parts if part) or "…"
    kind = step.step
    if isinstance(step, Unpivot | JoinDate):
        params["start"] = raw(f"home.month.{step.start}")
    if isinstance(step, Unpivot) and (step.year or step.start != _APRIL):
        kind = "unpivot_year" if step.year else "unpivot_start"
    elif isinstance(step, JoinDate) and (is_fiscal(step.year) or (not step.month and step.start != _APRIL)):
        kind = "join_date_start"
    if step.step == "unit" and (scale := scale_of(step.unit)) is not None and not scale.matters:
        kind = "unit_told"
    return t(f"recipes.said.{kind}", **params)


def _pair(old: str, new: str) -> str:
    return f"{old} → {new}" if len(old) + len(new) <= _LONG else f"→ {new}"


def _short(word: str) -> str:
    """A long name by its last part, which tells it apart; its field has it whole."""
    return word if len(word) <= _LONG else f"…{word[-_LONG:]}"


def step_fields(key: str, steps: list[tuple[int, Step]], at: int, columns: list[str]) -> None:
    """A field for each thing the step says; a change counts at once."""
    number, step = steps[at]
    shown = [name for name in type(step).model_fields if name != "step"]
    if not shown:
        st.caption(t("recipes.nothing_to_change"))
    for name in shown:
        _field(f"{key}/{name}", step, name, columns, lambda value, name=name: _put(steps, at, number, name, value))


def _put(steps: list[tuple[int, Step]], at: int, number: int, name: str, value: Any) -> None:
    step = steps[at][1]
    try:
        steps[at] = number, type(step).model_validate({**step.model_dump(), name: value})
    except ValidationError:
        return  # an impossible number or too long a name: the step stays as it was


def _field(key: str, step: Step, name: str, columns: list[str], put: Callable[[Any], None]) -> None:
    value, label = getattr(step, name), t(f"recipes.fields.{name}")

    def changed() -> None:
        found = st.session_state[key]
        put(tuple(found) if isinstance(found, list) else found)

    common: dict[str, Any] = {"key": key, "on_change": changed}
    options = list(dict.fromkeys([*columns, *([value] if isinstance(value, str) and value else [])]))
    if name == "names" and step.step == "rename":
        _pairs(key, label, value, put)
    elif name in _CHOICES:
        words = {one: raw(f"recipes.choices.{name}_{one}") for one in _CHOICES[name]}
        st.selectbox(label, list(words), list(words).index(value), words.__getitem__, **common)
    elif name in _COUNTS or (name == "year" and step.step == "unpivot"):
        low, high = _COUNTS.get(name, (1868, 2200))
        st.number_input(label, low, high, value, 1, help=_help(name, step), **common)
    elif name in _SWITCHES:
        st.toggle(label, value, help=_help(name, step), **common)
    elif name == "columns" or name in _WORDS:
        there = columns if name == "columns" else []
        chosen = list(dict.fromkeys([*there, *value]))
        st.multiselect(
            label, chosen, list(value), accept_new_options=True, select_all=False, help=_help(name, step), **common
        )
    elif name == "column" or name in _ANY_COLUMN or name == "year":
        at = options.index(value) if value in options else None
        st.selectbox(label, options, at, placeholder=raw("recipes.choose_column"), accept_new_options=True, **common)
    else:
        st.text_input(label, value, max_chars=200, **common)


def _pairs(key: str, label: str, value: tuple[tuple[str, str], ...], put: Callable[[Any], None]) -> None:
    """Old and new names, a line each."""

    def changed() -> None:
        lines = [line.partition("→") for line in st.session_state[key].splitlines()]
        put(tuple((old.strip(), new.strip()) for old, arrow, new in lines if arrow and old.strip() and new.strip()))

    text = "\n".join(f"{old} → {new}" for old, new in value)
    st.text_area(label, text, key=key, on_change=changed, help=t("recipes.rename_help"))


def _help(name: str, step: Step) -> str | None:
    return t(f"recipes.helps.{name}") if name in ("start", "carried", "alone") or step.step == "unpivot" else None
