"""From the evidence in a column's cells to its type, and what to tell the person about it.

The rule: a column has a type when at least nine of ten filled cells convert to it; the others are listed. Below that it
is text; where at least half of them convert, that is told, as it is rarely meant. A code with a leading zero or a digit
string longer than 15 makes the column text, whatever the rest is. 20260401 is a date where the name says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from kpi_core.data.reading.evidence import HALF, Evidence
from kpi_core.errors import Param, Problem
from kpi_core.vocabulary import ColumnType, Severity

SHARE = 0.9
_DATED = re.compile(r"(?:日付|年月日|日|(?:^|[^A-Za-z])(?i:date)|(?<=[a-z])Date)$")
_UTC = ("Z", "+00:00", "+0000", "-00:00", "-0000")


@dataclass(frozen=True)
class Verdict:
    """The type and what converting to it needs to know.

    ``day_first`` is the order of day and month where it matters, ``asked`` a type the person chose, ``percent_only``
    that numbers without % do not convert, ``to_utc`` that written offsets are subtracted.
    """

    type: ColumnType
    unit: str | None = None
    day_first: bool | None = None
    asked: bool = False
    to_utc: bool = False
    percent_only: bool = False
    problems: tuple[Problem, ...] = ()


def judge(
    name: str,
    found: Evidence,
    *,
    asked: ColumnType | None,
    day_first: bool | None,
    spreadsheet: bool,
    sheet: str | None,
) -> Verdict:
    """The verdict on the column ``name``; ``asked`` and ``day_first`` are the person's decisions.

    ``spreadsheet``: dates arrive with a midnight that nobody wrote, so a column of midnights is one of dates.
    """
    if asked is not None:
        return _as_asked(name, found, asked, day_first, sheet)
    if not found.filled:
        return Verdict(ColumnType.TEXT)
    enough = SHARE * found.filled
    if found.compact == found.filled and _DATED.search(name):
        problem = Problem("compact_dates", {}, Severity.INFO, sheet=sheet, column=name)
        return Verdict(ColumnType.DATE, asked=True, problems=(problem,))
    if found.booleans >= enough:
        return Verdict(ColumnType.BOOLEAN)
    if found.numbers >= enough and not found.codes and not found.long_digits:
        return _number(name, found, sheet)
    if found.dates >= enough:
        return _date(name, found, day_first, spreadsheet=spreadsheet, sheet=sheet)
    return _mostly(name, found, sheet)


def _mostly(name: str, found: Evidence, sheet: str | None) -> Verdict:
    """Text; told where at least half of the cells are numbers or dates, or all but signs such as － are numbers.

    Codes and identifiers are meant to be text.
    """
    half = HALF * found.filled
    numbers = half <= found.numbers < SHARE * found.filled
    params: dict[str, Param] = {}
    if (numbers or found.between_signs) and not found.codes and not found.long_digits:
        units = _units(found)
        if len(units) > 1 or (units == ["percent"] and found.bare):
            return _number(name, found, sheet)  # of another type they would mean different things: that comes first
        code, converts = "mostly_numbers" if numbers else "numbers_between_signs", found.numbers
        whole = found.whole == found.numbers and not units
        params["type"] = (ColumnType.INTEGER if whole else ColumnType.DECIMAL).value
    elif found.dates >= half:
        code, converts = "mostly_dates", found.dates
    else:
        return Verdict(ColumnType.TEXT)
    params = {
        "count": found.filled - converts,
        "filled": found.filled,
        "examples": ", ".join(found.others),
        **params,
    }
    return Verdict(ColumnType.TEXT, problems=(Problem(code, params, Severity.WARNING, sheet=sheet, column=name),))


def _as_asked(name: str, found: Evidence, asked: ColumnType, day_first: bool | None, sheet: str | None) -> Verdict:
    if asked is ColumnType.TEXT:
        return Verdict(asked)
    if asked in (ColumnType.DATE, ColumnType.DATETIME):
        order = _order(name, found, day_first, sheet)
        return replace(order, type=asked, asked=True)
    unit = _units(found)
    return Verdict(asked, unit[0] if len(unit) == 1 else None, asked=True, percent_only=unit == ["percent"])


def _units(found: Evidence) -> list[str]:
    return [unit for unit, count in found.currencies if count] + (["percent"] if found.percents else [])


def _number(name: str, found: Evidence, sheet: str | None) -> Verdict:
    units = _units(found)
    if len(units) > 1:
        params: dict[str, Param] = {"units": ", ".join(units)}
        problem = Problem("mixed_units", params, Severity.WARNING, sheet=sheet, column=name)
        return Verdict(ColumnType.TEXT, problems=(problem,))
    unit = units[0] if units else None
    if unit == "percent":
        # 12.5% beside a bare 12.5: only the person knows whether that one is 12.5 or 1250 %
        if found.numbers - found.bare < SHARE * found.filled:
            problem = Problem("mixed_percent", {"count": found.bare}, Severity.WARNING, sheet=sheet, column=name)
            return Verdict(ColumnType.TEXT, problems=(problem,))
        return Verdict(ColumnType.DECIMAL, unit, percent_only=True)
    kind = ColumnType.INTEGER if found.whole == found.numbers else ColumnType.DECIMAL
    return Verdict(kind, unit)


def _date(name: str, found: Evidence, day_first: bool | None, *, spreadsheet: bool, sheet: str | None) -> Verdict:
    verdict = _order(name, found, day_first, sheet)
    if verdict.type is ColumnType.TEXT:
        return verdict
    with_time = found.not_midnight > 0 if spreadsheet else found.timed > 0
    problems = list(verdict.problems)
    if len(found.offsets) > 1:
        params: dict[str, Param] = {"offsets": ", ".join(found.offsets)}
        problems.append(Problem("mixed_offsets", params, Severity.WARNING, sheet=sheet, column=name))
    elif found.offsets:
        offset = found.offsets[0]
        # what an API exports: in Japan its days begin at nine in the morning
        of_utc = offset in _UTC and found.not_midnight > 0
        code, severity = ("offset_utc", Severity.WARNING) if of_utc else ("offset_dropped", Severity.INFO)
        problems.append(Problem(code, {"offset": offset}, severity, sheet=sheet, column=name))
    kind = ColumnType.DATETIME if with_time else ColumnType.DATE
    return replace(verdict, type=kind, to_utc=len(found.offsets) > 1, problems=tuple(problems))


def _order(name: str, found: Evidence, day_first: bool | None, sheet: str | None) -> Verdict:
    """Day or month first: the order in which every cell of the column is a date."""
    either = found.day_month + found.month_day - found.both
    only_day_first = found.day_month - found.both
    only_month_first = found.month_day - found.both
    if day_first is not None:
        return Verdict(ColumnType.DATE, day_first=day_first)
    if not either or (not found.differ and not only_day_first and not only_month_first):
        return Verdict(ColumnType.DATE, day_first=True)
    if only_day_first and only_month_first:
        params: dict[str, Param] = {"day_first": only_day_first, "month_first": only_month_first}
        problem = Problem("date_order_conflict", params, Severity.WARNING, sheet=sheet, column=name)
        return Verdict(ColumnType.TEXT, problems=(problem,))
    if only_day_first or only_month_first:
        return Verdict(ColumnType.DATE, day_first=only_day_first > 0)
    problem = Problem("date_order_ambiguous", {"count": found.both}, Severity.ERROR, sheet=sheet, column=name)
    return Verdict(ColumnType.DATE, day_first=True, problems=(problem,))
