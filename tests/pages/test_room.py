"""The room's bar and its parts on the pages: folded at first, one part at a time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.model.node import Node
from kpi_core.services.editing import save
from kpi_core.services.ideas import put_in
from kpi_core.services.notes import decide, park
from kpi_core.services.people import Who
from kpi_core.services.rounds import close_round, lock_round, open_round, reveal, view_round
from kpi_core.services.time_box import time_box
from kpi_core.services.tree_editing import add_node
from kpi_core.services.workshops import snapshot
from kpi_core.store.state import State
from kpi_core.text import say
from kpi_core.vocabulary import Language, NodeKind, Page, RoundPhase, RoundTopic

Show = Callable[..., AppTest]
WHO = Who("test")
STEPS = (Page.KGI, Page.KSF, Page.KPI_DESIGN, Page.DATA_SOURCES, Page.DASHBOARD, Page.CHECKLIST, Page.REVIEWS)


def texts(app: AppTest) -> str:
    return "\n".join(one.value for kind in ("markdown", "caption") for one in app.get(kind))


def opened(app: AppTest, part: str) -> AppTest:
    app.button_group(key="room.bar").set_value(part).run()
    assert not app.exception, [one.value for one in app.exception]
    return app


@pytest.fixture
def goal(here: State, blank: str) -> str:
    """The blank workshop with its KGI."""
    save(here, blank, "nodes", Node(code="bookings", kind=NodeKind.KGI, name={"ja": "受注金額"}), None, WHO)
    return blank


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("page", STEPS)
def test_every_step_has_its_script_folded_until_asked_for(
    show: Show, blank: str, page: Page, language: Language
) -> None:
    app = show(page, blank, language.value)
    purpose = say(f"guide.{page.value}.purpose", language)
    assert purpose not in texts(app)
    app.session_state["room.part"] = "guide"  # a click in a test session finds Japanese labels only
    assert purpose in texts(app.run())


def test_the_opened_part_stays_open_on_the_next_page(show: Show, blank: str) -> None:
    app = opened(show(Page.KGI, blank), "guide")
    app.switch_page("ksf.py").run()
    assert say("guide.ksf.purpose", Language.JA) in texts(app)


def test_a_round_is_opened_written_in_and_revealed(show: Show, goal: str, here: State) -> None:
    app = opened(show(Page.KSF, goal), "ideas")
    app.number_input(key="room.dots").set_value(2).run()
    app.button(key="room.open").click().run()
    (going,) = snapshot(here, goal).workshop.rounds
    assert (going.topic, going.dots, going.phase) == (RoundTopic.KSF, 2, RoundPhase.ENTRY)
    assert [one.key for one in app.chat_input] == ["ksf.entry"]  # nobody writes without a name
    app.session_state["room.name"] = "佐藤"
    app.run()
    app.chat_input(key="room.idea").set_value("見積の型をそろえる").run()
    put_in(here, goal, going.code, "ほかの人の案", Who("鈴木"))
    app.run()
    assert "見積の型をそろえる" in texts(app)
    assert "ほかの人の案" not in texts(app)
    assert "ほかの参加者:1人・1件" in texts(app)
    app.button(key="room.reveal").click().run()
    assert "ほかの人の案" in texts(app)
    assert "鈴木" in texts(app)


def test_what_is_said_of_a_round_that_goes_on_leads_to_it(show: Show, goal: str, here: State) -> None:
    code = open_round(here, goal, RoundTopic.KSF, None, WHO)
    put_in(here, goal, code, "\n".join(f"案その{at}" for at in range(1, 9)), Who("鈴木"))
    reveal(here, goal, code, WHO)
    app = show(Page.DASHBOARD, goal)
    assert "案その1" not in texts(app)
    app.button(key="room.to_ideas").click().run()
    assert not app.exception
    assert "案その1" in texts(app)
    assert app.button_group(key="room.bar").value == "ideas"
    keys = [one.key or "" for one in app.button]
    first = min(at for at, key in enumerate(keys) if key.startswith("room.adopt_"))
    assert keys.index("room.vote_start") < first  # in sight, however many ideas there are


def test_a_closed_rounds_results_are_open_only_where_the_round_was_seen(show: Show, goal: str, here: State) -> None:
    code = open_round(here, goal, RoundTopic.KSF, None, WHO)
    put_in(here, goal, code, "見積の型をそろえる", Who("鈴木"))
    reveal(here, goal, code, WHO)
    app = opened(show(Page.KSF, goal), "ideas")
    close_round(here, goal, code, WHO)
    assert [one.proto.expanded for one in app.run().expander] == [True]
    app.switch_page("kgi.py").run()
    assert not any(one.proto.expanded for one in app.expander)


def test_a_closed_rounds_idea_becomes_a_kpi_of_its_factor_and_tells_where_it_came_from(
    show: Show, goal: str, here: State
) -> None:
    factor = add_node(here, goal, NodeKind.KSF, "bookings", "対応の速さ", WHO)
    code = open_round(here, goal, RoundTopic.KPI, factor, WHO)
    put_in(here, goal, code, "初回返信までの時間", Who("鈴木"))
    reveal(here, goal, code, WHO)
    close_round(here, goal, code, WHO)
    (idea,) = snapshot(here, goal).workshop.ideas
    app = opened(show(Page.KPI_DESIGN, goal), "ideas")
    app.button(key=f"room.adopt_kpi.{idea.code}").click().run()
    made = snapshot(here, goal).workshop.ideas[0].adopted
    assert snapshot(here, goal).workshop.node(made).parent == factor
    assert any("採用済み" in one.value for one in app.markdown)


def test_a_line_is_parked_resolved_and_a_decision_logged(show: Show, goal: str, here: State) -> None:
    app = opened(show(Page.KGI, goal), "notes")
    app.selectbox(key="room.note.node").set_value("bookings").run()
    app.chat_input(key="room.note").set_value("税込か税抜か").run()
    (item,) = snapshot(here, goal).workshop.parked
    assert (item.text, item.node) == ("税込か税抜か", "bookings")
    app.text_input(key=f"room.resolution.{item.code}").set_value("税抜").run()
    app.button(key=f"room.resolve.{item.code}").click().run()
    assert snapshot(here, goal).workshop.parked[0].resolution == "税抜"
    app.button_group(key="room.note.kind").set_value("decision").run()
    app.chat_input(key="room.note").set_value("受注は契約日で数える").run()
    assert [one.text for one in snapshot(here, goal).workshop.decisions] == ["受注は契約日で数える"]
    assert "受注は契約日で数える" in texts(app)


def test_an_idea_entered_after_the_end_is_kept_and_given_to_the_parking_lot(show: Show, goal: str, here: State) -> None:
    code = open_round(here, goal, RoundTopic.KSF, None, WHO)
    app = show(Page.KSF, goal)
    app.session_state["room.name"] = "佐藤"
    opened(app, "ideas")
    reveal(here, goal, code, WHO)
    close_round(here, goal, code, WHO)
    app.run()
    app.chat_input(key="room.idea").set_value("商談の型を*そろえる*").run()
    assert not snapshot(here, goal).workshop.ideas
    assert "商談の型を\\*そろえる\\*" in texts(app)
    again = show(Page.KSF, goal)
    again.session_state["room.name"] = "佐藤"
    opened(again, "ideas")
    again.button(key="room.unsent.park.0").click().run()
    (item,) = snapshot(here, goal).workshop.parked
    assert (item.text, item.author, item.node) == ("商談の型を*そろえる*", "佐藤", None)
    assert "未提出のアイデア" not in texts(again)


def test_a_second_tab_that_still_shows_an_idea_done_with_takes_no_other_one(show: Show, goal: str, here: State) -> None:
    lock_round(here, goal, open_round(here, goal, RoundTopic.KSF, None, WHO), True, WHO)
    app, other = show(Page.KSF, goal), show(Page.KSF, goal)
    for tab in (app, other):
        tab.session_state["room.name"] = "佐藤"
        opened(tab, "ideas")
    for text in ("一つ目", "二つ目", "一つ目"):
        app.chat_input(key="room.idea").set_value(text).run()
    other.run()
    app.button(key="room.unsent.park.0").click().run()
    other.button(key="room.unsent.park.0").click().run()
    assert [one.text for one in snapshot(here, goal).workshop.parked] == ["二つ目"]
    assert "一つ目" in texts(other)
    other.button(key="room.unsent.drop.0").click().run()
    assert "未提出のアイデア" not in texts(app.run())


def test_an_idea_too_late_for_one_round_is_handed_in_to_the_next(show: Show, goal: str, here: State) -> None:
    first = open_round(here, goal, RoundTopic.KSF, None, WHO)
    app = show(Page.KSF, goal)
    app.session_state["room.name"] = "佐藤"
    opened(app, "ideas")
    lock_round(here, goal, first, True, WHO)
    app.chat_input(key="room.idea").set_value("遅れた案").run()
    assert "遅れた案" in texts(app)
    assert not [one for one in app.button if one.key == "room.unsent.send.0"]
    lock_round(here, goal, first, False, WHO)
    app.run()
    app.button(key="room.unsent.send.0").click().run()
    assert [one.text for one in view_round(here, goal, first, Who("佐藤")).mine] == ["遅れた案"]
    assert "未提出のアイデア" not in texts(app)


def test_a_decision_and_a_parked_question_are_written_anew(show: Show, goal: str, here: State) -> None:
    parked, decided = (
        park(here, goal, "税込か税抜か", None, Who("佐藤")),
        decide(here, goal, "契約日で数える", None, WHO),
    )
    app = opened(show(Page.KGI, goal), "notes")
    app.button(key=f"room.edit.{decided}").click().run()
    place = f"draft/{goal}/room.note.{decided}"
    app.text_area(key=f"{place}/text").set_value("受注日で数える").run()
    app.text_input(key=f"{place}/author").set_value("鈴木").run()
    app.selectbox(key=f"{place}/node").set_value("bookings").run()
    app.button(key=f"{place}/save").click().run()
    (decision,) = snapshot(here, goal).workshop.decisions
    assert (decision.text, decision.author, decision.node) == ("受注日で数える", "鈴木", "bookings")
    assert "受注日で数える" in texts(app)
    app.button(key=f"room.edit.{parked}").click().run()
    app.text_area(key=f"draft/{goal}/room.note.{parked}/text").set_value("").run()
    app.button(key=f"draft/{goal}/room.note.{parked}/save").click().run()
    assert say("room.text_needed", Language.JA) in "\n".join(one.value for one in app.error)
    assert snapshot(here, goal).workshop.parked[0].text == "税込か税抜か"


def test_text_people_typed_is_shown_letter_by_letter(show: Show, goal: str, here: State) -> None:
    park(here, goal, "**太字** <b>x</b> [a](http://b)", None, WHO)
    decide(here, goal, "# 見出し", None, WHO)
    shown = texts(opened(show(Page.KGI, goal), "notes"))
    assert "\\*\\*太字\\*\\*" in shown
    assert "\\# 見出し" in shown


def test_the_clock_is_started_for_all_and_put_away(show: Show, blank: str, here: State) -> None:
    app = show(Page.KSF, blank)
    app.button(key="room.timer.start").click().run()
    box = time_box(here, blank)
    assert box is not None
    assert (box.length, box.running) == (40 * 60, True)
    app.button(key="room.timer.pause").click().run()
    assert not time_box(here, blank).running
    app.button(key="room.timer.reset").click().run()
    assert time_box(here, blank) is None
