"""Periods as people write them in headers: 4月, 2026年4月, 令和8年度, FY26 Q1, 上期.

A fiscal year is named by the year in which it begins. Quarters, halves and months without a year are the fiscal
year's; a month with a calendar year is that month.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from kpi_core.data.reading.calendar_notation import ERAS
from kpi_core.model.recipe import JOINT

_ERA_BEGINS = {word: year for kanji, letter, year in ERAS for word in (kanji, letter)}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR = (
    r"(?:FY'?(?P<fy>\d{4}|\d{2})(?:年度)?|(?:(?P<year>(?:18|19|20|21)\d{2})"
    r"|(?P<era>令和|平成|昭和|大正|明治|[RHSTM])(?P<number>元|\d{1,2}))(?P<kind>年度|年)?)"
)
_PART = (
    r"(?:(?P<month>1[0-2]|0?[1-9])月|第?(?P<quarter>[1-4])四半期|Q(?P<q_after>[1-4])|(?P<q_before>[1-4])Q"
    r"|(?P<half>上期|上半期|1H|下期|下半期|2H))(?:分|末|度)?"
)
_WRITTEN = re.compile(rf"^(?:{_YEAR})?[-/._]?(?:{_PART})?$")
_DIGITS = re.compile(r"^((?:18|19|20|21)\d{2})[-/.]?(1[0-2]|0[1-9]|(?<=[-/.])[1-9])$")
_ENGLISH = re.compile(rf"^({'|'.join(_MONTHS)})[a-z]*\.?[-'/,.]*(\d{{4}}|\d{{2}})?$", re.IGNORECASE)
_DAY = re.compile(
    rf"(?:(?P<year>\d{{4}})|(?P<era>{'|'.join(_ERA_BEGINS)})\.?(?P<number>元|\d{{1,2}}))"
    r"(?:年(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日)?|[-/._](?P<month2>\d{1,2})(?:[-/._](?P<day2>\d{1,2}))?(?!\d))"
)
_TIGHT = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])?(?!\d)")
_YEAR_IN = re.compile(rf"(?<!\d)(?P<year>(?:19|20)\d{{2}})(?!\d)|(?P<era>{'|'.join(_ERA_BEGINS)})(?P<number>元|\d+)年")
_FISCAL_IN = re.compile(
    rf"(?<![A-Za-z])FY'?(?P<fy>\d{{4}}|\d{{2}})(?!\d)|(?<!\d)(?P<before>(?:19|20)\d{{2}})FY"
    rf"|(?:(?<!\d)(?P<year>(?:19|20)\d{{2}})|(?<!\d)(?P<short>\d{{2}})"
    rf"|(?P<era>{'|'.join(_ERA_BEGINS)})(?P<number>元|\d{{1,2}}))年度"
)
_ENDING_IN = re.compile(
    rf"(?:(?<!\d)(?P<year>(?:19|20)\d{{2}})|(?P<era>{'|'.join(_ERA_BEGINS)})(?P<number>元|\d{{1,2}}))年(?P<month>1[0-2]|0?[1-9])月期"
)


@dataclass(frozen=True)
class Written:
    """What a text says of a period; ``fiscal``: the year is a fiscal one."""

    year: int | None = None
    fiscal: bool = False
    month: int | None = None
    quarter: int | None = None
    half: int | None = None

    def with_more(self, other: Written) -> Written:
        """Both together: a year from one, a month from the other."""
        return Written(
            self.year if self.year is not None else other.year,
            self.fiscal or other.fiscal,
            self.month or other.month,
            self.quarter or other.quarter,
            self.half or other.half,
        )

    def first_day(self, year: int | None, start: int) -> date | None:
        """The period's first day; ``year`` is the fiscal year of texts without one, ``start`` its first month."""
        fiscal = self.fiscal or self.year is None or self.quarter is not None or self.half is not None
        first = self.year if self.year is not None else year
        if first is None:
            return None
        if self.month is not None:
            return date(first + (1 if fiscal and self.month < start else 0), self.month, 1)
        if not fiscal:
            return date(first, 1, 1)
        after = 3 * (self.quarter - 1) if self.quarter else 6 * (self.half - 1) if self.half else 0
        years, month = divmod(start - 1 + after, 12)
        return date(first + years, month + 1, 1)


def period_in(text: str) -> Written | None:
    """What the whole text says of a period; ``None`` when it is none."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    if not plain:
        return None
    plain = re.sub(r"^((?:19|20)\d{2})FY", r"FY\1", plain)
    if found := _DIGITS.match(plain):
        return Written(int(found[1]), month=int(found[2]))
    if found := _ENGLISH.match(plain):
        return Written(_whole_year(found[2]), month=_MONTHS.index(found[1].lower()) + 1)
    if not (found := _WRITTEN.match(plain)):
        return None
    quarter = found["quarter"] or found["q_after"] or found["q_before"]
    half = None if found["half"] is None else 1 if found["half"] in ("上期", "上半期", "1H") else 2
    if found["era"] in ("R", "H", "S", "T", "M") and not (found["kind"] or found["month"]):
        return None  # a code such as H1 or M3
    year = _whole_year(found["fy"]) if found["fy"] else _calendar_year(found)
    fiscal = bool(found["fy"]) or found["kind"] == "年度"
    month = int(found["month"]) if found["month"] else None
    return Written(year, fiscal, month, int(quarter) if quarter else None, half)


def split_name(name: str) -> tuple[Written | None, str]:
    """A column's name as its period and the rest: (令和8年度／4月)／件数."""
    period: Written | None = None
    rest = []
    for part in name.split(JOINT):
        found = period_in(part)
        if found is None:
            rest.append(part)
        else:
            period = found if period is None else period.with_more(found)
    return period, JOINT.join(rest)


def date_in(text: str, *, whole: bool = False) -> date | None:
    """The first date somewhere in the text (平成３０年７月１日現在, 201807_all); a month's is its first day.

    ``whole``: a month without its day is none.
    """
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    found = _DAY.search(plain)
    month = day = None
    if found:
        month, day = found["month"] or found["month2"], found["day"] or found["day2"]
    elif found := _TIGHT.search(plain):
        month, day = found["month"], found["day"]
    year = _calendar_year(found) if found else None
    if year is None or month is None or (whole and not day):
        return None
    try:
        return date(year, int(month), int(day or 1))
    except ValueError:
        return None


def fiscal_year_in(text: str) -> int | None:
    """The first fiscal year the text states as such: 2025年度, 令和7年度, FY25, or 2026年3月期, which began in 2025."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    if found := _FISCAL_IN.search(plain):
        return _whole_year(found["fy"] or found["before"] or found["short"]) or _calendar_year(found)
    if found := _ENDING_IN.search(plain):
        year, month = _calendar_year(found), int(found["month"])
        return None if year is None else year - (1 if month < 12 else 0)
    return None


def year_in(text: str, start: int = 1) -> int | None:
    """The first year somewhere in the text: 0092_転入転出_2020; that of a date begins in month ``start``."""
    day = date_in(text)
    if day is not None:
        return day.year - (1 if day.month < start else 0)
    found = _YEAR_IN.search(unicodedata.normalize("NFKC", text))
    return _calendar_year(found) if found else None


def number_in(text: str) -> int | None:
    """The whole number of 2022, 2022年, 令和4年, 4月, 元."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    if found := re.match(r"^(令和|平成|昭和|大正|明治)(元|\d{1,2})年?$", plain):
        return _ERA_BEGINS[found[1]] + (1 if found[2] == "元" else int(found[2]))
    if plain in ("元", "元年"):
        return 1
    found = re.match(r"^(\d{1,4})(?:\.0)?(?:年度?|月|日)?$", plain)
    return int(found[1]) if found else None


def era_begins(text: str) -> int | None:
    """The year before the first of an era: 平成 is 1988."""
    return _ERA_BEGINS.get(unicodedata.normalize("NFKC", text).strip())


def _calendar_year(found: re.Match[str]) -> int | None:
    if found["year"]:
        return int(found["year"])
    if not found["era"]:
        return None
    return _ERA_BEGINS[found["era"]] + (1 if found["number"] == "元" else int(found["number"]))


def _whole_year(text: str | None) -> int | None:
    if not text:
        return None
    return int(text) if len(text) == 4 else 2000 + int(text)
