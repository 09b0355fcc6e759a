"""The drivers as sliders with a field for the exact value: what was moved is kept as a draft until it is put back."""

from __future__ import annotations

from math import isfinite

import numpy as np
import streamlit as st

from kpi_core.services.levers import Lever
from kpi_core.services.prospects import Prospect
from kpi_core.text.numbers import format_percent
from pages.components.amount_scale import Scale
from pages.components.draft import Draft
from pages.components.frame import named
from pages.components.plain import plain
from pages.components.session import allowed, current, raw, t
from pages.components.simulation_scope import Scope

#: Sliders in sight; the others fold.
_SHOWN = 5
#: The usual range is the middle 80 % of so many known periods.
_RECENT = 24


def levels_draft(scope: Scope) -> Draft:
    """Driver → where it was put."""
    return Draft(scope.place, {}, None)


def levels_of(scope: Scope, seen: Prospect) -> dict[str, float]:
    """What was put at another value than it stands at, of what still is a driver."""
    typed = levels_draft(scope).typed
    return {
        code: float(value)
        for code, value in typed.items()
        if code in seen.order and seen.ahead.levers[code] and abs(value - seen.ahead.level(code)) > 1e-12
    }


def driver_sliders(scope: Scope, levers: tuple[Lever, ...], levels: dict[str, float]) -> None:
    """Those that matter most, the rest on request."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{t('simulation.drivers')}**", help=t("simulation.drivers_help"), width="content")
        if levels and allowed():
            st.button(t("simulation.reset"), type="tertiary", key="simulation.reset", on_click=reset, args=(scope,))
    if scope.is_whole:
        st.caption(t("simulation.levels_are_means", each=scope.per, period=scope.period_words))
    if not allowed():
        st.caption(f":material/visibility: {t('simulation.read_only')}")
    elif levels and levels_draft(scope).recovered:
        st.caption(t("simulation.restored"))
    for lever in levers[:_SHOWN]:
        _slider(scope, lever, levels.get(lever.node))
    rest = levers[_SHOWN:]
    if not rest:
        return
    moved = any(lever.node in levels for lever in rest)
    label = t("simulation.more_drivers", count=len(rest))
    with st.expander(label, key="simulation.more", on_change="rerun", expanded=moved) as more:
        if more.open:
            for lever in rest:
                _slider(scope, lever, levels.get(lever.node))


def put_levels(scope: Scope, levels: dict[str, float]) -> None:
    """In a callback: the sliders stand at these levels and nothing else."""
    draft = levels_draft(scope)
    draft.discard()
    draft = levels_draft(scope)
    for code, value in levels.items():
        draft.put(code, value)
    _forget(scope)


def reset(scope: Scope) -> None:
    """In a callback: all drivers stand as they stand."""
    levels_draft(scope).discard()
    _forget(scope)


def _slider(scope: Scope, lever: Lever, level: float | None) -> None:
    code, writing = lever.node, scope.writing(lever.node)
    scale = Scale.of(writing, lever.low, lever.high)
    low, high = scale.shown(lever.low), scale.shown(lever.high)
    stands = scale.shown(lever.now if level is None else level)
    key = _key(scope, code)
    disabled = not lever.open or not allowed()
    with st.container(border=True, gap="xsmall", key=f"simulation_driver_{code}"):
        owner = scope.node(code).owner
        st.markdown(f"**{named(scope.name(code))}**" + (f"　:small[:gray[{plain(owner)}]]" if owner else ""))
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"simulation_pair_{code}"):
            if high > low:
                place = _place(key, "slider")
                st.session_state.setdefault(place, min(max(stands, low), high))
                st.slider(
                    scope.name(code),
                    low,
                    high,
                    step=scale.step,
                    format=scale.slider_format,
                    key=place,
                    label_visibility="collapsed",
                    disabled=disabled,
                    on_change=_moved,
                    args=(scope, code, scale, place),
                )
            place = _place(key, "number")
            st.session_state.setdefault(place, stands)
            least, most = (scale.shown(end) if isfinite(end) else None for end in lever.bounds)
            st.number_input(
                raw("simulation.exact", name=scope.name(code)),
                value=None,  # else an emptied field is its least number, 0, and not nothing
                min_value=None if least is None else min(least, stands),
                max_value=None if most is None else max(most, stands),
                step=scale.step,
                format=scale.format,
                key=place,
                label_visibility="collapsed",
                width=112,
                disabled=disabled,
                on_change=_moved,
                args=(scope, code, scale, place),
            )
            st.markdown(f":small[{plain(scale.unit.strip())}]", width="content")
        st.caption(_words(lever, level, scope))


def _words(lever: Lever, level: float | None, scope: Scope) -> str:
    """Where it stands and was put; below, what its past says of that. In markdown."""
    writing, stands = scope.writing(lever.node), lever.now if level is None else level
    if level is None:
        words = t("simulation.now_value", now=writing.value(lever.now, compact=True))
    else:
        share = format_percent(level / lever.now - 1, current().language, decimals=0, signed=True) if lever.now else "–"
        now, value = writing.apart(lever.now, level)
        words = t("simulation.moved_value", now=now, value=value, share=share)
    lines = [f"{words}{scope.each}"]
    past = []
    if lever.latest is not None:
        latest = writing.value(lever.history[-1], compact=True)
        past.append(t("simulation.latest_value", period=scope.in_words(lever.latest), value=latest))
    if not lever.open:
        past.append(t("simulation.closed"))
    elif len(lever.history) >= 2:
        low, high = np.percentile(lever.history[-_RECENT:], [10, 90])
        ends = {"low": writing.value(float(low), compact=True), "high": writing.value(float(high), compact=True)}
        past.append(t("simulation.usual_range", **ends))
    lines.append("　".join(past))
    edge = lever.beyond(stands)
    if edge is not None:
        key = "simulation.above_all" if stands > edge else "simulation.below_all"
        lines.append(f":orange[▲] {t(key, edge=writing.apart(edge, stands)[0])}")
    return "  \n".join(line for line in lines if line)


def _key(scope: Scope, code: str) -> str:
    return f"{scope.snap.id}/{scope.place}/{code}"


def _place(key: str, field: str) -> str:
    """A field's key. It counts the moves of the other field: after each it is a new field with the new value, so that
    what a browser still says of the old one, while it drags, is nobody's typing."""
    return f"{key}/{field}/{st.session_state.get(f'{key}#{field}', 0)}"


def _moved(scope: Scope, code: str, scale: Scale, place: str) -> None:
    """The field at ``place`` moved: the other one follows, and the level is kept. An emptied one is put back.

    A new field reports the value it was made with, and one that is gone may still report: neither moves anything.
    """
    key, stands = _key(scope, code), scope.seen().ahead.level(code)
    own, other = ("slider", "number") if place.startswith(f"{key}/slider/") else ("number", "slider")
    if place not in st.session_state or place != _place(key, own):
        return
    typed = st.session_state[place]
    level = float(levels_draft(scope).typed.get(code, stands))
    if typed == scale.shown(level):
        return
    for field in (other,) if typed is not None else (own, other):
        st.session_state[f"{key}#{field}"] = st.session_state.get(f"{key}#{field}", 0) + 1
    unmoved = typed is None or scale.shown(stands) == typed
    levels_draft(scope).put(code, stands if unmoved else scale.value(float(typed)))


def _forget(scope: Scope) -> None:
    """All fields are new ones from the next draw on."""
    for code in scope.seen().order:
        for field in ("slider", "number"):
            count = f"{_key(scope, code)}#{field}"
            st.session_state[count] = st.session_state.get(count, 0) + 1
