"""The ground all models stand on: frozen, unknown keys refused, and the field types they share."""

from __future__ import annotations

import math
import unicodedata
from keyword import iskeyword
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from kpi_core.errors import RefusedError
from kpi_core.model.expression import DERIVED_FUNCTIONS, FORMULA_FUNCTIONS
from kpi_core.model.period import parse_period
from kpi_core.vocabulary import Language

MAX_CODE = 64
MAX_LINE = 200
MAX_TEXT = 5000


class Model(BaseModel):
    """A frozen part of a workshop; a change makes a new one (``model_copy(update=…)`` on validated values)."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True)


def _code(text: str) -> str:
    code = unicodedata.normalize("NFKC", text).strip()
    reserved = iskeyword(code) or code in FORMULA_FUNCTIONS or code in DERIVED_FUNCTIONS
    if not code.isidentifier() or reserved or len(code) > MAX_CODE:
        raise PydanticCustomError("code_invalid", "not usable as a code", {"text": text[:MAX_CODE]})
    return code


def _period(text: str) -> str:
    try:
        return parse_period(text).key
    except RefusedError:
        raise PydanticCustomError("period_unreadable", "not a period", {"text": text[:40]}) from None


def _finite(value: int | float) -> int | float:
    try:
        finite = not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # an integer of 400 digits
        finite = False
    if not finite:
        raise PydanticCustomError("number_not_finite", "not a finite number", {})
    return value


Code = Annotated[str, AfterValidator(_code)]
"""An identifier that formulas can use: Latin or Japanese letters, digits and ``_``; NFKC-normalised."""
Line = Annotated[str, Field(max_length=MAX_LINE)]
"""One line of text as typed."""
Prose = Annotated[str, Field(max_length=MAX_TEXT)]
"""Text of several lines as typed."""
PeriodKey = Annotated[str, AfterValidator(_period)]
"""A period as written: ``2026-04``, ``2026-Q1``, ``2026`` or ``2026-W14``."""
Amount = Annotated[int | float, AfterValidator(_finite)]
"""A finite number; an integer stays an integer."""


class Bilingual(Model):
    """A name in Japanese and English; either may be empty."""

    ja: Line = ""
    en: Line = ""

    def in_language(self, language: Language) -> str:
        """The name in ``language``, or the other one where that is empty (empty when both are)."""
        first, second = (self.ja, self.en) if language is Language.JA else (self.en, self.ja)
        return first or second


class PeriodValue(Model):
    """A value of one period: a target, a baseline or a manual entry."""

    period: PeriodKey
    value: Amount
