"""How each column of a table is converted: found on a sample, proved on all rows, corrected where the proof fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from kpi_core.data.reading import notation
from kpi_core.data.reading.conversion import converted, plain
from kpi_core.data.reading.evidence import CELL, TIDY, TIMES, Evidence, distinct, weigh
from kpi_core.data.reading.proof import Proof, form_of
from kpi_core.data.reading.verdict import Verdict, judge
from kpi_core.vocabulary import ColumnType

if TYPE_CHECKING:
    import polars as pl

SAMPLE_ROWS = 2_000
_DICTIONARY = 200_000
EMPTY: Mapping[str, ColumnPlan] = MappingProxyType({})


@dataclass(frozen=True)
class ColumnPlan:
    """One column: where it is (``source``), its verdict, and the cheapest way to convert it.

    ``format`` is what every cell obeys: "" for a plain cast, a polars format, the word for true, ``NOTATION`` for
    cells that need no tidying first, or ``VALUE``. ``dictionary`` holds each different cell with its value when there
    are few.
    """

    name: str
    source: str
    verdict: Verdict
    filled: int
    converts: int
    format: str | None = None
    dictionary: pl.DataFrame | None = None

    @property
    def failed(self) -> int:
        return self.filled - self.converts

    def typed(self) -> pl.Expr:
        """The column converted; cells that do not convert are null."""
        import polars as pl

        cell = pl.col(self.source)
        if self.format is not None:
            return plain(cell, self.verdict, self.format)
        if self.dictionary is not None:
            values = self.dictionary["value"]
            return cell.replace_strict(self.dictionary[CELL], values, default=None, return_dtype=values.dtype)
        if self.verdict.type is ColumnType.TEXT:
            return pl.when(cell.str.contains(r"\S")).then(cell)
        return converted(notation.tidied(cell), self.verdict)

    def fails(self) -> pl.Expr:
        """Whether a cell holds something that does not convert."""
        import polars as pl

        return notation.tidied(pl.col(self.source)).is_not_null() & self.typed().is_null()


@dataclass(frozen=True)
class Decisions:
    """What the person said about the columns, and where the table comes from."""

    types: Mapping[str, ColumnType]
    day_first: Mapping[str, bool]
    spreadsheet: bool
    sheet: str | None

    def judge(self, name: str, cells: pl.DataFrame) -> Verdict:
        return self.judged(name, weigh(cells))

    def judged(self, name: str, evidence: Evidence) -> Verdict:
        return judge(
            name,
            evidence,
            asked=self.types.get(name),
            day_first=self.day_first.get(name),
            spreadsheet=self.spreadsheet,
            sheet=self.sheet,
        )


@dataclass(frozen=True)
class TablePlan:
    """The columns' plans, the rows of the frame and how many of them are wholly empty."""

    columns: tuple[ColumnPlan, ...]
    height: int
    empty: int


def plan_table(
    frame: pl.LazyFrame, names: Sequence[str], decisions: Decisions, valued: Mapping[str, ColumnPlan] = EMPTY
) -> TablePlan:
    """How to convert a frame of columns ``c0, c1, …``, of text except those ``valued``, typed from all its rows."""
    import polars as pl

    sources = [f"c{index}" for index in range(len(names))]
    sample = frame.head(SAMPLE_ROWS + 1).collect()
    whole = sample.height <= SAMPLE_ROWS
    first = [
        valued.get(source) or _from_cells(name, source, _counted(sample, source), decisions, whole=whole)
        for name, source in zip(names, sources, strict=True)
    ]
    if not whole:
        return _proved(frame, first, sample, decisions)
    empty = sample.select(pl.all_horizontal(pl.all().is_null()).sum()).item()
    return TablePlan(tuple(first), sample.height, empty)


def _counted(sample: pl.DataFrame, source: str) -> pl.DataFrame:
    import polars as pl

    return sample.select(pl.col(source).alias(CELL)).group_by(CELL).agg(pl.len().alias(TIMES))


def _from_cells(name: str, source: str, cells: pl.DataFrame, decisions: Decisions, *, whole: bool) -> ColumnPlan:
    """The plan from a frame of different cells; of all of them when ``whole``."""
    import polars as pl

    cells = distinct(cells)
    verdict = decisions.judge(name, cells)
    filled = int(cells[TIMES].sum())
    if verdict.type is ColumnType.TEXT:
        return ColumnPlan(name, source, verdict, filled, filled)
    values = cells.select(CELL, TIMES, value=converted(pl.col(TIDY), verdict))
    converts = int(values.filter(pl.col("value").is_not_null())[TIMES].sum())
    few = whole and values.height <= _DICTIONARY
    return ColumnPlan(name, source, verdict, filled, converts, dictionary=values if few else None)


def _proved(frame: pl.LazyFrame, first: Sequence[ColumnPlan], sample: pl.DataFrame, decisions: Decisions) -> TablePlan:
    """The plans checked against every row: a cheap proof where the sample is plain, all different cells otherwise."""
    import polars as pl

    proofs = {}
    plans = {plan.source: plan for plan in first if plan.format is not None}
    open_ones = [plan for plan in first if plan.source not in plans]
    for plan in open_ones:
        settled = not (plan.failed or plan.verdict.problems or plan.name in decisions.types)
        form = form_of(plan.verdict, sample.get_column(plan.source)) if settled else None
        if form is not None:
            proofs[plan.source] = Proof(plan.source, plan.verdict, form)
    values = [value.alias(f"{proof.source}.value") for proof in proofs.values() if (value := proof.value()) is not None]
    counts = [
        count.alias(f"{proof.source}.{key}") for proof in proofs.values() for key, count in proof.counts().items()
    ]
    empty_row = pl.all_horizontal(pl.col(plan.source).is_null() for plan in first)
    totals = [pl.len().alias("height"), empty_row.sum().alias("empty")]
    answers = frame.with_columns(values).select(*totals, *counts).collect(engine="streaming").row(0, named=True)
    for plan in open_ones:
        if (proof := proofs.get(plan.source)) is None:
            continue
        answer = {key.split(".")[1]: value for key, value in answers.items() if key.split(".")[0] == plan.source}
        if (filled := proof.holds(answer)) is not None:
            plans[plan.source] = ColumnPlan(plan.name, plan.source, plan.verdict, filled, filled, format=proof.form)
    plans |= _looked_at(frame, [plan for plan in first if plan.source not in plans], decisions)
    return TablePlan(tuple(plans[plan.source] for plan in first), answers["height"], answers["empty"])


def _looked_at(frame: pl.LazyFrame, open_ones: Sequence[ColumnPlan], decisions: Decisions) -> dict[str, ColumnPlan]:
    """Plans for the columns a cheap proof does not settle, from all their different cells."""
    import polars as pl

    counted = pl.collect_all(
        [frame.group_by(pl.col(plan.source).alias(CELL)).agg(pl.len().alias(TIMES)) for plan in open_ones],
        engine="streaming",
    )
    return {
        plan.source: _from_cells(plan.name, plan.source, cells, decisions, whole=True)
        for plan, cells in zip(open_ones, counted, strict=True)
    }
