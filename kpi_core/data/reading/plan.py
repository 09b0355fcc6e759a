"""How each column of a table is converted: found on a sample, proved on all rows, corrected where the proof fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpi_core.data.reading import calendar_notation as calendar
from kpi_core.data.reading import notation
from kpi_core.data.reading.evidence import CELL, TIDY, TIMES, distinct, weigh
from kpi_core.data.reading.verdict import SHARE, Verdict, judge
from kpi_core.vocabulary import ColumnType

if TYPE_CHECKING:
    import polars as pl

SAMPLE_ROWS = 2_000
_DICTIONARY = 200_000
_FORMATS: Mapping[ColumnType, tuple[str, ...]] = {
    ColumnType.DATE: ("%Y-%m-%d", "%Y/%m/%d"),
    ColumnType.DATETIME: (
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y/%m/%d %H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
        "%Y/%m/%d %H:%M",
    ),
}
# no cell that converts to anything fails this; a column of names passes it rarely
_MAYBE_VALUE = (
    r"^[\s\u3000]*(?:[-+(△▲−¥$€￥＄－＋（.．0-9０-９]|令和|平成|昭和|大正|明治|[RHSTMＲＨＳＴＭ][.．]?[0-9０-９元]"
    r"|(?i:true|false|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s)|[ｔｆＴＦ])"
)
_EXACT_DIGITS = 1e15


@dataclass(frozen=True)
class ColumnPlan:
    """One column: where it is (``source``), its verdict, and the cheapest way to convert it.

    ``format`` is a plain polars format ("" for a plain cast) when every cell obeys it; ``dictionary`` holds each
    different cell with its value when there are few of them.
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
            return _plain(cell, self.verdict.type, self.format)
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


def converted(tidy: pl.Expr, verdict: Verdict) -> pl.Expr:
    """The tidied cells as values of the verdict's type, by all notations it allows."""
    import polars as pl

    match verdict.type:
        case ColumnType.INTEGER:
            return notation.integer(tidy)
        case ColumnType.DECIMAL:
            value = notation.decimal(tidy)
            if not verdict.percent_only:
                return value
            return pl.when(tidy.str.contains(notation.PERCENT) | (value == 0)).then(value)
        case ColumnType.BOOLEAN:
            return notation.boolean(tidy)
        case ColumnType.DATE | ColumnType.DATETIME:
            cell = calendar.without_weekday(tidy)
            moment = calendar.moment(cell, day_first=verdict.day_first, asked=verdict.asked, to_utc=verdict.to_utc)
            return moment.cast(pl.Date) if verdict.type is ColumnType.DATE else moment
        case ColumnType.TEXT:
            return tidy


@dataclass(frozen=True)
class Decisions:
    """What the person said about the columns, and where the table comes from."""

    types: Mapping[str, ColumnType]
    day_first: Mapping[str, bool]
    spreadsheet: bool
    sheet: str | None

    def judge(self, name: str, cells: pl.DataFrame) -> Verdict:
        return judge(
            name,
            weigh(cells),
            asked=self.types.get(name),
            day_first=self.day_first.get(name),
            spreadsheet=self.spreadsheet,
            sheet=self.sheet,
        )


def plan_columns(frame: pl.LazyFrame, names: Sequence[str], decisions: Decisions) -> list[ColumnPlan]:
    """A plan for each column of a frame of text columns ``c0, c1, …``, typed from all its rows."""
    sample = frame.head(SAMPLE_ROWS + 1).collect()
    whole = sample.height <= SAMPLE_ROWS
    first = [
        _from_cells(name, f"c{index}", _counted(sample, index), decisions, whole=whole)
        for index, name in enumerate(names)
    ]
    return first if whole else _proved(frame, first, sample, decisions)


def _counted(sample: pl.DataFrame, index: int) -> pl.DataFrame:
    import polars as pl

    return sample.select(pl.col(f"c{index}").alias(CELL)).group_by(CELL).agg(pl.len().alias(TIMES))


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


def _plain(cell: pl.Expr, kind: ColumnType, form: str) -> pl.Expr:
    import polars as pl

    match kind:
        case ColumnType.INTEGER:
            return cell.cast(pl.Int64, strict=False)
        case ColumnType.DECIMAL:
            return cell.cast(pl.Float64, strict=False)
        case ColumnType.DATE if "%H" not in form:
            return cell.str.to_date(form, strict=False)
        case ColumnType.DATE:
            return cell.str.to_datetime(form, time_unit="us", strict=False).cast(pl.Date)
        case ColumnType.DATETIME:
            return cell.str.to_datetime(form, time_unit="us", strict=False)
        case _:
            return cell


def _proved(
    frame: pl.LazyFrame, first: Sequence[ColumnPlan], sample: pl.DataFrame, decisions: Decisions
) -> list[ColumnPlan]:
    """The plans checked against every row: a cheap proof where the sample is plain, all different cells otherwise."""
    import polars as pl

    forms = {plan.source: _plain_form(plan, sample, decisions) for plan in first}
    checks: list[pl.Expr] = []
    for plan in first:
        form = forms[plan.source]
        if form is not None:
            checks.extend(check.alias(f"{plan.source}.{key}") for key, check in _checks(plan, form).items())
    answers = frame.select(checks).collect(engine="streaming").row(0, named=True) if checks else {}
    plans: dict[str, ColumnPlan] = {}
    for plan in first:
        form = forms[plan.source]
        if form is not None and (filled := _holds(plan, answers)) is not None:
            plans[plan.source] = ColumnPlan(plan.name, plan.source, plan.verdict, filled, filled, format=form)
    open_ones = [plan for plan in first if plan.source not in plans]
    counted = pl.collect_all(
        [frame.group_by(pl.col(plan.source).alias(CELL)).agg(pl.len().alias(TIMES)) for plan in open_ones],
        engine="streaming",
    )
    for plan, cells in zip(open_ones, counted, strict=True):
        plans[plan.source] = _from_cells(plan.name, plan.source, cells, decisions, whole=True)
    return [plans[plan.source] for plan in first]


def _plain_form(plan: ColumnPlan, sample: pl.DataFrame, decisions: Decisions) -> str | None:
    """The plain format all sampled cells obey, "" for a cast; ``None`` when the column needs the notations."""
    import polars as pl

    verdict = plan.verdict
    if plan.failed or verdict.unit or verdict.problems or plan.name in decisions.types:
        return None
    if verdict.type in (ColumnType.TEXT, ColumnType.INTEGER, ColumnType.DECIMAL):
        return "" if plan.filled or verdict.type is not ColumnType.TEXT else None
    cells = sample.get_column(plan.source).drop_nulls()
    forms = (*_FORMATS[ColumnType.DATE], *_FORMATS[ColumnType.DATETIME])
    for form in forms if verdict.type is ColumnType.DATE else _FORMATS.get(verdict.type, ()):
        if cells.to_frame().select(_plain(pl.col(plan.source), verdict.type, form).is_not_null().all()).item():
            return form
    return None


def _checks(plan: ColumnPlan, form: str) -> dict[str, pl.Expr]:
    import polars as pl

    cell = pl.col(plan.source)
    if plan.verdict.type is ColumnType.TEXT:
        # values: cells that might convert; blank: cells of white space only, which are empty
        return {
            "filled": cell.count(),
            "values": cell.str.contains(_MAYBE_VALUE).sum(),
            "blank": (~cell.str.contains(r"\S")).sum(),
        }
    value = _plain(cell, plan.verdict.type, form)
    checks = {"filled": cell.count(), "values": value.count()}
    if plan.verdict.type is ColumnType.DECIMAL:
        checks["values"] = value.is_not_nan().sum()
    if plan.verdict.type in (ColumnType.INTEGER, ColumnType.DECIMAL):
        zero = cell.str.starts_with("0") & (cell.str.len_bytes() > 1) & ~cell.str.starts_with("0.")
        checks |= {
            "codes": (zero | cell.str.starts_with("-0") & ~cell.str.starts_with("-0.")).sum(),
            "size": value.abs().max(),
        }
    else:
        checks |= {"first": value.min().dt.year(), "last": value.max().dt.year()}
        if "%H" in form:
            checks["timed"] = (
                (value.dt.time() != pl.time(0)).sum()
                if plan.verdict.type is not ColumnType.DATE
                else (cell.str.to_datetime(form, time_unit="us", strict=False).dt.time() != pl.time(0)).sum()
            )
    return checks


def _holds(plan: ColumnPlan, answers: Mapping[str, int | float | None]) -> int | None:
    """The number of filled cells when the proof holds for all of them."""
    answer = {key.split(".")[1]: value for key, value in answers.items() if key.split(".")[0] == plan.source}
    filled = int(answer["filled"] or 0)
    if plan.verdict.type is ColumnType.TEXT:
        few = (answer["values"] or 0) < SHARE * filled
        return filled if few and not answer["blank"] else None
    if answer["values"] != filled or answer.get("codes"):
        return None
    size, first, last = answer.get("size"), answer.get("first"), answer.get("last")
    if size is not None and not size < _EXACT_DIGITS:
        return None
    if first is not None and last is not None and not (first >= 1000 and last <= 9999):
        return None
    if plan.verdict.type is ColumnType.DATE and answer.get("timed"):
        return None
    return filled
