from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.services.workshops import list_workshops, snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import DisplayUnit, Page

Show = Callable[..., AppTest]


def field(workshop: str, name: str) -> str:
    return f"draft/{workshop}/settings/{name}"


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("which", ["blank", "sample"])
def test_settings_open_in_both_languages(show: Show, request: pytest.FixtureRequest, which: str, language: str) -> None:
    app = show(Page.SETTINGS, request.getfixturevalue(which), language)
    assert app.title[0].value == {"ja": "設定", "en": "Settings"}[language]


def test_the_frame_is_saved(show: Show, blank: str, here: State) -> None:
    app = show(Page.SETTINGS, blank)
    app.text_input(key=field(blank, "name")).set_value("新しい名前").run()
    app.selectbox(key=field(blank, "fiscal_year_start")).set_value(10).run()
    app.button_group(key=field(blank, "display_unit")).set_value("million").run()
    app.button(key=field(blank, "save")).click().run()
    settings = snapshot(here, blank).workshop.settings
    assert (settings.name, settings.fiscal_year_start) == ("新しい名前", 10)
    assert settings.display_unit is DisplayUnit.MILLION


def test_an_empty_name_is_refused_in_words(show: Show, blank: str, here: State) -> None:
    app = show(Page.SETTINGS, blank)
    app.text_input(key=field(blank, "name")).set_value("").run()
    app.button(key=field(blank, "save")).click().run()
    assert app.error
    assert snapshot(here, blank).workshop.settings.name == "受注拡大"


def test_a_changed_calendar_computes_the_values_anew(show: Show, sample: str, here: State) -> None:
    app = show(Page.SETTINGS, sample)
    app.button_group(key=field(sample, "grain")).set_value("week").run()
    app.button(key=field(sample, "save")).click().run()
    assert not app.error
    (found,) = here.connection.execute("SELECT count(*) FROM observations WHERE period = '2025-W30'").fetchone()
    assert found > 0


def test_another_fiscal_year_is_refused_while_a_stored_year_would_mean_other_months(
    show: Show, sample: str, here: State
) -> None:
    app = show(Page.SETTINGS, sample)
    app.selectbox(key=field(sample, "fiscal_year_start")).set_value(1).run()
    app.button(key=field(sample, "save")).click().run()
    assert "会計年度の開始月" in app.error[0].value
    assert "受注金額 2025" in app.error[0].value  # its baseline
    assert snapshot(here, sample).workshop.settings.fiscal_year_start == 4
    assert app.selectbox(key=field(sample, "fiscal_year_start")).value == 1  # what was chosen is not lost


def test_a_department_in_use_is_handed_over_before_it_goes(show: Show, sample: str, here: State) -> None:
    before = snapshot(here, sample).workshop
    gone, into = before.departments[3].code, before.departments[0].code
    assert any(node.department == gone for node in before.nodes)
    app = show(Page.SETTINGS, sample)
    app.button(key=f"settings.department.remove.{gone}").click().run()
    app.button(key="settings.department.sure").click().run()
    assert "引き継ぐ部門" in app.error[0].value
    app.button(key=f"settings.department.remove.{gone}").click().run()
    app.selectbox(key=f"settings.department.into.{gone}").set_value(into)
    app.button(key="settings.department.sure").click().run()
    after = snapshot(here, sample).workshop
    assert all(department.code != gone for department in after.departments)
    assert all(node.department != gone and gone not in node.contributors for node in after.nodes)
    assert len(after.nodes) == len(before.nodes)


def test_a_renamed_member_keeps_the_answers(show: Show, sample: str, here: State) -> None:
    before = snapshot(here, sample).workshop
    code = before.checklist.answers[0].member
    app = show(Page.SETTINGS, sample)
    app.button(key=f"settings.member.change.{code}").click().run()
    app.text_input(key=f"draft/{sample}/member.{code}/name").set_value("新しい 名前")
    app.button(key="settings.member.save").click().run()
    after = snapshot(here, sample).workshop
    assert next(one.name for one in after.members if one.code == code) == "新しい 名前"
    assert after.checklist.answers == before.checklist.answers


def test_a_removed_member_takes_the_answers_along(show: Show, sample: str, here: State) -> None:
    code = snapshot(here, sample).workshop.checklist.answers[0].member
    app = show(Page.SETTINGS, sample)
    app.button(key=f"settings.member.remove.{code}").click().run()
    app.button(key="settings.member.sure").click().run()
    after = snapshot(here, sample).workshop
    assert all(one.code != code for one in after.members)
    assert all(one.member != code for one in after.checklist.answers)


def test_the_check_up_says_that_everything_is_sound(show: Show, sample: str) -> None:
    app = show(Page.SETTINGS, sample)
    app.button(key="settings.doctor").click().run()
    assert app.success


def test_deleting_leaves_the_workshop_and_goes_home(show: Show, blank: str, here: State) -> None:
    app = show(Page.SETTINGS, blank)
    app.button(key="settings.delete").click().run()
    app.button(key="home.delete.sure").click().run()
    assert list_workshops(here) == ()
    assert app.session_state["workshop"] is None


@pytest.mark.parametrize(("language", "words"), [("ja", "アプリを止めてから"), ("en", "Stop the app")])
def test_beside_the_backup_it_says_how_to_restore_one(show: Show, blank: str, language: str, words: str) -> None:
    app = show(Page.SETTINGS, blank, language)
    assert any(words in one.value for one in app.markdown)
    assert any("python -m kpi_core restore" in one.value for one in app.code)
