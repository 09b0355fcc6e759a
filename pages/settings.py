"""Settings: the workshop's frame, departments and members, files in and out, backup and check-up."""

from __future__ import annotations

import streamlit as st

from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Page
from pages.components.beginnings import hand_in
from pages.components.department_list import department_list
from pages.components.downloads import bundle_download, file_download
from pages.components.frame import heading, needs_workshop
from pages.components.going import go_on
from pages.components.member_list import member_list
from pages.components.safekeeping import backup_section, checkup_section
from pages.components.session import everywhere, opened, t
from pages.components.settings_form import settings_form
from pages.components.share_panel import share_panel
from pages.components.workshop_card import confirm_delete


def files(snap: Snapshot) -> None:
    """This workshop as a file, and a workshop from a file."""
    name = snap.workshop.settings.name
    out, into = st.columns(2, gap="medium")
    with out, st.container(border=True):
        st.markdown(f"**{t('settings.export_title')}**")
        st.caption(t("settings.export_help"))
        file_download(snap.id, name, key="settings.file")
        bundle_download(snap.id, name, key="settings.bundle")
    if not everywhere():
        return
    with into, st.container(border=True):
        st.markdown(f"**{t('settings.import_title')}**")
        st.caption(t("settings.import_help"))
        if st.button(t("home.file.go"), key="settings.import"):
            hand_in()


def safekeeping(snap: Snapshot) -> None:
    if everywhere():
        left, right = st.columns(2, gap="medium")
        with left, st.container(border=True):
            backup_section()
        with right, st.container(border=True):
            checkup_section()
    with st.container(border=True):
        st.markdown(f"**{t('settings.delete_title')}**")
        st.caption(t("settings.delete_help"))
        if st.button(t("settings.delete_go"), key="settings.delete"):
            confirm_delete(snap.id, snap.workshop.settings.name)


def work(snap: Snapshot) -> None:
    names = ("basic", "departments", "members", "sharing", "files", "safekeeping")
    basic, departments, members, shared, data, safe = st.tabs([t(f"settings.tab.{name}") for name in names])
    with basic, st.container(width=720):
        settings_form(snap)
    with departments, st.container(width=860):
        department_list(snap)
    with members, st.container(width=860):
        member_list(snap)
    with shared:
        share_panel(snap, "settings")
    with data:
        files(snap)
    with safe:
        safekeeping(snap)


go_on()
if needs_workshop(Page.SETTINGS):
    st.stop()
heading(Page.SETTINGS)
opened_now = opened()
if opened_now is not None:
    work(opened_now)
