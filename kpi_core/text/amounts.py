"""Amounts as people type them into a field, read and written back; the inverse of showing them."""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal

from kpi_core.errors import RefusedError
from kpi_core.text.numbers import is_typed_percent

_SCALES = {"": 0, "千": 3, "万": 4, "百万": 6, "億": 8, "兆": 12, "K": 3, "M": 6, "B": 9}
_GROUPED = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+"
_PART = re.compile(rf"({_GROUPED})\s*(千|万|百万|億|兆|[KMBkmb])?")
_LEADING = re.compile(r"^(?:[A-Z]{3}\s*|[¥$€£\\]\s*)")
_TRAILING = re.compile(r"\s*(?:円|件|日|時間|点|[A-Z]{3}|[¥$€£])$")
_NEGATIVE = ("-", "−", "△", "▲", "‐")


def read_amount(text: str, unit: str = "") -> int | float | None:
    """The number that ``text`` writes, ``None`` for an empty field.

    Understood: ``80,000,000``, ``8,000万``, ``1億2,000万円``, ``1.5M``, ``△300``, ``35%``, full-width digits.
    For the unit ``ratio`` the number is a per cent, with or without its sign (``35`` and ``35%`` are 0.35); for the
    unit word ``%`` it is the number as typed (both are 35). Elsewhere ``35%`` is 0.35.
    Raises ``RefusedError('amount_unreadable')``.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return None
    negative = plain.startswith(_NEGATIVE)
    body = plain[1:].strip() if negative else plain
    body = _LEADING.sub("", body)
    percent = body.endswith("%")
    body = _TRAILING.sub("", body.removesuffix("%").strip())
    number = _sum_of_parts(body)
    if number is None:
        raise RefusedError("amount_unreadable", text=text.strip()[:40])
    if unit == "ratio" or (percent and not is_typed_percent(unit)):
        number = number.scaleb(-2)
    number = -number if negative else number
    if not math.isfinite(float(number)):
        raise RefusedError("amount_unreadable", text=text.strip()[:40])
    return int(number) if number == number.to_integral_value() and unit != "ratio" else float(number)


def write_amount(value: float | None, unit: str = "") -> str:
    """``value`` as it stands in a field that ``read_amount`` reads back to the very same number.

    >>> write_amount(80000000)
    '80,000,000'
    >>> write_amount(0.354, "ratio")
    '35.4%'
    """
    if value is None:
        return ""
    number = Decimal(repr(value) if isinstance(value, float) else value)
    if unit == "ratio":
        return f"{_digits(number.scaleb(2))}%"
    return _digits(number)


def _digits(number: Decimal) -> str:
    whole = number.to_integral_value()
    return f"{whole:,f}" if number == whole else f"{number.normalize():,f}"


def _sum_of_parts(body: str) -> Decimal | None:
    """``1億2,000万`` is 120,000,000: parts with ever smaller scales, the last one perhaps without."""
    at, total, previous = 0, Decimal(0), 99
    for match in _PART.finditer(body):
        scale = _SCALES[(match[2] or "").upper()]
        if match.start() != at or scale >= previous:
            return None
        total += Decimal(match[1].replace(",", "")).scaleb(scale)
        at, previous = match.end(), scale
    return total if at and at == len(body) else None
