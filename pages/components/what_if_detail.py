"""Below the sliders, on request: which driver matters (a tornado), or how sure the target is (the chance)."""

from __future__ import annotations

import streamlit as st

from kpi_core.charts import spread, tornado
from kpi_core.services.simulating import Simulation, simulate
from kpi_core.text.numbers import format_percent
from kpi_core.tree.chance import DRAWS, Chance
from kpi_core.vocabulary import Direction
from pages.components.chart import chart, colours, titled_chart
from pages.components.session import current, raw, state, t
from pages.components.simulation_scope import Scope

DETAILS = ("tornado", "chance")
#: Bars that a tornado shows.
DRAWN = 10
#: Below, more futures miss the target than reach it.
_EVEN = 0.5
_KEY = "simulation.detail"
_HEADS = {"name": "charts.columns.node", "label": "charts.tornado.change", "value_text": "charts.tornado.goal"}


def chosen_detail() -> str:
    return str(st.session_state.get(_KEY) or DETAILS[0])


def what_if_detail(scope: Scope, found: Simulation, levels: dict[str, float]) -> None:
    """The choice and what was chosen; a chance is drawn only when it is asked for."""
    with st.container(border=True, key="simulation_detail"):
        shown = st.segmented_control(
            t("simulation.detail"),
            DETAILS,
            format_func=lambda one: t(f"simulation.detail_{one}"),
            default=DETAILS[0],
            required=True,
            key=_KEY,
            label_visibility="collapsed",
        )
        if shown == "chance":
            with state() as here:
                drawn = simulate(
                    here,
                    scope.snap.id,
                    scope.goal.code,
                    scope.period.key,
                    levels,
                    basis=scope.basis,
                    most_swings=0,
                    draws=DRAWS,
                )
            _chance(scope, drawn)
        else:
            _tornado(scope, found)


def _tornado(scope: Scope, found: Simulation) -> None:
    stands = found.value(found.node)
    if stands is None:
        st.caption(t("simulation.no_value"))
        return
    writing = scope.writing(found.node)
    bars = [tornado.Bar(scope.name(one.node), one.low, one.high) for one in found.swings]
    rows = tornado.frame(bars, stands, found.target, writing)
    spec = tornado.spec(writing, colours=colours())
    titled_chart(rows, spec, tornado.title(bars, writing), _HEADS, key="simulation.tornado")
    st.caption(t("simulation.tornado_help", goal=scope.name(found.node)))


def _chance(scope: Scope, found: Simulation) -> None:
    likely = found.chance
    if likely is None:
        return
    if likely.short:
        told = [raw("simulation.chance_short_one", name=scope.name(code), count=n) for code, n in likely.short.items()]
        st.info(
            t("simulation.chance_short", drivers=raw("tree.separator").join(told)), icon=":material/hourglass_empty:"
        )
        return
    writing = scope.writing(found.node)
    words = chance_words(likely)
    st.markdown(words)
    low, high = (writing.value(likely.percentiles[share], compact=True) for share in (5, 95))
    if likely.percentiles:
        told = t("simulation.chance_range", draws=f"{likely.draws:,}", low=low, high=high)
        st.markdown(told)
        rows = spread.frame(likely.percentiles, found.target, writing)
        chart(rows, spread.spec(writing, colours=colours()), f"{words} {told}", key="simulation.chance")
    _one_path(scope, found, likely)
    if likely.without_value:
        share = format_percent(likely.without_value, current().language, decimals=1)
        st.caption(f":orange[▲] {t('simulation.chance_failed', share=share)}")
    st.caption(t("simulation.chance_help_year" if likely.over_year else "simulation.chance_help"))


def _one_path(scope: Scope, found: Simulation, likely: Chance) -> None:
    """Where the simulated value reaches the target and most futures do not: why that is no contradiction."""
    after, target, middle = found.value(found.node), found.target, likely.percentiles.get(50)
    if after is None or target is None or middle is None or likely.probability is None or likely.probability >= _EVEN:
        return
    down = scope.goal.direction is Direction.DOWN
    if after <= target if down else after >= target:
        value, median = (scope.writing(found.node).value(one, compact=True) for one in (after, middle))
        key = "chance_one_path_down" if down else "chance_one_path"
        st.markdown(f":orange[▲] {t(f'simulation.{key}', value=value, middle=median)}")


def chance_words(likely: Chance) -> str:
    """The chance in words, in markdown."""
    if likely.probability is None:
        return t("simulation.chance_no_target")
    return t("simulation.chance_title", share=format_percent(likely.probability, current().language, decimals=0))
