"""Pages for people who joined: their role's pages, themselves as answerer, nothing once they are removed."""

from __future__ import annotations

import pytest

from kpi_core.services.joining import join, person_with
from kpi_core.services.people import Who
from kpi_core.services.sharing import make_link, people_of, remove_person
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Page, Role

ME = Who("佐藤")


@pytest.fixture
def mark(here: State, blank: str):
    """``mark(role)``: what the gate says of someone who joined the blank workshop with that role."""

    def joined(role: Role) -> str:
        code = make_link(here, blank, role, 8, ME).code
        return person_with(here, join(here, code, f"鈴木 {role.value}", "marketing")) or ""

    return joined


def buttons(app) -> set[str]:
    return {one.label for one in app.button}


def test_the_owner_may_let_people_join(show, blank: str) -> None:
    assert "参加を受け付ける" in buttons(show(Page.KGI, blank))


def test_a_member_lands_in_the_own_workshop_and_is_named(show, blank: str, mark) -> None:
    app = show(Page.HOME, mark=mark(Role.MEMBER))
    assert app.session_state["workshop"] == blank
    assert "参加を受け付ける" not in buttons(app)
    assert "サンプルを開く" not in buttons(app)
    assert any("鈴木 member" in one.value for one in app.markdown)


def test_a_member_answers_the_checklist_as_oneself(show, here: State, blank: str, mark) -> None:
    app = show(Page.CHECKLIST, blank, mark=mark(Role.MEMBER))
    assert not [one for one in app.selectbox if one.key == "checklist.member"]
    (member,) = snapshot(here, blank).workshop.members
    assert app.session_state["checklist.asked"].member == member.code


@pytest.mark.parametrize(
    ("role", "page"), [(Role.MEMBER, Page.SETTINGS), (Role.VIEWER, Page.KGI), (Role.VIEWER, Page.REVIEWS)]
)
def test_a_page_of_another_role_says_so_and_draws_nothing_else(show, blank: str, mark, role: Role, page: Page) -> None:
    app = show(page, blank, mark=mark(role))
    assert [one.value for one in app.info if "進行役にお声がけください" in one.value]
    assert not app.text_input
    assert not app.tabs


def test_a_viewer_is_offered_nothing_to_change(show, sample: str, here: State) -> None:
    code = make_link(here, sample, Role.VIEWER, 8, ME).code
    mark = person_with(here, join(here, code, "田中", None)) or ""
    for page in (Page.KPI_DESIGN, Page.DASHBOARD):
        app = show(page, sample, mark=mark)
        assert not app.text_input
        assert not buttons(app) & {"ビューを編集", "参加を受け付ける", "保存する"}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_removed_person_sees_nothing_from_the_next_run_on(show, here: State, blank: str, mark, language: str) -> None:
    app = show(Page.KGI, blank, language, mark(Role.MEMBER))
    (person,) = people_of(here, blank, ME)
    remove_person(here, blank, person.id, ME)
    app.run()
    assert [one.value for one in app.title] == [{"ja": "参加していません", "en": "You are not joined"}[language]]
    assert not app.text_input
    assert not app.selectbox


@pytest.mark.parametrize("mark", ["", "someone", "owner2"])
def test_whom_the_gate_does_not_know_is_nobody(show, blank: str, mark: str) -> None:
    assert [one.value for one in show(Page.HOME, blank, mark=mark).title] == ["参加していません"]
