"""The sentence for any failure or problem, whichever part of the core it comes from."""

from __future__ import annotations

from kpi_core.errors import KpiError, Param, Problem
from kpi_core.text import say, sentences
from kpi_core.vocabulary import Language

#: Where a code's sentence may stand; the first that has it counts.
_AREAS = ("errors", "reading.errors", "reading.problems", "measures", "services.problems")
#: Parameters that are words of an enumeration, and where their words stand.
_WORDS = {"type": "reading.types", "role": "vocabulary.role", "needed": "vocabulary.role"}


def sentence_for(failure: KpiError | Problem, language: Language) -> str:
    """What happened and what to do, in one or two sentences. Raises ``KeyError`` for a code nobody wrote words for."""
    params: dict[str, object] = {name: _word(name, value, language) for name, value in failure.params.items()}
    if isinstance(failure, Problem):
        place = {"row": failure.row, "column": failure.column, "sheet": failure.sheet}
        params = {**{name: value for name, value in place.items() if value is not None}, **params}
    return say(key_of(failure.code), language, **params)


def key_of(code: str) -> str:
    """The key of the sentence for a code."""
    known = sentences(Language.JA)
    return next((key for key in (code, *(f"{area}.{code}" for area in _AREAS)) if key in known), f"errors.{code}")


def _word(name: str, value: Param, language: Language) -> Param:
    key = f"{_WORDS.get(name)}.{value}"
    return say(key, language) if name in _WORDS and key in sentences(language) else value
