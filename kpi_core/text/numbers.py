"""How numbers, money and changes are written for people; the only place where a value is rounded.

Rounding is half away from zero, on the number a person would write down (15 significant digits): 2.675 → 2.68,
0.285 → 28.5 %. Negatives are ``△`` in Japanese and ``−`` in English. Periods and dates: ``kpi_core.text.periods``.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from typing import Literal

from babel.numbers import get_currency_name, get_currency_precision, get_currency_symbol, list_currencies

from kpi_core.text import say, sentences
from kpi_core.text.periods import ago, format_date, format_datetime, format_month, format_period
from kpi_core.vocabulary import DisplayUnit, Language

__all__ = [
    "ago",
    "axis_unit",
    "compact_steps",
    "format_change",
    "format_date",
    "format_datetime",
    "format_month",
    "format_percent",
    "format_percent_points",
    "format_period",
    "format_value",
    "is_money",
    "is_typed_percent",
    "money_scale",
]

#: A counting unit that is none of these (リードID(重複を除く)) says how to count; it is no word to put behind a number.
_COUNTER = re.compile(r"[A-Za-z][a-z]{0,11}|[^\W\d_a-zA-Z]{1,3}")
_DIGITS = 15
#: Decimals of divided money below 1 (0.0045億円).
_MOST_SMALL = 4
#: Wide enough for the largest float written out.
_WIDE = Context(prec=400, rounding=ROUND_HALF_UP)
_SINGULAR = ("days", "hours", "score")

Sign = Literal["minus", "always"]


def format_value(
    value: float | None,
    unit: str,
    language: Language,
    *,
    currency: str = "JPY",
    display_unit: DisplayUnit = DisplayUnit.ONE,
    decimals: int | None = None,
    compact: bool = False,
    counting_unit: str = "",
    short: bool = False,
    sign: Sign = "minus",
) -> str:
    """The value with its unit: ``1,235百万円``, ``¥12.3 million``, ``38.2%``, ``1,234件``, ``△3日``, ``未計測``.

    ``unit`` is a node's: ``count``, ``ratio`` (0-1, written as %), ``days``, ``hours``, ``score``, a currency code,
    ``currency`` (the workshop's, given as ``currency``), the team's own word (``%``: a per cent as typed, 35 is 35%;
    only ``ratio`` is 0-1), or empty.
    ``decimals`` are those of the number as written (for a ratio: of the per cent); compact numbers keep about three
    figures, divided money too unless ``decimals`` are stated (0 says that the currency is counted whole, and divides
    as if unstated). ``display_unit`` divides money; ``compact`` picks 万/億 or K/M itself.
    ``counting_unit`` is the word for counts (社, 人); left out where it is longer than a word.
    No value (None, NaN, infinite) is "not measured", or ``–`` with ``short``.

    >>> format_value(12_345_678, "JPY", Language.JA, display_unit=DisplayUnit.MILLION)
    '12.3百万円'
    >>> format_value(1_234_567, "JPY", Language.JA, display_unit=DisplayUnit.MILLION)
    '1.23百万円'
    >>> format_value(0.3825, "ratio", Language.EN)
    '38.3%'
    """
    if value is None or not math.isfinite(value):
        return say("numbers.not_measured_short" if short else "numbers.not_measured", language)
    exact = _exact(value)
    if unit == "ratio":
        return _signed(_percent_digits(exact * 100, decimals), "%", language, sign)
    if is_money(unit):
        code = currency if unit == "currency" else unit
        return _money(exact, code, language, display_unit, decimals, compact, sign)
    number, step = _scaled(exact, decimals, compact_steps(language)) if compact else (_plain(exact, decimals), "")
    return _with_unit(number, step, unit, language, counting_unit, sign)


def format_change(
    change: float | None,
    unit: str,
    language: Language,
    *,
    currency: str = "JPY",
    display_unit: DisplayUnit = DisplayUnit.ONE,
    decimals: int | None = None,
    compact: bool = False,
    counting_unit: str = "",
    short: bool = False,
) -> str:
    """A difference in the value's own unit, always with its sign: ``+12.3百万円``, ``−3 days``, ``±0件``.

    Two ratios differ by percentage points, as do two numbers of the unit ``%``. Parameters as ``format_value``.
    """
    if unit == "ratio":
        return format_percent_points(change, language, decimals=decimals, short=short)
    if is_typed_percent(unit) and change is not None and math.isfinite(change):
        number = _signed(_plain(_exact(change), decimals), "", language, "always")
        return say("numbers.points", language, number=number)
    return format_value(
        change,
        unit,
        language,
        currency=currency,
        display_unit=display_unit,
        decimals=decimals,
        compact=compact,
        counting_unit=counting_unit,
        short=short,
        sign="always",
    )


def format_percent_points(
    change: float | None, language: Language, *, decimals: int | None = None, short: bool = False, signed: bool = True
) -> str:
    """The difference of two ratios (0-1) in percentage points: ``+1.2ポイント``, ``−1.2 pp``."""
    if change is None or not math.isfinite(change):
        return say("numbers.not_measured_short" if short else "numbers.not_measured", language)
    number = _percent_digits(_exact(change) * 100, decimals)
    return say("numbers.points", language, number=_signed(number, "", language, "always" if signed else "minus"))


def format_percent(
    share: float | None,
    language: Language,
    *,
    decimals: int | None = None,
    signed: bool = False,
    short: bool = False,
) -> str:
    """A share or a relative change (0-1) in per cent: ``92.4%``; with ``signed`` ``+8.0%``, ``△8.0%``."""
    sign: Sign = "always" if signed else "minus"
    return format_value(share, "ratio", language, decimals=decimals, short=short, sign=sign)


def axis_unit(
    unit: str,
    language: Language,
    *,
    currency: str = "JPY",
    display_unit: DisplayUnit = DisplayUnit.ONE,
    counting_unit: str = "",
) -> str:
    """The unit alone, as it stands above an axis or in a table's head: ``百万円``, ``¥ million``, ``%``, ``件``."""
    if is_money(unit):
        code = currency if unit == "currency" else unit
        _, word = money_scale(display_unit, language)
        name = _currency_word(code, language)
        return f"{word}{name}" if language is Language.JA else f"{name} {word}".strip()
    if unit == "count" and _COUNTER.fullmatch(counting_unit):
        return counting_unit
    if is_typed_percent(unit):
        return "%"
    return sentences(language).get(f"numbers.axis.{unit}", unit)


def is_typed_percent(unit: str) -> bool:
    """Whether ``unit`` is the word ``%`` (also full-width): its numbers are per cent as typed, 35 for 35%.

    Not the unit ``ratio``, whose numbers are 0-1 and only written in per cent.
    """
    return unicodedata.normalize("NFKC", unit).strip() == "%"


@cache
def is_money(unit: str) -> bool:
    """Whether ``unit`` is ``currency`` or a currency's code (``SQL`` and ``MQL`` are none)."""
    return unit == "currency" or unit in list_currencies()


@cache
def money_scale(display_unit: DisplayUnit, language: Language) -> tuple[int, str]:
    """The power of ten that money is divided by, and its word: (6, 百万). English counts 億 in millions."""
    if display_unit is DisplayUnit.ONE:
        return 0, ""
    power, word = say(f"numbers.scales.{display_unit.value}", language).split(" ")
    return int(power), word


@cache
def compact_steps(language: Language) -> tuple[tuple[int, str], ...]:
    """The steps of compact numbers, small to large: ((4, 万), (8, 億), (12, 兆)) or ((3, K), (6, M), (9, B))."""
    steps = (step.split() for step in say("numbers.compact.steps", language).split(","))
    return tuple((int(power), word) for power, word in steps)


def _exact(value: float) -> Decimal:
    """The decimal number that a person reads in the float: without the noise behind the 15th digit."""
    return Decimal(value) if isinstance(value, int) else Decimal(f"{value:.{_DIGITS}g}")


def _rounded(number: Decimal, decimals: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-decimals), context=_WIDE)


def _plain(number: Decimal, decimals: int | None) -> Decimal:
    """Whole numbers whole, small fractions with one or two digits, large ones rounded to whole."""
    if decimals is not None:
        return _rounded(number, decimals)
    size = abs(number)
    return _trimmed(_rounded(number, 0 if size >= 100 else 1 if size >= 1 else 2))


def _percent_digits(percent: Decimal, decimals: int | None) -> Decimal:
    size = abs(percent)
    usual = 0 if size >= 1000 else 1 if size >= 1 or not size else 2
    return _rounded(percent, usual if decimals is None else decimals)


def _three_figures(number: Decimal) -> Decimal:
    size = abs(number)
    return _trimmed(_rounded(number, 0 if size >= 100 else 1 if size >= 10 else 2))


def _trimmed(number: Decimal) -> Decimal:
    whole = number.to_integral_value()
    return whole if number == whole else number.normalize()


def _scaled(number: Decimal, decimals: int | None, steps: tuple[tuple[int, str], ...]) -> tuple[Decimal, str]:
    """The number in the largest step it reaches after rounding (9,999.6万 is 1億), and the step's word."""
    for power, word in reversed(steps):
        scaled = _three_figures(number.scaleb(-power))
        if abs(scaled) >= 1:
            return scaled, word
        below = max((lower for lower, _ in steps if lower < power), default=0)
        if abs(_three_figures(number.scaleb(-below))) >= Decimal(10) ** (power - below):
            return Decimal(1).copy_sign(number), word
    return _plain(number, decimals), ""


def _money(
    exact: Decimal,
    code: str,
    language: Language,
    display_unit: DisplayUnit,
    decimals: int | None,
    compact: bool,
    sign: Sign,
) -> str:
    small = decimals if decimals is not None else 0 if abs(exact) >= 1000 else int(get_currency_precision(code))
    power, word = money_scale(display_unit, language)
    if compact:
        number, word = _scaled(exact, small, compact_steps(language))
    else:
        number = _divided(exact.scaleb(-power), decimals) if power else _rounded(exact, small)
    name = _currency_word(code, language)
    if language is Language.JA:
        return _signed(number, f"{word}{name}", language, sign)
    prefix = f"{name} " if name == code else name
    gap = "" if compact or not word else " "
    return _signed(number, f"{gap}{word}", language, sign, prefix)


def _divided(number: Decimal, decimals: int | None) -> Decimal:
    """Divided money keeps three figures, and the last zero of two (12.0百万円, 1.20百万円); nothing is plainly 0."""
    size = abs(number)
    if decimals or not size:
        return _rounded(number, decimals or 0)
    if size >= 1:
        return _rounded(number, 0 if size >= 100 else 1 if size >= 10 else 2)
    small = _rounded(number, min(2 - size.adjusted(), _MOST_SMALL)).normalize()
    return max(small, _rounded(small, 2), key=_places)


def _places(number: Decimal) -> int:
    return -int(number.as_tuple().exponent)


def _with_unit(number: Decimal, step: str, unit: str, language: Language, counting_unit: str, sign: Sign) -> str:
    written = _signed(number, step, language, sign)
    word = counting_unit if unit == "count" else unit
    if unit == "count" and not _COUNTER.fullmatch(counting_unit):
        return say("numbers.units.count", language, number=written)
    if unit in _SINGULAR:
        one = abs(number) == 1 and not step
        return say(f"numbers.units.{unit}_one" if one else f"numbers.units.{unit}", language, number=written)
    if not word:
        return written
    if is_typed_percent(word):
        return f"{written}%"
    form = "own_latin" if word[0].isascii() else "own"
    return say(f"numbers.units.{form}", language, number=written, unit=word)


def _signed(number: Decimal, suffix: str, language: Language, sign: Sign, prefix: str = "") -> str:
    """Sign, prefix, grouped digits, suffix; a number that rounded to 0 has no minus."""
    before = ""
    if number < 0:
        before = say("numbers.minus", language)
    elif sign == "always":
        before = "+" if number else say("numbers.no_change", language)
    return f"{before}{prefix}{abs(number):,f}{suffix}"


@cache
def _currency_word(code: str, language: Language) -> str:
    """円, 米ドル in Japanese; ¥, $ in English (the code itself where there is no symbol)."""
    ours: Mapping[str, str] = sentences(language)
    known = ours.get(f"numbers.currencies.{code}")
    if known is not None:
        return known
    if language is Language.JA:
        return str(get_currency_name(code, locale=language.value))
    return str(get_currency_symbol(code, locale=language.value))
