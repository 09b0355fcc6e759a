"""Every sentence a person reads, from ``ja/<area>.toml`` and ``en/<area>.toml``: ``say("area.key", language, …)``.

``{count:row|rows}`` is the first word where the placeholder says 1, else the second.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from kpi_core.vocabulary import Language

_FOLDER = Path(__file__).parent


@cache
def sentences(language: Language) -> Mapping[str, str]:
    """All sentences of one language, by dotted key (``area.table.key``)."""
    flat: dict[str, str] = {}
    for file in sorted((_FOLDER / language.value).glob("*.toml")):
        _flatten(file.stem, tomllib.loads(file.read_text("utf-8")), flat)
    return flat


def _flatten(prefix: str, table: Mapping[str, Any], into: dict[str, str]) -> None:
    for key, value in table.items():
        name = f"{prefix}.{key}"
        if isinstance(value, Mapping):
            _flatten(name, value, into)
        else:
            into[name] = str(value)


def say(key: str, language: Language, /, **params: object) -> str:
    """The sentence for ``key``, its ``{placeholders}`` filled in; raises ``KeyError`` for a key nobody wrote."""
    sentence = sentences(language)[key]
    return _WORDS.vformat(sentence, (), params) if "|" in sentence else sentence.format_map(params)


class _OneOrMore(string.Formatter):
    """Chooses between the words of ``{count:row|rows}``; all else as ``str.format``."""

    def format_field(self, value: object, format_spec: str) -> str:
        one, bar, more = format_spec.partition("|")
        if bar:
            return one if str(value) == "1" else more
        return str(super().format_field(value, format_spec))


_WORDS = _OneOrMore()


def enumerated(names: Iterable[str], language: Language) -> str:
    """Names one after another, as the language separates them."""
    return ("、" if language is Language.JA else ", ").join(names)


def placeholders(sentence: str) -> frozenset[str]:
    """The names in ``{}`` that a sentence expects."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(sentence) if name)
