"""The workshop's departments: add, rename, and remove with what depends on one named."""

from __future__ import annotations

from collections import Counter
from functools import partial

import streamlit as st

from kpi_core.model.base import Bilingual
from kpi_core.model.workshop import Department
from kpi_core.services.organisation import (
    add_department,
    dependants_of_department,
    remove_department,
    rename_department,
)
from kpi_core.services.workshops import Snapshot
from pages.components.dialog import begin, foot, told_or_closed
from pages.components.draft import Draft
from pages.components.frame import named
from pages.components.labels import distinct
from pages.components.outcome import attempt, tell_outcome
from pages.components.session import current, raw, state, t

_CLOSE = "settings.department.close"
_LISTED = 12


def department_list(snap: Snapshot) -> None:
    """A line a department: both names, how much depends on it, rename and remove."""
    language = current().language
    st.caption(t("settings.departments_help"))
    if not snap.workshop.departments:
        st.markdown(t("settings.departments_none"))
    for department in snap.workshop.departments:
        used = dependants_of_department(snap.workshop, department.code)
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            with st.container(width="stretch", gap="xxsmall"):
                st.markdown(f"**{named(department.name.in_language(language) or department.code)}**")
                st.caption(t("settings.other_name", ja=department.name.ja or "–", en=department.name.en or "–"))
            st.badge(t("settings.dependants", count=len(used)), color="gray")
            if st.button(t("settings.rename"), key=f"settings.department.rename.{department.code}"):
                _name(snap, department)
            if st.button(t("settings.remove"), key=f"settings.department.remove.{department.code}", type="tertiary"):
                _remove(snap, department)
    if st.button(t("settings.add_department"), key="settings.department.add", icon=":material/add:"):
        _name(snap, None)


def _name(snap: Snapshot, department: Department | None) -> None:
    begin()

    @st.dialog(t("settings.department_title"))
    def name() -> None:
        told_or_closed()
        code = department.code if department else ""
        before = department.name if department else Bilingual()
        revision = snap.revisions.get(("departments", code))
        draft = Draft(f"department.{code}", {"ja": before.ja, "en": before.en}, revision)
        draft.text("ja", t("settings.name_ja"), max_chars=200)
        draft.text("en", t("settings.name_en"), max_chars=200)
        write = partial(_store, draft, snap.id, code)
        foot(draft, write, t("pages.frame.save"), "pages.frame.saved", key="settings.department.save")

    name()


def _store(draft: Draft, workshop_id: str, code: str) -> None:
    name = Bilingual(ja=draft.value("ja").strip(), en=draft.value("en").strip())
    with state() as here:
        if code:
            rename_department(here, workshop_id, code, name, draft.revision or 0, current().who)
        else:
            add_department(here, workshop_id, name, current().who)


def _remove(snap: Snapshot, department: Department) -> None:
    language = current().language

    @st.dialog(t("settings.remove_department_title"))
    def remove() -> None:
        used = dependants_of_department(snap.workshop, department.code)
        st.markdown(f"**{named(department.name.in_language(language) or department.code)}**")
        if not used:
            st.markdown(t("settings.remove_department_free"))
        else:
            st.markdown(t("settings.remove_department_used", count=len(used)))
            for section, count in Counter(one.section for one in used).items():
                st.markdown(f"- {t(f'settings.section.{section}', count=count)}: {_names(used, section)}")
            others = [one.code for one in snap.workshop.departments if one.code != department.code]
            st.selectbox(
                t("settings.hand_to"),
                others,
                format_func=distinct(others, lambda code: snap.workshop.department_name(code, language)),
                index=None,
                key=f"settings.department.into.{department.code}",
                placeholder=raw("settings.hand_to_hint"),
            )
        st.button(
            t("settings.remove_sure"),
            type="primary",
            key="settings.department.sure",
            on_click=_take_away,
            args=(snap, department.code),
        )
        _close_when_done()

    def _names(used: tuple, section: str) -> str:  # type: ignore[type-arg]  # of Dependant
        found = [named(one.name.in_language(language) or one.code) for one in used if one.section == section]
        return raw("guidance.list.separator").join(dict.fromkeys(found[:_LISTED]))

    remove()


def _take_away(snap: Snapshot, code: str) -> None:
    into: str | None = st.session_state.get(f"settings.department.into.{code}")

    def removed() -> None:
        with state() as here:
            remove_department(here, snap.id, code, into, snap.revisions["departments", code], current().who)

    st.session_state[_CLOSE] = attempt(removed, "pages.frame.removed")


def _close_when_done() -> None:
    tell_outcome()
    if st.session_state.pop(_CLOSE, False):
        st.rerun()
