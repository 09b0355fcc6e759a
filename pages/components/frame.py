"""The frame around every page: the step bar, the workshop picker, the language switch, headings and the next step."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import lru_cache

import streamlit as st

from kpi_core.guidance.wording import gap_text, next_text
from kpi_core.services.checks import steps
from kpi_core.services.workshops import list_workshops
from kpi_core.vocabulary import Language, Page, Role
from pages.components.labels import distinct
from pages.components.outcome import forget_outcome
from pages.components.plain import plain
from pages.components.session import WORKSHOP, allowed, choose, current, opened, raw, state, t
from pages.components.style import style

#: The five steps, in their order; their numbers on screen follow from it.
STEPS = (Page.KGI, Page.KSF, Page.KPI_DESIGN, Page.DATA_SOURCES, Page.DASHBOARD)
#: Every page in the order of the navigation.
PAGES = (Page.HOME, *STEPS, Page.SIMULATION, Page.CHECKLIST, Page.REVIEWS, Page.SETTINGS)
#: What a viewer has; a member has all but the settings.
VIEWER_PAGES = (Page.HOME, Page.KPI_DESIGN, Page.DASHBOARD, Page.SIMULATION)
_NUMBERS = "①②③④⑤"
_MISSING_SHOWN = 5
_MARKS = {"done": "✓", "current": "●", "open": "○"}


def entry_of(page: Page) -> st.Page:
    """A page as ``st.switch_page`` and ``st.page_link`` take it; links have labels of their own."""
    return _entry(page, page.value)


def choose_page() -> st.Page:
    """Draws the navigation, the five steps with their state in it, and gives the page that was asked for."""
    style("frame", "room")
    marks = _step_marks()
    mine = pages_for(current().who.role)
    entries = [copy(_entry(page, _title(page, marks.get(page, "")), hidden=page not in mine)) for page in PAGES]
    shown = st.navigation(entries, position="top")
    if st.session_state.get("page") != shown.url_path:
        st.session_state["page"] = shown.url_path
        forget_outcome()
    return shown


def pages_for(role: Role) -> tuple[Page, ...]:
    """The pages that a role needs."""
    if role is Role.FACILITATOR:
        return PAGES
    return VIEWER_PAGES if role is Role.VIEWER else tuple(page for page in PAGES if page is not Page.SETTINGS)


def not_for_role(shown: st.Page) -> bool:
    """Says so on a page that the person's role does not need, as behind an old link; it stops there (``True``)."""
    page = Page(shown.url_path or Page.HOME.value)
    role = current().who.role
    if page in pages_for(role):
        return False
    heading(page)
    st.info(t("sharing.page_not_yours", role=raw(f"vocabulary.role.{role.value}")), icon=":material/lock:")
    st.page_link(entry_of(Page.DASHBOARD), label=t("pages.dashboard.menu"), query_params=address())
    return True


@lru_cache(maxsize=256)
def _entry(page: Page, title: str, *, hidden: bool = False) -> st.Page:
    """A page's entry in the navigation, made once: finding its file costs a tenth of a small rerun. Draw a copy."""
    home = page is Page.HOME
    path = "" if home else page.value
    return st.Page(
        f"{page.value}.py", title=title, url_path=path, default=home, visibility="hidden" if hidden else "visible"
    )


def top_row(*before: Callable[[], object]) -> None:
    """The workshop picker and the language switch, above every page, and ``before`` them what they draw."""
    session = current()
    with state() as here:
        names = {card.id: card.name for card in list_workshops(here)}
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="top_row"):
        for draw in before:
            draw()
        if names:
            chosen = session.workshop if session.workshop in names else None
            st.session_state["workshop_picker"] = chosen
            st.selectbox(
                raw("pages.frame.workshop"),
                list(names),
                format_func=distinct(names, lambda one: names.get(one, "")),
                key="workshop_picker",
                placeholder=raw("pages.frame.choose_workshop"),
                label_visibility="collapsed",
                width=380,
                on_change=lambda: choose(workshop=st.session_state["workshop_picker"]),
            )
        st.session_state["language_switch"] = session.language
        st.segmented_control(
            t("pages.frame.language"),
            list(Language),
            format_func=lambda one: t(f"pages.frame.language_{Language(one).value}"),
            key="language_switch",
            required=True,
            label_visibility="collapsed",
            on_change=lambda: choose(language=Language(st.session_state["language_switch"])),
        )


def heading(page: Page) -> None:
    """A page's title with its place among the five steps, and one sentence on what it decides."""
    title = t(f"pages.{page.value}.title")
    if page in STEPS:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.title(title, anchor=False, width="content")
            st.badge(t("pages.frame.step_of", number=STEPS.index(page) + 1, count=len(STEPS)), color="primary")
    else:
        st.title(title, anchor=False)
    st.caption(t(f"pages.{page.value}.purpose"))


def needs_workshop(page: Page) -> bool:
    """Draws the way to a workshop when none is open; the page stops there (``True``)."""
    if opened() is not None:
        return False
    heading(page)
    with st.container(border=True):
        st.markdown(t("pages.frame.no_workshop" if current().workshop is None else "pages.frame.workshop_gone"))
        st.page_link(entry_of(Page.HOME), label=t("pages.frame.to_home"), icon=":material/home:")
    return True


def next_step(page: Page) -> None:
    """The foot of a step: what is still missing here, and the way to where that is done or else to the next step."""
    snap = opened()
    if snap is None or not allowed():
        return
    with state() as here:
        found = next((one for one in steps(here, snap.id) if one.page is page), None)
    following = STEPS[STEPS.index(page) + 1] if page in STEPS[:-1] else Page.CHECKLIST
    with st.container(border=True, key="next_step"):
        missing = () if found is None else found.missing[:_MISSING_SHOWN]
        if missing:
            st.markdown(f"**{t('pages.frame.still_missing')}**")
            for gap in missing:
                st.markdown(f"- {plain(gap_text(gap, snap.workshop, current().language))}")
        else:
            st.markdown(f"**{t('pages.frame.step_done')}**")
        elsewhere = next((gap for gap in missing if gap.page is not page), None)
        if elsewhere is not None:
            following = elsewhere.page
            label = plain(next_text(elsewhere, snap.workshop, current().language))
        else:
            label = t("pages.frame.go_next", page=raw(f"pages.{following.value}.title"))
        st.page_link(entry_of(following), label=label, icon=":material/arrow_forward:", query_params=address())


def address() -> dict[str, str]:
    """The query parameters that keep workshop and language over a link."""
    session = current()
    return {"lang": session.language.value} | ({WORKSHOP: session.workshop} if session.workshop else {})


def named(name: str) -> str:
    """A name people typed, for a place that reads markdown; a dash for none."""
    return plain(name) if name.strip() else "–"


def _step_marks() -> dict[Page, str]:
    if opened() is None:
        return {}
    with state() as here:
        return {one.page: _MARKS[one.state] for one in steps(here, current().workshop or "")}


def _title(page: Page, mark: str) -> str:
    name = t(f"pages.{page.value}.menu")
    return f"{_NUMBERS[STEPS.index(page)]} {name} {mark}".strip() if page in STEPS else name
