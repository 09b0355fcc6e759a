"""Numbers on axes and in titles."""

from __future__ import annotations

import pytest

from kpi_core.charts.finding import finding, gap
from kpi_core.charts.writing import Writing
from kpi_core.model.node import Node
from kpi_core.model.workshop import Settings
from kpi_core.vocabulary import Direction, DisplayUnit, Language, NodeKind

JA, EN = Language.JA, Language.EN
YEN = Writing(JA, "JPY")
RATE = Writing(JA, "ratio")


def test_a_nodes_writing_takes_the_workshops_money() -> None:
    node = Node(code="won", kind=NodeKind.KPI, unit="JPY", decimals=0)
    settings = Settings(name="受注拡大", display_unit=DisplayUnit.MILLION)
    writing = Writing.of(node, settings, JA)
    assert writing.value(12_345_678) == "12.3百万円"
    assert writing.axis_title == "百万円"
    assert "/1e6" in writing.axis_expression


def test_a_share_of_one_is_never_written_as_that_many_per_cent() -> None:
    """Under the unit ``%`` (35 is 35%) a ratio of two measures is 0.35: without its sign until the unit is mended."""
    part = {"dataset": "deals", "aggregate": "count"}
    rate = {"code": "rate", "kind": "kpi", "unit": "%", "measure": {"ratio": {"numerator": part, "denominator": part}}}
    settings = Settings(name="受注拡大")
    assert Writing.of(Node.model_validate(rate), settings, JA).value(0.35) == "0.35"
    assert Writing.of(Node.model_validate({**rate, "unit": "ratio"}), settings, JA).value(0.35) == "35.0%"
    assert Writing.of(Node.model_validate({**rate, "measure": None}), settings, JA).value(35.0) == "35%"


def test_two_numbers_are_written_apart_unless_they_are_the_same() -> None:
    assert Writing(JA, "count").apart(31.2, 33) == ("31.2件", "33件")
    assert Writing(JA, "count").apart(31.18, 31.22) == ("31.18件", "31.22件")
    assert Writing(JA, "ratio").apart(0.41201, 0.41213) == ("41.20%", "41.21%")
    assert YEN.apart(12_345_678, 12_346_000) == ("12,345,678円", "12,346,000円")
    assert Writing(JA, "JPY", display_unit=DisplayUnit.MILLION).apart(1_391_000, 1_394_000) == (
        "1.391百万円",
        "1.394百万円",
    )
    assert YEN.apart(20, 20) == ("20円", "20円")


def test_axis_numbers_use_the_languages_steps_and_minus() -> None:
    assert "'万'" in YEN.axis_expression
    assert "'△'" in YEN.axis_expression
    english = Writing(EN, "JPY").axis_expression
    assert "'K'" in english
    assert "'−'" in english
    assert "'%'" in RATE.axis_expression


@pytest.mark.parametrize(
    ("actual", "reference", "writing", "expected"),
    [
        (92.0, 100.0, YEN, "8%"),
        (99.7, 100.0, YEN, "0.3%"),
        (100.0, 100.0, YEN, ""),
        (0.62, 0.641, RATE, "2.1ポイント"),
        (0.6200001, 0.62, RATE, ""),
        (3.0, 0.0, Writing(JA, "count"), "3件"),
        (-80.0, -100.0, YEN, "20円"),
        (5_000_000, 1_000_000, YEN, "4,000,000円"),
        (0.0, 0.0, YEN, ""),
    ],
)
def test_the_gap_is_told_so_that_it_does_not_mislead(
    actual: float, reference: float, writing: Writing, expected: str
) -> None:
    assert gap(actual, reference, writing) == expected


@pytest.mark.parametrize(
    ("actual", "target", "previous", "direction", "japanese", "english"),
    [
        (92, 100, None, Direction.UP, "受注は目標を8%下回る(2026年4月)", "受注: 8% below target (2026年4月)"),
        (108, 100, 50, Direction.UP, "受注は目標を8%上回る(2026年4月)", "受注: 8% above target (2026年4月)"),
        (100, 100, None, Direction.UP, "受注は目標どおり(2026年4月)", "受注: on target (2026年4月)"),
        (
            108,
            100,
            None,
            Direction.DOWN,
            "受注は目標より8%高く、未達(2026年4月)",
            "受注: target missed, 8% too high (2026年4月)",
        ),
        (
            92,
            100,
            None,
            Direction.DOWN,
            "受注は目標より8%低く、達成(2026年4月)",
            "受注: target met, 8% lower (2026年4月)",
        ),
        (108, 100, None, Direction.RANGE, "受注は目標より8%高い(2026年4月)", "受注: 8% above target (2026年4月)"),
        (108, None, 100, Direction.DOWN, "受注は前年より8%高い(2026年4月)", "受注: 8% above last year (2026年4月)"),
        (3, 0, None, Direction.UP, "受注は目標を3件上回る(2026年4月)", "受注: 3 above target (2026年4月)"),
        (3, None, None, Direction.UP, "受注は3件(2026年4月)", "受注: 3 (2026年4月)"),
        (None, 100, 90, Direction.UP, "受注は未計測(2026年4月)", "受注: not measured (2026年4月)"),
        (float("nan"), 100, 90, Direction.UP, "受注は未計測(2026年4月)", "受注: not measured (2026年4月)"),
    ],
)
def test_the_title_says_the_finding(
    actual: float | None,
    target: float | None,
    previous: float | None,
    direction: Direction,
    japanese: str,
    english: str,
) -> None:
    for language, expected in ((JA, japanese), (EN, english)):
        said = finding("受注", "2026年4月", actual, target, previous, Writing(language, "count"), direction)
        assert said == expected


def test_a_period_in_the_title_goes_without_its_days() -> None:
    said = finding("受注", "2026年度Q2 (7–9月)", 1, None, None, Writing(JA, "count"))
    assert said == "受注は1件(2026年度Q2)"
