"""The dashboard: its views, periods and drawers in both languages, and what it says where there is no number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.model.base import Bilingual, PeriodValue
from kpi_core.model.node import Node, Thresholds
from kpi_core.model.period import Period, period_of
from kpi_core.services.datasets import today_of
from kpi_core.services.editing import save
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.views import add_missing_views
from kpi_core.store.state import State
from kpi_core.vocabulary import Direction, Grain, NodeKind, Page

Show = Callable[..., AppTest]
WHO = Who("test")
LANGUAGES = pytest.mark.parametrize("language", ["ja", "en"])


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, [one.value for one in app.exception]
    return app


def choose(app: AppTest, key: str, value: str) -> AppTest:
    app.button_group(key=key).set_value(value)
    return run(app)


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click()
    return run(app)


def read(elements: Sequence[Any]) -> str:
    """What elements say, without the backslashes that keep people's words from being read as markdown."""
    return "\n".join(str(one.value) for one in elements).replace("\\", "")


def numbers(app: AppTest) -> list[str]:
    return read(app.metric).split("\n")


@pytest.fixture
def month(here: State, blank: str) -> Period:
    """The last month that is over."""
    day: date = today_of(snapshot(here, blank).workshop)
    return period_of(day, Grain.MONTH, 4).shift(-1)


@pytest.fixture
def team(here: State, blank: str, month: Period) -> str:
    """KGI 90 of 100; a KPI where lower is better, 20 days against 10; a KPI that nobody measured. Views for all."""

    def node(code: str, kind: NodeKind, parent: str | None, **more: Any) -> None:
        made = Node(code=code, kind=kind, parent=parent, name=Bilingual(ja=code, en=code), **more)
        save(here, blank, "nodes", made, None, WHO)

    def at(value: int) -> tuple[PeriodValue, ...]:
        return (PeriodValue(period=month.key, value=value),)

    node("goal", NodeKind.KGI, None, unit="count", manual=at(90), targets=at(100))
    node("more", NodeKind.KSF, "goal")
    sales = {"parent": "more", "department": snapshot(here, blank).workshop.departments[1].code}
    late = Thresholds(goal=10, red=15)
    node("days", NodeKind.KPI, **sales, unit="days", direction=Direction.DOWN, manual=at(20), thresholds=late)
    node("calls", NodeKind.KPI, **sales, unit="count")
    add_missing_views(here, blank, WHO)
    return blank


def view(here: State, workshop: str, place: int) -> str:
    return snapshot(here, workshop).workshop.views[place].code


@LANGUAGES
def test_without_a_view_it_says_what_views_are_for(show: Show, blank: str, language: str) -> None:
    app = show(Page.DASHBOARD, blank, language)
    assert {"ja": "ビューがまだありません", "en": "There is no view yet"}[language] in read(app.markdown)


@LANGUAGES
def test_without_a_number_it_leads_to_the_data(show: Show, here: State, blank: str, language: str) -> None:
    kpi = Node(code="calls", kind=NodeKind.KPI, department=snapshot(here, blank).workshop.departments[0].code)
    save(here, blank, "nodes", kpi, None, WHO)
    add_missing_views(here, blank, WHO)
    app = show(Page.DASHBOARD, blank, language)
    assert {"ja": "数字がまだありません", "en": "no number to show yet"}[language] in read(app.markdown)
    assert not app.metric


def test_an_empty_view_says_how_to_fill_it(show: Show, here: State, team: str) -> None:
    snap = snapshot(here, team)
    field = snap.workshop.views[1]
    empty = field.model_copy(update={"nodes": ()})
    save(here, team, "views", empty, snap.revisions["views", field.code], WHO)
    app = choose(show(Page.DASHBOARD, team), "dashboard.view", field.code)
    assert "このビューにはKPIがありません" in app.info[0].value


@LANGUAGES
def test_the_executive_view_shows_the_kgi_and_what_is_off_track(show: Show, team: str, language: str) -> None:
    app = show(Page.DASHBOARD, team, language)
    assert numbers(app)[:3] == {"ja": ["90件", "100件", "90%"], "en": ["90", "100", "90%"]}[language]
    words = {"ja": "実績 **20日** / 目標 10日", "en": "Actual **20 days** / target 10 days"}[language]
    assert words in read(app.markdown)


@LANGUAGES
def test_an_unmeasured_kpi_has_no_number_but_the_word(show: Show, here: State, team: str, language: str) -> None:
    app = choose(show(Page.DASHBOARD, team, language), "dashboard.view", view(here, team, 1))
    unmeasured = {"ja": "未計測", "en": "Not measured"}[language]
    assert f"**calls** :gray-badge[– {unmeasured}]" in read(app.markdown)
    assert not any(number.startswith("0") for number in numbers(app))


def test_lower_is_better_is_red_above_its_target(show: Show, here: State, team: str) -> None:
    app = choose(show(Page.DASHBOARD, team), "dashboard.view", view(here, team, 1))
    text = read(app.markdown)
    assert "**days** :red-badge[▼ 要対応]" in text
    assert "目標 **10日** 以下 ・ 達成率 :red[**50%**]" in text  # 10 of 20 days


@LANGUAGES
def test_every_view_and_grain_of_the_sample_draws(show: Show, sample: str, here: State, language: str) -> None:
    app = show(Page.DASHBOARD, sample, language)
    for one in snapshot(here, sample).workshop.views:
        choose(app, "dashboard.view", one.code)
        assert len(app.metric) >= len(one.nodes)
    for grain in (Grain.QUARTER, Grain.YEAR, Grain.MONTH):
        choose(app, "dashboard.grain", grain.value)
        assert numbers(app)


def test_another_period_shows_its_own_numbers(show: Show, sample: str) -> None:
    app = show(Page.DASHBOARD, sample)
    periods = app.selectbox(key="dashboard.period_list")
    latest, before = numbers(app)[0], periods.options[1]
    periods.select(before)
    run(app)
    assert app.selectbox(key="dashboard.period_list").value == app.session_state["dashboard.period"]
    assert numbers(app)[0] != latest


@LANGUAGES
def test_details_show_the_split_and_only_when_opened_the_rows(show: Show, sample: str, language: str) -> None:
    app = show(Page.DASHBOARD, sample, language)
    drawn = len(app.metric)
    press(app, "dashboard.larger.sql_rate")
    assert len(app.metric) == drawn + 1
    assert app.button_group(key="dashboard.by.sql_rate").value is not None
    assert not app.dataframe
    run(app)
    assert len(app.metric) == drawn  # closed


def test_a_tiles_name_carries_its_definition_and_how_fresh_it_is(show: Show, team: str) -> None:
    app = show(Page.DASHBOARD, team)
    helps = {one.value: one.proto.help for one in app.markdown if one.proto.help}
    assert len(helps) == 2
    about = next(text for head, text in helps.items() if "calls" in head)
    for part in ("**定義**", "**データソース**", "**責任者**", "**未達のときの打ち手**"):
        assert part in about


def test_old_numbers_are_told_against_the_views_refresh(show: Show, here: State, team: str, month: Period) -> None:
    snap = snapshot(here, team)
    goal = snap.workshop.kgi
    assert goal is not None
    old = goal.model_copy(update={"manual": (PeriodValue(period=month.shift(-2).key, value=90),)})
    save(here, team, "nodes", old, snap.revisions["nodes", "goal"], WHO)
    assert "「goal」" in read(show(Page.DASHBOARD, team).markdown)


def test_the_order_of_a_views_kpis_is_changed_and_saved(show: Show, here: State, team: str) -> None:
    field = view(here, team, 1)
    app = choose(show(Page.DASHBOARD, team), "dashboard.view", field)
    press(app, "dashboard.edit")
    press(app, "dashboard.down.days")
    press(app, "dashboard.edit")  # what was moved is a draft until it is saved
    press(app, f"draft/{team}/views.{field}/save")
    assert snapshot(here, team).workshop.views[1].nodes == ("calls", "days")


@LANGUAGES
def test_off_track_kpis_stand_below_their_ksf_with_its_state(show: Show, team: str, language: str) -> None:
    text = read(show(Page.DASHBOARD, team, language).markdown)
    word = {"ja": "▼ 要対応", "en": "▼ Off track"}[language]
    assert f":small[KSF] **more** :red-badge[{word}]" in text
    assert f":red[{word}] **days**" in text


def test_a_tile_is_compared_with_what_was_chosen(show: Show, here: State, team: str) -> None:
    app = choose(show(Page.DASHBOARD, team), "dashboard.view", view(here, team, 1))
    assert not app.metric[0].delta
    app.selectbox(key="dashboard.compare").select("target")
    run(app)
    assert app.metric[0].delta.replace("\\", "") == "+10日"  # 20 days against 10


def test_a_value_without_a_target_is_not_called_unmeasured(show: Show, here: State, team: str, month: Period) -> None:
    snap = snapshot(here, team)
    calls = snap.workshop.node("calls")
    assert calls is not None
    typed = calls.model_copy(update={"manual": (PeriodValue(period=month.key, value=3),)})
    save(here, team, "nodes", typed, snap.revisions["nodes", "calls"], WHO)
    app = choose(show(Page.DASHBOARD, team), "dashboard.view", view(here, team, 1))
    assert "**calls** :gray-badge[– 目標なし]" in read(app.markdown)


@LANGUAGES
def test_shown_to_a_room_there_are_no_controls_but_the_way_out(show: Show, sample: str, language: str) -> None:
    app = show(Page.DASHBOARD, sample, language)
    latest, period = numbers(app)[0], app.selectbox(key="dashboard.period_list").options[0]
    press(app, "dashboard.present")
    assert app.query_params["present"] == "1"
    assert [button.key for button in app.button] == ["dashboard_present_end"]
    assert not app.selectbox
    assert not app.button_group
    assert numbers(app)[0] == latest
    assert period in read(app.markdown)
    press(app, "dashboard_present_end")
    assert "present" not in app.query_params
    assert app.selectbox(key="dashboard.period_list")


def test_a_link_to_a_shown_dashboard_shows_its_view_and_period(show: Show, sample: str, here: State) -> None:
    field = snapshot(here, sample).workshop.views[1]
    app = show(Page.HOME, sample)
    app.switch_page("dashboard.py")
    for name, value in {"present": "1", "view": field.code, "grain": "quarter", "period": "2026-Q1"}.items():
        app.query_params[name] = value
    text = read(run(app).markdown)
    assert field.name.ja in text
    assert "2026年度Q1" in text


def test_the_kpi_below_is_the_one_chosen_with_its_rows(show: Show, sample: str, here: State) -> None:
    field = next(one for one in snapshot(here, sample).workshop.views[1:] if "sql_rate" in one.nodes)
    app = choose(show(Page.DASHBOARD, sample), "dashboard.view", field.code)
    app.button_group(key=f"dashboard.chosen.{field.code}").set_value("sql_rate")
    run(app)
    assert app.button_group(key="dashboard.large.by.sql_rate").value is not None
    app.session_state["dashboard.large.rows.sql_rate"] = True
    run(app)
    text = read(app.markdown)
    assert "表示中の数字と一致します" in text
    assert len(app.dataframe) == 2  # numerator and denominator


def test_a_charts_numbers_are_a_table_on_request(show: Show, sample: str) -> None:
    app = show(Page.DASHBOARD, sample)
    assert not app.dataframe
    app.session_state["dashboard.pace.table"] = True
    assert list(run(app).dataframe[0].value.columns) == ["期間", "実績", "目標", "前年"]


def test_the_tree_is_there_in_words(show: Show, team: str) -> None:
    app = show(Page.DASHBOARD, team)
    app.session_state["dashboard.tree_words"] = True
    assert "    - :red[▼ 要対応] days **20日**" in read(run(app).markdown)


def test_a_view_is_added_moved_and_removed(show: Show, here: State, team: str) -> None:
    app = show(Page.DASHBOARD, team)
    app.session_state["dashboard.new.name"] = "週次"
    press(app, "dashboard.new")
    press(app, "dashboard.make")
    added = snapshot(here, team).workshop.views[-1]
    assert added.name.ja == "週次"
    assert app.session_state["dashboard.view"] == added.code
    press(app, "dashboard.edit")
    press(app, "dashboard.view_left")
    assert snapshot(here, team).workshop.views[-2].code == added.code
    press(app, "dashboard.edit")
    press(app, "dashboard.remove_view")
    assert added.code not in [one.code for one in snapshot(here, team).workshop.views]


def test_a_period_that_nobody_chose_is_said_to_be_the_latest_complete_one(
    show: Show, here: State, team: str, month: Period
) -> None:
    snap = snapshot(here, team)
    goal = snap.workshop.kgi
    assert goal is not None
    begun = PeriodValue(period=month.shift(1).key, value=5)
    save(
        here,
        team,
        "nodes",
        goal.model_copy(update={"manual": (*goal.manual, begun)}),
        snap.revisions["nodes", "goal"],
        WHO,
    )
    app = show(Page.DASHBOARD, team)
    assert app.selectbox(key="dashboard.period_list").value == month.key
    assert "値がそろった直近の期間を表示中" in read(app.caption)
    app.selectbox(key="dashboard.period_list").set_value(begun.period).run()
    assert "値がそろった直近の期間を表示中" not in read(app.caption)


def test_a_number_is_followed_from_the_tile_to_file_and_uploader(show: Show, sample: str) -> None:
    app = press(show(Page.DASHBOARD, sample), "dashboard.lineage_kgi")
    text = "\n".join([read(app.markdown), read(app.caption)])
    assert "突き合わせに使う計算式:(新規受注件数 + " in text
    assert "この数字のもとになっているデータ:" in text
    assert "「商談一覧」の" in text
    assert "sfa_deals.xlsx(" in text


@LANGUAGES
def test_nothing_is_said_to_be_well_where_nothing_could_be_judged(
    show: Show, here: State, blank: str, month: Period, language: str
) -> None:
    at = (PeriodValue(period=month.key, value=407),)
    save(here, blank, "nodes", Node(code="goal", kind=NodeKind.KGI, unit="count", manual=at), None, WHO)
    save(here, blank, "nodes", Node(code="more", kind=NodeKind.KSF, parent="goal"), None, WHO)
    for code, manual in (("visits", at), ("calls", ())):
        kpi = Node(code=code, kind=NodeKind.KPI, parent="more", unit="count", manual=manual)
        save(here, blank, "nodes", kpi, None, WHO)
    add_missing_views(here, blank, WHO)
    app = show(Page.DASHBOARD, blank, language)
    assert not app.success
    words = {"ja": "未計測 1件、目標なし 1件", "en": "Not measured 1, No target 1"}[language]
    assert words in read(app.info)
    snap = snapshot(here, blank)
    visits = snap.workshop.node("visits")
    assert visits is not None
    aimed = visits.model_copy(update={"targets": (PeriodValue(period=month.key, value=400),)})
    save(here, blank, "nodes", aimed, snap.revisions["nodes", "visits"], WHO)
    judged = read(run(app).success)
    assert {"ja": "判定できた1件", "en": "could be judged (1)"}[language] in judged
    assert {"ja": "未計測 1件", "en": "Not measured 1"}[language] in judged
