"""The day an uploaded file's rows are of: as the file says, until the person says another one."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from kpi_core.data.reading import Reading
from kpi_core.data.shaping.stated_day import stated_day
from kpi_core.services.datasets import today_of
from kpi_core.services.workshops import Snapshot
from pages.components.session import t
from pages.components.stored_field import follow, store


def day_of(snap: Snapshot, answers: dict[str, Any], reading: Reading) -> date:
    """The person's own day for this sheet, else the one its title says, which is told, else today."""
    today = today_of(snap.workshop)
    said = stated_day(reading.raw, reading.header_row, snap.workshop.settings.fiscal_year_start)
    proposed = said.day if said is not None and said.day <= today else today
    sheet, own = answers.get("as_of", (None, None))
    day: date = own if own is not None and sheet == reading.sheet else proposed
    if said is not None and said.day == day:
        st.caption(t("data_sources.as_of_said", words=said.words))
    return day


def day_field(place: str, answers: dict[str, Any], reading: Reading, day: date) -> None:
    """The field with ``day`` in it; another one is kept as the person's own for this sheet."""
    key = f"{place}/as_of/{answers['file']}"
    follow(key, day)

    def keep() -> None:
        answers["as_of"] = (reading.sheet, st.session_state[key])
        store(key, lambda: True)

    st.date_input(
        t("data_sources.as_of"),
        key=key,
        format="YYYY/MM/DD",
        help=t("data_sources.as_of_help"),
        width=180,
        on_change=keep,
    )
