"""Whether numbers on their way are of another size than those there are: yen where thousands of yen were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kpi_core.data.shaping.comparing import shared_columns
from kpi_core.data.shaping.seen_units import is_code
from kpi_core.errors import Problem
from kpi_core.vocabulary import Severity

#: A median as many times larger or smaller is told; a unit mistaken makes it 1,000 times, a bad year hardly ten.
TIMES = 100
#: Fewer numbers than this on a side have no size that could be spoken of.
ENOUGH = 5


@dataclass(frozen=True)
class Shift:
    """The medians of a column's sizes, its numbers but 0 without their sign: of the rows there, of those coming."""

    column: str
    there: float
    coming: float

    @property
    def problem(self) -> Problem:
        """What is told of it; it hinders nothing."""
        params = {"there": f"{self.there:,.10g}", "coming": f"{self.coming:,.10g}"}
        return Problem("magnitude_shifted", params, Severity.WARNING, column=self.column)


def magnitude_shifts(there: Path, coming: Sequence[Path]) -> tuple[Shift, ...]:
    """Columns of numbers, codes aside, whose median size is ``TIMES`` that of the rows there, or as small a share."""
    schemas = [pl.read_parquet_schema(table) for table in (there, *coming)]
    names = [name for name in shared_columns([there, *coming]) if not is_code(name)]
    names = [name for name in names if all(schema[name].is_numeric() for schema in schemas)]
    if not names:
        return ()
    old, new = (_sizes(tables, names) for tables in ([there], coming))
    shifts = [Shift(name, old[name], new[name]) for name in names if name in old and name in new]
    return tuple(one for one in shifts if not 1 / TIMES < one.coming / one.there < TIMES)


def _sizes(tables: Sequence[Path], names: Sequence[str]) -> dict[str, float]:
    """The median size of each column that has ``ENOUGH`` numbers."""
    sizes = [pl.when(pl.col(name) != 0).then(pl.col(name).cast(pl.Float64).abs()).alias(name) for name in names]
    frame = pl.concat([pl.scan_parquet(table).select(sizes) for table in tables])
    counts, medians = frame.select(pl.all().count()), frame.select(pl.all().median())
    known = zip(names, counts.collect().row(0), medians.collect().row(0), strict=True)
    return {name: median for name, count, median in known if count >= ENOUGH}
