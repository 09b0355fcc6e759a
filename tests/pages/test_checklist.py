from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.model.base import Bilingual, PeriodValue
from kpi_core.model.node import Node
from kpi_core.services.answering import Asked, agree_on, give_answer
from kpi_core.services.editing import save
from kpi_core.services.organisation import add_member
from kpi_core.services.people import Who
from kpi_core.services.workshops import export_file, import_file, snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Answer, NodeKind, Page

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
    app.text_input(key=f"draft/{blank}/members.answerer/name").set_value("鈴木")
    app.button(key="checklist.add.go").click().run()
    (member,) = snapshot(here, blank).workshop.members
    assert member.name == "鈴木"
    assert app.session_state["checklist.member"] == member.code


def titles(app: AppTest) -> list[int]:
    """The numbers of the items in the order shown."""
    found = (re.match(r"\*\*(\d+)\. ", one.value) for one in app.markdown)
    return [int(one[1]) for one in found if one]


def test_open_items_come_first_within_their_group(show: Show, blank: str, here: State) -> None:
    goal = Node(code="goal", kind=NodeKind.KGI, name=Bilingual(ja="受注"), unit="JPY", owner="岡田")
    whole = goal.model_copy(
        update={
            "due": date(2027, 3, 31),
            "definition": "受注の合計",
            "baseline": PeriodValue(period="2025", value=1),
            "targets": (PeriodValue(period="2026-04", value=1),),
        }
    )
    save(here, blank, "nodes", whole, None, WHO)
    app = show(Page.CHECKLIST, blank)
    assert titles(app)[:4] == [2, 3, 4, 1]
    app.toggle(key="checklist.open_first").set_value(False).run()
    assert titles(app)[:4] == [1, 2, 3, 4]


def answers(here: State, workshop: str) -> None:
    """Item 2: sales says yes, marketing no. Item 3: both yes."""
    people = {code: add_member(here, workshop, f"{code}の人", code, WHO) for code in ("sales", "marketing")}
    for item, code, answer in (
        (2, "sales", Answer.YES),
        (2, "marketing", Answer.NO),
        (3, "sales", Answer.YES),
        (3, "marketing", Answer.YES),
    ):
        give_answer(here, workshop, item, Asked(people[code], code), {"answer": answer}, WHO)


@pytest.mark.parametrize(
    ("language", "gap"),
    [("ja", "営業は「はい」、マーケティングは「いいえ」"), ("en", "Sales says “Yes”, Marketing says “No”")],
)
def test_where_departments_differ_is_named(show: Show, blank: str, here: State, language: str, gap: str) -> None:
    answers(here, blank)
    app = show(Page.CHECKLIST, blank, language)
    assert len([one for one in app.markdown if gap in one.value]) == 1
    app.toggle(key="checklist.gaps_only").set_value(True).run()
    assert not app.exception
    assert titles(app) == [2]


def test_a_run_gives_a_field_nothing_but_news(show: Show, blank: str, here: State) -> None:
    """What a run gives to a field reaches the browser after the next click, and would take that click back."""
    app = show(Page.CHECKLIST, blank)
    app.button_group(key="checklist.agreed.1").set_value(Answer.PARTLY).run()
    for item in (1, 2):
        assert not app.button_group(key=f"checklist.agreed.{item}").proto.set_value
    # a click on the next item and on the same one again, each before the page was drawn anew
    app.button_group(key="checklist.agreed.2").set_value(Answer.YES)
    app.button_group(key="checklist.agreed.1").set_value(Answer.NO).run()
    found = {one.item: one.answer for one in snapshot(here, blank).workshop.checklist.agreed}
    assert found == {1: Answer.NO, 2: Answer.YES}
    revision = snapshot(here, blank).revisions["checklist.agreed", "1"]
    agree_on(here, blank, 1, {"answer": Answer.YES}, revision, WHO)
    app.run()
    assert app.button_group(key="checklist.agreed.1").proto.set_value  # what another said is news
    assert app.button_group(key="checklist.agreed.1").value == Answer.YES
    assert not app.button_group(key="checklist.agreed.2").proto.set_value


def test_an_answer_that_was_refused_gives_way_to_what_is_agreed(show: Show, blank: str, here: State) -> None:
    app = show(Page.CHECKLIST, blank)
    agree_on(here, blank, 1, {"answer": Answer.YES}, None, WHO)  # meanwhile, in another browser
    app.button_group(key="checklist.agreed.1").set_value(Answer.NO).run()
    assert app.button_group(key="checklist.agreed.1").value == Answer.YES
    assert [one.answer for one in snapshot(here, blank).workshop.checklist.agreed] == [Answer.YES]


def test_an_answer_belongs_to_the_workshop_it_was_given_in(show: Show, blank: str, here: State) -> None:
    """Also where another is chosen before the first click was worked off."""
    other = import_file(here, export_file(here, blank), WHO)
    app = show(Page.CHECKLIST, blank)
    app.button_group(key="checklist.agreed.1").set_value(Answer.YES)
    app.selectbox(key="workshop_picker").set_value(other).run()
    agreed = [snapshot(here, one).workshop.checklist.agreed for one in (blank, other)]
    assert [len(found) for found in agreed] == [1, 0]
    assert app.button_group(key="checklist.agreed.1").value is None


def test_an_answer_that_could_not_be_stored_is_not_shown_as_if(
    show: Show, blank: str, here: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = show(Page.CHECKLIST, blank)

    def broken(*_: object) -> None:
        raise OSError("disk")

    with monkeypatch.context() as patch:
        patch.setattr("pages.components.checklist_item.agree_on", broken)
        app.button_group(key="checklist.agreed.1").set_value(Answer.YES).run()
    app.run()
    assert app.button_group(key="checklist.agreed.1").value is None


def test_the_score_before_and_what_was_gained_are_told(show: Show, blank: str, here: State) -> None:
    show(Page.CHECKLIST, blank)
    agree_on(here, blank, 1, {"answer": Answer.YES}, None, WHO)
    app = show(Page.CHECKLIST, blank)
    assert [one.delta for one in app.metric] == ["", "1"]
    assert any("「はい」で合意 0" in one.value for one in app.caption)


def test_an_item_that_one_card_is_to_blame_for_opens_that_card(show: Show, blank: str, here: State) -> None:
    for node in (
        Node(code="goal", kind=NodeKind.KGI, name=Bilingual(ja="受注")),
        Node(code="more", kind=NodeKind.KSF, parent="goal"),
        Node(code="calls", kind=NodeKind.KPI, parent="more", name=Bilingual(ja="架電数"), definition="架電の数"),
        Node(code="visits", kind=NodeKind.KPI, parent="more", name=Bilingual(ja="訪問数")),
    ):
        save(here, blank, "nodes", node, None, WHO)
    app = show(Page.CHECKLIST, blank)
    app.button(key="checklist.mend.5").click().run()
    assert not app.exception
    assert app.session_state["kpi_design.node"] == "visits"
