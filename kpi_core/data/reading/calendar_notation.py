"""How people write dates and times, as vectorised polars expressions over tidied cells.

Understood: 2026/4/1, 2026-04-01, 2026.4.1, 2026年4月1日, 令和8年4月1日, R8.4.1, 15 Apr, 2021, Apr 15, 2021, and with
the order given 15/4/2021 or 4/15/2021; each with an optional weekday in brackets and an optional time (ISO 8601
with T, Z or an offset, AM/PM).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

# the year before the first of each era (元年 is year 1)
ERAS: tuple[tuple[str, str, int], ...] = (
    ("令和", "R", 2018),
    ("平成", "H", 1988),
    ("昭和", "S", 1925),
    ("大正", "T", 1911),
    ("明治", "M", 1867),
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG = (
    r"(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_TH = r"(?:st|nd|rd|th)?"
_WEEKDAY = r"\s*\([日月火水木金土](?:曜日?)?\)"
_CLOCK = r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?\s?([AaPp][Mm])?"
_JAPANESE_CLOCK = r"([0-9]{1,2})時([0-9]{1,2})分(?:([0-9]{1,2})秒)?"
_OFFSET = r"\s?(Z|[-+][0-9]{2}:?[0-9]{2})?"
TIME = rf"(?:T|\s+)(?:{_CLOCK}|{_JAPANESE_CLOCK}){_OFFSET}$"

_Y, _D = r"([0-9]{4})", r"([0-9]{1,2})"
YEAR_FIRST = rf"^{_Y}(?:/{_D}/{_D}|-{_D}-{_D}|\.{_D}\.{_D}|年\s?{_D}月\s?{_D}日)$"
ERA = rf"^(?:(令和|平成|昭和|大正|明治)\s?|([RHSTM])\.?)(元|[0-9]{{1,2}})(?:年\s?{_D}月\s?{_D}日|[./]{_D}[./]{_D})$"
DAY_MONTH_NAME = rf"^{_D}{_TH}[\s-]({_LONG}),?[\s-]{_Y}$"
MONTH_NAME_DAY = rf"^({_LONG})\s{_D}{_TH},?\s{_Y}$"
TWO_FIRST = rf"^{_D}(?:/{_D}/|-{_D}-|\.{_D}\.){_Y}$"
"""Day and month before the year: which is which only the column as a whole can say."""

ASKED_ONLY = rf"^(?:([0-9]{{4}})([0-9]{{2}})([0-9]{{2}})|{_Y}[/-]{_D}|{_Y}年\s?{_D}月)$"
"""20260401 and months (2026/04, 2026年4月: their first day): dates only when the person says that the column is one."""

_COMPACT = r"^(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])$"


def is_compact(cell: pl.Expr) -> pl.Expr:
    """Whether the cell is a day written like 20260401; 20260231 is none."""
    import polars as pl

    likely = pl.when(cell.str.contains(_COMPACT)).then(cell)
    return likely.str.to_date("%Y%m%d", strict=False).is_not_null()


def without_weekday(cell: pl.Expr) -> pl.Expr:
    """The cell without a weekday in brackets, as in 2026/4/1(水)."""
    return cell.str.replace(_WEEKDAY, "")


def day_part(cell: pl.Expr) -> pl.Expr:
    return cell.str.replace(TIME, "")


def date(cell: pl.Expr, *, day_first: bool | None, asked: bool = False) -> pl.Expr:
    """Date of the cell's day; null where it is none, or where it needs an order and ``day_first`` is ``None``."""
    import polars as pl

    day = day_part(cell)
    written = [_year_first(day), _era(day), _day_month_name(day), _month_name_day(day)]
    if day_first is not None:
        written.append(_two_first(day, day_first=day_first))
    if asked:
        written.append(_asked_only(day))
    return pl.coalesce(*written).str.to_date("%Y-%m-%d", strict=False)


def _field(parts: pl.Expr, *indices: int) -> pl.Expr:
    import polars as pl

    return pl.coalesce(*(parts.struct.field(str(index)) for index in indices))


def _joined(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    import polars as pl

    return pl.concat_str([year, month, day], separator="-")


def _year_first(day: pl.Expr) -> pl.Expr:
    parts = day.str.extract_groups(YEAR_FIRST)
    return _joined(_field(parts, 1), _field(parts, 2, 4, 6, 8), _field(parts, 3, 5, 7, 9))


def _era(day: pl.Expr) -> pl.Expr:
    import polars as pl

    parts = day.str.extract_groups(ERA)
    name = _field(parts, 1, 2)
    before = name.replace_strict(
        [word for kanji, letter, _ in ERAS for word in (kanji, letter)],
        [year for _, _, year in ERAS for _ in range(2)],
        default=None,
        return_dtype=pl.Int64,
    )
    number = _field(parts, 3).str.replace("元", "1", literal=True).cast(pl.Int64, strict=False)
    return _joined((before + number).cast(pl.String), _field(parts, 4, 6), _field(parts, 5, 7))


def _month_number(name: pl.Expr) -> pl.Expr:
    import polars as pl

    numbers = [str(index + 1) for index in range(12)]
    return (
        name.str.to_lowercase().str.slice(0, 3).replace_strict(_MONTHS, numbers, default=None, return_dtype=pl.String)
    )


def _day_month_name(day: pl.Expr) -> pl.Expr:
    parts = day.str.extract_groups(DAY_MONTH_NAME)
    return _joined(_field(parts, 3), _month_number(_field(parts, 2)), _field(parts, 1))


def _month_name_day(day: pl.Expr) -> pl.Expr:
    parts = day.str.extract_groups(MONTH_NAME_DAY)
    return _joined(_field(parts, 3), _month_number(_field(parts, 1)), _field(parts, 2))


def _two_first(day: pl.Expr, *, day_first: bool) -> pl.Expr:
    parts = day.str.extract_groups(TWO_FIRST)
    first, second = _field(parts, 1), _field(parts, 2, 3, 4)
    return _joined(_field(parts, 5), second if day_first else first, first if day_first else second)


def _asked_only(day: pl.Expr) -> pl.Expr:
    import polars as pl

    parts = day.str.extract_groups(ASKED_ONLY)
    return _joined(_field(parts, 1, 4, 6), _field(parts, 2, 5, 7), pl.coalesce(_field(parts, 3), _first_day(parts)))


def _first_day(parts: pl.Expr) -> pl.Expr:
    import polars as pl

    return pl.when(_field(parts, 4, 6).is_not_null()).then(pl.lit("1"))


def has_time(cell: pl.Expr) -> pl.Expr:
    return cell.str.contains(TIME)


def offset(cell: pl.Expr) -> pl.Expr:
    """The written distance from UTC (``Z``, ``+09:00``), null without one."""
    return cell.str.extract(TIME, 9)


def moment(cell: pl.Expr, *, day_first: bool | None, asked: bool = False, to_utc: bool = False) -> pl.Expr:
    """Datetime (microseconds, naive) of the cell: the clock as written, midnight without a time.

    ``to_utc`` subtracts the written offset, for a column whose cells carry different ones.
    """
    import polars as pl

    parts = cell.str.extract_groups(TIME)
    number = [_field(parts, *pair).cast(pl.Int64, strict=False).fill_null(0) for pair in ((1, 6), (2, 7), (3, 8))]
    hour, minute, second = number
    micro = _field(parts, 4).str.pad_end(6, "0").str.slice(0, 6).cast(pl.Int64, strict=False).fill_null(0)
    half = _field(parts, 5).str.to_lowercase()
    in_range = pl.when(half.is_null()).then(hour < 24).otherwise(hour.is_between(1, 12)) & (minute < 60) & (second < 60)
    clock_hour = pl.when(half == "pm").then(hour % 12 + 12).when(half == "am").then(hour % 12).otherwise(hour)
    minutes = clock_hour * 60 + minute - (_offset_minutes(cell) if to_utc else 0)
    clock = pl.duration(minutes=minutes, seconds=second, microseconds=micro, time_unit="us")
    day = date(cell, day_first=day_first, asked=asked).cast(pl.Datetime("us"))
    return pl.when(in_range).then(day + clock)


def _offset_minutes(cell: pl.Expr) -> pl.Expr:
    import polars as pl

    parts = offset(cell).str.extract_groups(r"^([-+])([0-9]{2}):?([0-9]{2})$")
    size = _field(parts, 2).cast(pl.Int64) * 60 + _field(parts, 3).cast(pl.Int64)
    return pl.when(_field(parts, 1) == "-").then(-size).otherwise(size).fill_null(0)
