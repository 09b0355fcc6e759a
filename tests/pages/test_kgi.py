from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.model.base import Bilingual, PeriodValue
from kpi_core.model.node import Node
from kpi_core.services.editing import save
from kpi_core.services.people import Who
from kpi_core.services.workshops import save_settings, snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import NodeKind, Page

Show = Callable[..., AppTest]
NEW = "nodes.new.goal"


def field(workshop: str, name: str, place: str = NEW) -> str:
    return f"draft/{workshop}/{place}/{name}"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_sample_goal_is_shown_with_its_year_and_its_check(show: Show, sample: str, language: str) -> None:
    app = show(Page.KGI, sample, language)
    assert app.title[0].value == {"ja": "KGIを決める", "en": "Set the KGI"}[language]
    assert any("6/6" in one.value for one in app.get("markdown"))


def test_a_goal_is_stored_with_its_year_divided_evenly(show: Show, blank: str, here: State) -> None:
    app = show(Page.KGI, blank)
    app.text_input(key=field(blank, "name_ja")).set_value("受注金額").run()
    app.text_area(key=field(blank, "definition")).set_value("契約書を締結した金額").run()
    app.text_input(key=field(blank, "owner")).set_value("佐藤").run()
    app.date_input(key=field(blank, "due")).set_value(date(2027, 3, 31)).run()
    app.selectbox(key=field(blank, "baseline_period")).set_value("2025").run()
    app.text_input(key=field(blank, "baseline_value")).set_value("9.6億").run()
    app.text_input(key=field(blank, "total")).set_value("12億").run()
    app.selectbox(key="kgi.year").set_value("2026").run()
    app.button(key="kgi.divide").click().run()
    assert any("6/6" in one.value for one in app.get("markdown"))
    app.button(key=f"draft/{blank}/{NEW}/save").click().run()
    assert not app.error
    kgi = snapshot(here, blank).workshop.kgi
    assert kgi is not None
    assert (kgi.name.ja, kgi.unit, kgi.owner, kgi.due) == ("受注金額", "JPY", "佐藤", date(2027, 3, 31))
    assert kgi.baseline is not None
    assert (kgi.baseline.period, kgi.baseline.value) == ("2025", 960_000_000)
    assert [(one.period, one.value) for one in kgi.targets][:2] == [("2026-04", 100_000_000), ("2026-05", 100_000_000)]
    assert sum(one.value for one in kgi.targets) == 1_200_000_000


def test_an_amount_that_is_none_is_told_and_nothing_typed_is_lost(show: Show, blank: str, here: State) -> None:
    app = show(Page.KGI, blank)
    app.text_input(key=field(blank, "name_ja")).set_value("受注金額").run()
    app.text_input(key=field(blank, "baseline_value")).set_value("たくさん").run()
    assert any("読み取れません" in one.value for one in app.caption)
    app.button(key=f"draft/{blank}/{NEW}/save").click().run()
    assert "読み取れません" in app.error[0].value
    assert app.text_input(key=field(blank, "name_ja")).value == "受注金額"
    assert snapshot(here, blank).workshop.kgi is None


def test_what_was_typed_comes_back_in_a_new_session(show: Show, blank: str) -> None:
    app = show(Page.KGI, blank)
    app.text_input(key=field(blank, "name_ja")).set_value("受注金額").run()
    again = show(Page.KGI, blank)
    assert again.text_input(key=field(blank, "name_ja")).value == "受注金額"
    assert any("復元" in one.value for one in again.caption)


def test_a_stale_save_shows_both_versions_and_mine_can_be_kept(show: Show, blank: str, here: State) -> None:
    goal = Node(code="bookings", kind=NodeKind.KGI, owner="佐藤", name={"ja": "受注金額"}, unit="JPY")
    first = save(here, blank, "nodes", goal, None, Who("a"))
    place = "nodes.bookings.goal"
    app = show(Page.KGI, blank)
    app.text_input(key=field(blank, "owner", place)).set_value("鈴木").run()
    save(here, blank, "nodes", goal.model_copy(update={"owner": "田中"}), first, Who("b"))
    app.button(key=f"draft/{blank}/{place}/save").click().run()
    shown = [one.value for one in app.markdown]
    assert "田中" in shown
    assert "鈴木" in shown
    app.button(key=f"draft/{blank}/{place}/mine").click().run()
    stored = snapshot(here, blank).workshop.kgi
    assert stored is not None
    assert stored.owner == "鈴木"


def test_a_new_code_is_rewritten_in_every_formula(show: Show, sample: str, here: State) -> None:
    kgi = snapshot(here, sample).workshop.kgi
    assert kgi is not None
    place = f"nodes.{kgi.code}.goal"
    app = show(Page.KGI, sample)
    app.text_input(key=field(sample, "code", place)).set_value("orders").run()
    app.button(key=f"draft/{sample}/{place}/save").click().run()
    assert not app.error
    after = snapshot(here, sample).workshop
    assert after.kgi is not None
    assert after.kgi.code == "orders"
    assert after.kgi.targets == kgi.targets
    assert all(node.parent != kgi.code for node in after.nodes)


def test_another_currency_reaches_a_goal_that_is_typed_but_not_stored(show: Show, blank: str, here: State) -> None:
    app = show(Page.KGI, blank)
    app.text_input(key=field(blank, "name_ja")).set_value("受注金額").run()
    assert app.selectbox(key=field(blank, "unit")).value == "JPY"
    found = snapshot(here, blank)
    frame = found.workshop.settings.model_copy(update={"currency": "USD"})
    save_settings(here, blank, frame, found.revisions["settings", ""], Who("test"))
    app.run()
    assert app.text_input(key=field(blank, "name_ja")).value == "受注金額"
    assert app.selectbox(key=field(blank, "unit")).value == "USD"
    app.selectbox(key=field(blank, "unit")).set_value("count").run()
    assert app.selectbox(key=field(blank, "unit")).value == "count"  # what was chosen stays whatever the currency


@pytest.mark.parametrize(("language", "words"), [("ja", "+100件(+25.0%)"), ("en", "+100 (+25.0%) from the baseline")])
def test_the_target_is_told_against_the_baseline(
    show: Show, blank: str, here: State, language: str, words: str
) -> None:
    months = [f"2026-{month:02d}" for month in range(4, 13)] + ["2027-01", "2027-02", "2027-03"]
    values = [40] * 10 + [50, 50]  # 500 against 400
    goal = Node(
        code="deals",
        kind=NodeKind.KGI,
        name=Bilingual(ja="受注件数"),
        unit="count",
        baseline=PeriodValue(period="2025", value=400),
        targets=tuple(PeriodValue(period=key, value=value) for key, value in zip(months, values, strict=True)),
    )
    save(here, blank, "nodes", goal, None, Who("a"))
    app = show(Page.KGI, blank, language)
    app.selectbox(key="kgi.year").set_value("2026").run()
    assert any(words in one.value.replace("\\", "") for one in app.caption)


def test_targets_and_a_baseline_can_be_of_the_years_of_old_data(show: Show, blank: str, here: State) -> None:
    typed = (PeriodValue(period="2003-11", value=90), PeriodValue(period="2017-03", value=100))
    goal = Node(code="deals", kind=NodeKind.KGI, name=Bilingual(ja="受注件数"), unit="count", manual=typed)
    save(here, blank, "nodes", goal, None, Who("a"))
    app = show(Page.KGI, blank)
    place = "nodes.deals.goal"
    app.selectbox(key="kgi.year").set_value("2003").run()  # April 2003 to March 2004
    app.text_input(key=field(blank, "total", place)).set_value("1200").run()
    app.button(key="kgi.divide").click().run()
    app.selectbox(key=field(blank, "baseline_period", place)).set_value("2017-03").run()
    app.text_input(key=field(blank, "baseline_value", place)).set_value("100").run()
    app.button(key=f"draft/{blank}/{place}/save").click().run()
    assert not app.error
    kgi = snapshot(here, blank).workshop.kgi
    assert kgi is not None
    assert [(one.period, one.value) for one in kgi.targets][::11] == [("2003-04", 100), ("2004-03", 100)]
    assert kgi.baseline == PeriodValue(period="2017-03", value=100)
