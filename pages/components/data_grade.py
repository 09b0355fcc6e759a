"""A dataset's grade as people see it, and what it says of a KPI that rests on it."""

from __future__ import annotations

import streamlit as st

from kpi_core.guidance.grade import Graded
from kpi_core.model.workshop import Workshop
from kpi_core.services.dashboards import Board
from kpi_core.services.grades import Grades, NodeGrade, grades
from kpi_core.services.upload_rules import problem_of
from kpi_core.text.numbers import format_percent
from kpi_core.vocabulary import DataGrade, Through
from pages.components.frame import named
from pages.components.session import current, raw, state, t
from pages.components.trouble import told

_SIGNS = {DataGrade.A: "●", DataGrade.B: "●", DataGrade.C: "▼"}
_COLOURS = {DataGrade.A: "green", DataGrade.B: "blue", DataGrade.C: "red"}


def grade_badge(grade: DataGrade | None) -> str:
    """``● A`` as a badge within a line of markdown."""
    if grade is None:
        return ":gray-badge[–]"
    return f":{_COLOURS[grade]}-badge[{_SIGNS[grade]} {grade.value}]"


def grade_reason(workshop: Workshop, code: str, found: Graded) -> str:
    """Why a dataset has its grade, as a sentence in markdown."""
    dataset = workshop.dataset(code)
    if dataset is None or found.worst is None:
        return t(f"quality.reason_{found.reason}")
    if found.worst.problem is not None:
        return told(problem_of(found.worst, dataset.rules[found.worst.position]))
    if not found.worst.failed:
        return t("quality.reason_kept")
    share = format_percent(found.share, current().language, short=True)
    rule = raw(f"vocabulary.rule_kind.{found.worst.rule.value}")
    return t("quality.reason_worst", column=found.worst.column or "–", rule=rule, share=share)


def board_grades(board: Board) -> Grades:
    """The grades behind a board's numbers."""

    def read() -> Grades:
        with state() as here:
            return grades(here, current().workshop or "")

    return board.once("grades", read)


def grade_words(found: NodeGrade | None) -> str:
    """``データ B``, with the drivers' grade where theirs is worse; empty for a node that rests on no dataset."""
    if found is None:
        return ""
    number = [rest for rest in found.rests if rest.through is not Through.DRIVER]
    if not number:
        return raw("quality.drivers_only", grade=_word(found.drives))
    words = raw("quality.of_number", grade=_word(found.number))
    worse = found.drives is DataGrade.C and found.number is not DataGrade.C
    return f"{words} {raw('quality.worse_drivers', grade=_word(found.drives))}" if worse else words


def marked_grade(found: NodeGrade) -> str:
    """The same with a sign before it where it is a C."""
    words = grade_words(found)
    return f"▼ {words}" if words and DataGrade.C in (found.number, found.drives) else words


def grade_note(board: Board, code: str) -> str:
    """The same as markdown for a tile, red where it is a C."""
    found = board_grades(board).nodes.get(code)
    words = "" if found is None else marked_grade(found)
    if found is None or not words:
        return ""
    return f":red[{words}]" if DataGrade.C in (found.number, found.drives) else f":gray[{words}]"


def grade_lines(workshop: Workshop, found: Grades, code: str) -> str:
    """Each dataset a node rests on with its grade, and by which way; empty for none."""
    node = found.nodes.get(code)
    if node is None:
        return ""
    lines = []
    for rest in node.rests:
        dataset, via = workshop.dataset(rest.dataset), workshop.node(rest.via)
        language = current().language
        name = named((dataset.name.in_language(language) if dataset else "") or rest.dataset)
        way = t(f"vocabulary.through.{rest.through.value}")
        if rest.through is not Through.MEASURE and via is not None:
            way += f":{named(via.name.in_language(language) or via.code)}"
        graded = found.datasets.get(rest.dataset)
        lines.append(f"{grade_badge(graded.grade if graded else None)} {name} :small[:gray[{way}]]")
    return "  \n".join(lines)


def card_grades(workshop: Workshop, workshop_id: str, code: str) -> None:
    """On a definition card: the data the KPI rests on, with their grades."""
    with state() as here:
        lines = grade_lines(workshop, grades(here, workshop_id), code)
    if lines:
        st.markdown(f"**{t('quality.data_quality')}**  \n{lines}")


def _word(grade: DataGrade | None) -> str:
    return "–" if grade is None else grade.value
