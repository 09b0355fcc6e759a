"""What would it take, in the room: the goal, whether everyone's limits allow it, and each owner's share of the way."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.scenario import Negotiation
from kpi_core.services.negotiating import (
    answer,
    current_negotiation,
    is_own,
    new_targets,
    open_negotiation,
    own_first,
    set_goal,
)
from kpi_core.services.solving import Answer, OwnerShare
from kpi_core.text.numbers import format_percent
from kpi_core.tree.solving import Required
from kpi_core.vocabulary import PastLimit, Role
from pages.components.amount_scale import Scale
from pages.components.dialog import ask
from pages.components.frame import named
from pages.components.live import draw_page
from pages.components.negotiation_limits import limit_fields
from pages.components.participant import name_field, participant
from pages.components.plain import plain
from pages.components.room_outcome import act, told
from pages.components.session import allowed, current, opened, raw, state, t
from pages.components.simulation_scope import Scope
from pages.components.stored_field import follow, store

PIECE = "negotiation"
ACCEPT = "negotiation.accept"


def negotiation_board(first: Scope) -> None:
    """The live piece: everything is read anew, since others write into it."""
    snap = opened()
    if snap is None or snap.workshop.kgi is None:
        return
    scope = Scope(snap, snap.workshop.kgi, first.period, first.basis)
    told(PIECE)
    st.caption(t("simulation.needed.explain"))
    going = current_negotiation(snap.workshop, scope.goal.code, scope.period.key)
    steers = allowed(Role.FACILITATOR)
    if going is None:
        _begin(scope) if steers else st.info(t("simulation.needed.waiting"), icon=":material/hourglass_empty:")
        return
    scope = Scope(snap, scope.goal, scope.period, going.basis)
    with state() as here:
        found = answer(here, snap.id, going)
    _outcome(scope, found)
    if steers:
        _steering(scope, going, found)
    name_field(snap)
    who = participant()
    for share in own_first(snap.workshop, found.owners, who):
        _share(scope, going, found, share, mine=is_own(snap.workshop, share, who))


def _begin(scope: Scope) -> None:
    seen = scope.seen()
    target, stands = seen.targets.get(scope.goal.code), seen.ahead.value
    scale = Scale.of(scope.writing(scope.goal.code), target or stands)
    key = f"negotiation.goal/{scope.place}"
    st.session_state.setdefault(key, scale.shown(target if target is not None else stands))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _goal_field(scope, scale, key)
        st.button(
            t("simulation.needed.open"),
            type="primary",
            key="negotiation.open",
            on_click=_open,
            args=(scope, scale, key),
        )


def _goal_field(scope: Scope, scale: Scale, key: str, **options: object) -> None:
    label = t(
        "simulation.needed.goal",
        name=scope.name(scope.goal.code),
        period=scope.period_words,
        unit=scale.unit.strip(),
    )
    st.number_input(label, key=key, step=scale.step, format=scale.format, width=360, **options)  # type: ignore[call-overload]  # the options of on_change


def _outcome(scope: Scope, found: Answer) -> None:
    """Goal, as things stand, what the limits allow."""
    writing, solved = scope.writing(found.node), found.solution
    with st.container(border=True, key="negotiation_outcome"):
        st.markdown(f"**{named(scope.name(found.node))}**　{plain(scope.period_words)}")
        with st.container(horizontal=True, gap="large"):
            for label, value in (
                ("as_is", solved.now),
                ("wanted", solved.target),
                ("reached", solved.reached),
                ("shortfall", solved.target - solved.now),
            ):
                words = writing.change(value) if label == "shortfall" else writing.value(value, compact=True)
                st.metric(t(f"simulation.needed.{label}"), plain(words), width="content")
        if solved.feasible:
            st.success(t("simulation.needed.feasible"), icon=":material/check_circle:")
            return
        gap = writing.value(abs(solved.target - solved.reached), compact=True)
        words = t("simulation.needed.infeasible", reached=writing.value(solved.reached, compact=True), gap=gap)
        bound = [_binding(scope, driver) for driver in solved.drivers if driver.at_limit]
        stops = t("simulation.needed.binding", limits=raw("tree.separator").join(bound)) if bound else ""
        st.warning(f"{words}  \n{stops}".strip(), icon=":material/block:")


def _binding(scope: Scope, driver: Required) -> str:
    value = f"{scope.writing(driver.node).value(driver.required, compact=True)}{scope.each}"
    return raw(f"simulation.needed.limit_{driver.at_limit}", name=scope.name(driver.node), value=value)


def _steering(scope: Scope, going: Negotiation, found: Answer) -> None:
    """The facilitator's: goal, limits from the past, agreeing."""
    scale = Scale.of(scope.writing(going.node), float(going.value))
    key = f"negotiation.goal.of/{going.code}"
    follow(key, scale.shown(float(going.value)))
    past = f"negotiation.past/{going.code}"
    follow(past, going.past.value if going.past else "none")
    with st.container(horizontal=True, vertical_alignment="bottom", key="negotiation_steering"):
        _goal_field(scope, scale, key, on_change=_goal, args=(scope, going, scale, key, past))
        st.segmented_control(
            t("simulation.needed.past"),
            ["none", *(one.value for one in PastLimit)],
            format_func=lambda one: raw(f"simulation.needed.past_{one}"),
            key=past,
            required=True,
            on_change=_goal,
            args=(scope, going, scale, key, past),
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        moves = bool(new_targets(scope.snap.workshop, found))
        st.button(
            t("simulation.needed.accept"),
            type="primary",
            key="negotiation.accept",
            icon=":material/handshake:",
            disabled=not found.solution.feasible or not moves,
            on_click=_ask,
            args=(going.code,),
        )
        if not found.solution.feasible:
            st.button(
                t("simulation.needed.take_reached"),
                key="negotiation.take",
                on_click=_take,
                args=(scope, going, found.solution.reached),
            )
            st.caption(t("simulation.needed.accept_infeasible"))
        elif not moves:
            st.caption(t("simulation.needed.accept_nothing"))


def _share(scope: Scope, going: Negotiation, found: Answer, share: OwnerShare, *, mine: bool) -> None:
    """One owner: a sentence, then what they can promise of each of their drivers."""
    with st.container(border=True, key=f"negotiation_share_{abs(hash(share.owner))}"):
        badge = f":primary-badge[{t('simulation.needed.mine')}]　" if mine else ""
        st.markdown(badge + share_words(scope, found, share))
        for driver in share.drivers:
            limit_fields(scope, going, driver, mine=mine)


def share_words(scope: Scope, found: Answer, share: OwnerShare) -> str:
    """“**営業(佐藤)**: 受注率を35% → 41%。不足分の62%(+3,200万円)”, in markdown."""
    moves = []
    for driver in share.drivers:
        if abs(driver.required - driver.now) > 1e-9 * max(1.0, abs(driver.now)):
            now, required = scope.writing(driver.node).apart(driver.now, driver.required)
            words = raw("simulation.needed.move", name=scope.name(driver.node), now=now, required=required)
            moves.append(f"{words}{scope.each}")
    owner = share.owner or raw("simulation.needed.nobody")
    words = raw("tree.separator").join(moves) or raw("simulation.needed.no_move")
    line = t("simulation.needed.share_line", owner=owner, moves=words)
    way = found.solution.target - found.solution.now
    if not moves or not way:
        return line
    part = t(
        "simulation.needed.share_part",
        share=format_percent(share.contribution / way, current().language, decimals=0),
        contribution=scope.writing(found.node).change(share.contribution),
    )
    return f"{line}　:small[{part}]"


def _open(scope: Scope, scale: Scale, key: str) -> None:
    value = st.session_state.get(key)
    if value is None:
        return

    def begun() -> None:
        with state() as here:
            open_negotiation(
                here,
                scope.snap.id,
                scope.goal.code,
                scope.period.key,
                scope.basis,
                scale.value(float(value)),
                participant(),
            )

    act(PIECE, begun, "simulation.needed.opened")


def _goal(scope: Scope, going: Negotiation, scale: Scale, key: str, past: str) -> None:
    value, limit = st.session_state.get(key), st.session_state.get(past)
    if value is None:
        store(key, lambda: False)  # the field shows the goal again
        return
    typed = going.value if scale.shown(float(going.value)) == value else scale.value(float(value))
    done = _write_goal(scope, going, float(typed), None if limit in (None, "none") else PastLimit(limit))
    for one in (key, past):
        store(one, lambda: done)


def _take(scope: Scope, going: Negotiation, reached: float) -> None:
    _write_goal(scope, going, reached, going.past)


def _write_goal(scope: Scope, going: Negotiation, value: float, past: PastLimit | None) -> bool:
    def written() -> None:
        with state() as here:
            set_goal(here, scope.snap.id, going.code, value, past, participant())

    return act(PIECE, written)


def _ask(code: str) -> None:
    ask(ACCEPT, code)
    draw_page()
