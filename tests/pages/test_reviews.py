from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.model.base import Bilingual, PeriodValue
from kpi_core.model.node import Node
from kpi_core.model.operation import Action, Meeting, Note, Review
from kpi_core.model.period import period_of
from kpi_core.services.datasets import today_of
from kpi_core.services.editing import save
from kpi_core.services.meetings import meeting_code
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import ActionStatus, Cadence, Grain, NodeKind, Page, Weekday

Show = Callable[..., AppTest]
WHO = Who("test")
PART = "reviews.part"
WEEKLY = Review(code="weekly", name=Bilingual(ja="週次会議"), cadence=Cadence.WEEK, weekday=Weekday.MON)


@pytest.fixture
def today(here: State, blank: str) -> date:
    return today_of(snapshot(here, blank).workshop)


@pytest.fixture
def team(blank: str, here: State, today: date) -> str:
    """A workshop with a weekly meeting, a red KPI (50 of 100) and one on track (120 of 100) last month."""
    month = period_of(today, Grain.MONTH, 4).shift(-1).key
    save(here, blank, "nodes", Node(code="goal", kind=NodeKind.KGI, name=Bilingual(ja="受注")), None, WHO)
    save(here, blank, "nodes", Node(code="more", kind=NodeKind.KSF, parent="goal"), None, WHO)
    for code, value in (("slow", 50), ("fine", 120)):
        node = Node(
            code=code,
            kind=NodeKind.KPI,
            parent="more",
            unit="count",
            name=Bilingual(ja=code),
            owner="岡田",
            action="一次対応を早める",
            targets=(PeriodValue(period=month, value=100),),
            manual=(PeriodValue(period=month, value=value),),
        )
        save(here, blank, "nodes", node, None, WHO)
    save(here, blank, "reviews", WEEKLY, None, WHO)
    return blank


def at_part(show: Show, workshop: str, part: str, language: str = "ja") -> AppTest:
    app = show(Page.REVIEWS, workshop, language)
    app.session_state[PART] = part
    return run(app)


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, [one.value for one in app.exception]
    return app


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click()
    return run(app)


def meeting_form(workshop: str, today: date) -> str:
    return f"draft/{workshop}/meetings.{meeting_code(WEEKLY, today)}"


def said(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.info, app.success)
    return "\n".join(element.value for kind in kinds for element in kind)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("part", ["hold", "actions", "past", "setup"])
@pytest.mark.parametrize("which", ["blank", "sample"])
def test_every_part_opens_in_both_languages(
    show: Show, request: pytest.FixtureRequest, which: str, part: str, language: str
) -> None:
    app = at_part(show, request.getfixturevalue(which), part, language)
    assert app.title[0].value == {"ja": "定期レビュー", "en": "Reviews"}[language]


def test_a_meeting_is_held_on_what_is_red_and_recorded(show: Show, team: str, here: State, today: date) -> None:
    form = meeting_form(team, today)
    app = show(Page.REVIEWS, team)
    assert [one.key for one in app.text_area] == [f"{form}/note.slow", f"{form}/decisions"]  # not what is on track
    app.text_area(key=f"{form}/note.slow").set_value("担当が足りない").run()
    app = press(app, "actions.open.meeting.slow.button")
    assert app.text_input(key=f"draft/{team}/actions.new.meeting.slow/title").value == "一次対応を早める"
    app = press(app, f"draft/{team}/actions.new.meeting.slow/save")
    app.text_area(key=f"{form}/decisions").set_value("当番を2名にする\n\n来週確認する").run()
    press(app, f"{form}/save")
    stored = snapshot(here, team).workshop
    (meeting,) = stored.meetings
    (action,) = stored.actions
    assert meeting.notes == (Note(node="slow", text="担当が足りない"),)
    assert meeting.decisions == ("当番を2名にする", "来週確認する")
    assert (action.node, action.owner, action.due) == ("slow", "岡田", today + timedelta(days=14))
    assert action.meeting == meeting.code  # decided in the meeting before it was recorded


def test_an_unrecorded_meeting_survives_a_reload(show: Show, team: str, here: State, today: date) -> None:
    form = meeting_form(team, today)
    app = show(Page.REVIEWS, team)
    app.text_area(key=f"{form}/note.slow").set_value("書きかけ").run()
    again = show(Page.REVIEWS, team)
    assert again.text_area(key=f"{form}/note.slow").value == "書きかけ"
    assert snapshot(here, team).workshop.meetings == ()


def test_a_note_on_a_kpi_that_recovered_stays(show: Show, team: str, here: State, today: date) -> None:
    code = meeting_code(WEEKLY, today)
    month = period_of(today, Grain.MONTH, 4).shift(-1).key
    held = Meeting(code=code, review="weekly", held_on=today, period=month, notes=(Note(node="fine", text="前は赤"),))
    save(here, team, "meetings", held, None, WHO)
    form = meeting_form(team, today)
    app = show(Page.REVIEWS, team)
    assert app.text_area(key=f"{form}/note.fine").value == "前は赤"
    app.text_area(key=f"{form}/note.slow").set_value("いまは赤").run()
    press(app, f"{form}/save")
    (meeting,) = snapshot(here, team).workshop.meetings
    assert {note.node: note.text for note in meeting.notes} == {"fine": "前は赤", "slow": "いまは赤"}


def test_two_records_of_one_meeting_keep_both_peoples_notes(show: Show, team: str, here: State, today: date) -> None:
    form = meeting_form(team, today)
    first, second = show(Page.REVIEWS, team), show(Page.REVIEWS, team)
    first.text_area(key=f"{form}/decisions").set_value("一人目の決定").run()
    second.text_area(key=f"{form}/note.slow").set_value("二人目のメモ").run()
    press(first, f"{form}/save")
    second = press(second, f"{form}/save")
    assert snapshot(here, team).workshop.meetings[0].notes == ()  # refused, and both versions are shown
    press(second, f"{form}/mine")
    (meeting,) = snapshot(here, team).workshop.meetings
    assert meeting.decisions == ("一人目の決定",)
    assert meeting.notes == (Note(node="slow", text="二人目のメモ"),)


def test_actions_are_followed_up_overdue_first(show: Show, team: str, here: State, today: date) -> None:
    for code, due in (("later", today + timedelta(days=3)), ("late", today - timedelta(days=3)), ("open", None)):
        save(here, team, "actions", Action(code=code, title=code, due=due), None, WHO)
    app = at_part(show, team, "actions")
    titles = [one.value for one in app.markdown if one.value.startswith("**")]
    assert [title.strip("*").split("*")[0] for title in titles[:3]] == ["late", "later", "open"]
    assert "期限超過" in titles[0]
    app = press(app, "reviews.list.mark_done.late")
    app = press(app, "reviews.list.mark_dropped.later")
    states = {action.code: action.status for action in snapshot(here, team).workshop.actions}
    assert states == {"late": ActionStatus.DONE, "later": ActionStatus.DROPPED, "open": ActionStatus.OPEN}
    app.button_group(key="reviews.actions").set_value(ActionStatus.DONE)
    press(run(app), "reviews.list.reopen.late")
    states = {action.code: action.status for action in snapshot(here, team).workshop.actions}
    assert states["late"] is ActionStatus.OPEN


def test_an_action_is_edited_in_place(show: Show, team: str, here: State) -> None:
    save(here, team, "actions", Action(code="one", title="古い", node="slow"), None, WHO)
    app = press(at_part(show, team, "actions"), "actions.edit.list.one.button")
    app.text_input(key=f"draft/{team}/actions.one/title").set_value("新しい").run()
    app.text_input(key=f"draft/{team}/actions.one/owner").set_value("森").run()
    press(app, f"draft/{team}/actions.one/save")
    (action,) = snapshot(here, team).workshop.actions
    assert (action.title, action.owner, action.node) == ("新しい", "森", "slow")


def test_a_past_record_is_corrected_on_its_day(show: Show, team: str, here: State, today: date) -> None:
    day = today - timedelta(days=7)
    month = period_of(today, Grain.MONTH, 4).shift(-1).key
    save(here, team, "meetings", Meeting(code="old", review="weekly", held_on=day, period=month), None, WHO)
    app = press(at_part(show, team, "past"), "reviews.correct.old")
    form = f"draft/{team}/meetings.old"
    app.text_area(key=f"{form}/decisions").set_value("書き足した").run()
    press(app, f"{form}/save")
    (meeting,) = snapshot(here, team).workshop.meetings
    assert (meeting.code, meeting.held_on, meeting.decisions) == ("old", day, ("書き足した",))


def test_a_record_is_deleted_after_asking(show: Show, team: str, here: State, today: date) -> None:
    save(here, team, "meetings", Meeting(code="old", review="weekly", held_on=today, period="2026-10"), None, WHO)
    press(at_part(show, team, "past"), "reviews.drop.old")
    assert snapshot(here, team).workshop.meetings == ()


def test_the_usual_meetings_are_set_up_with_one_click(show: Show, blank: str, here: State) -> None:
    app = press(at_part(show, blank, "setup"), "reviews.add_standard")
    reviews = snapshot(here, blank).workshop.reviews
    assert [one.cadence for one in reviews] == [Cadence.WEEK, Cadence.MONTH, Cadence.QUARTER]
    assert all("次回" in one.label for one in app.expander)


def test_a_meetings_day_is_set(show: Show, team: str, here: State) -> None:
    form = f"draft/{team}/reviews.weekly"
    app = at_part(show, team, "setup")
    app.selectbox(key=f"{form}/cadence").set_value("month").run()
    app.number_input(key=f"{form}/day").set_value(31).run()
    press(app, f"{form}/save")
    review = snapshot(here, team).workshop.reviews[0]
    assert (review.cadence, review.day) == (Cadence.MONTH, 31)


def test_a_meeting_is_added_and_removed(show: Show, team: str, here: State) -> None:
    app = press(at_part(show, team, "setup"), "reviews.add_review")
    added = snapshot(here, team).workshop.reviews[-1]
    assert added.name.ja == "新しい会議"
    press(app, f"reviews.remove.{added.code}")
    assert len(snapshot(here, team).workshop.reviews) == 1


def test_without_meetings_the_way_to_set_them_up_is_shown(show: Show, blank: str) -> None:
    app = show(Page.REVIEWS, blank)
    assert "会議の設定" in app.info[0].value
    app = press(app, "reviews.to_setup")
    assert app.session_state[PART] == "setup"


@pytest.mark.parametrize(
    ("language", "note", "action"),
    [("ja", "原因のメモがないKPI", "期限のあるアクションがない"), ("en", "without a note", "without an action")],
)
def test_a_red_kpi_asks_for_a_note_and_an_action(
    show: Show, team: str, here: State, today: date, language: str, note: str, action: str
) -> None:
    app = show(Page.REVIEWS, team, language)
    assert [sum(words in one.value for one in app.markdown) for words in (note, action)] == [1, 1]
    app.text_area(key=f"{meeting_form(team, today)}/note.slow").set_value("担当が足りない").run()
    assert [sum(words in one.value for one in app.markdown) for words in (note, action)] == [0, 1]
    save(here, team, "actions", Action(code="a", title="増員", node="slow", owner="岡田", due=today), None, WHO)
    app = run(app)
    assert [sum(words in one.value for one in app.markdown) for words in (note, action)] == [0, 0]


def test_the_last_meetings_actions_come_first(show: Show, team: str, here: State, today: date) -> None:
    month = period_of(today, Grain.MONTH, 4).shift(-1).key
    before = today - timedelta(days=7)
    save(here, team, "meetings", Meeting(code="m", review="weekly", held_on=before, period=month), None, WHO)
    for code, fields in (
        ("urgent", {"due": before}),
        ("mine", {"meeting": "m", "due": today}),
        ("over", {"meeting": "m", "status": ActionStatus.DONE}),
    ):
        save(here, team, "actions", Action(code=code, title=f"{code}の件", owner="岡田", **fields), None, WHO)
    shown = said(show(Page.REVIEWS, team))
    assert "2件のうち1件が完了" in shown
    assert shown.index("mineの件") < shown.index("urgentの件")


def test_the_actions_of_one_person_can_be_asked_for(show: Show, team: str, here: State, today: date) -> None:
    for code, owner, due in (("a", "岡田", today), ("b", "三浦", today - timedelta(days=1))):
        save(here, team, "actions", Action(code=code, title=f"{code}の件", owner=owner, due=due), None, WHO)
    app = at_part(show, team, "actions")
    whose = app.button_group(key="reviews.owner")
    assert whose.options == ["三浦 1 :red[▼1]", "岡田 1"]
    whose.set_value("岡田")
    app = run(app)
    assert "aの件" in said(app)
    assert "bの件" not in said(app)
