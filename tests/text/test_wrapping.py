from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.text.wrapping import balanced, text_width, wrapped


def test_japanese_breaks_between_phrases() -> None:
    assert wrapped("取りこぼさず素早く商談化する", 9) == ("取りこぼさず素早く", "商談化する")
    assert balanced("商談の質を上げて勝ち切る", 11) == ("商談の質を", "上げて勝ち切る")


def test_a_phrase_wider_than_a_line_breaks_anywhere() -> None:
    assert wrapped("新規受注金額の前年比", 4) == ("新規受注", "金額の", "前年比")


def test_latin_words_stay_whole() -> None:
    assert wrapped("Monthly recurring revenue", 6) == ("Monthly", "recurring", "revenue")
    assert wrapped("Monthly recurring revenue", 10) == ("Monthly recurring", "revenue")


def test_a_word_wider_than_a_line_is_cut() -> None:
    assert wrapped("abcdefghij", 2.9) == ("abcde", "fghij")


def test_closing_punctuation_does_not_begin_a_line() -> None:
    assert wrapped("受注率(件数)", 6) == ("受注率", "(件数)")
    assert wrapped("データベース。", 6) == ("データベース。",)
    assert wrapped("データベース", 3) == ("データ", "ベース")
    assert wrapped("サーバー数", 3) == ("サーバー", "数")


def test_past_the_last_line_stands_an_ellipsis() -> None:
    assert wrapped("新規受注金額の前年比", 4, most=2) == ("新規受注", "金額の…")


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_nothing_is_one_empty_line(text: str) -> None:
    assert wrapped(text, 5) == ("",)


def test_balanced_lines_are_about_equally_long() -> None:
    assert wrapped("既存顧客の活用を深める", 8) == ("既存顧客の活用を", "深める")
    assert balanced("既存顧客の活用を深める", 8) == ("既存顧客の", "活用を深める")
    assert balanced("リード初回対応時間", 8) == ("リード初回", "対応時間")  # one phrase, wider than the line
    assert balanced("受注金額", 11) == ("受注金額",)


@given(st.text(max_size=80), st.floats(2, 20))
def test_no_letter_is_lost(text: str, width: float) -> None:
    assert "".join("".join(wrapped(text, width)).split()) == "".join(text.split())


@given(st.text(alphabet="あ漢字abc DE 1", max_size=80), st.floats(2, 20))
def test_no_line_is_wider_than_asked(text: str, width: float) -> None:
    assert all(text_width(line) <= width for line in wrapped(text, width))
