from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.services.organisation import add_member
from kpi_core.services.people import Who
from kpi_core.services.workshops import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Answer, Page

Show = Callable[..., AppTest]
WHO = Who("test")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_empty_workshop_meets_none_and_says_where_to_mend(show: Show, blank: str, language: str) -> None:
    app = show(Page.CHECKLIST, blank, language)
    assert app.metric[0].value == "0/15"
    text = "\n".join(one.value for one in app.markdown)
    assert {"ja": "KGIがまだありません", "en": "There is no KGI"}[language] in text


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_sample_shows_verdicts_and_answers(show: Show, sample: str, language: str) -> None:
    app = show(Page.CHECKLIST, sample, language)
    assert [one.value for one in app.metric] == ["15/15", "10/15"]


def test_an_own_answer_with_its_comment_is_kept_at_once(show: Show, blank: str, here: State) -> None:
    member = add_member(here, blank, "山田", "sales", WHO)
    app = show(Page.CHECKLIST, blank)
    app.selectbox(key="checklist.member").set_value(member).run()
    app.button_group(key="checklist.own.1").set_value(Answer.PARTLY).run()
    app.text_area(key="checklist.own.comment.1").set_value("期限が未定").run()
    (answer,) = snapshot(here, blank).workshop.checklist.answers
    assert (answer.item, answer.member, answer.department) == (1, member, "sales")
    assert (answer.answer, answer.comment) == (Answer.PARTLY, "期限が未定")


def test_an_agreed_answer_counts_and_can_be_taken_back(show: Show, blank: str, here: State) -> None:
    app = show(Page.CHECKLIST, blank)
    app.button_group(key="checklist.agreed.3").set_value(Answer.YES).run()
    assert app.metric[1].value == "1/15"
    app.button_group(key="checklist.agreed.3").set_value(None).run()
    assert snapshot(here, blank).workshop.checklist.agreed == ()


def test_a_name_can_be_added_by_who_answers(show: Show, blank: str, here: State) -> None:
    app = show(Page.CHECKLIST, blank)
    app.button(key="checklist.add_self").click().run()
    app.text_input(key="checklist.add.name").set_value("鈴木")
    app.button(key="checklist.add.go").click().run()
    (member,) = snapshot(here, blank).workshop.members
    assert member.name == "鈴木"
    assert app.session_state["checklist.member"] == member.code


def test_open_items_come_first_when_asked_for(show: Show, sample: str) -> None:
    app = show(Page.CHECKLIST, sample)
    app.toggle(key="checklist.open_first").set_value(True).run()
    assert not app.exception
