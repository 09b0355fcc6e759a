"""Step 4: upload the team's own exports, map each KPI to them, type in what no system holds, set the rules."""

from __future__ import annotations

from functools import partial

import streamlit as st

from kpi_core.vocabulary import Page
from pages.components.dataset_settings import dataset_settings
from pages.components.frame import heading, needs_workshop, next_step
from pages.components.kpi_mapping import kpi_mapping
from pages.components.manual_entry import manual_entry
from pages.components.part_tabs import part_tabs
from pages.components.quality_part import quality_part
from pages.components.room import in_the_room
from pages.components.session import opened, t
from pages.components.source_uploads import source_uploads
from pages.components.truth_part import truth_part, undecided

PARTS = {
    "upload": source_uploads,
    "mapping": kpi_mapping,
    "manual": manual_entry,
    "rules": dataset_settings,
    "quality": quality_part,
    "truth": truth_part,
}


def main() -> None:
    snap = opened()
    if needs_workshop(Page.DATA_SOURCES) or snap is None:
        return
    heading(Page.DATA_SOURCES)
    words = {part: t(f"data_sources.tab_{part}") for part in PARTS}
    if undecided(snap):
        words["truth"] += " :orange[▲]"
    with in_the_room(Page.DATA_SOURCES):
        part_tabs("data_sources.part", words, {part: partial(draw, snap) for part, draw in PARTS.items()})
    st.space("small")
    next_step(Page.DATA_SOURCES)


main()
