"""Saved scenarios side by side: a table, the goal under each, and how far each moves which driver."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from kpi_core.charts import scenarios as drawn
from kpi_core.charts.achievement_bars import achievement
from kpi_core.model.period import parse_period
from kpi_core.model.scenario import Scenario
from kpi_core.services.scenarios import (
    VIEWS,
    Compared,
    compare,
    keep_from_history,
    may_remove,
    other_periods,
    remove_scenario,
    scenarios_of,
)
from kpi_core.text.numbers import format_percent
from kpi_core.text.periods import format_datetime
from kpi_core.vocabulary import Direction
from pages.components.chart import chart, colours
from pages.components.driver_sliders import put_levels
from pages.components.frame import named
from pages.components.labels import distinct
from pages.components.outcome import attempt
from pages.components.participant import participant
from pages.components.plain import plain
from pages.components.session import allowed, current, raw, state, t
from pages.components.simulation_scope import Scope

_SHOWN = "simulation.shown"
_DRAWS = 4000


def scenario_board(scope: Scope, show_what_if: str) -> None:
    """The comparison; ``show_what_if``: the session's key of the page's choice, to go back to the sliders."""
    saved = scenarios_of(scope.snap.workshop, scope.goal.code, scope.period.key)
    if not saved:
        st.info(_nothing(scope))
        _make_three(scope)
        return
    chosen = _chosen(saved)
    with state() as here:
        found = compare(here, scope.snap.id, scope.goal.code, scope.period.key, scope.basis, chosen, draws=_DRAWS)
    labels = [_label(one, found) for one in found]
    st.dataframe(_table(scope, found, labels), hide_index=True, key="simulation.table")
    for one in found:
        if one.scenario is not None and one.lost:
            names = raw("tree.separator").join(scope.name(code) for code in one.lost)
            st.caption(f":orange[▲] {t('simulation.save.lost', name=one.scenario.name, nodes=names)}")
    left, right = st.columns(2, gap="medium")
    with left:
        _goal_chart(scope, found, labels)
    with right:
        _drivers_chart(scope, found, labels)
    for one in saved:
        _line(scope, one, show_what_if)
    _make_three(scope)


def _nothing(scope: Scope) -> str:
    """That nothing is saved for this period, and for which others something is."""
    others = other_periods(scope.snap.workshop, scope.goal.code, scope.period.key)
    if not others:
        return t("simulation.save.nothing")
    start = scope.snap.workshop.settings.fiscal_year_start
    told = [
        raw("simulation.save.count", period=scope.in_words(parse_period(key, start)), count=count)
        for key, count in sorted(others.items())
    ]
    return t("simulation.save.elsewhere", period=scope.period_words, periods=raw("tree.separator").join(told))


def _chosen(saved: tuple[Scenario, ...]) -> list[Scenario]:
    by_code = {one.code: one for one in saved}
    if len(saved) < 2:
        return list(saved)
    picked = st.pills(
        t("simulation.save.shown"),
        list(by_code),
        selection_mode="multi",
        default=list(by_code),
        format_func=distinct(by_code, lambda code: by_code[code].name if code in by_code else code),
        key=f"{_SHOWN}/{hash(tuple(by_code))}",
    )
    return [by_code[code] for code in picked]


def _label(one: Compared, found: tuple[Compared, ...]) -> str:
    """A scenario's name, with its author where two have the same."""
    if one.scenario is None:
        return raw("simulation.save.as_is")
    alike = [other for other in found if other.scenario and other.scenario.name == one.scenario.name]
    twice = len(alike) > 1
    return f"{one.scenario.name} ({one.scenario.author or one.scenario.code})" if twice else one.scenario.name


def _table(scope: Scope, found: tuple[Compared, ...], labels: list[str]) -> pd.DataFrame:
    """A row for the goal, its achievement and chance, then each driver; a column a scenario."""
    language, goal = current().language, scope.goal.code
    writing = scope.writing(goal)
    rows = [
        (scope.name(goal), [writing.value(one.simulation.value(goal), compact=True) for one in found]),
        (
            raw("simulation.achieved"),
            [
                format_percent(
                    achievement(one.simulation.value(goal), one.simulation.target, scope.goal.direction),
                    language,
                    decimals=0,
                    short=True,
                )
                for one in found
            ],
        ),
        (
            raw("simulation.save.chance"),
            [
                format_percent(one.simulation.chance.probability, language, decimals=0, short=True)
                if one.simulation.chance
                else "–"
                for one in found
            ],
        ),
    ]
    for lever in found[0].simulation.levers:
        told = [scope.writing(lever.node).value(_level(one, lever.node, lever.now), compact=True) for one in found]
        rows.append((f"{scope.name(lever.node)}{scope.each}", told))
    return pd.DataFrame(
        [[name, *values] for name, values in rows], columns=[raw("simulation.save.column"), *_unlike(labels)]
    )


def _level(one: Compared, code: str, now: float) -> float:
    """Where a scenario puts a driver, a period; as it stands where it does not."""
    levels = {level.node: float(level.value) for level in one.scenario.levels} if one.scenario else {}
    return levels.get(code, now)


def _unlike(labels: list[str]) -> list[str]:
    """A table's columns must have unlike names."""
    return [label if labels.index(label) == at else f"{label} #{at}" for at, label in enumerate(labels)]


def _goal_chart(scope: Scope, found: tuple[Compared, ...], labels: list[str]) -> None:
    goal, writing = scope.goal.code, scope.writing(scope.goal.code)
    reached = [
        drawn.Reached(label, one.simulation.value(goal)) for label, one in zip(_unlike(labels), found, strict=True)
    ]
    target = found[0].simulation.target
    down = scope.goal.direction is Direction.DOWN
    known = [one for one in reached if one.value is not None]
    title = ""
    if known:
        best = (min if down else max)(known, key=lambda one: one.value or 0.0)
        share = achievement(best.value, target, scope.goal.direction)
        words = {"best": best.name, "share": format_percent(share, current().language, decimals=0)}
        title = raw(
            "simulation.save.goal_title" if share is not None else "simulation.save.goal_title_no_target", **words
        )
    st.markdown(f"**{plain(title)}**")
    chart(
        drawn.frame(reached, target, writing),
        drawn.spec(writing, colours=colours()),
        title,
        key="simulation.scenarios",
    )


def _drivers_chart(scope: Scope, found: tuple[Compared, ...], labels: list[str]) -> None:
    st.markdown(f"**{t('simulation.save.drivers_title')}**")
    moved = [
        drawn.Moved(scope.name(lever.node), label, _level(one, lever.node, lever.now) / lever.now - 1)
        for lever in found[0].simulation.levers
        for label, one in zip(labels, found, strict=True)
        if one.scenario and lever.now and _level(one, lever.node, lever.now) != lever.now
    ]
    if not moved:
        st.caption(t("simulation.save.unchanged"))
        return
    language = current().language
    chart(
        drawn.drivers_frame(moved, language),
        drawn.drivers_spec(language, colours=colours()),
        raw("simulation.save.drivers_title"),
        key="simulation.drivers",
    )


def _line(scope: Scope, one: Scenario, show_what_if: str) -> None:
    at = format_datetime(one.at, current().language, scope.snap.workshop.settings.timezone)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"simulation_line_{one.code}"):
        words = t("simulation.save.by", who=one.author, at=at)
        st.markdown(f"**{named(one.name)}**　:small[:gray[{words}]]", width="stretch")
        if not allowed():
            return
        st.button(
            t("simulation.save.open"),
            key=f"simulation.open/{one.code}",
            type="tertiary",
            icon=":material/tune:",
            on_click=_open,
            args=(scope, one, show_what_if),
        )
        if may_remove(one, participant()):
            with st.popover(t("simulation.save.remove"), type="tertiary", icon=":material/delete:"):
                st.markdown(t("simulation.save.remove_sure", name=one.name))
                st.button(
                    t("simulation.save.remove_do"),
                    key=f"simulation.remove/{one.code}",
                    type="primary",
                    on_click=_remove,
                    args=(scope, one.code),
                )


def _make_three(scope: Scope) -> None:
    if not allowed():
        return
    st.button(
        t("simulation.save.from_history"),
        key="simulation.from_history",
        icon=":material/history:",
        help=t("simulation.save.from_history_help"),
        on_click=_from_history,
        args=(scope,),
    )


def _from_history(scope: Scope) -> None:
    def make() -> None:
        with state() as here:
            names = {view: raw(f"simulation.view.{view}") for view in VIEWS}
            keep_from_history(here, scope.snap.id, scope.goal.code, scope.period.key, scope.basis, names, participant())

    attempt(make, "simulation.save.from_history_done")


def _open(scope: Scope, one: Scenario, show_what_if: str) -> None:
    """The sliders take the scenario's levels, on the basis it was made on."""
    st.session_state["simulation.basis"] = one.basis.value
    there = Scope(scope.snap, scope.goal, scope.period, one.basis)
    put_levels(there, {level.node: float(level.value) for level in one.levels})
    st.session_state[show_what_if] = "what_if"
    attempt(lambda: None, "simulation.save.opened", name=one.name)


def _remove(scope: Scope, code: str) -> None:
    def gone() -> None:
        with state() as here:
            remove_scenario(here, scope.snap.id, code, participant())

    attempt(gone, "simulation.save.removed")
