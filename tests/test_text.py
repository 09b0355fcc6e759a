"""Japanese and English say the same things."""

from __future__ import annotations

import pytest

from kpi_core.text import placeholders, say, sentences
from kpi_core.vocabulary import Language


def test_both_languages_have_the_same_keys() -> None:
    assert set(sentences(Language.JA)) == set(sentences(Language.EN))


def test_both_languages_have_the_same_placeholders() -> None:
    english = sentences(Language.EN)
    differing = [
        key for key, text in sentences(Language.JA).items() if placeholders(text) != placeholders(english.get(key, ""))
    ]
    assert differing == []


def test_no_sentence_is_empty() -> None:
    assert [key for language in Language for key, text in sentences(language).items() if not text.strip()] == []


def test_an_unknown_key_is_a_bug() -> None:
    with pytest.raises(KeyError):
        say("nobody.wrote.this", Language.JA)
