"""What is to be mended in the data, under who answers for it, each with the failing rows to take away."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from kpi_core.services.failing_rows import failing_csv, most_taken
from kpi_core.services.grades import grades
from kpi_core.services.mending import ToMend, to_mend
from kpi_core.services.upload_rules import problem_of
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_datetime
from kpi_core.vocabulary import OnBreak
from pages.components.downloads import csv_download
from pages.components.frame import named
from pages.components.session import current, later, state, t
from pages.components.trouble import show_details, told

#: Pixels of a line's text; on a narrow screen its button goes below.
_TEXT = 860


def mending_list(snap: Snapshot) -> None:
    """A box a person, the rules with the most failing rows first; says so where there is nothing."""
    with state() as here:
        found, graded = to_mend(here, snap.id), grades(here, snap.id).datasets
    waiting = sum(one.reason == "not_run" for one in graded.values())
    st.subheader(t("quality.to_mend", count=len(found)), anchor=False)
    if not found:
        st.markdown(t("quality.not_known_yet", count=waiting) if waiting else t("quality.nothing_to_mend"))
        return
    st.caption(t("quality.to_mend_help"))
    for person, items in groupby(found, key=lambda one: one.person):
        own = list(items)
        with st.container(border=True, gap="small"):
            who = named(person) if person else f":orange[▲ {t('quality.nobody')}]"
            rows = sum(one.result.failed for one in own if one.result.has_rows)
            st.markdown(f"**{who}** :small[{t('quality.persons_share', rules=len(own), rows=f'{rows:,}')}]")
            for one in own:
                _line(snap, one)
            show_details(one.result.problem for one in own if one.result.problem is not None)


def _line(snap: Snapshot, one: ToMend) -> None:
    language, result = current().language, one.result
    name = one.dataset.name.in_language(language) or one.dataset.code
    since = format_datetime(one.since, language, snap.workshop.settings.timezone)
    mark = f":red-badge[{t('vocabulary.on_break.block')}] " if one.rule.on_break is OnBreak.BLOCK else ""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(width=_TEXT, gap=None):
            st.markdown(f"{mark}**{named(name)}** {told(problem_of(result, one.rule))}")
            note = f"{named(one.rule.note)} ・ " if one.rule.note else ""
            st.caption(note + t("quality.since", at=since))
        if result.has_rows:
            _rows(snap, one, name)


def _rows(snap: Snapshot, one: ToMend, name: str) -> None:
    opened, workshop = later(), snap.id
    code, position = one.dataset.code, one.result.position

    def build() -> bytes:
        with opened() as here:
            return failing_csv(here, workshop, code, position)

    most, failed = most_taken(snap.workshop, code), one.result.failed
    words = t("quality.rows", count=f"{failed:,}")
    if most is not None and failed > most:
        words = t("quality.rows_some", count=f"{failed:,}", most=f"{most:,}")
    csv_download(words, build, f"{name}_{one.result.column}", key=f"quality.rows.{code}.{position}")
