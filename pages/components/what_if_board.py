"""Sliders beside the tree that follows them, the KGI against its target above: one fragment, so a move is quick."""

from __future__ import annotations

import streamlit as st

from kpi_core.charts.achievement_bars import achievement
from kpi_core.services.simulating import Simulation, simulate
from kpi_core.services.unjudged import why_unjudged
from kpi_core.text.numbers import format_percent
from kpi_core.tree.structure import order
from kpi_core.vocabulary import Direction, Status, Unjudged
from pages.components.driver_sliders import driver_sliders, levels_of
from pages.components.frame import named
from pages.components.plain import plain
from pages.components.scenario_form import scenario_form
from pages.components.session import state, t
from pages.components.simulation_scope import Scope
from pages.components.status import BadgeColour, badge_text, in_status_colour, status_words
from pages.components.tree_view import tree_view
from pages.components.what_if_detail import DRAWN, chosen_detail, what_if_detail

_HEIGHT = 560


def what_if_board(scope: Scope) -> None:
    """The board; only it is drawn again when a slider moves."""

    @st.fragment(key="what_if")
    def board() -> None:
        seen = scope.seen()
        levels = levels_of(scope, seen)
        detail = chosen_detail()
        with state() as here:
            found = simulate(
                here,
                scope.snap.id,
                scope.goal.code,
                scope.period.key,
                levels,
                basis=scope.basis,
                most_swings=DRAWN if detail == "tornado" else 0,
                draws=None,
            )
        _goal(scope, found)
        left, right = st.columns([4, 5], gap="medium")
        with left:
            driver_sliders(scope, found.levers, levels)
            scenario_form(scope, levels)
        with right:
            _tree(scope, found)
        what_if_detail(scope, found, levels)

    board()


def _goal(scope: Scope, found: Simulation) -> None:
    """Before → after against the target."""
    writing = scope.writing(scope.goal.code)
    before, after = found.before.get(found.node), found.value(found.node)
    status = found.statuses.get(found.node, Status.NONE)
    down = scope.goal.direction is Direction.DOWN
    with st.container(border=True, key="simulation_goal"):
        badge = badge_text(status, _why(status, after))
        st.markdown(f"**KGI {named(scope.name(found.node))}**　{plain(scope.period_words)}　{badge}")
        with st.container(horizontal=True, gap="large"):
            st.metric(t("simulation.as_is"), plain(writing.value(before, compact=True)), width="content")
            moved = None if before is None or after is None or before == after else after - before
            st.metric(
                t("simulation.simulated"),
                plain(writing.value(after, compact=True)),
                delta=None if moved is None else plain(writing.change(moved)),
                delta_color=_change_colour(scope, moved),
                delta_arrow="off" if not moved else "up" if moved > 0 else "down",
                width="content",
            )
            target = (
                t("simulation.no_target") if found.target is None else plain(writing.value(found.target, compact=True))
            )
            st.metric(t("simulation.target"), target, width="content")
            share = achievement(after, found.target, scope.goal.direction)
            if share is not None:
                text = format_percent(share, writing.language, decimals=0, short=True)
                st.metric(t("simulation.achieved"), plain(text), width="content")
        if after is not None and found.target is not None and scope.goal.direction is not Direction.RANGE:
            short = after - found.target if down else found.target - after
            words = "simulation.gap" if short > 0 else "simulation.reaches"
            st.markdown(in_status_colour(t(words, gap=writing.value(abs(short), compact=True)), status))


def _why(status: Status, value: float | None) -> Unjudged | None:
    """Why a node has no status once the period is over: then it is too early for none."""
    return why_unjudged(status, value, None)


def _unjudged(found: Simulation) -> dict[str, Unjudged]:
    reasons = {code: _why(found.statuses.get(code, Status.NONE), found.value(code)) for code in found.before}
    return {code: why for code, why in reasons.items() if why is not None}


def _change_colour(scope: Scope, moved: float | None) -> BadgeColour:
    """Green for the better, red for the worse, as the goal's direction has it: Streamlit takes no △ for a minus."""
    if not moved or scope.goal.direction is Direction.RANGE:
        return "gray"
    return "green" if (moved > 0) == (scope.goal.direction is Direction.UP) else "red"


def _tree(scope: Scope, found: Simulation) -> None:
    """What moved carries an arrow before its new value; the same in words below, for phones and screen readers."""
    values = {}
    for code in found.before:
        value = found.value(code)
        if value is not None:
            text = scope.writing(code).value(value, short=True, compact=True)
            values[code] = f"→ {text}{_each(scope, found, code)}" if _moved(found, code) else text
    with st.container(key="simulation_tree"):
        tree_view(
            scope.snap.workshop,
            key="simulation.tree",
            colour="status",
            statuses=found.statuses,
            values=values,
            unjudged=_unjudged(found),
            height=_HEIGHT,
        )
    changed = [node for node in order(scope.snap.workshop) if _moved(found, node.code)]
    with st.expander(t("simulation.changed_nodes"), expanded=bool(changed), key="simulation.changed"):
        if not changed:
            st.caption(t("simulation.nothing_changed"))
        lines = []
        for node in changed:
            writing, status = scope.writing(node.code), found.statuses.get(node.code, Status.NONE)
            each = _each(scope, found, node.code)
            before = scope.seen().ahead.level(node.code) if each else found.before.get(node.code)
            after = found.value(node.code)
            if before is None or after is None:
                told = tuple(writing.value(value, short=True, compact=True) for value in (before, after))
            else:
                told = writing.apart(before, after)
            words = t("simulation.changed_line", name=scope.name(node.code), before=told[0], after=told[1] + each)
            lines.append(f"- {in_status_colour(status_words(status, _why(status, after)), status)} {words}")
        st.markdown("\n".join(lines))


def _each(scope: Scope, found: Simulation, code: str) -> str:
    """Behind a moved driver that is shown at its level, since its whole period is not made of its months."""
    is_driver = any(lever.node == code for lever in found.levers)
    return scope.each if is_driver and not scope.seen().ahead.is_made_of_finer(code) else ""


def _moved(found: Simulation, code: str) -> bool:
    return code in found.after and found.after[code] != found.before.get(code)
