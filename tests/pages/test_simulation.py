"""Simulation as a session sees it: sliders move the KGI, scenarios are kept, limits shared, viewers only look."""

from __future__ import annotations

import re

import pytest
from streamlit.proto.Metric_pb2 import Metric
from streamlit.testing.v1 import AppTest

from kpi_core.model.workshop import Workshop
from kpi_core.services.editing import change
from kpi_core.services.joining import join, person_with
from kpi_core.services.negotiating import answer, current_negotiation, open_negotiation, set_limit
from kpi_core.services.people import Who
from kpi_core.services.scenarios import keep_scenario
from kpi_core.services.sharing import make_link
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.text import say
from kpi_core.vocabulary import Basis, Direction, Language, Page, Role
from tests.pages.test_kpi_design import button, ran, words


def field(app: AppTest, kind: str, part: str):
    return next(one for one in getattr(app, kind) if part in (one.key or ""))


def simulated(app: AppTest) -> str:
    return app.metric[1].value


def in_mode(show, workshop: str, mode: str, language: str = "ja", **options: str) -> AppTest:
    app = show(Page.HOME, workshop, language, **options)
    app.session_state["simulation.mode"] = mode
    app.switch_page("simulation.py")
    return ran(app)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_slider_moves_the_kgi_and_the_field_beside_it(show, sample: str, language: str) -> None:
    app = show(Page.SIMULATION, sample, language)
    before = simulated(app)
    assert app.metric[0].value == before
    field(app, "slider", "new_won_deals/slider").set_value(30.0)
    ran(app)
    assert simulated(app) != before
    assert app.metric[0].value == before
    assert field(app, "number_input", "new_won_deals/number").value == 30.0
    field(app, "number_input", "new_won_deals/number").set_value(40.0)
    assert field(ran(app), "slider", "new_won_deals/slider").value == 40.0
    button(app, "simulation.reset")
    assert simulated(app) == before


@pytest.mark.parametrize(
    ("language", "direction", "level", "arrow", "colour"),
    [
        ("ja", Direction.UP, 10.0, "DOWN", "RED"),
        ("en", Direction.UP, 30.0, "UP", "GREEN"),
        ("ja", Direction.DOWN, 10.0, "DOWN", "GREEN"),
    ],
)
def test_a_loss_points_down_and_is_red_where_more_is_better(
    show, sample: str, here: State, language: str, direction: Direction, level: float, arrow: str, colour: str
) -> None:
    def turned(workshop: Workshop) -> Workshop:
        nodes = (
            node.model_copy(update={"direction": direction} if node is workshop.kgi else {}) for node in workshop.nodes
        )
        return workshop.model_copy(update={"nodes": tuple(nodes)})

    change(here, sample, Who("test"), turned)
    app = show(Page.SIMULATION, sample, language)
    field(app, "slider", "new_won_deals/slider").set_value(level)
    told = ran(app).metric[1].proto
    assert (Metric.MetricDirection.Name(told.direction), Metric.MetricColor.Name(told.color)) == (arrow, colour)


@pytest.mark.parametrize(
    ("language", "told", "beyond"),
    [
        ("ja", ("いまのまま 1.39百万円", "直近の実績 2026年10月 1.19百万円"), "過去最大"),
        ("en", ("As things stand ¥1.39 million", "Latest actual Oct 2026: ¥1.19 million"), "Above everything so far"),
    ],
)
def test_a_driver_says_where_it_stands_its_latest_actual_and_what_was_never_seen(
    show, sample: str, language: str, told: tuple[str, ...], beyond: str
) -> None:
    app = show(Page.SIMULATION, sample, language)
    said = words(app).replace("\\", "")
    assert [part for part in told if part not in said] == []
    deals = field(app, "number_input", "new_won_deals/number")
    assert (deals.min, deals.max) == (0, None)  # deals are never fewer than none
    deals.set_value(500.0)
    assert words(ran(app)).count(beyond) == said.count(beyond) + 1


def test_a_level_of_the_whole_year_is_named_a_mean_of_its_open_months(show, sample: str) -> None:
    app = show(Page.HOME, sample)
    app.session_state["simulation.period"] = "2026"
    app.switch_page("simulation.py")
    said = words(ran(app)).replace("\\", "")
    assert "まだ実績のない期間の平均(1か月あたり)" in said
    assert "いまのまま 31.2件(1か月あたり)" in said
    assert "いまのまま 1.39百万円(1か月あたり)" in said  # the level that back-solving starts from
    field(app, "slider", "new_won_deals/slider").set_value(40.0)
    field(app, "slider", "average_deal/slider").set_value(1.5)
    said = words(ran(app)).replace("\\", "")
    assert re.search(r"新規受注件数 342件 → \*\*\d{3}件\*\*", said)  # the whole year's
    assert re.search(r"平均受注単価 1.30百万円 → \*\*1.[34]\d百万円\*\*", said)  # 7 of its 12 months stay as they were


def test_an_emptied_field_is_put_back_and_is_no_zero(show, sample: str) -> None:
    app = show(Page.SIMULATION, sample)
    before = simulated(app)
    field(app, "number_input", "new_won_deals/number").set_value(None)
    assert simulated(ran(app)) == before
    assert field(app, "number_input", "new_won_deals/number").value not in (None, 0)


def test_a_value_that_reaches_the_target_is_one_path_where_most_futures_miss_it(show, sample: str) -> None:
    app = show(Page.SIMULATION, sample)
    assert "ダッシュボードの着地見込みは" in words(app)  # why the two differ
    assert "目標に届きます" in words(app)
    assert "1つの道筋" not in words(app)
    field(app, "button_group", "simulation.detail").set_value("chance")
    assert "1つの道筋" in words(ran(app))  # 43 of 100 reach it


def test_what_was_moved_outlives_a_reload(show, sample: str) -> None:
    app = show(Page.SIMULATION, sample)
    field(app, "slider", "new_won_deals/slider").set_value(30.0)
    moved = simulated(ran(app))
    again = show(Page.SIMULATION, sample)
    assert simulated(again) == moved
    assert "前回の試算の途中から再開しています。" in words(again)


def test_scenarios_are_made_compared_and_opened(show, sample: str, here: State) -> None:
    app = in_mode(show, sample, "scenarios")
    button(app, "simulation.from_history")
    names = [one.name for one in snapshot(here, sample).workshop.scenarios]
    assert names == ["強気", "標準", "弱気"]
    table = app.dataframe[0].value
    assert list(table.columns)[2:] == names
    assert table.iloc[0, 1] == table.iloc[0, 3]  # the usual one moves nothing
    button(app, "simulation.open/scenario_1")
    assert simulated(app) != app.metric[0].value


def test_a_scenario_takes_a_name_at_hand_or_a_typed_one(show, sample: str, here: State) -> None:
    app = show(Page.SIMULATION, sample)
    field(app, "slider", "new_won_deals/slider").set_value(30.0)
    ran(app)
    assert not [one for one in app.selectbox if "scenario" in (one.key or "")]
    field(app, "button_group", "simulation.scenario_names").set_value("強気")
    assert field(ran(app), "text_input", "scenario_name").value == "強気"
    button(app, "simulation.save")
    assert field(app, "text_input", "scenario_name").value == ""
    field(app, "text_input", "scenario_name").set_value("解約増ケース")
    ran(app)
    button(app, "simulation.save")
    assert [one.name for one in snapshot(here, sample).workshop.scenarios] == ["強気", "解約増ケース"]
    field(app, "text_input", "scenario_name").set_value("強気")
    assert "自分の「強気」があります。" in words(ran(app))


def test_the_other_ways_are_drawn_in_english(show, sample: str, here: State) -> None:
    keep_scenario(here, sample, "Bold", "bookings", "2026-11", Basis.SEASON, {"new_won_deals": 30}, Who("test"))
    assert list(in_mode(show, sample, "scenarios", "en").dataframe[0].value.columns)[1:] == ["As things stand", "Bold"]
    open_negotiation(here, sample, "bookings", "2026-11", Basis.SEASON, 55_000_000, Who("test"))
    app = in_mode(show, sample, "needed", "en")
    assert "With these limits the target is reached." in [one.value for one in app.success]
    assert "Average deal size" in words(app)


def test_a_negotiation_with_a_lock_is_agreed_as_targets(show, sample: str, here: State) -> None:
    app = in_mode(show, sample, "needed")
    field(app, "number_input", "negotiation.goal").set_value(55.0)
    button(app, "negotiation.open")
    going = current_negotiation(snapshot(here, sample).workshop, "bookings", "2026-11")
    assert going is not None
    app.session_state[f"negotiation.limit/{going.code}/average_deal"] = True
    field(ran(app), "toggle", "average_deal").set_value(True)
    ran(app)
    going = current_negotiation(snapshot(here, sample).workshop, "bookings", "2026-11")
    assert going is not None
    found = {one.node: one for one in answer(here, sample, going).solution.drivers}
    assert found["average_deal"].at_limit == "locked"
    assert found["average_deal"].required == found["average_deal"].now
    assert "この条件で目標に届きます。" in [one.value for one in app.success]


def test_viewers_look_and_change_nothing(show, sample: str, here: State) -> None:
    code = make_link(here, sample, Role.VIEWER, 8, Who("佐藤")).code
    mark = person_with(here, join(here, code, "田中", None)) or ""
    app = show(Page.SIMULATION, sample, mark=mark)
    assert all(one.disabled for one in app.slider)
    assert not [one for one in app.button if (one.key or "").startswith("simulation.")]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_workshop_without_numbers_says_what_is_missing(show, blank: str, language: str) -> None:
    app = show(Page.SIMULATION, blank, language)
    assert say("simulation.no_goal", Language(language)) in words(app)
    assert not app.slider


def test_panels_opened_by_hand_stay_open_while_others_lock(show, sample: str, here: State) -> None:
    code = open_negotiation(here, sample, "bookings", "2026-11", Basis.SEASON, 55_000_000, Who("test"))
    app = in_mode(show, sample, "needed")
    panels = [f"negotiation.limit/{code}/{node}" for node in ("average_deal", "new_won_deals")]
    for panel in panels:
        app.session_state[panel] = True
    ran(app)
    set_limit(here, sample, code, "expansion_deals", {"locked": True}, Who("石井"))  # what the others must reach moves
    ran(app)
    assert [app.session_state[panel] for panel in panels] == [True, True]
    assert all(field(app, "toggle", f"{panel}/") for panel in panels)
