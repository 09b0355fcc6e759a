"""One KPI in one period: value, target, achievement, change, its recent course, and its definition a click away."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from kpi_core.charts import sparkline
from kpi_core.charts.columns import Frame
from kpi_core.charts.palette import SIGNS
from kpi_core.charts.writing import Writing
from kpi_core.model.workshop import Workshop
from kpi_core.services.dashboards import SPARK_PERIODS, Board, Tile
from kpi_core.services.variation_words import signal_keys
from kpi_core.text.numbers import format_percent
from kpi_core.text.periods import format_datetime, format_period
from kpi_core.tree.writing import formula_in_words
from kpi_core.vocabulary import Direction, Status
from pages.components.chart import chart, colours
from pages.components.comparison import against_words, change_of, comparison
from pages.components.data_grade import board_grades, grade_lines, grade_note
from pages.components.dialog import ask
from pages.components.frame import named
from pages.components.lineage import lineage_button
from pages.components.plain import plain
from pages.components.presenting import presenting
from pages.components.session import current, t
from pages.components.status import BadgeColour, badge_text, in_status_colour
from pages.components.variation import signals_of, variation_note
from pages.components.why import why_button

#: The dialog that shows one node large; its second part is the node's code.
DETAIL = "dashboard.node"


def tiles(board: Board, shown: Sequence[Tile], workshop: Workshop) -> None:
    """Tiles four a row, fewer on narrow screens."""
    with st.grid(4, min_column_width=240):
        for one in shown:
            tile(board, one, workshop)


def tile(board: Board, one: Tile, workshop: Workshop) -> None:
    """The tile; its button asks for the dialog ``DETAIL`` of its node."""
    writing = Writing.of(one.node, workshop.settings, current().language)
    code = one.node.code
    with st.container(border=True, height="stretch", gap="small"):
        st.markdown(f"**{named(name_of(one))}** {standing_badge(one)}")
        value_with_change(one, writing)
        _course(board, workshop, one, writing)
        st.markdown(target_line(one, writing, variation_note(board, workshop, one), grade_note(board, code)))
        if presenting():
            return
        with st.container(horizontal=True):
            if has_reasons(one):
                why_button(code, key=f"dashboard.why.{code}")
            st.button(
                t("dashboard.larger"), key=f"dashboard.larger.{code}", type="tertiary", on_click=show, args=(code,)
            )
            with st.popover(
                t("dashboard.about"), type="tertiary", key=f"dashboard.about.{code}", on_change="rerun"
            ) as about:
                if about.open:
                    definition(board, one, workshop)
                    lineage_button(code, key=f"dashboard.lineage.{code}")


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
    against = comparison()
    change = change_of(one, against)
    st.metric(
        plain(name_of(one)),
        plain(writing.value(one.standing.actual)),
        delta=None if change is None else plain(writing.change(change)),
        delta_color=_change_colour(one, change),
        delta_arrow="off" if not change else "up" if change > 0 else "down",
        delta_description=against_words(against) if change is not None else None,
        label_visibility="collapsed",
    )


def _change_colour(one: Tile, change: float | None) -> BadgeColour:
    """Good and bad follow the KPI's direction, not the sign; a band has no better direction."""
    if not change or one.node.direction is Direction.RANGE:
        return "gray"
    return "green" if (change > 0) == (one.node.direction is Direction.UP) else "red"


def standing_badge(one: Tile) -> str:
    """The status within a line of markdown; where there is none, why: not measured, no target, or too early."""
    standing = one.standing
    if standing.status is not Status.NONE or standing.actual is None:
        return badge_text(standing.status)
    why = "no_goal" if standing.goal_to_date is None else "too_early"
    return f":gray-badge[{SIGNS[Status.NONE]} {t(f'dashboard.none_{why}')}]"


def target_line(one: Tile, writing: Writing, note: str = "", data: str = "") -> str:
    """``note`` (markdown) on the value, ``goal_line``, where values are missing within the period, ``data``; small."""
    parts = [note, goal_line(one, writing), *partly_measured(one, writing), data]
    lines = "  \n".join(part for part in parts if part)
    return f":small[{lines}]"


def goal_line(one: Tile, writing: Writing) -> str:
    """Target and achievement; says so where there is no target."""
    goal, whole = one.standing.goal_to_date, one.standing.target
    if goal is None:
        line = t("dashboard.no_target")
    elif one.standing.elapsed < 1 and whole is not None and whole != goal:
        line = t("dashboard.target_to_date", target=writing.value(goal), whole=writing.value(whole))
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


def definition(board: Board, one: Tile, workshop: Workshop) -> None:
    """The definition card in short: meaning, formula, source, owner, standard action, data quality, freshness."""
    node = one.node
    rows = [
        ("definition", node.definition),
        *([("formula", formula_in_words(node.formula, workshop, current().language))] if node.formula else []),
        ("source", source_of(one, workshop)),
        ("owner", node.owner),
        ("action", node.action),
    ]
    st.markdown("\n\n".join(f"**{t(f'dashboard.about_{name}')}**  \n{named(text)}" for name, text in rows))
    grades = grade_lines(workshop, board_grades(board), node.code)
    if grades:
        st.markdown(f"**{t('quality.data_quality')}**  \n{grades}")
    st.caption(fresh_line(one, workshop))


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


def _course(board: Board, workshop: Workshop, one: Tile, writing: Writing) -> None:
    """The recent values as a line with the target, signals ringed, and the achievement as a bar."""
    code = one.node.code

    def drawn() -> tuple[Frame, str]:
        course = board.trend(code, SPARK_PERIODS)
        marked = signal_keys(signals_of(board, workshop, code))
        rows = sparkline.frame(course.periods, course.actual, course.target, writing, one.achievement, marked)
        return rows, sparkline.title(name_of(one), rows, writing, one.node.direction)

    rows, finding = board.once(("spark", code, writing.language), drawn)
    spec = sparkline.spec(writing, one.standing.status, colours=colours())
    chart(rows, spec, finding, key=f"dashboard.spark.{code}")
