"""The rows behind a number: which rows of which file, counted and added up to the number itself; to take away."""

from __future__ import annotations

import math

import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.errors import KpiError
from kpi_core.model.node import Node
from kpi_core.model.period import Period
from kpi_core.services.behind import Behind, behind_number, computed, csv_behind
from kpi_core.text.periods import format_datetime
from kpi_core.vocabulary import Aggregate
from pages.components.downloads import csv_download
from pages.components.session import current, later, opened, raw, state, t
from pages.components.trouble import show_error

_CLOSE = 1e-9


def rows_behind(node: Node, period: Period | None, actual: float | None, writing: Writing, *, key: str) -> None:
    """Closed at first; the rows are read when it is opened. ``actual`` is the number shown."""
    code = node.code
    if period is None or node.measure is None:
        return
    with st.expander(t("dashboard.rows_behind"), on_change="rerun", key=f"{key}.rows.{code}") as shown:
        if not shown.open:
            return
        try:
            with state() as here:
                parts = behind_number(here, current().workshop or "", code, period)
        except KpiError as error:
            show_error(error)
            return
        _agreement(actual, parts, writing)
        for at, part in enumerate(parts):
            _part(node, part, at if len(parts) > 1 else None, period, key=f"{key}.{code}.{at}")


def _agreement(actual: float | None, parts: tuple[Behind, ...], writing: Writing) -> None:
    """What the rows give, and whether it is the number shown."""
    number = computed(parts)
    if number is None or actual is None:
        return
    if math.isclose(number, actual, rel_tol=_CLOSE, abs_tol=_CLOSE):
        st.markdown(t("dashboard.rows_agree", value=writing.value(number)))
    else:
        st.warning(t("dashboard.rows_differ", rows=writing.value(number), shown=writing.value(actual)))


def _part(node: Node, part: Behind, place: int | None, period: Period, *, key: str) -> None:
    language, snap = current().language, opened()
    name = node.name.in_language(language) or node.code
    if place is not None:
        st.markdown(f"**{t('dashboard.numerator' if place == 0 else 'dashboard.denominator')}**")
    about = {"count": f"{part.count:,}", "file": part.file_name}
    zone = snap.workshop.settings.timezone if snap is not None else "UTC"
    at = format_datetime(part.uploaded_at, language, zone)
    line = t("dashboard.rows_caption", at=at, **about)
    if part.part.aggregate is not Aggregate.COUNT and part.value is not None:
        word = raw(f"vocabulary.aggregate.{part.part.aggregate.value}")
        line += f" ・ {t('dashboard.rows_value', column=part.part.column or '', how=word, value=f'{part.value:,.10g}')}"
    if part.count > len(part.rows):
        line += f" ・ {t('dashboard.rows_cut', shown=len(part.rows))}"
    st.caption(line)
    st.dataframe(part.rows, hide_index=True, placeholder=raw("dashboard.no_rows"), key=f"{key}.frame")
    opened_then, workshop, measure = later(), current().workshop or "", part.part

    def build() -> bytes:
        with opened_then() as here:
            return csv_behind(here, workshop, measure, period)

    words = t("dashboard.download_rows", count=f"{part.count:,}")
    csv_download(words, build, f"{name}_{period.key}", key=f"{key}.download", disabled=part.rows.empty)
