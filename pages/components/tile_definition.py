"""What a number means and where it comes from: the definition card in short, and how fresh the number is."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.workshop import Workshop
from kpi_core.services.dashboards import Board, Tile
from kpi_core.text.periods import format_datetime, format_period
from kpi_core.tree.writing import formula_in_words
from pages.components.data_grade import board_grades, grade_lines
from pages.components.frame import named
from pages.components.session import current, t


def definition(board: Board, one: Tile, workshop: Workshop) -> None:
    """The definition card in short, with how fresh the number is."""
    st.markdown(definition_words(board, one, workshop))
    st.caption(fresh_line(one, workshop))


def definition_words(board: Board, one: Tile, workshop: Workshop) -> str:
    """Meaning, formula, source, owner, standard action and the data's grades, as markdown."""
    node = one.node
    rows = [
        ("definition", node.definition),
        *([("formula", formula_in_words(node.formula, workshop, current().language))] if node.formula else []),
        ("source", source_of(one, workshop)),
        ("owner", node.owner),
        ("action", node.action),
    ]
    parts = [f"**{t(f'dashboard.about_{name}')}**  \n{named(text)}" for name, text in rows]
    grades = grade_lines(workshop, board_grades(board), node.code)
    if grades:
        parts.append(f"**{t('quality.data_quality')}**  \n{grades}")
    return "\n\n".join(parts)


def source_of(one: Tile, workshop: Workshop) -> str:
    """Where the number comes from, in words: dataset and column, a formula, typed by hand; empty for nowhere."""
    measure = one.node.measure
    if measure is not None:
        datasets = dict.fromkeys(part.dataset for part in measure.parts)
        names = []
        for code in datasets:
            dataset = workshop.dataset(code)
            names.append((dataset.name.in_language(current().language) if dataset else "") or code)
        return " / ".join(names)
    if one.node.manual:
        return t("dashboard.by_hand", who=one.node.updater or one.node.owner or "–")
    return t("dashboard.by_formula") if one.node.formula else ""


def fresh_line(one: Tile, workshop: Workshop) -> str:
    """How fresh the number is: its latest period, and when its data were uploaded."""
    recent = one.recency
    if recent is None:
        return t("dashboard.never_measured")
    language, settings = current().language, workshop.settings
    period = format_period(recent.period, language, settings.fiscal_year_start)
    if recent.uploaded_at is None:
        return t("dashboard.fresh_until", period=period)
    at = format_datetime(recent.uploaded_at, language, settings.timezone)
    return t("dashboard.fresh_from_file", period=period, file=recent.file_name or "–", at=at)
