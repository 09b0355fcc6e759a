"""Setting review meetings up: weekly, monthly, the quarterly revision; each with its day, views and host."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.operation import Review
from kpi_core.services.composing import composed
from kpi_core.services.editing import remove, save
from kpi_core.services.meetings import add_standard_reviews, lacks_standard_reviews
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Cadence, Weekday
from pages.components.draft import Draft, Values
from pages.components.frame import named
from pages.components.outcome import attempt
from pages.components.session import current, raw, state, t


def review_setup(snap: Snapshot) -> None:
    """A form for each meeting; the usual three are added with one click."""
    st.markdown(t("reviews.setup_help"))
    for review in snap.workshop.reviews:
        with st.expander(_line(review)):
            _form(snap, review)
    if lacks_standard_reviews(snap.workshop):
        st.button(t("reviews.add_standard"), type="primary", on_click=_add_standard, args=(snap.id,))


def _line(review: Review) -> str:
    name = named(review.name.in_language(current().language) or review.code)
    when = t(f"vocabulary.cadence.{review.cadence.value}")
    if review.cadence is Cadence.WEEK and review.weekday:
        when = t(f"vocabulary.weekday.{review.weekday.value}")
    return f"{name} ・ {when} {review.time}".strip()


def _form(snap: Snapshot, review: Review) -> None:
    language = current().language
    views = {view.code: view.name.in_language(language) or view.code for view in snap.workshop.views}
    draft = Draft(f"reviews.{review.code}", _read(review), snap.revisions["reviews", review.code], _read)
    left, right = st.columns(2)
    with left:
        draft.text("name_ja", t("reviews.name_ja"))
        draft.choice("cadence", t("reviews.cadence"), [one.value for one in Cadence], _word("cadence"))
        draft.choice("weekday", t("reviews.weekday"), [one.value for one in Weekday], _word("weekday"))
    with right:
        draft.text("name_en", t("reviews.name_en"))
        draft.text("time", t("reviews.time"), placeholder="10:00")
        draft.text("owner", t("reviews.owner"))
    draft.several("views", t("reviews.views"), list(views), lambda code: views.get(code, code))
    workshop_id = snap.id

    def store(values: Values, revision: int | None) -> None:
        fields = {field: values[field] for field in ("cadence", "weekday", "time", "owner", "views")}
        changed = composed(Review, {**fields, "name": {"ja": values["name_ja"], "en": values["name_en"]}}, review)
        with state() as here:
            save(here, workshop_id, "reviews", changed, revision, current().who)

    draft.foot(store)
    st.button(
        t("reviews.remove"), key=f"reviews.remove.{review.code}", type="tertiary", on_click=_remove, args=(snap, review)
    )


def _word(enumeration: str):  # a function from value to word
    return lambda value: raw(f"vocabulary.{enumeration}.{value}")


def _read(review: Review) -> Values:
    return {
        "name_ja": review.name.ja,
        "name_en": review.name.en,
        "cadence": review.cadence.value,
        "weekday": review.weekday.value if review.weekday else None,
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
