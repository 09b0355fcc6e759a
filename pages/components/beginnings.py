"""The four ways to begin a workshop: the sample, a starter tree, blank, or a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import streamlit as st

from kpi_core.guidance.starters import starter, starters
from kpi_core.model.base import Bilingual
from kpi_core.model.workshop import Workshop
from kpi_core.services.beginning import create_blank, from_file
from kpi_core.services.sample import load_sample
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.text import say
from kpi_core.vocabulary import Language, Page
from pages.components.draft import Draft
from pages.components.going import go_on, go_to
from pages.components.outcome import attempt, tell_outcome
from pages.components.sample_welcome import show_welcome
from pages.components.session import choose, current, raw, state, t
from pages.components.settings_form import CURRENCIES, currency_words
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
        draft = Draft("home.starter", {"name": "", "fiscal": 4, "currency": CURRENCIES[0]}, None)
        with st.container(horizontal=True):
            draft.text("name", t("home.name"), placeholder=raw("home.starter.name_hint"), max_chars=200)
            _calendar_and_money(draft)
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
                        args=(one.code, draft),
                    )
        _told()

    choose_starter()


def _fill_blank() -> None:
    @st.dialog(t("home.blank.title"))
    def fill_blank() -> None:
        proposed = [raw(f"home.departments.{code}") for code in _PROPOSED]
        stored = {"name": "", "departments": proposed, "fiscal": 4, "currency": CURRENCIES[0]}
        draft = Draft("home.blank", stored | {"language": current().language.value}, None)
        draft.text("name", t("home.name"), placeholder=raw("home.blank.name_hint"), max_chars=200)
        draft.several(
            "departments",
            t("home.departments.label"),
            list(dict.fromkeys([*proposed, *draft.value("departments")])),
            str,
            accept_new_options=True,
            help=t("home.departments.help"),
            placeholder=raw("home.departments.placeholder"),
        )
        with st.grid(2, min_column_width=180):
            _calendar_and_money(draft)
        draft.segments(
            "language",
            t("home.language"),
            [one.value for one in Language],
            lambda one: t(f"vocabulary.language.{one}"),
            required=True,
        )
        st.button(t("home.blank.create"), type="primary", key="home.blank.create", on_click=_begin_blank, args=(draft,))
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


def _calendar_and_money(draft: Draft) -> None:
    """What is better decided before the first number: where the year starts, and the currency."""
    language = current().language
    draft.choice(
        "fiscal",
        t("home.fiscal_start"),
        list(range(1, 13)),
        lambda month: say(f"home.month.{month}", language),
        index=0,
    )
    draft.choice("currency", t("settings.currency"), CURRENCIES, lambda code: currency_words(code, language), index=0)


@cache
def _preview(code: str, language: Language) -> Workshop:
    return starter(code, language, "preview", 4)


def _to_goal(workshop_id: str) -> None:
    go_to(Page.KGI)


def _begin(make: Callable[[State], str], draft: Draft | None = None, opened: Callable[[str], None] = _to_goal) -> None:
    """Makes the workshop and opens it, by default on its goal; what was typed for it (``draft``) is kept until then."""
    made: list[str] = []

    def begun() -> None:
        with state() as here:
            made.append(make(here))

    if attempt(begun, "home.begun"):
        if draft is not None:
            draft.discard()
        choose(workshop=made[0])
        opened(made[0])


def _begin_sample() -> None:
    with st.spinner(t("home.sample.loading")):
        _begin(lambda here: load_sample(here, current().who), opened=show_welcome)


def _begin_starter(code: str, draft: Draft) -> None:
    typed, language = draft.values, current().language
    name = typed["name"].strip() or say(f"guidance.starters.{code}.name", language)

    def make(here: State) -> str:
        workshop = starter(code, language, name, typed["fiscal"], currency=typed["currency"])
        return create_workshop(here, workshop, current().who)

    _begin(make, draft)


def _begin_blank(draft: Draft) -> None:
    typed = draft.values
    departments = [_department(text) for text in typed["departments"] if text.strip()]

    def make(here: State) -> str:
        language = Language(typed["language"])
        return create_blank(
            here, typed["name"], language, typed["fiscal"], departments, current().who, currency=typed["currency"]
        )

    _begin(make, draft)


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
    _begin(lambda here: from_file(here, content, current().who)[0])
