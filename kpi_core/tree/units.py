"""What a unit is, and whether a formula's units fit: a small dimensional analysis that reports only clear misfits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from kpi_core.model.expression import (
    Binary,
    Call,
    Expression,
    Name,
    Negative,
    Number,
    names_in,
    parse_formula,
    parts_of,
)
from kpi_core.model.measure import RatioMeasure
from kpi_core.model.node import Node
from kpi_core.text.numbers import is_typed_percent

COUNT = "count"
RATIO = "ratio"
DAYS = "days"
HOURS = "hours"
SCORE = "score"

_CURRENCY = re.compile(r"[A-Z]{3}")
#: How teams write a unit → the unit it is.
_WRITTEN_AS: Mapping[str, str] = {
    **dict.fromkeys(("円", "¥", "yen"), "JPY"),
    **dict.fromkeys(("$", "ドル"), "USD"),
    **dict.fromkeys(("€", "ユーロ"), "EUR"),
    **dict.fromkeys(("%", "率", "割合", "percent"), RATIO),
    **dict.fromkeys(("件", "件数", "回", "回数", "人", "名", "社", "個", "本", "台", "counts"), COUNT),
    **dict.fromkeys(("日", "日数", "日間", "day"), DAYS),
    **dict.fromkeys(("時間", "hour"), HOURS),
    **dict.fromkeys(("点", "点数", "スコア", "points"), SCORE),
}


def unit_kind(unit: str) -> str | None:
    """``count``, ``ratio``, ``days``, ``hours``, ``score`` or a currency code; ``None`` for another word or none."""
    text = unicodedata.normalize("NFKC", unit).strip()
    if _CURRENCY.fullmatch(text):
        return text
    lower = text.lower()
    known = _WRITTEN_AS.get(text, _WRITTEN_AS.get(lower, lower))
    return known if known in (COUNT, RATIO, DAYS, HOURS, SCORE) or _CURRENCY.fullmatch(known) else None


def misread_percent(node: Node, units: Mapping[str, str] | None = None) -> bool:
    """Whether the unit ``%`` (as typed: 35 is 35%) stands on a value that comes out as a share of 1 (0.35).

    So comes a ratio of two measures, and a formula that divides without a number in it (``won / closed``), except
    where ``units`` (code → unit) says that it divides per cents as typed.
    """
    if not is_typed_percent(node.unit):
        return False
    if node.formula is None:
        return isinstance(node.measure, RatioMeasure)
    expression = parse_formula(node.formula)
    parts = (units or {}).get
    return (
        isinstance(expression, Binary)
        and expression.op == "/"
        and not any(isinstance(part, Number) for part in parts_of(expression))
        and not any(is_typed_percent(parts(name, "")) for name in names_in(expression))
    )


def is_currency(unit: str) -> bool:
    """Whether a unit is money."""
    kind = unit_kind(unit)
    return kind is not None and _CURRENCY.fullmatch(kind) is not None


@dataclass(frozen=True)
class Dimension:
    """What a (partial) formula measures.

    ``powers`` holds the exponents of money, time and score; ``plain`` says what the rest is: ``count``, ``ratio``, or
    ``None`` where it may be either (a count over a count) or is a bare number.
    """

    powers: tuple[tuple[str, int], ...] = ()
    plain: str | None = None
    constant: bool = False

    @property
    def word(self) -> str:
        """The unit as people write it: ``JPY``, ``JPY/days``, ``count``; empty where it may be several."""
        above = [f"{unit}^{power}" if power > 1 else unit for unit, power in self.powers if power > 0]
        below = [f"{unit}^{-power}" if power < -1 else unit for unit, power in self.powers if power < 0]
        if not self.powers:
            return self.plain or ""
        return "/".join([" × ".join(above) or "1", *below])


@dataclass(frozen=True)
class UnitMisfit:
    """``kind``: ``added`` (``left`` meets ``right`` in ``part``) or ``result`` (``left`` comes out, not ``right``)."""

    kind: str
    left: str
    right: str
    part: str = ""


class _MisfitError(Exception):
    def __init__(self, misfit: UnitMisfit) -> None:
        self.misfit = misfit


def unit_of(expression: Expression, units: Mapping[str, str]) -> Dimension | UnitMisfit | None:
    """The dimension of a formula; ``None`` where a unit it needs is unknown; the misfit where unlike things are added.

    ``units`` maps a node's code to its unit as the card states it. Counts and ratios carry no dimension, so
    ``count x JPY`` is JPY, and JPY per count (an average deal) is stored as JPY.
    """
    try:
        return _dimension(expression, units)
    except _MisfitError as found:
        return found.misfit


def unit_misfit(expression: Expression, units: Mapping[str, str], expected: str) -> UnitMisfit | None:
    """The one clear misfit of a formula for a node whose unit is ``expected``, if there is one."""
    found = unit_of(expression, units)
    if isinstance(found, UnitMisfit):
        return found
    kind = unit_kind(expected)
    if found is None or kind is None or found.constant:
        return None
    wanted = _from_unit(kind)
    if _fits(_without_rates(found), wanted):
        return None
    return UnitMisfit("result", found.word or RATIO, kind)


def _fits(found: Dimension, wanted: Dimension) -> bool:
    if found.powers == wanted.powers:
        return None in (found.plain, wanted.plain) or found.plain == wanted.plain
    # counts over counts may stand for days, hours or points; never for money
    money = any(_CURRENCY.fullmatch(unit) for unit, _ in (*found.powers, *wanted.powers))
    return not money and found.plain is None and not found.powers


def _without_rates(found: Dimension) -> Dimension:
    """JPY per day is kept as JPY, a count per hour as a count: teams store a rate under the unit above the line."""
    powers = tuple((unit, power) for unit, power in found.powers if power > 0 or unit not in (DAYS, HOURS))
    return found if powers == found.powers else Dimension(powers, None)


def _from_unit(kind: str) -> Dimension:
    return Dimension((), kind) if kind in (COUNT, RATIO) else Dimension(((kind, 1),))


def _dimension(expression: Expression, units: Mapping[str, str]) -> Dimension | None:
    match expression:
        case Number():
            return Dimension(constant=True)
        case Name(name):
            kind = unit_kind(units.get(name, ""))
            return _from_unit(kind) if kind else None
        case Negative(operand):
            return _dimension(operand, units)
        case Binary("+" | "-", left, right):
            return _alike((left, right), units, expression)
        case Binary("*" | "/" as op, left, right):
            return _product(_dimension(left, units), _dimension(right, units), 1 if op == "*" else -1)
        case Binary("**", left, Number(power)):
            return _power(_dimension(left, units), power)
        case Call("min" | "max" | "sum", arguments):
            return _alike(arguments, units, expression)
        case Call(_, arguments):
            return _dimension(arguments[0], units)
    return None


def _alike(parts: tuple[Expression, ...], units: Mapping[str, str], whole: Expression) -> Dimension | None:
    """The common dimension of what is added or compared; a bare number fits everything, an unknown unit too."""
    found = [_dimension(part, units) for part in parts]
    known = [dimension for dimension in found if dimension is not None and not dimension.constant]
    if not known:
        return None if None in found else found[0]
    first = known[0]
    for other in known[1:]:
        if other.powers != first.powers or (other.plain and first.plain and other.plain != first.plain):
            raise _MisfitError(UnitMisfit("added", first.word or RATIO, other.word or RATIO, _part(whole)))
        first = first if first.plain else other
    return first


def _part(whole: Expression) -> str:
    return whole.op if isinstance(whole, Binary) else whole.function if isinstance(whole, Call) else ""


def _product(left: Dimension | None, right: Dimension | None, sign: int) -> Dimension | None:
    if left is None or right is None:
        return None
    powers = dict(left.powers)
    for unit, power in right.powers:
        powers[unit] = powers.get(unit, 0) + sign * power
    kept = tuple(sorted((unit, power) for unit, power in powers.items() if power))
    if left.constant and right.constant:
        return left
    return Dimension(kept, _plain_of(left, right, sign))


def _plain_of(left: Dimension, right: Dimension, sign: int) -> str | None:
    """What remains beside money and time: a count times a rate is a count; a count over a count may be either."""
    if left.constant or right.constant:
        known = right.plain if left.constant else left.plain
        return COUNT if known == COUNT and sign > 0 else None  # 100 x a rate may be points; 24 x days may be hours
    kinds = {left.plain, right.plain}
    if sign > 0:
        return COUNT if COUNT in kinds and None not in kinds else RATIO if kinds == {RATIO} else None
    return COUNT if left.plain == COUNT and right.plain == RATIO else None


def _power(base: Dimension | None, power: float) -> Dimension | None:
    if base is None or power != int(power):
        return None
    if base.constant or power == 1:
        return base
    return Dimension(tuple((unit, exponent * int(power)) for unit, exponent in base.powers if power))
