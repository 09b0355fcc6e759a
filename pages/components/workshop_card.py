"""A workshop on the home page: where it stands, the way on, and a menu to copy, export or delete it."""

from __future__ import annotations

import streamlit as st

from kpi_core.errors import KpiError
from kpi_core.guidance.wording import next_text
from kpi_core.services.beginning import copy_workshop
from kpi_core.services.checks import steps
from kpi_core.services.workshops import WorkshopCard, delete_workshop, snapshot
from kpi_core.text.numbers import ago
from kpi_core.vocabulary import Page, Role
from pages.components.downloads import bundle_download, file_download
from pages.components.frame import STEPS, named
from pages.components.going import go_to
from pages.components.outcome import attempt
from pages.components.session import allowed, choose, current, everywhere, leave_workshop, raw, state, t
from pages.components.trouble import told

_MARKS = {"done": "●", "current": "◐", "open": "○"}


def workshop_card(card: WorkshopCard, *, first: bool) -> None:
    """Name, KGI, step reached, when it changed; *continue* opens the step the team stands at."""
    language = current().language
    try:
        with state() as here:
            workshop = snapshot(here, card.id).workshop
            reached = steps(here, card.id)
    except KpiError as error:
        st.markdown(f"**{named(card.name)}**")
        st.caption(told(error))
        return
    at = next((one for one in reached if one.state == "current"), reached[-1])
    kgi = workshop.kgi
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{named(card.name)}**", width="stretch")
        if allowed(Role.FACILITATOR):
            menu = st.popover("⋯", key=f"home.menu.{card.id}", help=t("home.menu"), type="tertiary")
            with menu:
                _menu(card)
    if kgi is None:
        st.markdown(t("home.no_kgi"))
    else:
        st.markdown(f":primary-badge[KGI] {named(kgi.name.in_language(language) or kgi.code)}")
    dots = " ".join(_MARKS[one.state] for one in reached)
    number = STEPS.index(at.page) + 1
    done = all(one.state == "done" for one in reached)
    where = t("home.all_done") if done else t("home.at_step", number=number, page=raw(f"pages.{at.page.value}.menu"))
    st.markdown(f":primary[{dots}] {where}")
    following = next_text(at.next, workshop, language)
    st.markdown(f":small[{t('home.next', what=following)}]")
    st.caption(_changed(card))
    st.button(
        t("home.continue"),
        key=f"home.open.{card.id}",
        type="primary" if first else "secondary",
        on_click=_open,
        args=(card.id, Page.DASHBOARD if done or not allowed() else at.page),
    )


def _changed(card: WorkshopCard) -> str:
    when = ago(card.updated_at, current().language)
    return t("home.updated_by", ago=when, who=card.updated_by) if card.updated_by else t("home.updated", ago=when)


def _menu(card: WorkshopCard) -> None:
    file_download(card.id, card.name, key=f"home.file.{card.id}")
    bundle_download(card.id, card.name, key=f"home.bundle.{card.id}")
    if everywhere():
        st.button(t("home.copy"), key=f"home.copy.{card.id}", on_click=_copy, args=(card,), width="stretch")
    if st.button(t("home.delete"), key=f"home.delete.{card.id}", width="stretch"):
        confirm_delete(card.id, card.name)


def confirm_delete(workshop_id: str, name: str) -> None:
    """Asks before a workshop goes for good."""

    @st.dialog(t("home.delete_title"))
    def ask() -> None:
        st.markdown(t("home.delete_explain", name=name))
        with st.container(horizontal=True):
            sure = st.button(
                t("home.delete_sure"), type="primary", key="home.delete.sure", on_click=_delete, args=(workshop_id,)
            )
            if st.button(t("pages.frame.cancel"), key="home.delete.cancel") or sure:
                st.rerun()

    ask()


def _open(workshop_id: str, page: Page) -> None:
    choose(workshop=workshop_id)
    go_to(page)


def _copy(card: WorkshopCard) -> None:
    def copied() -> None:
        with state() as here:
            copy_workshop(here, card.id, raw("home.copy_name", name=card.name)[:200], current().who)

    attempt(copied, "home.copied")


def _delete(workshop_id: str) -> None:
    def deleted() -> None:
        with state() as here:
            delete_workshop(here, workshop_id, current().who)

    if attempt(deleted, "home.deleted") and current().workshop == workshop_id:
        leave_workshop()
        go_to(Page.HOME)
