"""Setting review meetings up: weekly, monthly, the quarterly revision; each with its day, views and host."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from kpi_core.model.operation import Review
from kpi_core.services.composing import composed
from kpi_core.services.datasets import today_of
from kpi_core.services.editing import remove, save
from kpi_core.services.meetings import (
    add_review,
    add_standard_reviews,
    held_days,
    lacks_standard_reviews,
    next_meeting,
)
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_date
from kpi_core.vocabulary import Cadence, Weekday
from pages.components.draft import Draft, Values
from pages.components.frame import named
from pages.components.outcome import attempt
from pages.components.session import current, raw, state, t

_OPENED = "reviews.added"
_BY_MONTH = (Cadence.MONTH.value, Cadence.QUARTER.value, Cadence.YEAR.value)


def review_setup(snap: Snapshot) -> None:
    """A form for each meeting; the usual three are added with one click."""
    st.caption(t("reviews.setup_help"))
    for review in snap.workshop.reviews:
        with st.expander(_line(snap, review), expanded=st.session_state.get(_OPENED) == review.code):
            _form(snap, review)
    with st.container(horizontal=True):
        if lacks_standard_reviews(snap.workshop):
            st.button(
                t("reviews.add_standard"),
                type="primary",
                key="reviews.add_standard",
                on_click=_add_standard,
                args=(snap.id,),
            )
        st.button(
            t("reviews.add_review"), icon=":material/add:", key="reviews.add_review", on_click=_add, args=(snap.id,)
        )


def _line(snap: Snapshot, review: Review) -> str:
    language = current().language
    name = named(review.name.in_language(language) or review.code)
    held = held_days(snap.workshop, review.code)
    due = next_meeting(review, today_of(snap.workshop), held, snap.workshop.settings.fiscal_year_start)
    coming = t("reviews.next_on", date=format_date(due, language, year=False, weekday=True)) if due else ""
    return " ・ ".join(
        part
        for part in (f"**{name}**", f"{_when(review)} {named(review.time) if review.time else ''}".strip(), coming)
        if part
    )


def _when(review: Review) -> str:
    cadence = t(f"vocabulary.cadence.{review.cadence.value}")
    weekday = t(f"vocabulary.weekday.{review.weekday.value}") if review.weekday else ""
    if review.cadence is Cadence.WEEK and weekday:
        return t("reviews.every_weekday", weekday=weekday)
    if review.cadence.value in _BY_MONTH and review.day:
        return t("reviews.month_day", cadence=cadence, day=review.day)
    if review.cadence.value in _BY_MONTH and weekday:
        return t("reviews.month_weekday", cadence=cadence, weekday=weekday)
    return cadence


def _form(snap: Snapshot, review: Review) -> None:
    language = current().language
    views = {view.code: view.name.in_language(language) or view.code for view in snap.workshop.views}
    draft = Draft(f"reviews.{review.code}", _read(review), snap.revisions["reviews", review.code], _read)
    with st.grid(2, min_column_width=240):
        draft.text("name_ja", t("reviews.name_ja"), max_chars=100)
        draft.text("name_en", t("reviews.name_en"), max_chars=100)
        draft.choice("cadence", t("reviews.cadence"), [one.value for one in Cadence], _word("cadence"))
        _day(draft)
        draft.text("time", t("reviews.time"), placeholder="10:00", max_chars=40)
        draft.text("owner", t("reviews.owner"), max_chars=100)
    draft.several(
        "views",
        t("reviews.views"),
        list(dict.fromkeys([*views, *(draft.value("views") or [])])),
        lambda code: views.get(code, code),
        help=t("reviews.views_help"),
    )
    workshop_id = snap.id

    def store(values: Values, revision: int | None) -> None:
        fields = {field: values[field] for field in ("cadence", "weekday", "day", "time", "owner", "views")}
        changed = composed(Review, {**fields, "name": {"ja": values["name_ja"], "en": values["name_en"]}}, review)
        with state() as here:
            save(here, workshop_id, "reviews", changed, revision, current().who)

    draft.foot(store, disabled=draft.value("cadence") is None)
    with st.popover(t("reviews.remove"), type="tertiary"):
        st.markdown(t("reviews.remove_sure"))
        st.button(t("reviews.remove_do"), key=f"reviews.remove.{review.code}", on_click=_remove, args=(snap, review))


def _day(draft: Draft) -> None:
    """What decides the day: a weekday, or for meetings that go by month a day of it."""
    weekdays = [one.value for one in Weekday]
    cadence = draft.value("cadence")
    if cadence in _BY_MONTH:
        draft.number("day", t("reviews.day"), min_value=1, max_value=31, step=1, help=t("reviews.day_help"))
        if draft.value("day") is None:
            draft.choice("weekday", t("reviews.weekday_first"), weekdays, _word("weekday"))
    elif cadence == Cadence.WEEK.value:
        draft.choice("weekday", t("reviews.weekday"), weekdays, _word("weekday"))


def _word(enumeration: str) -> Callable[[str], str]:
    return lambda value: raw(f"vocabulary.{enumeration}.{value}")


def _read(review: Review) -> Values:
    return {
        "name_ja": review.name.ja,
        "name_en": review.name.en,
        "cadence": review.cadence.value,
        "weekday": review.weekday.value if review.weekday else None,
        "day": review.day,
        "time": review.time,
        "owner": review.owner,
        "views": list(review.views),
    }


def _remove(snap: Snapshot, review: Review) -> None:
    def store() -> None:
        with state() as here:
            remove(here, snap.id, "reviews", review.code, snap.revisions["reviews", review.code], current().who)

    attempt(store, "pages.frame.removed")


def _add_standard(workshop_id: str) -> None:
    def store() -> None:
        with state() as here:
            add_standard_reviews(here, workshop_id, current().who)

    attempt(store, "reviews.standard_added")


def _add(workshop_id: str) -> None:
    def store() -> None:
        with state() as here:
            st.session_state[_OPENED] = add_review(here, workshop_id, current().who)

    attempt(store, "reviews.review_added")
