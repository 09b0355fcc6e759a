"""The sentence for any failure or problem, whichever part of the core it comes from."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_core.errors import KpiError, Param, Problem
from kpi_core.text import say, sentences
from kpi_core.vocabulary import Language

#: Where a code's sentence may stand; the first that has it counts.
_AREAS = ("errors", "reading.errors", "reading.problems", "measures")
#: The same for a problem with a measure or dataset, which names its path.
_AREAS_OF_MEASURES = ("measures", "errors")
#: Parameters that are words of an enumeration, and where their words stand.
_WORDS = {
    "type": "reading.types",
    "other_type": "reading.types",
    "old_type": "reading.types",
    "aggregate": "vocabulary.aggregate",
    "grain": "vocabulary.grain",
    "least": "vocabulary.grain",
    "role": "vocabulary.role",
    "needed": "vocabulary.role",
    "rule": "vocabulary.rule_kind",
}


def sentence_for(failure: KpiError | Problem, language: Language) -> str:
    """What happened and what to do, in one or two sentences. Raises ``KeyError`` for a code nobody wrote words for."""
    params: dict[str, object] = {name: _word(name, value, language) for name, value in failure.params.items()}
    areas: Sequence[str] = _AREAS
    if isinstance(failure, Problem):
        areas = _AREAS_OF_MEASURES if (failure.path or "").startswith(("nodes.", "datasets.")) else _AREAS
        place = {"row": failure.row, "column": failure.column, "sheet": failure.sheet}
        params = {**{name: value for name, value in place.items() if value is not None}, **params}
    return say(key_of(failure.code, areas), language, **params)


def key_of(code: str, areas: Sequence[str] = _AREAS) -> str:
    """The key of the sentence for a code: the code itself where it names its area, else the first area that has it."""
    known = sentences(Language.JA)
    return next((key for key in (code, *(f"{area}.{code}" for area in areas)) if key in known), f"errors.{code}")


def _word(name: str, value: Param, language: Language) -> Param:
    key = f"{_WORDS.get(name)}.{value}"
    return say(key, language) if name in _WORDS and key in sentences(language) else value
