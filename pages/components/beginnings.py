"""The four ways to begin a workshop: the sample, a starter tree, blank, or a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import streamlit as st

from kpi_core.guidance.starters import starter, starters
from kpi_core.model.base import Bilingual
from kpi_core.model.workshop import Workshop
from kpi_core.services.beginning import create_blank
from kpi_core.services.bundles import is_bundle
from kpi_core.services.measuring import refresh
from kpi_core.services.sample import load_sample
from kpi_core.services.workshops import create_workshop, import_bundle, import_file
from kpi_core.store.state import State
from kpi_core.text import say
from kpi_core.vocabulary import Language, Page
from pages.components.going import go_on, go_to
from pages.components.outcome import attempt, tell_outcome
from pages.components.session import choose, current, raw, state, t
from pages.components.tree_summary import tree_summary

_PROPOSED = ("marketing", "sales")


def beginnings(*, first_visit: bool) -> None:
    """Four cards; on a first visit the sample stands out."""
    with st.grid(4, min_column_width=220, border=True):
        with st.container():
            _words("sample")
            kind = "primary" if first_visit else "secondary"
            st.button(t("home.sample.go"), key="home.sample", type=kind, on_click=_begin_sample)
        with st.container():
            _words("starter")
            if st.button(t("home.starter.go"), key="home.starter"):
                _choose_starter()
        with st.container():
            _words("blank")
            if st.button(t("home.blank.go"), key="home.blank"):
                _fill_blank()
        with st.container():
            _words("file")
            if st.button(t("home.file.go"), key="home.file"):
                hand_in()


def _words(way: str) -> None:
    st.markdown(f"**{t(f'home.{way}.title')}**")
    st.caption(t(f"home.{way}.about"))


def _choose_starter() -> None:
    @st.dialog(t("home.starter.title"), width="large")
    def choose_starter() -> None:
        language = current().language
        with st.container(horizontal=True):
            st.text_input(t("home.name"), key="home.starter.name", placeholder=raw("home.starter.name_hint"))
            _fiscal_start("home.starter.fiscal")
        with st.grid(3, min_column_width=290, border=True):
            for one in starters():
                with st.container():
                    st.markdown(f"**{t(f'guidance.starters.{one.code}.name')}**")
                    st.caption(t(f"guidance.starters.{one.code}.about"))
                    tree_summary(_preview(one.code, language))
                    st.button(
                        t("home.starter.choose"),
                        key=f"home.starter.{one.code}",
                        on_click=_begin_starter,
                        args=(one.code,),
                    )
        _told()

    choose_starter()


def _fill_blank() -> None:
    @st.dialog(t("home.blank.title"))
    def fill_blank() -> None:
        st.text_input(t("home.name"), key="home.blank.name", placeholder=raw("home.blank.name_hint"), max_chars=200)
        proposed = [raw(f"home.departments.{code}") for code in _PROPOSED]
        st.multiselect(
            t("home.departments.label"),
            proposed,
            default=proposed,
            accept_new_options=True,
            key="home.blank.departments",
            help=t("home.departments.help"),
            placeholder=raw("home.departments.placeholder"),
        )
        _fiscal_start("home.blank.fiscal")
        st.segmented_control(
            t("home.language"),
            list(Language),
            format_func=lambda one: t(f"vocabulary.language.{Language(one).value}"),
            default=current().language,
            required=True,
            key="home.blank.language",
        )
        st.button(
            t("home.blank.create"),
            type="primary",
            key="home.blank.create",
            on_click=_begin_blank,
        )
        _told()

    fill_blank()


def hand_in() -> None:
    """A dialog that takes a workshop file or a bundle; every problem in it is listed."""

    @st.dialog(t("home.file.title"), width="medium")
    def ask() -> None:
        st.caption(t("home.file.explain"))
        st.file_uploader(t("home.file.label"), type=["json", "zip"], key="home.file.upload", on_change=_begin_file)
        _told()

    ask()


def _told() -> None:
    """The end of a dialog: what went wrong, or on to the new workshop."""
    tell_outcome()
    go_on()


def _fiscal_start(key: str) -> None:
    language = current().language
    st.session_state.setdefault(key, 4)
    st.selectbox(
        t("home.fiscal_start"),
        list(range(1, 13)),
        format_func=lambda month: say(f"home.month.{month}", language),
        key=key,
    )


@cache
def _preview(code: str, language: Language) -> Workshop:
    return starter(code, language, "preview", 4)


def _begin(make: Callable[[State], str], page: Page) -> None:
    made: list[str] = []

    def begun() -> None:
        with state() as here:
            made.append(make(here))

    if attempt(begun, "home.begun"):
        choose(workshop=made[0])
        go_to(page)


def _begin_sample() -> None:
    with st.spinner(t("home.sample.loading")):
        _begin(lambda here: load_sample(here, current().who), Page.KGI)


def _begin_starter(code: str) -> None:
    language = current().language
    name = st.session_state["home.starter.name"].strip() or say(f"guidance.starters.{code}.name", language)
    fiscal = st.session_state["home.starter.fiscal"]
    _begin(lambda here: create_workshop(here, starter(code, language, name, fiscal), current().who), Page.KGI)


def _begin_blank() -> None:
    kept = st.session_state
    departments = [_department(text) for text in kept["home.blank.departments"] if text.strip()]
    language = Language(kept["home.blank.language"])
    _begin(
        lambda here: create_blank(
            here, kept["home.blank.name"], language, kept["home.blank.fiscal"], departments, current().who
        ),
        Page.KGI,
    )


def _department(text: str) -> Bilingual:
    """A proposed department in both languages; one that was typed in the page's."""
    for code in _PROPOSED:
        both = Bilingual(**{one.value: say(f"home.departments.{code}", one) for one in Language})
        if text in (both.ja, both.en):
            return both
    return Bilingual(ja=text) if current().language is Language.JA else Bilingual(en=text)


def _begin_file() -> None:
    upload = st.session_state.get("home.file.upload")
    if upload is None:
        return
    content: bytes = upload.getvalue()

    def read(here: State) -> str:
        if not is_bundle(content):
            return import_file(here, content, current().who)
        workshop_id = import_bundle(here, content, current().who)
        refresh(here, workshop_id, current().who)
        return workshop_id

    _begin(read, Page.KGI)
