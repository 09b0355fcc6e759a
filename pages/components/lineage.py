"""Where a number comes from, as a chain to open: formula, measure, conditions, rows, file, uploader, time."""

from __future__ import annotations

import math
from collections.abc import Callable

import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.errors import KpiError
from kpi_core.model.node import Node
from kpi_core.model.period import Period
from kpi_core.model.workshop import Workshop
from kpi_core.services.lineage import Origin, Rows, counted, datasets_of, lineage
from kpi_core.services.lineage_words import (
    computed_words,
    dataset_name,
    file_words,
    filter_words,
    measure_words,
    source_words,
    typed_words,
    way_words,
)
from kpi_core.text.periods import format_period
from kpi_core.tree.writing import formula_in_words
from pages.components.dialog import ask
from pages.components.plain import plain
from pages.components.presenting import presenting
from pages.components.rows_behind import rows_behind
from pages.components.session import current, raw, state, t
from pages.components.trouble import show_details, show_error

#: The dialog that shows where a number comes from; its second part is the node's code.
LINEAGE = "lineage"
#: So many inputs are opened at once; of more the person chooses.
_OPENED = 3
_SHOWN_PERIODS = 4
_CLOSE = 1e-9


def lineage_button(code: str, *, key: str) -> None:
    """Opens the drawer of a number's origin."""
    if not presenting():
        icon = ":material/account_tree:"
        st.button(t("lineage.button"), key=key, icon=icon, type="tertiary", on_click=ask, args=(LINEAGE, code))


def lineage_drawer(workshop: Workshop, node: Node, which: Callable[[], Period | None]) -> None:
    """The chain of the period that ``which`` gives (it may draw a choice), in a drawer of its own; it reruns alone."""
    name = node.name.in_language(current().language) or node.code

    @st.dialog(t("lineage.title", name=name), width=760, position="right", on_dismiss="rerun")
    def drawer() -> None:
        st.caption(t("lineage.about"))
        period = which()
        if period is None:
            st.info(t("lineage.no_period"))
        else:
            lineage_part(workshop, node, period, key=LINEAGE)

    drawer()


def lineage_part(workshop: Workshop, node: Node, period: Period, *, key: str, rows: bool = True) -> None:
    """The number, the data it rests on, and the chain; ``rows``: with a table of the rows of the top itself."""
    workshop_id = current().workshop or ""
    try:
        with state() as here:
            found = lineage(here, workshop_id, node.code, period.key, counted=False)
    except KpiError as error:
        show_error(error)
        return
    language = current().language
    st.markdown(f"**{_label(found, workshop)}**")
    names = raw("lineage.comma").join(dataset_name(workshop, code, language) for code in datasets_of(found))
    st.caption(t("lineage.rests_on", datasets=names) if names else t("lineage.rests_on_none"))
    _origin(found, workshop, key=key, rows=rows)


def _origin(one: Origin, workshop: Workshop, *, key: str, rows: bool = True) -> None:
    node = workshop.node(one.node)
    if node is None:
        return
    language = current().language
    writing = Writing.of(node, workshop.settings, language)
    st.markdown(plain(way_words(one, workshop, language)))
    for at, part in enumerate(one.rows):
        _rows(one, part, at, workshop, writing)
    for entry in one.typed:
        st.markdown(f"- {plain(typed_words(entry, workshop, language, writing.value(entry.value)))}")
    if one.rows and rows:
        rows_behind(node, one.period, one.value, writing, key=f"{key}.{one.period.key}")
    if one.rows and one.inputs:
        st.caption(t("lineage.also_formula", formula=formula_in_words(one.formula or "", workshop, language)))
    _inputs(one, workshop, key=key)
    if one.cut:
        st.caption(t("lineage.cut"))


def _rows(one: Origin, rows: Rows, at: int, workshop: Workshop, writing: Writing) -> None:
    """One part of a measure: what it takes, of which rows, from which file."""
    language = current().language
    with state() as here:
        found = counted(here, current().workshop or "", rows, one.period)
    lines = [f"**{plain(measure_words(found.part, workshop, language))}**"]
    if len(one.rows) > 1:
        lines.insert(0, t("lineage.numerator" if at == 0 else "lineage.denominator"))
    conditions = raw("lineage.and").join(filter_words(entry, language) for entry in found.part.where)
    lines.append(t("lineage.where", conditions=conditions) if conditions else t("lineage.where_all"))
    lines += [t("lineage.derived", name=each.name, expression=each.expression) for each in found.derived]
    if found.count == 0:
        lines.append(t("lineage.rows_none"))
    elif found.count is not None:
        alone = len(one.rows) == 1
        value = writing.value(found.value) if alone else "–" if found.value is None else f"{found.value:,.10g}"
        lines.append(t("lineage.rows", count=f"{found.count:,}", value=value))
    lines.append(f":material/description: {plain(file_words(found, workshop, language))}")
    recipe = next((each.recipe for each in workshop.datasets if each.code == found.part.dataset), None)
    if recipe is not None and recipe.steps:
        lines.append(t("lineage.recipe", count=len(recipe.steps)))
    for each in found.lookups:
        file = each.version.file_name if each.version else "–"
        lines.append(t("lineage.looked_up", dataset=dataset_name(workshop, each.dataset, language), file=file))
    lines.append(t("lineage.source", name=source_words(found, workshop, language)))
    if computed := computed_words(one, workshop, language):
        lines.append(plain(computed))
    with st.container(border=True):
        st.markdown("  \n".join(lines))
        if found.version is None:
            show_details(found.problems)
        if len(one.rows) == 1 and _differ(found.value, one.value):
            st.warning(t("lineage.differs", rows=writing.value(found.value), shown=writing.value(one.value)))


def _differ(value: float | None, shown: float | None) -> bool:
    return value is not None and shown is not None and not math.isclose(value, shown, rel_tol=_CLOSE, abs_tol=_CLOSE)


def _inputs(one: Origin, workshop: Workshop, *, key: str) -> None:
    """What a formula takes, each to open; of several periods of one node the last, the others named."""
    groups: dict[str, list[Origin]] = {}
    for below in one.inputs:
        groups.setdefault(below.node, []).append(below)
    for code, several in groups.items():
        last = max(several, key=lambda each: each.period.start)
        place = f"{key}.{one.period.key}>{code}"
        opened = len(groups) <= _OPENED and key.count(">") == 0
        with st.expander(_label(last, workshop), expanded=opened, key=place, on_change="rerun") as shown:
            if not shown.open:
                continue
            if len(several) > 1:
                others = [_period(each.period) for each in several if each is not last]
                names = raw("lineage.comma").join(others[:_SHOWN_PERIODS])
                more = "…" if len(others) > _SHOWN_PERIODS else ""
                st.caption(t("lineage.other_periods", count=len(others), periods=names + more))
            _origin(last, workshop, key=place)


def _label(one: Origin, workshop: Workshop) -> str:
    node = workshop.node(one.node)
    language = current().language
    name = (node.name.in_language(language) if node else "") or one.node
    value = "–" if node is None else Writing.of(node, workshop.settings, language).value(one.value)
    return plain(f"{name}  {value}  {_period(one.period)}")


def _period(period: Period) -> str:
    return format_period(period, current().language, period.fiscal_year_start)
