from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.services.workshops import list_workshops, snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Language, Page

Show = Callable[..., AppTest]
#: The fields of the dialog that begins a blank workshop.
BLANK = "draft/None/home.blank"
BAD = (
    b'{"format": "kpi-workshop/1", "workshop": {"name": "x", "langage": "ja"},'
    b' "nodes": [{"code": "a b", "kind": "kgi"}, {"code": "c", "kind": "kpo"}]}'
)


def texts(app: AppTest) -> str:
    return "\n".join(one.value for kind in ("markdown", "caption", "title", "subheader") for one in app.get(kind))


def button(app: AppTest, key: str) -> AppTest:
    return app.button(key=key).click().run()


@pytest.mark.parametrize(
    ("language", "why", "first"),
    [
        ("ja", "ダッシュボードを作ることではありません", "サンプルを開く"),
        ("en", "is not building a dashboard", "Open the sample"),
    ],
)
def test_a_first_visit_says_why_and_offers_the_sample_first(show: Show, language: str, why: str, first: str) -> None:
    app = show(Page.HOME, language=language)
    assert why in texts(app)
    assert app.button(key="home.sample").label == first
    assert app.button(key="home.sample").proto.type == "primary"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_workshop_is_a_card_with_its_goal_and_the_step_reached(show: Show, sample: str, language: str) -> None:
    app = show(Page.HOME, language=language)
    assert {"ja": "受注金額", "en": "Bookings"}[language] in texts(app)
    assert {"ja": "5つのステップが完了", "en": "All five steps done"}[language] in texts(app)


def test_continue_opens_the_step_the_team_stands_at(show: Show, blank: str) -> None:
    app = button(show(Page.HOME), f"home.open.{blank}")
    assert app.title[0].value == "KGIを決める"
    assert app.session_state["workshop"] == blank


def test_a_blank_workshop_begins_with_its_departments_in_both_languages(show: Show, here: State) -> None:
    app = button(show(Page.HOME), "home.blank")
    app.text_input(key=f"{BLANK}/name").set_value("来期の営業")
    app.selectbox(key=f"{BLANK}/fiscal").set_value(1)
    assert app.selectbox(key=f"{BLANK}/currency").value == "JPY"
    app.selectbox(key=f"{BLANK}/currency").set_value("USD")
    app.button(key="home.blank.create").click().run()
    (card,) = list_workshops(here)
    workshop = snapshot(here, card.id).workshop
    frame = workshop.settings
    assert (frame.name, frame.fiscal_year_start, frame.currency) == ("来期の営業", 1, "USD")
    assert [(one.code, one.name.ja, one.name.en) for one in workshop.departments] == [
        ("marketing", "マーケティング", "Marketing"),
        ("sales", "営業", "Sales"),
    ]


def test_a_blank_workshop_needs_a_name(show: Show, here: State) -> None:
    app = button(show(Page.HOME, language="en"), "home.blank")
    app.button(key="home.blank.create").click().run()
    assert "name" in app.error[0].value
    assert list_workshops(here) == ()


def test_what_was_typed_for_a_new_workshop_survives_a_reload_until_it_is_made(show: Show, here: State) -> None:
    app = button(show(Page.HOME), "home.blank")
    app.text_input(key=f"{BLANK}/name").set_value("来期の営業").run()
    again = button(show(Page.HOME), "home.blank")  # another session of the same browser
    assert again.text_input(key=f"{BLANK}/name").value == "来期の営業"
    again.button(key="home.blank.create").click().run()
    assert [card.name for card in list_workshops(here)] == ["来期の営業"]
    made = button(show(Page.HOME), "home.blank")
    assert made.text_input(key=f"{BLANK}/name").value == ""


@pytest.mark.parametrize(
    ("language", "story"), [("ja", "展示会とウェビナーのリードが増えました"), ("en", "trade fairs and webinars")]
)
def test_the_sample_introduces_itself_and_says_where_to_begin(show: Show, language: str, story: str) -> None:
    app = button(show(Page.HOME, language=language), "home.sample")
    assert story in texts(app)
    assert app.button(key="sample.begin").proto.type == "primary"
    app = button(app, "sample.begin")
    assert app.title[0].value == {"ja": "ダッシュボード", "en": "Dashboard"}[language]


def test_a_starter_begins_a_tree_under_its_own_name(show: Show, here: State) -> None:
    app = button(show(Page.HOME, language="en"), "home.starter")
    button(app, "home.starter.ecommerce")
    (card,) = list_workshops(here)
    workshop = snapshot(here, card.id).workshop
    assert workshop.settings.name == card.name != ""
    assert workshop.settings.language is Language.EN
    assert workshop.kgi is not None


def test_every_problem_of_a_bad_file_is_listed_with_its_path_and_nothing_is_stored(show: Show, here: State) -> None:
    app = button(show(Page.HOME), "home.file")
    app.file_uploader(key="home.file.upload").upload("bad.json", BAD, "application/json").run()
    said = app.error[0].value.replace("\\", "")
    assert all(place in said for place in ("workshop.langage", "nodes[0].code", "nodes[1].kind"))
    assert list_workshops(here) == ()


def test_a_copy_has_the_data_and_the_values_too(show: Show, sample: str, here: State) -> None:
    app = button(show(Page.HOME), f"home.copy.{sample}")
    assert not app.error
    cards = list_workshops(here)
    assert len(cards) == 2
    copied = next(card for card in cards if card.id != sample)
    assert copied.name.endswith("(コピー)")
    assert snapshot(here, copied.id).workshop.nodes == snapshot(here, sample).workshop.nodes


def test_deleting_asks_first(show: Show, blank: str, here: State) -> None:
    app = button(show(Page.HOME), f"home.delete.{blank}")
    assert len(list_workshops(here)) == 1
    app.button(key="home.delete.sure").click().run()
    assert list_workshops(here) == ()


@pytest.mark.parametrize(
    ("language", "following", "changed"),
    [("ja", "次にすること:KGIを決める", "・testさん"), ("en", "Next: Decide on the KGI", "by test")],
)
def test_a_card_names_what_to_do_next_and_who_changed_it(
    show: Show, blank: str, language: str, following: str, changed: str
) -> None:
    shown = texts(show(Page.HOME, language=language))
    assert following in shown
    assert changed in shown
