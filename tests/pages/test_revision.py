"""The revision of the KPIs on the reviews page: decide, record, read what was before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.model.base import Bilingual
from kpi_core.model.node import Node
from kpi_core.services.datasets import today_of
from kpi_core.services.editing import save
from kpi_core.services.meetings import add_standard_reviews
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.text import say
from kpi_core.vocabulary import Language, NodeKind, NodeStatus, Page

Show = Callable[..., AppTest]
WHO = Who("test")


@pytest.fixture
def team(blank: str, here: State) -> str:
    """A KGI, a KSF and two KPIs, the second below the first."""
    save(here, blank, "nodes", Node(code="goal", kind=NodeKind.KGI, name=Bilingual(ja="受注")), None, WHO)
    save(here, blank, "nodes", Node(code="more", kind=NodeKind.KSF, parent="goal"), None, WHO)
    for code, parent in (("calls", "more"), ("visits", "calls")):
        name = Bilingual(ja=f"{code}の件数", en=f"Number of {code}")
        node = Node(code=code, kind=NodeKind.KPI, parent=parent, name=name, definition=f"{code}を数える")
        save(here, blank, "nodes", node, None, WHO)
    return blank


def revision(show: Show, workshop: str, language: str = "ja") -> AppTest:
    app = show(Page.REVIEWS, workshop, language)
    app.session_state["reviews.part"] = "revision"
    return run(app)


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, [one.value for one in app.exception]
    return app


def said(app: AppTest) -> str:
    return "\n".join(one.value for kind in ("markdown", "caption", "info", "error") for one in app.get(kind))


def decide(app: AppTest, workshop: str, code: str, choice: str, reason: str | None = None) -> AppTest:
    form = f"draft/{workshop}/revisions.new"
    app.button_group(key=f"{form}/choice.{code}").set_value(choice)
    app = run(app)
    if reason is not None:
        app.text_input(key=f"{form}/reason.{code}").set_value(reason)
        app = run(app)
    return app


@pytest.mark.parametrize("language", ["ja", "en"])
def test_without_kpis_it_says_what_it_is_for(show: Show, blank: str, language: str) -> None:
    app = revision(show, blank, language)
    assert say("revisions.about", Language(language)) in said(app)
    assert say("revisions.no_kpis", Language(language)) in said(app)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_change_and_retire_are_recorded_and_the_old_definition_is_read(
    show: Show, team: str, here: State, language: str
) -> None:
    app = decide(revision(show, team, language), team, "calls", "change", "架電だけを数える")
    app = decide(app, team, "visits", "retire", "使われていない")
    app.button(key=f"draft/{team}/revisions.new/save").click()
    app = run(app)
    workshop = snapshot(here, team).workshop
    calls, visits = workshop.node("calls"), workshop.node("visits")
    assert calls is not None
    assert visits is not None
    assert (calls.version, calls.version_reason, visits.status) == (2, "架電だけを数える", NodeStatus.RETIRED)
    assert "callsを数える" in said(app)  # behind “definition until then”
    assert "使われていない" in said(app)
    assert not [one for one in app.get("button_group") if one.key and one.key.endswith("choice.visits")]


def test_a_reason_is_asked_for_and_what_was_chosen_stays(show: Show, team: str, here: State) -> None:
    app = decide(revision(show, team), team, "calls", "retire")
    app.button(key=f"draft/{team}/revisions.new/save").click()
    app = run(app)
    assert "callsの件数" in app.error[0].value
    assert snapshot(here, team).workshop.revisions == ()
    again = revision(show, team)
    assert again.button_group(key=f"draft/{team}/revisions.new/choice.calls").value == "retire"


def test_what_still_uses_a_kpi_is_told_before_it_goes(show: Show, team: str) -> None:
    app = decide(revision(show, team), team, "calls", "retire")
    assert "visitsの件数" in "\n".join(one.value for one in app.caption if "▲" in one.value)


def test_the_rest_is_kept_with_one_click(show: Show, team: str, here: State) -> None:
    app = decide(revision(show, team), team, "calls", "change", "定義を明確に")
    app.button(key="revisions.keep_rest").click()
    app = run(app)
    app.button(key=f"draft/{team}/revisions.new/save").click()
    run(app)
    (record,) = snapshot(here, team).workshop.revisions
    assert {one.node: one.choice.value for one in record.decisions} == {"calls": "change", "visits": "keep"}


def test_a_retired_kpi_comes_back(show: Show, team: str, here: State) -> None:
    app = decide(revision(show, team), team, "visits", "retire", "重複")
    app.button(key=f"draft/{team}/revisions.new/save").click()
    app = run(app)
    code = snapshot(here, team).workshop.revisions[0].code
    app.button(key=f"revisions.reinstate.{code}.visits").click()
    run(app)
    node = snapshot(here, team).workshop.node("visits")
    assert node is not None
    assert node.status is NodeStatus.DRAFT


def test_the_quarterly_meeting_leads_to_it_and_its_day_is_told(show: Show, team: str, here: State) -> None:
    add_standard_reviews(here, team, WHO)
    app = revision(show, team)
    today = today_of(snapshot(here, team).workshop)
    assert isinstance(today, date)
    assert any("次回の見直し" in one.value for one in app.caption)
    app.session_state["reviews.part"] = "hold"
    app.session_state["reviews.which"] = "quarterly"
    app = run(app)
    app.button(key="reviews.to_revision").click()
    app = run(app)
    assert say("revisions.about", Language.JA) in said(app)
