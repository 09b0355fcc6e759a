"""Starter trees: complete designs of common businesses, without a company's own numbers, to begin from.

A starter's file is a workshop file without its frame; what is written for people stands in both languages as
``{"ja": …, "en": …}`` and is resolved to the workshop's language, except names, which stay bilingual. The unit
``currency`` becomes the workshop's currency. Owners, targets, baselines and data are the team's to fill in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kpi_core.errors import MissingError
from kpi_core.model.file import read_workshop
from kpi_core.model.workshop import FORMAT, Workshop
from kpi_core.vocabulary import Language

_FOLDER = Path(__file__).parent / "starters"
_CODES = ("b2b_saas_sales", "marketing_to_sales", "ecommerce", "customer_success", "manufacturing_sales")
_LANGUAGES = {language.value for language in Language}


@dataclass(frozen=True)
class Starter:
    """A starter tree on offer; ``name_key`` and ``about_key`` name its sentences for ``kpi_core.text.say``."""

    code: str

    @property
    def name_key(self) -> str:
        return f"guidance.starters.{self.code}.name"

    @property
    def about_key(self) -> str:
        return f"guidance.starters.{self.code}.about"


STARTERS: tuple[Starter, ...] = tuple(Starter(code) for code in _CODES)


def starters() -> tuple[Starter, ...]:
    """All starter trees, in the order they are offered."""
    return STARTERS


def starter(
    code: str,
    language: Language,
    name: str,
    fiscal_year_start: int = 4,
    *,
    currency: str = "JPY",
    timezone: str = "Asia/Tokyo",
) -> Workshop:
    """A new workshop called ``name`` that begins with the starter tree ``code``.

    Raises ``MissingError('starter_missing')`` for an unknown code, ``RefusedError('file_refused')`` for a name,
    currency or time zone that a workshop cannot have.
    """
    if code not in _CODES:
        raise MissingError("starter_missing", code=code)
    text = (_FOLDER / f"{code}.json").read_text("utf-8")
    frame = {"name": name, "language": language.value, "fiscal_year_start": fiscal_year_start}
    frame |= {"currency": currency, "timezone": timezone}
    body = _in_language(json.loads(text), language)
    for node in body["nodes"]:
        if node.get("unit") == "currency":
            node["unit"] = currency
    return read_workshop(json.dumps({"format": FORMAT, "workshop": frame, **body}, ensure_ascii=False))


def _in_language(part: Any, language: Language) -> Any:
    """The same JSON with every ``{"ja": …, "en": …}`` that is not a name replaced by its text in ``language``."""
    if isinstance(part, list):
        return [_in_language(item, language) for item in part]
    if not isinstance(part, dict):
        return part
    if part and set(part) <= _LANGUAGES:
        return part[language.value]
    return {key: item if key == "name" else _in_language(item, language) for key, item in part.items()}
