"""Words that follow a number, and names one after another."""

from __future__ import annotations

import string

import pytest

from kpi_core.text import enumerated, say, sentences
from kpi_core.vocabulary import Language


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "1 rule is broken."), ("1", "1 rule is broken."), (2, "2 rules are broken."), (0, "0 rules are broken.")],
)
def test_one_is_no_plural(count: object, said: str) -> None:
    assert say("quality.stored_with", Language.EN, count=count) == said


def test_a_formatted_number_is_many() -> None:
    assert say("versions.rows", Language.EN, rows="1,200") == "1,200 rows"


@pytest.mark.parametrize("language", Language)
def test_every_choice_has_two_words_and_names_what_it_counts(language: Language) -> None:
    for key, sentence in sentences(language).items():
        for _, name, spec, _ in string.Formatter().parse(sentence):
            if spec and "|" in spec:
                one, _, more = spec.partition("|")
                assert (language, bool(name), bool(one), bool(more)) == (Language.EN, True, True, True), key
                assert one != more, key


def test_names_are_separated_as_the_language_does() -> None:
    assert enumerated(["Leads", "Deals"], Language.EN) == "Leads, Deals"
    assert enumerated(["リード", "商談"], Language.JA) == "リード、商談"
