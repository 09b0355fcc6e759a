"""Text columns that are numbers but for signs such as －: made numbers with a click, the signs becoming empty."""

from __future__ import annotations

from typing import Any

import streamlit as st

from kpi_core.data.reading import Reading
from kpi_core.errors import Problem
from kpi_core.vocabulary import ColumnType
from pages.components.session import t

_CODES = ("mostly_numbers", "numbers_between_signs")
_NUMBERS = (ColumnType.INTEGER, ColumnType.DECIMAL)
#: In the answers: the columns made numbers here.
MADE = "made_numbers"


def undecided(reading: Reading, answers: dict[str, Any]) -> list[Problem]:
    """What is told of text columns that would be numbers without their signs, where nobody chose the type."""
    return [one for one in reading.problems if one.code in _CODES and one.column not in answers.get("types", {})]


def placeholder_part(place: str, answers: dict[str, Any], reading: Reading) -> None:
    """A line a column with what in it is no number, and the button that makes it one of numbers; one for all."""
    found = undecided(reading, answers)
    made = sorted(made_here(answers))
    if not (found or made):
        return
    st.markdown(f"**{t('data_sources.signs')}**", help=t("data_sources.signs_help"))
    if len(found) > 1:
        label = t("data_sources.signs_all", count=len(found))
        st.button(label, key=f"{place}/signs_all/{answers['file']}", on_click=_make, args=(answers, found))
    for at, one in enumerate(found):
        count, filled = (f"{one.params[name]:,}" for name in ("count", "filled"))
        words = {"column": one.column or "", "count": count, "filled": filled, "cells": str(one.params["examples"])}
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(t("data_sources.signs_line", **words), width="content")
            key = f"{place}/signs/{answers['file']}/{at}"
            st.button(t("data_sources.signs_one"), key=key, on_click=_make, args=(answers, [one]))
    for at, column in enumerate(made):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f":green[✓] {t('data_sources.signs_made', column=column)}", width="content")
            key = f"{place}/signs_undo/{answers['file']}/{at}"
            st.button(t("data_sources.blank_undo"), key=key, type="tertiary", on_click=_unmake, args=(answers, column))


def made_here(answers: dict[str, Any]) -> set[str]:
    """The columns that were made numbers here and are, with their other cells empty."""
    types, blank = answers.get("types", {}), answers.get("blank", ())
    return {one for one in answers.get(MADE, ()) if types.get(one) in _NUMBERS and one in blank}


def retype(answers: dict[str, Any], column: str, kind: ColumnType) -> None:
    """In a callback: the type chosen for a column; text keeps every cell as it is written."""
    answers["types"] = {**answers.get("types", {}), column: kind}
    if kind is ColumnType.TEXT:
        _keep_cells(answers, column)


def _make(answers: dict[str, Any], found: list[Problem]) -> None:
    columns = {one.column: ColumnType(str(one.params["type"])) for one in found if one.column}
    answers["types"] = {**answers.get("types", {}), **columns}
    answers["blank"] = sorted({*answers.get("blank", ()), *columns})
    answers[MADE] = sorted({*answers.get(MADE, ()), *columns})


def _unmake(answers: dict[str, Any], column: str) -> None:
    """In a callback: the column is text again, with its signs."""
    answers.get("types", {}).pop(column, None)
    _keep_cells(answers, column)


def _keep_cells(answers: dict[str, Any], column: str) -> None:
    """None of the column's cells becomes empty any more."""
    for name in ("blank", MADE):
        answers[name] = sorted({*answers.get(name, ())} - {column})
