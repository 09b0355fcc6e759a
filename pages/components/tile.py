"""One KPI in one period: value, target, achievement, change, its recent course, and its definition a click away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from kpi_core.charts import sparkline
from kpi_core.charts.columns import Frame
from kpi_core.charts.notation import Spec
from kpi_core.charts.writing import Writing
from kpi_core.model.workshop import Workshop
from kpi_core.services.dashboards import SPARK_PERIODS, Board, Tile
from kpi_core.services.unjudged import why_of
from kpi_core.text.numbers import format_percent
from kpi_core.vocabulary import Direction
from pages.components.chart import colours, settled_chart
from pages.components.comparison import Comparison, against_words, change_of, comparison
from pages.components.data_grade import grade_note
from pages.components.dialog import ask
from pages.components.frame import named
from pages.components.plain import plain
from pages.components.presenting import presenting
from pages.components.session import current, t
from pages.components.status import BadgeColour, badge_text, in_status_colour
from pages.components.tile_definition import definition_words, fresh_line
from pages.components.variation import marked_periods, variation_note
from pages.components.why import why_button


@dataclass(frozen=True)
class _Made:
    """What a tile says, written once for a board."""

    writing: Writing
    head: str
    value: Mapping[str, Any]
    foot: str
    definition: str


#: The dialog that shows one node large; its second part is the node's code.
DETAIL = "dashboard.node"


def tiles(board: Board, shown: Sequence[Tile], workshop: Workshop) -> None:
    """Tiles four a row, fewer on narrow screens."""
    with st.grid(4, min_column_width=240):
        for one in shown:
            tile(board, one, workshop)


def tile(board: Board, one: Tile, workshop: Workshop) -> None:
    """The tile, its definition in the help beside its name; its buttons ask for the drawers of its node."""
    language, against = current().language, comparison()
    code = one.node.code
    made = board.once(("tile", code, language, against), lambda: _made(board, one, workshop, against))
    with st.container(border=True, height="stretch", gap="small"):
        st.markdown(made.head, help=None if presenting() else made.definition)
        value(made.value)
        settled_chart(*_course(board, workshop, one, made.writing), key=f"dashboard.spark.{code}")
        st.markdown(made.foot)
        if presenting():
            return
        with st.container(horizontal=True):
            if has_reasons(one):
                why_button(code, key=f"dashboard.why.{code}")
            st.button(
                t("dashboard.larger"), key=f"dashboard.larger.{code}", type="tertiary", on_click=show, args=(code,)
            )


def _made(board: Board, one: Tile, workshop: Workshop, against: Comparison) -> _Made:
    writing = Writing.of(one.node, workshop.settings, current().language)
    return _Made(
        writing=writing,
        head=f"**{named(name_of(one))}** {standing_badge(one)}",
        value=_value(one, writing, against),
        foot=target_line(one, writing, variation_note(board, workshop, one), grade_note(board, one.node.code)),
        definition=f"{definition_words(board, one, workshop)}\n\n{fresh_line(one, workshop)}",
    )


def has_reasons(one: Tile) -> bool:
    """Whether "why?" can be asked: there is a number, or a formula that lacks one."""
    return one.standing.actual is not None or one.node.formula is not None


def show(code: str) -> None:
    """In a callback: shows a node large."""
    ask(DETAIL, code)


def name_of(one: Tile) -> str:
    """The node's name in the page's language, as typed."""
    return one.node.name.in_language(current().language) or one.node.code


def value_with_change(one: Tile, writing: Writing) -> None:
    """The value, large, with its change against what is compared with: green for the better, red for the worse."""
    value(_value(one, writing, comparison()))


def value(made: Mapping[str, Any]) -> None:
    """The same of what was made before."""
    st.metric(**made, label_visibility="collapsed")


def _value(one: Tile, writing: Writing, against: Comparison) -> Mapping[str, Any]:
    change = change_of(one, against)
    return {
        "label": plain(name_of(one)),
        "value": plain(writing.value(one.standing.actual)),
        "delta": None if change is None else plain(writing.change(change)),
        "delta_color": _change_colour(one, change),
        "delta_arrow": "off" if not change else "up" if change > 0 else "down",
        "delta_description": against_words(against) if change is not None else None,
    }


def _change_colour(one: Tile, change: float | None) -> BadgeColour:
    """Good and bad follow the KPI's direction, not the sign; a band has no better direction."""
    if not change or one.node.direction is Direction.RANGE:
        return "gray"
    return "green" if (change > 0) == (one.node.direction is Direction.UP) else "red"


def standing_badge(one: Tile) -> str:
    """The status within a line of markdown; where there is none, why: not measured, no target, or too early."""
    return badge_text(one.standing.status, why_of(one))


def target_line(one: Tile, writing: Writing, note: str = "", data: str = "") -> str:
    """``note`` (markdown) on the value, ``goal_line``, where values are missing within the period, ``data``; small."""
    parts = [note, goal_line(one, writing), *partly_measured(one, writing), *not_alike(one), data]
    lines = "  \n".join(part for part in parts if part)
    return f":small[{lines}]"


def goal_line(one: Tile, writing: Writing) -> str:
    """Target and achievement; says so where there is no target."""
    goal, whole = one.standing.goal_to_date, one.standing.target
    if goal is None:
        line = t("dashboard.no_target")
    elif one.goal_of_part and whole is not None:
        key = "dashboard.target_to_date" if one.standing.elapsed < 1 else "dashboard.target_measured"
        line = t(key, target=writing.value(goal), whole=writing.value(whole))
    else:
        key = "dashboard.target_down" if one.node.direction is Direction.DOWN else "dashboard.target"
        line = t(key, target=writing.value(goal))
    if one.achievement is not None:
        share = f"**{plain(format_percent(one.achievement, writing.language, decimals=0, short=True))}**"
        line += f" ・ {t('dashboard.achieved')} {in_status_colour(share, one.standing.status)}"
    return line


def partly_measured(one: Tile, writing: Writing) -> list[str]:
    """A line that says how much of the period has values, where it is not all."""
    if not 0 < one.coverage < 1:
        return []
    return [t("dashboard.partly_measured", share=format_percent(one.coverage, writing.language, decimals=0))]


def not_alike(one: Tile) -> list[str]:
    """A line that says why the chosen comparison is not told, where both periods have a value."""
    unlike = {Comparison.PREVIOUS: one.unlike, Comparison.YEAR: one.year_unlike}.get(comparison(), False)
    return [t(f"dashboard.unlike_{comparison().value}")] if unlike else []


def _course(board: Board, workshop: Workshop, one: Tile, writing: Writing) -> tuple[Frame, Spec, str]:
    """The recent values as a line with the target, signals ringed, and the achievement as a bar."""
    code, shades = one.node.code, colours()

    def drawn() -> tuple[Frame, Spec, str]:
        course = board.trend(code, SPARK_PERIODS)
        marked = marked_periods(board, workshop, one)
        rows = sparkline.frame(course.periods, course.actual, course.target, writing, one.achievement, marked)
        spec = sparkline.spec(writing, one.standing.status, colours=shades)
        return rows, spec, sparkline.title(name_of(one), rows, writing, one.node.direction)

    return board.once(("spark", code, writing.language, shades), drawn)
