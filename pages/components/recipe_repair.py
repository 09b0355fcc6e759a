"""A recipe that does not fit a file any more: what is wrong, and the repair to take with one click."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from kpi_core.data.reading import Reading
from kpi_core.data.shaping.drift import repaired, shape_changes
from kpi_core.data.shaping.repairing import with_column
from kpi_core.errors import Problem
from kpi_core.model.recipe import DropTotals, KeepRows, Recipe, Step
from pages.components.recipe_step import step_words
from pages.components.session import listed, raw, t
from pages.components.trouble import told

_COLUMN_GONE = ("step_column_missing", "step_column_near")


def step_repair(key: str, steps: list[tuple[int, Step]], at: int, problem: Problem, reading: Reading) -> None:
    """Below a step that cannot be taken: why, another column for the one it misses, or the step left out."""
    number, step = steps[at]
    name, near = str(problem.params.get("name", "")), problem.params.get("near")
    if problem.code in _COLUMN_GONE and not name:  # a step just added
        st.markdown(f":orange[▲] {t('recipes.column_first')}")
        return
    st.markdown(f":red[{told(problem)}]")

    def put(column: str | None) -> None:
        if column:
            steps[at] = number, with_column(step, name, column)

    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{key}/repair"):
        if near is not None:
            st.button(t("recipes.use_near", near=str(near)), key=f"{key}/near", on_click=put, args=(str(near),))
        if problem.code in _COLUMN_GONE:
            place = f"{key}/instead"
            st.selectbox(
                t("recipes.instead", name=name),
                [column.name for column in reading.columns],
                index=None,
                key=place,
                placeholder=raw("recipes.choose_column"),
                on_change=lambda: put(st.session_state[place]),
                width=260,
            )
        st.button(t("recipes.leave_out"), key=f"{key}/leave_out", on_click=steps.pop, args=(at,))


def shape_repair(
    place: str,
    answers: dict[str, Any],
    reading: Reading,
    kept: Recipe,
    mended: Recipe | None,
    take: Callable[[dict[str, Any], tuple[Step, ...]], None],
) -> None:
    """What differs from the file the recipe was kept for: the mended steps with what they change, or a new shape."""
    changed = [one for one in reading.problems if one.code.startswith("shape_")]
    if not changed:
        return
    with st.container(border=True, key="recipe_repair"):
        if mended is not None:
            st.markdown(f"**{t('recipes.mend_title')}**")
            st.markdown("\n".join(_changes(kept.steps, mended.steps)))
            st.button(
                t("recipes.mend"),
                type="primary",
                icon=":material/build:",
                key=f"{place}/steps_mend",
                on_click=take,
                args=(answers, mended.steps),
            )
        if any(one.code != "shape_added" for one in changed):
            key = f"{place}/new_shape/{answers['file']}"
            answers["new_shape"] = st.checkbox(t("recipes.new_shape"), key=key, help=t("recipes.new_shape_help"))


def _changes(before: Sequence[Step], after: Sequence[Step]) -> list[str]:
    """A line for each step that goes and each that comes; what a step does is safe as markdown already."""
    gone = [_goes(step, after) for step in before if step not in after]
    come = [raw("recipes.mend_new", step=step_words(step)) for step in after if step not in before]
    return [f"- {line}" for line in (*gone, *come)]


def _goes(step: Step, after: Sequence[Step]) -> str:
    """A step that goes; that rows it kept out come in by that is said where no other step of its kind stays."""
    line = raw("recipes.mend_gone", step=step_words(step))
    rows_come = isinstance(step, DropTotals | KeepRows) and not any(one.step == step.step for one in after)
    return f"{line} **:orange[▲ {t(f'recipes.mend_rows_come.{step.step}')}]**" if rows_come else line


def rename_offer(
    place: str,
    answers: dict[str, Any],
    reading: Reading,
    stored: Recipe,
    renamed: Mapping[str, str],
    take: Callable[[dict[str, Any], tuple[Step, ...]], None],
) -> None:
    """Columns that go by another name (old → new) than in the rows there are, and the step that gives them it back."""
    mended = repaired(stored, reading)
    with st.container(border=True, key="rename_offer"):
        found = [one for one in shape_changes(stored, reading) if one.column in renamed.values()]
        st.markdown("\n".join(f"- :orange[▲] {told(one)}" for one in found))
        if mended is not None:
            st.button(
                t("recipes.rename_back", names=listed(renamed)),
                type="primary",
                icon=":material/build:",
                key=f"{place}/rename_back",
                on_click=take,
                args=(answers, mended.steps),
            )
