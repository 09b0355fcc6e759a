"""Keeping the whole state safe: a backup to take away, and a check-up."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import streamlit as st

from kpi_core.services.backups import Checkup, backup, doctor
from kpi_core.vocabulary import Severity
from pages.components.outcome import attempt
from pages.components.session import current, later, state, t
from pages.components.trouble import place, show_details, told

_CHECKED = "settings.checkup"


def backup_section() -> None:
    """All workshops with their data as one consistent file, made when it is asked for."""
    st.markdown(f"**{t('settings.backup_title')}**")
    st.caption(t("settings.backup_help"))
    opened, who = later(), current().who

    def build() -> bytes:
        with tempfile.TemporaryDirectory() as folder, opened() as here:
            file = Path(folder) / "backup.zip"
            backup(here, file, who)
            return file.read_bytes()

    stamp = datetime.now(ZoneInfo("Asia/Tokyo")).strftime("%Y%m%d-%H%M")
    st.download_button(
        t("settings.backup_go"),
        data=build,
        file_name=f"kpi-workshop-backup-{stamp}.zip",
        mime="application/zip",
        key="settings.backup",
        on_click="ignore",
    )
    with st.popover(t("settings.restore_title"), type="tertiary", key="settings.restore"):
        st.markdown(t("settings.restore_help"))
        st.code(f"python -m kpi_core restore kpi-workshop-backup-{stamp}.zip", language=None, wrap_lines=True)


def checkup_section() -> None:
    """The last check-up of this session, and the button for another."""
    st.markdown(f"**{t('settings.doctor_title')}**")
    st.caption(t("settings.doctor_help"))
    st.button(t("settings.doctor_go"), key="settings.doctor", on_click=_check)
    found: Checkup | None = st.session_state.get(_CHECKED)
    if found is None:
        return
    summary = t("settings.doctor_found", version=found.version, workshops=found.workshops, files=found.files)
    if found.ok:
        st.success(f"{t('settings.doctor_ok')} {summary}", icon=":material/check_circle:")
    else:
        st.error(f"{t('settings.doctor_bad')} {summary}", icon=":material/warning:")
    for problem in found.problems:
        sign = "▼" if problem.severity is Severity.ERROR else "▲"
        st.markdown(f"{sign} {place(problem)}{told(problem)}")
    show_details(found.problems)


def _check() -> None:
    def checked() -> None:
        with state() as here:
            st.session_state[_CHECKED] = doctor(here, current().who)

    attempt(checked)
