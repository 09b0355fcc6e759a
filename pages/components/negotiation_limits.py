"""What an owner can promise of one driver: a lock, bounds, how hard it is to move; shared with everyone at once."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.scenario import Negotiation
from kpi_core.services.negotiating import limit_of, set_limit
from kpi_core.tree.solving import Required
from kpi_core.vocabulary import Effort
from pages.components.amount_scale import Scale
from pages.components.frame import named
from pages.components.participant import participant
from pages.components.plain import plain
from pages.components.room_outcome import act
from pages.components.session import allowed, raw, state, t
from pages.components.simulation_scope import Scope
from pages.components.stored_field import follow, store

_PIECE = "negotiation"
#: What is said behind a driver that something holds.
_MARKED = ("locked", "high", "low")


def limit_fields(scope: Scope, going: Negotiation, driver: Required, *, mine: bool) -> None:
    """A driver's line: where it stands and must go, and the fields; open for the own, folded for others'."""
    code, limit = driver.node, limit_of(going, driver.node)
    writing = scope.writing(code)
    now, required = (plain(text) for text in writing.apart(driver.now, driver.required))
    mark = f"　:orange[{t(f'simulation.needed.at_{driver.at_limit}')}]" if driver.at_limit in _MARKED else ""
    label = f"{named(scope.name(code))}　{now} → **{required}**{scope.each}{mark}"
    if driver.at_limit == "too_late":
        st.markdown(label)
        st.caption(t("simulation.closed"))
        return
    stated = limit.locked or limit.low is not None or limit.high is not None or limit.effort is not Effort.USUAL
    key = f"negotiation.limit/{going.code}/{code}"
    _stay_open(key, label, first=mine or stated)
    with st.expander(label, key=key, on_change="rerun") as line:
        if line.open:
            _fields(scope, going, driver, key)
            if limit.author:
                st.caption(t("simulation.needed.stated_by", who=limit.author))


def _stay_open(key: str, label: str, *, first: bool) -> None:
    """With another label, as after each move of anyone, an expander is a new one: it stands as the one before stood."""
    seen = f"{key}/label"
    if key not in st.session_state or st.session_state.get(seen) != label:
        st.session_state[key] = st.session_state.get(key, first)
        st.session_state[seen] = label


def _fields(scope: Scope, going: Negotiation, driver: Required, key: str) -> None:
    limit = limit_of(going, driver.node)
    ends = [float(value) for value in (limit.low, limit.high) if value is not None]
    scale = Scale.of(scope.writing(driver.node), driver.now, driver.required, *ends)
    # the scale belongs to the field: 10 in 万 is not 10
    place = f"{key}/{scale.factor}"
    off, unit = not allowed(), scale.unit.strip()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        follow(f"{place}/locked", limit.locked)
        args = (scope, going.code, driver.node, scale, place)
        st.toggle(
            t("simulation.needed.lock"), key=f"{place}/locked", on_change=_write, args=(*args, "locked"), disabled=off
        )
        for end in ("low", "high"):
            value = getattr(limit, end)
            follow(f"{place}/{end}", None if value is None else scale.shown(float(value)))
            st.number_input(
                t(f"simulation.needed.{end}") + (f" ({unit})" if unit else ""),
                value=None,
                step=scale.step,
                format=scale.format,
                key=f"{place}/{end}",
                width=150,
                on_change=_write,
                args=(*args, end),
                disabled=off or limit.locked,
            )
        follow(f"{place}/effort", limit.effort.value)
        st.segmented_control(
            t("simulation.needed.effort"),
            [one.value for one in Effort],
            format_func=lambda one: raw(f"vocabulary.effort.{one}"),
            key=f"{place}/effort",
            required=True,
            on_change=_write,
            args=(*args, "effort"),
            disabled=off or limit.locked,
        )


def _write(scope: Scope, code: str, node: str, scale: Scale, place: str, field: str) -> None:
    typed = st.session_state[f"{place}/{field}"]
    value = scale.value(float(typed)) if field in ("low", "high") and typed is not None else typed

    def written() -> None:
        with state() as here:
            set_limit(here, scope.snap.id, code, node, {field: value}, participant())

    store(f"{place}/{field}", lambda: act(_PIECE, written))
