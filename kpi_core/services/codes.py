"""Codes: made from names, and rewritten inside formulas when a node gets another one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from keyword import iskeyword

from kpi_core.errors import RefusedError
from kpi_core.model.base import MAX_CODE, Bilingual
from kpi_core.model.expression import DERIVED_FUNCTIONS, FORMULA_FUNCTIONS, names_in, normalise_code, parse_formula

_ROOM_FOR_NUMBER = 5


def code_from(name: Bilingual, fallback: str, taken: Collection[str]) -> str:
    """A code nobody has yet: the English name in snake case, else the Japanese name itself, else ``fallback``."""
    base = next((code for code in (_plain(name.en, lower=True), _plain(name.ja, lower=False)) if code), fallback)
    if iskeyword(base) or base in FORMULA_FUNCTIONS or base in DERIVED_FUNCTIONS:
        base = f"{base}_{fallback}"
    code, number = base, 1
    while code in taken:
        number += 1
        code = f"{base}_{number}"
    return code


def renamed_in_formula(formula: str, code: str, new_code: str) -> str:
    """The formula with one name replaced and everything else as it was typed; function names stay."""
    old = names_in(parse_formula(formula))
    if code not in old:
        return formula
    text = "".join(
        new_code if is_name and normalise_code(token) == code else token for token, is_name in _tokens(formula)
    )
    expected = tuple(dict.fromkeys(new_code if name == code else name for name in old))
    try:
        if names_in(parse_formula(text)) == expected:
            return text
    except RefusedError:
        pass
    normal = unicodedata.normalize("NFKC", formula)
    return "".join(new_code if is_name and token == code else token for token, is_name in _tokens(normal))


def _tokens(text: str) -> Iterator[tuple[str, bool]]:
    """A formula's text in pieces, each with whether it is a name (numbers such as ``1e5`` hold letters too)."""
    at = 0
    while at < len(text):
        end = at + 1
        starts_name, starts_number = _begins(text[at]), unicodedata.normalize("NFKC", text[at]).isdecimal()
        if starts_name or starts_number:
            while end < len(text) and (_continues(text[end]) or (starts_number and text[end] in ".．")):
                end += 1
        yield text[at:end], starts_name
        at = end


def _begins(character: str) -> bool:
    return unicodedata.normalize("NFKC", character).isidentifier()


def _continues(character: str) -> bool:
    return f"a{unicodedata.normalize('NFKC', character)}".isidentifier()


def _plain(name: str, *, lower: bool) -> str:
    text = unicodedata.normalize("NFKC", name)
    text = text.lower() if lower else text
    text = "".join(character if f"a{character}".isidentifier() else "_" for character in text)
    text = re.sub(r"_+", "_", text).strip("_")[: MAX_CODE - _ROOM_FOR_NUMBER].rstrip("_")
    if lower and not any("a" <= character <= "z" for character in text):
        return "" if not text or not text[0].isidentifier() else text
    return text if text.isidentifier() else f"n_{text}" if text else ""
