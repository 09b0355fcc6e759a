"""One readiness item: what the state says, what I say, what we agreed on, how departments differ, where to mend it."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from kpi_core.charts import answers
from kpi_core.charts.palette import palette
from kpi_core.guidance.readiness import Verdict
from kpi_core.guidance.wording import verdict_text
from kpi_core.services.answering import Asked, agree_on, agreed_on, answer_of, by_department, gap, give_answer
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Answer, Page
from pages.components.card_link import open_card
from pages.components.frame import address, entry_of
from pages.components.outcome import attempt
from pages.components.plain import plain
from pages.components.session import current, raw, state, t
from pages.components.stored_field import follow, store

Whose = Literal["own", "agreed"]

#: An answer as a coloured sign; shape and colour say the same.
_SIGNS = {Answer.YES: ":green[●]", Answer.PARTLY: ":orange[▲]", Answer.NO: ":red[▼]"}


def checklist_item(snap: Snapshot, verdict: Verdict, asked: Asked | None) -> None:
    """A line: number and title, verdict with its reason, own answer, agreed answer, how departments differ."""
    item = verdict.item
    with st.container(border=True, key=f"checklist.item.{item}"):
        words, own, agreed, all_of_us = st.columns([5, 2.7, 2.7, 1.6], gap="small")
        with words:
            _verdict(snap, verdict)
        with own:
            _own_answer(snap, item, asked)
        with agreed:
            _agreed_answer(snap, item)
        with all_of_us:
            _departments(snap, item)


def _verdict(snap: Snapshot, verdict: Verdict) -> None:
    item = verdict.item
    title = t(f"guidance.readiness.title.{item}")
    word = f":green-badge[● {t('checklist.met')}]" if verdict.met else f":gray-badge[– {t('checklist.not_met')}]"
    reason = plain(verdict_text(verdict, snap.workshop, current().language))
    with st.container(gap="xxsmall"):
        st.markdown(f"**{item}. {title}**", help=t(f"guidance.readiness.meaning.{item}"))
        st.markdown(f":small[{word} :gray[{reason}]]")
        _gap(snap, item)
        if not verdict.met:
            _mend(snap, verdict)


def _gap(snap: Snapshot, item: int) -> None:
    """Which departments see it differently, in words."""
    found = gap(snap.workshop, item)
    if found is None:
        return
    language = current().language
    words = t(
        "checklist.gap",
        high=snap.workshop.department_name(found.high, language),
        high_says=raw(f"vocabulary.answer.{found.high_says.value}"),
        low=snap.workshop.department_name(found.low, language),
        low_says=raw(f"vocabulary.answer.{found.low_says.value}"),
    )
    st.markdown(f":small[:orange-badge[▲ {t('checklist.gap_word')}] {words}]")


def _mend(snap: Snapshot, verdict: Verdict) -> None:
    """The way to the page that mends it; to the very card where one node is to blame."""
    label = t("checklist.mend", page=raw(f"vocabulary.page.{verdict.page.value}"))
    if verdict.page is Page.KPI_DESIGN and verdict.node is not None:
        st.button(
            label,
            key=f"checklist.mend.{verdict.item}",
            type="tertiary",
            on_click=open_card,
            args=(snap.workshop, verdict.node),
        )
    else:
        st.page_link(entry_of(verdict.page), label=label, query_params=address())


def _own_answer(snap: Snapshot, item: int, asked: Asked | None) -> None:
    stored = answer_of(snap.workshop, item, asked.member) if asked else None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        _segments("own", item, stored.answer if stored else None, disabled=asked is None)
        _comment("own", item, stored.comment if stored else None)


def _agreed_answer(snap: Snapshot, item: int) -> None:
    stored = agreed_on(snap.workshop, item)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        _segments("agreed", item, stored.answer if stored else None)
        _comment("agreed", item, stored.comment if stored else None)


def _segments(whose: Whose, item: int, stored: Answer | None, *, disabled: bool = False) -> None:
    key = f"checklist.{whose}.{item}"
    follow(key, stored)
    st.segmented_control(
        t(f"checklist.{whose}"),
        list(Answer),
        format_func=lambda one: t(f"vocabulary.answer.{Answer(one).value}"),
        key=key,
        disabled=disabled,
        on_change=_answered,
        args=(current().workshop or "", whose, item, key, "answer"),
    )


def _comment(whose: Whose, item: int, stored: str | None) -> None:
    """A comment belongs to an answer: without one there is nothing to write it on."""
    label = ":primary[:material/chat:]" if stored else ":material/chat_bubble_outline:"
    with st.popover(label, disabled=stored is None, help=t("checklist.comment"), key=f"checklist.{whose}.talk.{item}"):
        key = f"checklist.{whose}.comment.{item}"
        follow(key, stored or "")
        st.text_area(
            t(f"checklist.{whose}_comment"),
            key=key,
            height=110,
            max_chars=5000,
            on_change=_answered,
            args=(current().workshop or "", whose, item, key, "comment"),
        )


def _answered(workshop_id: str, whose: Whose, item: int, key: str, field: str) -> None:
    """Into the workshop the field was drawn for: another may be chosen at the same moment."""
    value = st.session_state[key]
    asked: Asked | None = st.session_state.get("checklist.asked")
    seen: dict[int, int | None] = st.session_state.get("checklist.seen", {})

    def kept() -> None:
        with state() as here:
            who = current().who
            if whose == "own" and asked is not None:
                give_answer(here, workshop_id, item, asked, {field: value}, who)
            elif whose == "agreed":
                seen[item] = agree_on(here, workshop_id, item, {field: value}, seen.get(item), who)

    store(key, lambda: attempt(kept))


def _departments(snap: Snapshot, item: int) -> None:
    """All answers as signs, and behind them a bar a department and the comments."""
    language = current().language
    given = by_department(snap.workshop, item)
    if not given:
        return
    named = [
        (snap.workshop.department_name(code, language) or raw("checklist.no_department"), list(counted.elements()))
        for code, counted in given.items()
    ]
    rows = answers.frame(named, language)
    comments = [one for one in snap.workshop.checklist.answers if one.item == item and one.comment.strip()]
    said = sorted((one for _, found in named for one in found), key=list(Answer).index)
    with st.container(gap="xxsmall"):
        st.markdown(f":small[{t('checklist.everyone', count=len(said))}]")
        key = f"checklist.departments.{item}"
        with st.popover("".join(_SIGNS[one] for one in said), key=key, on_change="rerun") as shown:
            if not shown.open:
                return
            st.markdown(f"**{plain(answers.title(rows, language))}**")
            spec = answers.spec(language, colours=palette(st.context.theme.type))
            st.vega_lite_chart(rows, spec, theme=None, key=f"checklist.bars.{item}", width=360)
            for one in comments:
                word = t(f"vocabulary.answer.{one.answer.value}")
                name = next((member.name for member in snap.workshop.members if member.code == one.member), one.member)
                st.markdown(f"{_SIGNS[one.answer]} **{plain(name)}** {word}  \n{plain(one.comment)}")
