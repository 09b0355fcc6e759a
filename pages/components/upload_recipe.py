"""The steps by which a file that is no plain table becomes one: proposed, changed one by one, seen at once below."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from kpi_core.data.reading import Reading
from kpi_core.data.shaping.repairing import beginning_in, plain_steps, with_created_names, with_year_said
from kpi_core.model.recipe import DropNotes, DropTotals, Recipe, Step
from kpi_core.text import say
from kpi_core.vocabulary import ColumnType, Language
from pages.components.preview_cells import grouped, is_amount
from pages.components.recipe_repair import step_repair
from pages.components.recipe_step import blank_step, step_fields, step_words
from pages.components.session import current, raw, t
from pages.components.trouble import told

STEPS = "steps"
#: What proposed steps call the columns they make (``recipes.made``).
_MADE = ("as_of", "day", "item", "month", "year", "period", "value")
_ROW, _SHOWN = 30, 8


def recipe_of(answers: dict[str, Any]) -> Recipe | None:
    """The recipe the person chose: none yet, or no steps at all where the file is to be read as it stands."""
    return None if STEPS not in answers else Recipe(steps=tuple(step for _, step in answers[STEPS]))


def proposal_open(answers: dict[str, Any], reading: Reading, kept: Recipe | None, *, as_stored: bool) -> bool:
    """Whether steps are proposed and nobody has taken or declined them yet: what comes below waits for that.

    ``as_stored``: the file as it stands has the columns of the dataset it goes into, so that nothing needs deciding.
    """
    decided = STEPS in answers or (kept is not None and bool(kept.steps)) or as_stored
    return not decided and reading.suggestion is not None and not answers.get("declined")


def recipe_part(
    place: str, answers: dict[str, Any], reading: Reading, kept: Recipe | None, start: int, *, as_stored: bool
) -> None:
    """What may be done to the file: its own steps to change, those kept with the dataset, or a proposal.

    ``start``: the month in which the workshop's fiscal year begins.
    """
    if answers.get(STEPS):
        _editable(place, answers, reading, start)
    elif STEPS not in answers and kept is not None and kept.steps:
        _listed(place, answers, kept.steps, "kept")
        for problem in reading.problems:
            if problem.code == "year_as_kept":
                st.markdown(f":orange[▲] {told(problem)}")
    elif reading.suggestion is not None and proposal_open(answers, reading, kept, as_stored=as_stored):
        _listed(place, answers, _proposed(reading, reading.suggestion.steps, start), "proposed")
    elif reading.suggestion is not None and STEPS not in answers and not answers.get("declined"):
        _possible(place, answers, _proposed(reading, reading.suggestion.steps, start))
    else:
        st.button(
            t("recipes.begin"),
            icon=":material/table_edit:",
            type="tertiary",
            key=f"{place}/steps_begin",
            help=t("recipes.begin_help"),
            on_click=take_steps,
            args=(answers, plain_steps(reading)),
        )


def _proposed(reading: Reading, steps: tuple[Step, ...], start: int) -> tuple[Step, ...]:
    """The proposal by the workshop's fiscal year, with the columns it makes called in the page's language."""
    above = [cell for row in reading.raw[: reading.header_row] for cell in row]
    steps = with_year_said(beginning_in(steps, start), above, start)
    if current().language is Language.JA:
        return steps
    words = {say(f"recipes.made.{key}", Language.JA): raw(f"recipes.made.{key}") for key in _MADE}
    return with_created_names(steps, words, [*reading.source, *(column.name for column in reading.columns)])


def shaped_preview(reading: Reading) -> None:
    """The first rows as they will be stored; numbers to the right and in groups."""
    columns = reading.columns
    amounts = [is_amount(one.name, one.type, [row[at] for row in reading.head]) for at, one in enumerate(columns)]
    rows = [
        [_shown(cell, one.unit, amount) for cell, one, amount in zip(row, columns, amounts, strict=True)]
        for row in reading.head[:_SHOWN]
    ]
    frame = pd.DataFrame(rows, columns=[column.name for column in columns])
    right = {
        one.name: st.column_config.TextColumn(alignment="right")
        for one in columns
        if one.type in (ColumnType.INTEGER, ColumnType.DECIMAL)
    }
    st.caption(t("recipes.after"))
    st.dataframe(
        frame, hide_index=True, row_height=_ROW, height="content", column_config=right, alt=raw("recipes.after")
    )


def _shown(cell: str | None, unit: str | None, amount: bool) -> str:
    """A cell of the table; a ratio as the percentage it was written as, an amount in groups."""
    if cell is None:
        return ""
    if unit == "percent":
        return f"{float(cell) * 100:.10g}%"
    return grouped(cell.removesuffix(".0")) if amount else cell


def take_steps(answers: dict[str, Any], steps: tuple[Step, ...]) -> None:
    answers[STEPS] = list(enumerate(steps))
    answers["turned"] = len(steps)


def _decline(answers: dict[str, Any]) -> None:
    answers["declined"] = True
    if STEPS in answers:
        answers[STEPS] = []


def _listed(place: str, answers: dict[str, Any], steps: tuple[Step, ...], how: str) -> None:
    with st.container(border=True, key="recipe_listed"):
        st.markdown(f"**{t(f'recipes.{how}', count=len(steps))}**")
        st.markdown("\n".join(f"{at}. {step_words(step)}" for at, step in enumerate(steps, start=1)))
        if how == "proposed":
            st.caption(t("recipes.proposed_help"))
        with st.container(horizontal=True):
            st.button(
                t(f"recipes.take_{how}"),
                type="primary" if how == "proposed" else "secondary",
                key=f"{place}/steps_take",
                on_click=take_steps,
                args=(answers, steps),
            )
            if how == "proposed":
                st.button(t("recipes.decline"), key=f"{place}/steps_decline", on_click=_decline, args=(answers,))


def _possible(place: str, answers: dict[str, Any], steps: tuple[Step, ...]) -> None:
    """Steps for a file that needs none, as it is like those before it; rows of totals in it are told."""
    totals = any(isinstance(step, DropTotals | DropNotes) for step in steps)
    with st.expander(t("recipes.possible", count=len(steps)), expanded=totals, key="recipe_possible"):
        st.caption(t("recipes.possible_help"))
        if totals:
            st.markdown(f":orange[▲] {t('recipes.possible_totals')}")
        st.markdown("\n".join(f"{at}. {step_words(step)}" for at, step in enumerate(steps, start=1)))
        st.button(t("recipes.take_proposed"), key=f"{place}/steps_take", on_click=take_steps, args=(answers, steps))


def _editable(place: str, answers: dict[str, Any], reading: Reading, start: int) -> None:
    columns = list(dict.fromkeys([*reading.source, *(column.name for column in reading.columns)]))
    problem = next((one for one in reading.problems if one.code.startswith("step_")), None)
    failed = 0 if problem is None else int(str(problem.params["number"]))
    with st.container(border=True, key="recipe_steps"):
        st.markdown(f"**{t('recipes.applied', count=len(answers[STEPS]))}**")
        for at, (number, step) in enumerate(answers[STEPS]):
            key = f"{place}/step/{answers['file']}/{number}"
            mark = f":red[▼ {t('recipes.cannot')}] " if at + 1 == failed else ""
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"{at + 1}. {mark}{step_words(step)}", width="stretch")
                with st.container(horizontal=True, gap="small", width="content"):
                    with st.popover(t("recipes.change"), icon=":material/edit:", key=f"{key}/open"):
                        step_fields(key, answers[STEPS], at, columns)
                        if at:
                            st.button(
                                t("recipes.up"),
                                icon=":material/arrow_upward:",
                                key=f"{key}/up",
                                on_click=_move_up,
                                args=(answers, at),
                            )
                    st.button(
                        t("recipes.remove"),
                        icon=":material/close:",
                        type="tertiary",
                        key=f"{key}/remove",
                        on_click=answers[STEPS].pop,
                        args=(at,),
                    )
            if problem is not None and at + 1 == failed:
                step_repair(key, answers[STEPS], at, problem, reading)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _add(place, answers, start)
            st.button(t("recipes.none"), type="tertiary", key=f"{place}/steps_none", on_click=_decline, args=(answers,))


def _move_up(answers: dict[str, Any], at: int) -> None:
    steps = answers[STEPS]
    steps[at - 1], steps[at] = steps[at], steps[at - 1]


def _add(place: str, answers: dict[str, Any], start: int) -> None:
    turn = answers["turned"]
    key = f"{place}/steps_add/{turn}"
    blank = blank_step(start)

    def add() -> None:
        kind = st.session_state[key]
        if kind is not None and answers["turned"] == turn:  # a browser may tell the same choice twice
            answers[STEPS].append((turn, blank[kind]))
            answers["turned"] += 1

    st.selectbox(
        t("recipes.add"),
        list(blank),
        index=None,
        format_func=lambda kind: raw(f"recipes.kinds.{kind}"),
        placeholder=raw("recipes.add_which"),
        key=key,
        on_change=add,
        width=320,
    )
