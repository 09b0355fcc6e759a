"""Trend, pace and sparkline: frames, specs and titles."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest

from kpi_core.charts import pace, sparkline, trend, variance
from kpi_core.charts.baseline import with_baseline
from kpi_core.charts.columns import Frame
from kpi_core.charts.notation import described, enlarged, hatched, key_to_series
from kpi_core.charts.palette import DARK, FONT, LIGHT
from kpi_core.charts.writing import Writing
from kpi_core.model.period import parse_period, periods_between
from kpi_core.vocabulary import Direction, Grain, Language, Status

JA = Writing(Language.JA, "JPY")
EN = Writing(Language.EN, "JPY")
TODAY = date(2026, 8, 10)
PERIODS = periods_between(parse_period("2026-04"), parse_period("2026-09"))
ACTUAL = [100.0, None, 90.0, 120.0, 40.0, None]
TARGET = [100.0, 100.0, 100.0, 100.0, 110.0, 120.0]
LAST_YEAR = [80.0, 85.0, None, 95.0, 90.0, 100.0]


def fields(spec: dict[str, Any]) -> set[str]:
    """Every column that a spec's encodings read."""
    found = set()
    for layer in spec["layer"]:
        for channel in layer.get("encoding", {}).values():
            entries = channel if isinstance(channel, list) else [channel]
            found |= {entry["field"] for entry in entries if "field" in entry}
    return found


def calculated(spec: dict[str, Any]) -> set[str]:
    return {step["as"] for layer in spec["layer"] for step in layer.get("transform", []) if "calculate" in step}


@pytest.fixture
def trend_rows() -> Frame:
    return trend.frame(PERIODS, ACTUAL, TARGET, LAST_YEAR, JA, today=TODAY)


def test_a_trend_keeps_a_row_for_an_unmeasured_period(trend_rows: Frame) -> None:
    assert trend_rows["period"].to_pylist() == ["2026-04", "2026-05", "2026-06", "2026-07", "2026-08", "2026-09"]
    assert trend_rows["gap"].to_pylist() == [False, True, False, False, False, False]
    assert trend_rows["running"].to_pylist() == [False, False, False, False, True, False]
    assert trend_rows["actual_text"].to_pylist()[:2] == ["100円", "–"]


def test_only_the_latest_value_of_a_trend_is_labelled(trend_rows: Frame) -> None:
    assert trend_rows["label"].to_pylist() == ["", "", "", "", "40円", ""]


def test_a_trends_title_speaks_of_the_last_finished_period(trend_rows: Frame) -> None:
    assert trend.title("受注金額", trend_rows, JA) == "受注金額は目標を20%上回る(2026年7月)"
    assert trend.title("解約", trend_rows, JA, Direction.DOWN) == "解約は目標より20%高く、未達(2026年7月)"


def test_a_trend_of_the_running_period_alone_speaks_of_it() -> None:
    rows = trend.frame(PERIODS[4:5], [40.0], [110.0], [None], EN, today=TODAY)
    assert trend.title("Bookings", rows, EN) == "Bookings: 64% below target (Aug 2026)"


def test_panels_that_are_compared_share_the_range() -> None:
    rows = trend.frame(PERIODS, ACTUAL, TARGET, LAST_YEAR, JA, today=TODAY, domain=(-50.0, 500.0))
    assert (rows["low"][0].as_py(), rows["high"][0].as_py()) == (-50.0, 500.0)


def test_a_trend_leaves_out_what_is_not_there() -> None:
    alone = trend.spec(JA, target=False, previous_year=False)
    assert not {"target", "previous_year"} & fields(alone)


def test_actual_is_solid_and_target_outlined() -> None:
    marks = {
        layer["encoding"]["y"].get("field"): layer["mark"]
        for layer in trend.spec(JA)["layer"]
        if layer["mark"]["type"] == "bar" and "field" in layer["encoding"]["y"]
    }
    assert marks["actual"]["color"] == LIGHT.actual
    assert (marks["target"]["fillOpacity"], marks["target"]["stroke"]) == (0, LIGHT.target)
    assert marks["previous_year"]["color"] == LIGHT.previous_year


@pytest.mark.parametrize("grain", list(Grain))
@pytest.mark.parametrize("writing", [JA, EN])
def test_a_trend_reads_only_the_frames_columns(writing: Writing, grain: Grain, trend_rows: Frame) -> None:
    spec = trend.spec(writing, grain)
    assert fields(spec) <= set(trend_rows.column_names) | calculated(spec)


def test_a_spec_carries_no_data_and_stretches() -> None:
    for spec in (trend.spec(JA), pace.spec(JA), sparkline.spec(JA)):
        assert "datasets" not in spec
        assert "data" not in spec
        assert all("data" not in layer for layer in spec["layer"])
        assert spec["width"] == "container"
        assert spec["config"]["font"] == FONT
        assert spec["description"]


def test_every_chart_has_the_zero_line() -> None:
    for spec in (trend.spec(JA), pace.spec(JA)):
        rules = [layer for layer in spec["layer"] if layer["mark"]["type"] == "rule"]
        assert [rule["encoding"]["y"]["datum"] for rule in rules] == [0]


def test_a_spec_is_built_once_and_each_page_has_its_own_copy() -> None:
    first, second = trend.spec(JA), trend.spec(JA)
    first["layer"].clear()
    assert second["layer"]
    assert trend.spec(JA) == second
    assert trend.spec(JA, colours=DARK) != second


def test_the_finding_is_read_to_screen_readers() -> None:
    spec = trend.spec(JA)
    assert described(spec, "受注は目標どおり")["description"] == f"受注は目標どおり {spec['description']}"
    assert trend.spec(JA) == spec


def test_an_empty_trend_has_its_columns_and_says_it_is_unmeasured(trend_rows: Frame) -> None:
    rows = trend.frame([], [], [], [], JA, today=TODAY)
    assert rows.num_rows == 0
    assert rows.schema == trend_rows.schema
    assert trend.title("受注金額", rows, JA) == "受注金額は未計測"


@pytest.fixture
def pace_rows() -> Frame:
    return pace.frame(PERIODS, [100.0, 90.0, 90.0, 100.0, 40.0, None], TARGET, LAST_YEAR, JA, today=TODAY)


def test_pace_adds_up_and_stops_where_a_value_is_missing(pace_rows: Frame) -> None:
    assert pace_rows["actual"].to_pylist()[:5] == [100, 190, 280, 380, 420]
    assert pace_rows["actual"].is_null().to_pylist() == [False] * 5 + [True]
    assert pace_rows["target"].to_pylist() == [100, 200, 300, 400, 510, 630]
    assert pace_rows["previous_year"].is_null().to_pylist() == [False, False, True, True, True, True]


def test_pace_names_each_line_at_its_end(pace_rows: Frame) -> None:
    assert pace_rows["actual_label"].to_pylist() == ["", "", "", "", "実績 420円", ""]
    assert pace_rows["target_label"].to_pylist()[-1] == "目標 630円"
    assert pace_rows["previous_label"].to_pylist()[1] == "前年 165円"


def test_names_at_the_same_line_end_are_moved_apart() -> None:
    rows = pace.frame(PERIODS[:1], [100.0], [101.0], [99.0], JA, today=TODAY)
    places = sorted(rows[f"{name}_at"][0].as_py() for name in ("actual", "target", "previous"))
    assert min(places[1] - places[0], places[2] - places[1]) == pytest.approx(17 / (pace.HEIGHT - 62) * 101)
    assert rows["target_at"][0].as_py() == places[-1]


def test_names_keep_their_distance_in_a_low_chart() -> None:
    rows = pace.frame(PERIODS[:1], [100.0], [101.0], [99.0], JA, today=TODAY, height=150)
    places = sorted(rows[f"{name}_at"][0].as_py() for name in ("actual", "target", "previous"))
    line = 101.0 * 17 / (150 - 62)  # a line of letters in the axis' amounts
    assert all(above - below >= line * 0.99 for below, above in itertools.pairwise(places))


def test_paces_title_compares_with_the_target_to_date(pace_rows: Frame) -> None:
    assert pace.title("受注金額", "2026年度", pace_rows, JA) == "受注金額の累計は目標を5%下回るペース(2026年7月まで)"
    without = pace.frame(PERIODS, ACTUAL, [None] * 6, [None] * 6, EN, today=TODAY)
    assert pace.title("Bookings", "FY2026", without, EN) == "Bookings: ¥100 so far (to Apr 2026)"


def test_differences_are_good_or_bad_by_the_kpis_direction() -> None:
    up = variance.frame(PERIODS, ACTUAL, TARGET, JA, today=TODAY)
    assert up["variance"].to_pylist() == [0, None, -10, 20, None, None]  # August is not over
    assert up["side"].to_pylist() == ["neither", "neither", "bad", "good", "neither", "neither"]
    assert up["label"].to_pylist() == ["", "", "", "+20円", "", ""]
    down = variance.frame(PERIODS, ACTUAL, TARGET, JA, Direction.DOWN, today=TODAY)
    assert down["side"].to_pylist()[2:4] == ["good", "bad"]
    band = variance.frame(PERIODS, ACTUAL, TARGET, JA, Direction.RANGE, today=TODAY)
    assert set(band["side"].to_pylist()) == {"neither"}
    assert fields(variance.spec(JA)) <= set(up.column_names)
    assert variance.frame([], [], [], JA, today=TODAY).schema == up.schema


def places(spec: dict[str, Any], rows: Frame) -> list[str]:
    """The periods in the order that the axis takes them in: layer by layer, without the rows that a mark leaves out.

    Bars and points leave out rows whose value is null.
    """
    found: dict[str, None] = {}
    for layer in spec["layer"]:
        read = layer.get("encoding", {})
        if read.get("x", {}).get("field") != "period":
            continue
        value = read.get("y", {}).get("field")
        filtered = any("filter" in step for step in layer.get("transform", []))
        for row in rows.to_pylist():
            left_out = layer["mark"]["type"] in ("bar", "point") and value is not None and row.get(value) is None
            if not filtered and not left_out:
                found[row["period"]] = None
    return list(found)


def test_a_difference_stands_under_its_own_period_where_others_have_none() -> None:
    target = [None, 100.0, 100.0, None, 110.0, None]
    rows = variance.frame(PERIODS, ACTUAL, target, JA, today=date(2026, 12, 1))
    assert rows["variance"].to_pylist() == [None, None, -10, None, -70, None]
    course = trend.frame(PERIODS, ACTUAL, target, LAST_YEAR, JA, today=date(2026, 12, 1))
    in_order = [period.key for period in PERIODS]
    assert places(variance.spec(JA), rows) == in_order
    assert places(trend.spec(JA), course) == in_order


def test_differences_have_status_colours_and_say_in_words_what_they_mean() -> None:
    spec = variance.spec(JA)
    scale = next(layer["encoding"]["color"]["scale"] for layer in spec["layer"] if layer["mark"]["type"] == "bar")
    assert scale["range"] == [LIGHT.on_track, LIGHT.off_track, LIGHT.none]
    words = {layer["mark"].get("text") for layer in spec["layer"]}
    assert {"● 良い", "▼ 悪い"} <= words


def test_periods_of_trend_and_differences_stand_in_line() -> None:
    axes = [
        layer["encoding"]["y"]["axis"]["minExtent"]
        for spec in (trend.spec(JA), variance.spec(JA))
        for layer in spec["layer"]
        if layer["mark"]["type"] == "bar" and "axis" in layer["encoding"].get("y", {})
    ]
    assert len(axes) == 4
    assert set(axes) == {trend.AXIS_ROOM}


def test_what_is_expected_is_hatched() -> None:
    fill = hatched(LIGHT, stripes=2)
    assert [stop["color"] for stop in fill["stops"][::2]] == [LIGHT.background, LIGHT.actual] * 2
    offsets = [stop["offset"] for stop in fill["stops"]]
    assert offsets == [0, 0.25, 0.25, 0.5, 0.5, 0.75, 0.75, 1]  # hard edges
    signs = [layer.to_dict()["mark"].get("text") for layer in key_to_series(Language.JA, LIGHT, landing=True)]
    assert signs[:4] == ["■", "実績", "▨", "見込み"]


def test_a_projected_chart_has_larger_texts_and_nothing_else_changed() -> None:
    spec = trend.spec(JA)
    large = enlarged(spec, 1.5)
    assert large["config"]["axis"]["labelFontSize"] == 18
    assert large["height"] == spec["height"]
    assert enlarged(spec, 1) == spec


def test_an_empty_pace_is_unmeasured(pace_rows: Frame) -> None:
    rows = pace.frame([], [], [], [], JA, today=TODAY)
    assert set(rows.column_names) == set(pace_rows.column_names)
    assert pace.title("受注金額", "2026年度", rows, JA) == "受注金額の累計は未計測(2026年度)"
    assert fields(pace.spec(JA)) <= set(rows.column_names)


def test_a_sparkline_marks_the_latest_value_in_the_statuss_colour() -> None:
    rows = sparkline.frame(PERIODS, ACTUAL, TARGET, JA)
    assert rows["latest"].to_pylist() == [False, False, False, False, True, False]
    spec = sparkline.spec(JA, Status.OFF_TRACK)
    assert LIGHT.off_track in {layer["mark"].get("color") for layer in spec["layer"]}
    assert fields(spec) <= set(rows.column_names)
    assert sparkline.title("受注", rows, JA) == "受注は目標を64%下回る(2026年8月)"


def test_a_sparkline_without_values_has_no_latest() -> None:
    rows = sparkline.frame(PERIODS, [None] * 6, TARGET, JA)
    assert not any(rows["latest"].to_pylist())
    assert sparkline.title("受注", rows, JA) == "受注は未計測(2026年9月)"
    assert sparkline.frame([], [], [], JA).num_rows == 0


def test_a_baseline_lies_across_the_chart_with_its_words() -> None:
    drawn = trend.spec(JA)
    marked = with_baseline(drawn, 33.3, "基準値")
    added = marked["layer"][len(drawn["layer"]) :]
    assert [layer["encoding"]["y"]["datum"] for layer in added] == [33.3] * 3
    assert {layer["mark"].get("text") for layer in added} == {None, "基準値"}
    assert len(trend.spec(JA)["layer"]) == len(drawn["layer"])  # its own copy


def test_a_landing_goes_on_from_the_last_ended_total_to_the_years_end() -> None:
    ahead = pace.Landing(700.0, 650.0, 760.0)
    rows = pace.frame(PERIODS[2:], [90.0, 120.0, 40.0, None], TARGET[2:], LAST_YEAR[2:], JA, today=TODAY, landing=ahead)
    # June 90, July 210; August runs; the year ends in September here
    assert rows["landing"].to_pylist() == [None, 210, None, 700]
    assert rows["landing_low"].to_pylist() == [None, 210, None, 650]
    assert rows["landing_high"].to_pylist() == [None, 210, None, 760]
    assert rows["landing_label"].to_pylist() == ["", "", "", "見込み 700円"]
    places = [rows[f"{name}_at"].to_pylist()[-1] for name in ("target", "landing")]
    assert abs(places[0] - places[1]) > 0


def test_without_a_landing_a_pace_has_none() -> None:
    rows = pace.frame(PERIODS, ACTUAL, TARGET, LAST_YEAR, JA, today=TODAY)
    assert rows["landing"].null_count == rows.num_rows
    assert "landing" not in fields(pace.spec(JA))
    spec = pace.spec(JA, landing=True)
    area = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "area")
    assert area["mark"]["color"]["gradient"] == "linear"  # hatched
    assert {"landing", "landing_low", "landing_high", "landing_text"} <= fields(spec) | {
        area["encoding"]["y2"]["field"]
    }


def test_signals_are_ringed_within_the_band_of_usual_variation() -> None:
    marks = {"signals": {"2026-07"}, "limits": (60.0, 110.0), "immature": {"2026-08"}}
    rows = trend.frame(PERIODS, ACTUAL, TARGET, LAST_YEAR, JA, today=TODAY, **marks)
    assert rows["signal"].to_pylist() == [False, False, False, True, False, False]
    assert rows["immature"].to_pylist() == [False, False, False, False, True, False]
    assert (rows["lower"].to_pylist()[0], rows["upper"].to_pylist()[0]) == (60, 110)
    spec = trend.spec(JA, signals=True, immature=True)
    texts = [layer["mark"].get("text") for layer in spec["layer"]]
    assert {"いつもの変動の範囲", "いつもと違う動き", "まだ変わる値"} <= set(texts)
    assert {"lower", "upper"} <= {
        layer["encoding"][at]["field"]
        for layer in spec["layer"]
        for at in ("y", "y2")
        if "field" in layer["encoding"].get(at, {})
    }
    plain = trend.spec(JA)
    assert "いつもと違う動き" not in [layer["mark"].get("text") for layer in plain["layer"]]


def test_a_sparkline_rings_its_signals() -> None:
    rows = sparkline.frame(PERIODS, ACTUAL, TARGET, JA, signals={"2026-06"})
    assert rows["signal"].to_pylist() == [False, False, True, False, False, False]
    rings = [layer for layer in sparkline.spec(JA)["layer"] if {"filter": "datum.signal"} in layer.get("transform", [])]
    assert len(rings) == 1
    assert rings[0]["mark"]["filled"] is False
