"""The simulation page's charts: their rows as worked by hand, and what their marks show."""

from __future__ import annotations

from kpi_core.charts import scenarios, spread, tornado
from kpi_core.charts.palette import LIGHT
from kpi_core.charts.scenarios import Moved, Reached
from kpi_core.charts.tornado import Bar
from kpi_core.charts.writing import Writing
from kpi_core.vocabulary import DisplayUnit, Language

JA = Writing(Language.JA, "JPY", display_unit=DisplayUnit.MILLION)
EN = Writing(Language.EN, "JPY", display_unit=DisplayUnit.MILLION)
BARS = [Bar("商談数", 90_000_000.0, 112_000_000.0), Bar("単価", None, 105_000_000.0)]


def test_a_tornado_has_a_side_down_and_a_side_up_from_where_things_stand() -> None:
    rows = tornado.frame(BARS, 100_000_000.0, None, JA)
    assert rows["name"].to_pylist() == ["商談数", "商談数", "単価", "単価"]
    assert rows["side"].to_pylist() == ["less", "more", "less", "more"]
    assert rows["label"].to_pylist() == ["△10.0百万円", "+12.0百万円", "", "+5.00百万円"]
    assert rows["value"].to_pylist()[2] is None  # no value there: no bar, not a bar to zero
    assert rows["target"].null_count == 4
    assert rows["heading"].to_pylist() == ["商談数\u2003△10.0百万円 / +12.0百万円", "", "単価\u2003– / +5.00百万円", ""]


def test_the_tornado_names_the_widest_driver_and_half_its_width() -> None:
    assert tornado.title(BARS, JA) == "最も効くのは「商談数」:±10%で結果が±11.0百万円動く"  # (112 - 90) / 2
    assert "商談数" not in tornado.title(BARS[1:], JA)  # a driver with one side only has no width


def test_the_tornado_draws_only_values_that_are_there_and_less_is_lighter() -> None:
    drawn = tornado.spec(JA)
    bars = next(layer for layer in drawn["layer"] if layer["mark"]["type"] == "bar")
    assert bars["encoding"]["x2"]["field"] == "stands"
    scale = bars["encoding"]["color"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == {
        "less": LIGHT.previous_year,
        "more": LIGHT.actual,
    }
    filters = [step.get("filter") for layer in drawn["layer"] for step in layer.get("transform", ())]
    assert "isValid(datum.value)" in filters


def test_the_spread_is_one_row_with_the_target_where_there_is_one() -> None:
    futures = {5: 80e6, 25: 90e6, 50: 95e6, 75: 101e6, 95: 118e6}
    (row,) = spread.frame(futures, 100e6, JA).to_pylist()
    assert (row["p5"], row["p95"], row["p50_text"], row["target_text"]) == (80e6, 118e6, "95.0百万円", "100百万円")
    (without,) = spread.frame(futures, None, JA).to_pylist()
    assert without["target"] is None


def test_the_spread_boxes_the_middle_half_within_nine_in_ten() -> None:
    marks = {layer["mark"]["type"]: layer["encoding"] for layer in reversed(spread.spec(EN)["layer"])}
    assert (marks["rule"]["x"]["field"], marks["rule"]["x2"]["field"]) == ("p5", "p95")
    assert (marks["bar"]["x"]["field"], marks["bar"]["x2"]["field"]) == ("p25", "p75")
    assert marks["point"]["x"]["field"] == "p50"


def test_scenarios_stand_in_their_order_and_an_unknown_goal_has_no_bar() -> None:
    rows = scenarios.frame([Reached("強気", 120e6), Reached("弱気", None)], 100e6, JA)
    assert rows["name"].to_pylist() == ["強気", "弱気"]
    assert rows["value"].to_pylist() == [120e6, None]
    assert rows["target"].to_pylist() == [100e6, 100e6]
    bar = next(layer for layer in scenarios.spec(JA)["layer"] if layer["mark"]["type"] == "bar")
    assert bar["mark"]["color"]["gradient"] == "linear"  # hatched: none of it has happened
    assert bar["encoding"]["y"]["sort"] is None  # as given, not by the alphabet


def test_the_target_is_named_at_its_line() -> None:
    rows = scenarios.frame([Reached("強気", 120e6)], 100e6, JA)
    assert rows["target_text"].to_pylist() == ["100百万円"]
    for drawn in (scenarios.spec(JA), tornado.spec(JA)):
        words = [step.get("calculate", "") for layer in drawn["layer"] for step in layer.get("transform", ())]
        assert "'目標 ' + datum.target_text" in words


def test_a_negative_moves_name_stands_right_of_zero_and_the_axis_has_the_labels_minus() -> None:
    drawn = scenarios.drivers_spec(Language.JA)
    texts = [layer for layer in drawn["layer"] if layer["mark"]["type"] == "text"]
    assert [layer["mark"]["align"] for layer in texts] == ["left", "left"]
    assert texts[1]["encoding"]["x"]["datum"] == 0
    axes = [layer["encoding"]["x"].get("axis") for layer in drawn["layer"]]
    assert "△" in next(axis for axis in axes if axis)["labelExpr"]


def test_each_scenario_says_how_far_it_moves_a_driver() -> None:
    rows = scenarios.drivers_frame([Moved("商談数", "強気", 0.12), Moved("商談数", "弱気", -0.05)], Language.JA)
    assert rows["label"].to_pylist() == ["強気 +12%", "弱気 △5%"]
