"""The waterfall's rows and spec, and the sentence above it."""

from __future__ import annotations

import pytest

from kpi_core.charts import waterfall
from kpi_core.charts.palette import LIGHT
from kpi_core.charts.reasons import because, change_words, size
from kpi_core.charts.waterfall import Step
from kpi_core.charts.writing import Writing
from kpi_core.vocabulary import Direction, DisplayUnit, Language

JA = Writing(Language.JA, "JPY", display_unit=DisplayUnit.MILLION)
EN = Writing(Language.EN, "JPY", display_unit=DisplayUnit.MILLION)
STEPS = [Step("件数", -52_100_000.0), Step("更新", -19_700_000.0), Step("単価", 3_200_000.0)]


def test_each_bar_begins_where_the_one_above_ended() -> None:
    rows = waterfall.frame(("9月", 94_800_000.0), STEPS, ("10月", 26_200_000.0), JA)
    assert rows["start"].to_pylist() == [0, 94_800_000, 42_700_000, 23_000_000, 0]
    assert rows["end"].to_pylist() == [94_800_000, 42_700_000, 23_000_000, 26_200_000, 26_200_000]
    assert rows["side"].to_pylist() == ["total", "bad", "bad", "good", "total"]
    assert rows["value_text"].to_pylist()[1] == "△52.1百万円"


@pytest.mark.parametrize(
    ("direction", "sides"), [(Direction.DOWN, ["good", "bad"]), (Direction.RANGE, ["neither", "neither"])]
)
def test_good_and_bad_follow_the_direction(direction: Direction, sides: list[str]) -> None:
    rows = waterfall.frame(("a", 2.0), [Step("x", -1.0), Step("y", 3.0)], ("b", 4.0), JA, direction)
    assert rows["side"].to_pylist()[1:-1] == sides


def test_small_reasons_beyond_the_most_are_one_bar() -> None:
    steps = [Step(str(at), float(at)) for at in range(1, 6)]
    rows = waterfall.frame(("a", 0.0), steps, ("b", 15.0), JA, most=3)
    assert rows["name"].to_pylist() == ["a", "4", "5", "その他(3件)", "b"]
    assert rows["end"].to_pylist()[3] == 15  # 4 + 5 + (1 + 2 + 3)


def test_both_ends_are_solid_and_dark_and_the_zero_line_is_drawn() -> None:
    spec = waterfall.spec(JA, 5)
    bars = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "rect")
    scale = bars["encoding"]["color"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == {
        "total": LIGHT.actual,
        "good": LIGHT.on_track,
        "bad": LIGHT.off_track,
        "neither": LIGHT.none,
    }
    assert bars["encoding"]["x"]["scale"]["zero"] is True
    assert any(layer["encoding"].get("x") == {"datum": 0, "axis": None} for layer in spec["layer"])


def test_the_sentence_names_the_main_reasons_and_what_held_against_it() -> None:
    told = change_words("受注金額", -68_600_000, "前月", JA) + because(-68_600_000, STEPS, JA)
    assert told == (
        "受注金額は前月より68.6百万円減。主因は件数(△52.1百万円)と更新(△19.7百万円)、単価が+3.20百万円で一部相殺"
    )
    told = change_words("Bookings", -68_600_000, "the previous month", EN) + because(-68_600_000, STEPS[:1], EN)
    assert told == "Bookings: down ¥68.6 million from the previous month. Mainly 件数 (−¥52.1 million)"


def test_a_small_second_reason_is_not_named() -> None:
    assert because(-60e6, [Step("a", -52e6), Step("b", -8e6)], JA) == "。主因はa(△52.0百万円)"


def test_a_change_of_nothing_names_both_ways() -> None:
    assert change_words("受注", 0.0, "前月", JA) == "受注は前月から変化なし"
    assert because(0.0, [Step("a", 5e6), Step("b", -5e6)], JA) == "。a(+5.00百万円)とb(△5.00百万円)が打ち消し合った"
    assert because(0.0, [], JA) == ""


def test_against_a_target_it_says_above_or_below() -> None:
    assert change_words("受注", 2e6, "目標", JA, to_target=True) == "受注は目標を2.00百万円上回る"
    assert change_words("受注", -2e6, "目標", JA, to_target=True) == "受注は目標を2.00百万円下回る"
    assert change_words("受注", 0.0, "目標", JA, to_target=True) == "受注は目標どおり"


@pytest.mark.parametrize(("unit", "words"), [("ratio", "2.1ポイント"), ("%", "2.1ポイント"), ("days", "2.1日")])
def test_a_size_has_no_sign(unit: str, words: str) -> None:
    assert size(-0.021 if unit == "ratio" else -2.1, Writing(Language.JA, unit)) == words
