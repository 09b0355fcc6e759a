"""「なぜ？」: why a number changed, as a sentence, a waterfall and a table; down the tree and by segment."""

from __future__ import annotations

import streamlit as st

from kpi_core.charts import waterfall
from kpi_core.charts.waterfall import MOST
from kpi_core.errors import KpiError, RefusedError
from kpi_core.model.measure import RatioMeasure, SimpleMeasure, dimensions_of
from kpi_core.model.node import Node
from kpi_core.model.period import Period
from kpi_core.model.workshop import Workshop
from kpi_core.services.reasons import Compared, Why, comparisons, dimensions, effect_on, why
from kpi_core.services.why_words import (
    arithmetic,
    ends,
    node_name,
    obstacles,
    sentence,
    shared_names,
    sharing,
    steps,
    writing_of,
)
from pages.components.chart import chart, colours
from pages.components.comparison import Comparison, comparison
from pages.components.dialog import ask
from pages.components.plain import plain
from pages.components.presenting import presenting
from pages.components.session import current, raw, state, t
from pages.components.trouble import show_error
from pages.components.why_table import why_table

#: The dialog that asks "why?" of a node; its second part is the node's code.
WHY = "dashboard.why"
_FORMULA = ""


def why_button(code: str, *, key: str, icon: str | None = None) -> None:
    """Opens the drawer of a number's reasons."""
    if not presenting():
        st.button(t("why.button"), key=key, icon=icon, type="tertiary", on_click=ask, args=(WHY, code))


def why_drawer(workshop: Workshop, node: Node, period: Period) -> None:
    """The reasons in a drawer of their own; it reruns alone."""
    name = plain(node_name(workshop, node.code, current().language))

    @st.dialog(t("why.button") + f" {name}", width=760, position="right", on_dismiss="rerun")
    def drawer() -> None:
        why_part(workshop, node, period, key=WHY)

    drawer()


def why_part(workshop: Workshop, node: Node, period: Period, *, key: str) -> None:
    """The node's reasons, and those of the input that was asked further; within a fragment or dialog."""
    place = f"{key}.path.{node.code}"
    path = [code for code in st.session_state.get(place, [node.code]) if workshop.node(code) is not None]
    asked = workshop.node(path[-1]) if path and path[0] == node.code else None
    if asked is None:
        path, asked = [node.code], node
    _breadcrumb(workshop, path, place)
    compared = _comparison(workshop, asked, period, key=key)
    by = _cut(workshop, asked, compared, key=key)
    try:
        with state() as here:
            found = why(here, current().workshop or "", asked.code, period, compared, by=by)
    except KpiError as error:
        show_error(error)
        return
    if len(path) > 1:
        _effect(workshop, path, period, compared)
    _told(workshop, asked, found, path, place, key=key)


def _breadcrumb(workshop: Workshop, path: list[str], place: str) -> None:
    """Where one is below the number that was asked first, each a way back."""
    if len(path) < 2:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"{place}.crumbs"):
        for at, code in enumerate(path[:-1]):
            name = plain(node_name(workshop, code, current().language))
            st.button(name, key=f"{place}.{at}", type="tertiary", on_click=_go, args=(place, path[: at + 1]))
            st.markdown("›", width="content")
        st.markdown(f"**{plain(node_name(workshop, path[-1], current().language))}**", width="content")


def _go(place: str, path: list[str]) -> None:
    st.session_state[place] = path


def _comparison(workshop: Workshop, node: Node, period: Period, *, key: str) -> Compared:
    """What the value is compared with; at first what the dashboard's tiles are."""
    offered = comparisons(workshop, node.code, period)
    place = f"{key}.compared"
    if st.session_state.get(place) not in offered:
        first = {Comparison.YEAR: Compared.YEAR, Comparison.TARGET: Compared.TARGET}
        st.session_state[place] = first.get(comparison(), Compared.PREVIOUS)
    chosen = st.segmented_control(
        t("why.compare"),
        offered,
        format_func=lambda one: t(f"why.compared.{Compared(one).value}"),
        key=place,
        required=True,
    )
    return Compared(chosen or offered[0])


def _cut(workshop: Workshop, node: Node, compared: Compared, *, key: str) -> str | None:
    """By the formula's drivers, or a dimension; a measured node without a formula has its dimensions alone."""
    names = dimensions(workshop, node, compared)
    options = ([_FORMULA] if node.formula or not names else []) + list(names)
    if len(options) == 1:
        return options[0] or None
    chosen = st.pills(
        t("why.cut"),
        options,
        format_func=lambda one: plain(one) if one else t("why.by_formula"),
        key=f"{key}.cut.{node.code}.{len(options)}",
        default=options[0],
        required=True,
    )
    return chosen or None


def _effect(workshop: Workshop, path: list[str], period: Period, compared: Compared) -> None:
    """What the asked input means for the number that was asked first."""
    top = workshop.node(path[0])
    try:
        with state() as here:
            told = why(here, current().workshop or "", path[0], period, compared).explanation
            share = effect_on(here, current().workshop or "", told, path[-2], path[-1])
    except RefusedError:
        return
    if share is None or top is None:
        return
    language = current().language
    writing = writing_of(top, workshop, language)
    name = node_name(workshop, top.code, language)
    value = writing.change(share.value)
    if share.without:
        words = t("why.effect_without", top=name, value=value, shared=shared_names(share.without, workshop, language))
    else:
        words = t("why.effect", top=name, value=value)
    st.markdown(f"{words} :small[:gray[{t('why.effect_change', top=name, change=writing.change(told.change))}]]")


def _told(workshop: Workshop, node: Node, found: Why, path: list[str], place: str, *, key: str) -> None:
    language, told = current().language, found.explanation
    writing = writing_of(node, workshop, language)
    finding = sentence(found, workshop, writing)
    if finding:
        st.markdown(f"**{plain(finding)}**")
    lacking = obstacles(found, workshop, language)
    if lacking:
        st.info("  \n".join([t("why.cannot"), *map(plain, lacking)]), icon=":material/help:")
    elif node.formula is None:
        _own(workshop, node, found)
    if not found.reasons or told.before is None or told.after is None:
        return
    first, last = ends(found, language)
    rows = waterfall.frame(
        (first, told.before), steps(found, workshop, language), (last, told.after), writing, node.direction
    )
    drawn = waterfall.spec(writing, rows.num_rows, colours=colours())
    chart(rows, drawn, finding, key=f"{key}.waterfall")
    _further(workshop, found, path, place)
    for line in sharing(found, workshop, language):
        st.caption(plain(line))
    why_table(workshop, found, writing, key=f"{key}.table")
    with st.expander(t("why.arithmetic"), key=f"{key}.arithmetic"):
        st.markdown("\n".join(f"- {plain(line)}" for line in arithmetic(found, workshop, writing)))


def _own(workshop: Workshop, node: Node, found: Why) -> None:
    """A measured number has no drivers: by segment, or where it has none, what would help."""
    name = node_name(workshop, node.code, current().language)
    if found.by is not None:
        how = raw("why.own_by_segments")
    elif node.measure is not None and dimensions(workshop, node, Compared.PREVIOUS):
        how = raw("why.no_segments_here")
    elif node.measure is None:
        how = raw("why.own_typed")
    elif dimensions_of(node.measure):
        how = raw("why.own_not_additive", how=_how(node.measure))
    else:
        how = raw("why.own_nothing")
    st.caption(t("why.own_reason", name=name, how=how))


def _how(measure: SimpleMeasure | RatioMeasure) -> str:
    """How a measure sums its rows up, in a word."""
    parts = [raw(f"vocabulary.aggregate.{part.aggregate.value}") for part in measure.parts]
    return " / ".join(dict.fromkeys(parts))


def _further(workshop: Workshop, found: Why, path: list[str], place: str) -> None:
    """A button for each input that has reasons itself."""
    inside = [one for one in found.reasons if one.opens and one.node is not None and one.node not in path][:MOST]
    if not inside:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"{place}.further"):
        st.markdown(f":small[{t('why.open')}]", width="content")
        for one in inside:
            name = plain(node_name(workshop, one.node or "", current().language))
            st.button(
                f"{name} :material/arrow_forward:",
                key=f"{place}.open.{one.node}",
                on_click=_go,
                args=(place, [*path, one.node]),
            )
