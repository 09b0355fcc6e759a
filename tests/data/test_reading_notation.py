"""Numbers as people write them."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_core.data.reading import notation


def _one(text: str, kind: str) -> object:
    cell = notation.tidied(pl.col("cell"))
    expression = {"integer": notation.integer, "decimal": notation.decimal, "boolean": notation.boolean}[kind](cell)
    return pl.DataFrame({"cell": [text]}).select(expression).item()


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0", 0),
        ("42", 42),
        ("+4", 4),
        ("-5", -5),
        ("−5", -5),
        ("1,234", 1234),
        ("1,234,567", 1234567),
        ("¥1,234", 1234),
        ("￥1,234", 1234),
        ("\\1,234", 1234),
        ("¥ 1,234", 1234),
        ("1,234円", 1234),
        ("１，２３４円", 1234),
        ("$8,600", 8600),
        ("3 €", 3),
        ("△5", -5),
        ("▲1,234円", -1234),
        ("(1,234)", -1234),
        ("（１２３）", -123),
        ("¥(1,234)", -1234),
        ("(¥1,234)", -1234),
        ("-¥5", -5),
        ("¥-5", -5),
        (" 7 ", 7),
        ("\u30007\u3000", 7),
    ],
)
def test_whole_number_is_read(written: str, value: int) -> None:
    assert _one(written, "integer") == value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1.5", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1,234.50", 1234.5),
        ("($1,234.50)", -1234.5),
        ("12.5%", 0.125),
        ("1.13M", 1_130_000),
        ("1.005K", 1_005),
        ("25480102.7K", 25_480_102_700),
        ("１２．５％", 0.125),
        ("(3%)", -0.03),
        ("△3%", -0.03),
        ("0%", 0.0),
        ("1.5K", 1500.0),
        ("2M", 2_000_000.0),
        ("$1.2M", 1_200_000.0),
        ("-2k", -2000.0),
        ("2.9999999999999999E-2", 0.03),
        ("1e5", 100000.0),
    ],
)
def test_decimal_is_read(written: str, value: float) -> None:
    assert _one(written, "decimal") == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "  ",
        "-",
        "N/A",
        "NA",
        "n/a",
        "K",
        "12,34",
        "1,2345",
        "1,23,456",
        "1 234",
        "--5",
        "-△3",
        "12万",
        "1.2.3",
        "nan",
        "inf",
        "0x1f",
        "1_000",
        "3%%",
        "(5",
        "5)",
        "((5))",
        "¥",
        "1-2",
        "2026-04-01",
    ],
)
def test_what_is_no_number_is_not_read_as_one(written: str) -> None:
    assert _one(written, "decimal") is None
    assert _one(written, "integer") is None


@pytest.mark.parametrize(("written", "value"), [("TRUE", True), ("false", False), ("True", True)])
def test_true_and_false_are_booleans(written: str, value: bool) -> None:
    assert _one(written, "boolean") is value


@pytest.mark.parametrize("written", ["Yes", "no", "はい", "いいえ", "1", "0", "T"])
def test_yes_and_one_are_no_booleans(written: str) -> None:
    assert _one(written, "boolean") is None


_FULL_WIDTH = str.maketrans("0123456789,-", "０１２３４５６７８９，－")
_MANY = settings(deadline=None, max_examples=15)


def _all(texts: list[str], kind: str) -> list[object]:
    cell = notation.tidied(pl.col("cell"))
    expression = notation.integer(cell) if kind == "integer" else notation.decimal(cell)
    return pl.DataFrame({"cell": texts}).select(expression).to_series().to_list()


@_MANY
@given(st.lists(st.integers(-(10**15), 10**15), min_size=20), st.sampled_from(["{}", "¥{}", "{}円", "${}", " {} "]))
def test_formatted_integers_come_back(numbers: list[int], frame: str) -> None:
    written = [f"{number:,}" for number in numbers]
    assert _all([frame.format(text) for text in written], "integer") == numbers
    assert _all([frame.format(text.translate(_FULL_WIDTH)) for text in written], "integer") == numbers


@_MANY
@given(st.lists(st.integers(0, 10**15), min_size=20), st.sampled_from(["△{:,}", "▲{:,}円", "({:,})", "-{}", "¥-{:,}"]))
def test_every_way_to_write_a_negative_is_negative(numbers: list[int], frame: str) -> None:
    assert _all([frame.format(number) for number in numbers], "integer") == [-number for number in numbers]


@_MANY
@given(st.lists(st.floats(-1e12, 1e12).map(lambda value: round(value, 4)), min_size=20))
def test_formatted_decimals_come_back(numbers: list[float]) -> None:
    assert _all([f"{number:,.4f}" for number in numbers], "decimal") == pytest.approx(numbers, rel=1e-12, abs=1e-9)
    ratios = [float(Decimal(f"{number:.4f}").scaleb(-2)) for number in numbers]
    assert _all([f"{number:.4f}%" for number in numbers], "decimal") == ratios
    for letter, places in (("K", 3), ("M", 6)):
        scaled = [float(Decimal(f"{number:.4f}").scaleb(places)) for number in numbers]
        assert _all([f"{number:.4f}{letter}" for number in numbers], "decimal") == scaled


@_MANY
@given(st.lists(st.text(max_size=12), min_size=20))
def test_no_text_stops_the_conversion(texts: list[str]) -> None:
    assert len(_all(texts, "integer")) == len(_all(texts, "decimal")) == len(texts)
