"""What the cells of one column say about its type: counted over all of them, each different cell looked at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kpi_core.data.reading import calendar_notation as calendar
from kpi_core.data.reading import notation

if TYPE_CHECKING:
    import polars as pl

CELL, TIMES, TIDY = "cell", "times", "tidy"
HALF = 0.5
"""The share of numbers or dates from which the other cells are worth naming."""
_SEVERAL, _NEARLY = 2, 0.9
_OTHERS = 3
_OTHER_LENGTH = 40


@dataclass(frozen=True)
class Evidence:
    """Counts of cells. ``fixed`` are dates that need no order; ``two_first`` those that do, of which ``day_month`` are
    dates read as d/m, ``month_day`` read as m/d; ``differ`` would be another day in the other order. ``others`` are a
    few cells, the most frequent first, that are no numbers where half of the column are, or no dates where half are.
    ``signs`` are cells such as － that stand for no number, counted where there are numbers; ``compact`` are dates
    written like 20260401, which are numbers, too.
    """

    filled: int
    numbers: int = 0
    whole: int = 0
    codes: int = 0
    long_digits: int = 0
    booleans: int = 0
    currencies: tuple[tuple[str, int], ...] = ()
    percents: int = 0
    bare: int = 0  # numbers other than 0 written without %
    fixed: int = 0
    day_month: int = 0
    month_day: int = 0
    both: int = 0
    differ: int = 0
    timed: int = 0
    not_midnight: int = 0
    offsets: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    signs: int = 0
    compact: int = 0

    @property
    def between_signs(self) -> bool:
        """Whether the cells are numbers and signs, and hardly anything else."""
        return self.numbers >= _SEVERAL and self.signs > 0 and self.numbers + self.signs >= _NEARLY * self.filled

    @property
    def dates(self) -> int:
        """The cells that are dates, in whichever order of day and month."""
        return self.fixed + self.day_month + self.month_day - self.both


def distinct(cells: pl.DataFrame) -> pl.DataFrame:
    """A frame of ``cell`` and ``times`` with the tidied cell beside it, empty ones left out."""
    import polars as pl

    tidy = notation.tidied(pl.col(CELL))
    return cells.with_columns(tidy.alias(TIDY)).filter(pl.col(TIDY).is_not_null())


def weigh(cells: pl.DataFrame) -> Evidence:
    """The evidence in a frame of :func:`distinct` cells."""
    import polars as pl

    filled = int(cells[TIMES].sum())
    if not filled:
        return Evidence(0)
    tidy, times = pl.col(TIDY), pl.col(TIMES)
    number = notation.is_number(tidy)
    percent = tidy.str.contains(notation.PERCENT)
    counts = {
        "numbers": number,
        "whole": number & notation.is_whole(tidy),
        "codes": tidy.str.contains(notation.CODE),
        "long_digits": tidy.str.contains(notation.LONG_DIGITS),
        "compact": calendar.is_compact(tidy),
        "booleans": notation.boolean(tidy).is_not_null(),
        "percents": number & percent,
        **{unit: number & tidy.str.contains(mark) for unit, mark in notation.CURRENCIES},
    }
    found = cells.select(times.filter(flag).sum().alias(name) for name, flag in counts.items()).row(0, named=True)
    currencies = tuple((unit, found.pop(unit)) for unit, _ in notation.CURRENCIES)
    bare = 0
    if found["percents"]:
        bare = cells.select(times.filter(number & ~percent & (notation.decimal(tidy) != 0)).sum()).item()
    evidence = Evidence(filled, currencies=currencies, bare=bare, **found)
    if filled in (found["numbers"], found["booleans"]):
        return evidence
    if found["numbers"]:
        signs = int(cells.filter(tidy.str.contains(notation.SIGN_ONLY))[TIMES].sum())
        evidence = replace(evidence, signs=signs)
    if found["numbers"] >= HALF * filled or evidence.between_signs:
        evidence = replace(evidence, others=_others(cells.filter(~number)))
    return _with_dates(evidence, cells)


def _others(cells: pl.DataFrame) -> tuple[str, ...]:
    import polars as pl

    few = cells.group_by(TIDY).agg(pl.col(TIMES).sum()).sort([TIMES, TIDY], descending=[True, False]).head(_OTHERS)
    return tuple(cell[:_OTHER_LENGTH] for cell in few[TIDY].to_list())


def _with_dates(evidence: Evidence, cells: pl.DataFrame) -> Evidence:
    import polars as pl

    maybe = cells.filter(pl.col(TIDY).str.contains(r"[0-9元].*[/\-.年 ].*[0-9]"))
    if maybe["times"].sum() * 2 < cells["times"].sum():
        return evidence
    tidy, times = calendar.without_weekday(pl.col(TIDY)), pl.col(TIMES)
    read = maybe.select(
        times,
        pl.col(TIDY),
        fixed=calendar.moment(tidy, day_first=None),
        day_month=calendar.moment(tidy, day_first=True),
        month_day=calendar.moment(tidy, day_first=False),
        timed=calendar.has_time(tidy),
        offset=calendar.offset(tidy),
    ).with_columns(
        is_fixed=pl.col("fixed").is_not_null(),
        dm=pl.col("day_month").is_not_null() & pl.col("fixed").is_null(),
        md=pl.col("month_day").is_not_null() & pl.col("fixed").is_null(),
    )
    moment = pl.coalesce("fixed", "day_month", "month_day")
    flags = {
        "fixed": pl.col("is_fixed"),
        "day_month": pl.col("dm"),
        "month_day": pl.col("md"),
        "both": pl.col("dm") & pl.col("md"),
        "differ": pl.col("dm") & pl.col("md") & (pl.col("day_month") != pl.col("month_day")),
        "timed": pl.col("timed") & moment.is_not_null(),
        "not_midnight": moment.is_not_null() & (moment.dt.truncate("1d") != moment),
    }
    found = read.select(times.filter(flag).sum().alias(name) for name, flag in flags.items()).row(0, named=True)
    offsets = tuple(sorted(read.filter(moment.is_not_null())["offset"].drop_nulls().unique().to_list()))
    evidence = replace(evidence, offsets=offsets, **found)
    if not evidence.others and evidence.dates >= HALF * evidence.filled:
        days = read.filter(moment.is_not_null())
        evidence = replace(evidence, others=_others(cells.join(days, on=TIDY, how="anti")))
    return evidence
