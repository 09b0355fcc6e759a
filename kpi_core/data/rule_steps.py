"""A rule as a step of pointblank, run over the rows it looks at where they lie (decision 0039).

What a filter can say too (allowed values, ranges) is handed over as that filter's own condition, so that a rule and a
measure never read a cell differently; the rest are pointblank's own checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce
from math import ceil, floor
from typing import Any

import ibis

from kpi_core.data.engine import Session
from kpi_core.data.filters import condition
from kpi_core.data.patterns import pattern_for
from kpi_core.data.query import Term, kept_rows
from kpi_core.data.relation import Rows
from kpi_core.data.uncomputable import UncomputableError
from kpi_core.data.values import DAYS, Value, as_day, as_text, type_of
from kpi_core.model.dataset import Rule
from kpi_core.model.measure import Filter
from kpi_core.vocabulary import Aggregate, Op, RuleKind

#: The column in which pointblank says of every row whether it passed.
_PASSED = "pb_is_good_"
_NO_LIMIT = 2**62
#: 300 rows less 10 % are 270, not 270.00000000000006.
_EPSILON = 1e-6


@dataclass(frozen=True)
class Checked:
    """How many rows a rule looked at and how many break it.

    ``broken`` are the latter, read when asked: ``text`` (the cell as written), ``position`` in the file from 0, and
    ``column 0`` … of what was asked for beside. ``None`` for a rule on the dataset as a whole, which tells in ``seen``
    what it found; ``counted`` is the number of rows a ``row_count`` found.
    """

    checked: int
    failed: int
    broken: Value | None = None
    seen: str = ""
    counted: int | None = None


def check_rows(engine: Session, rows: Rows, rule: Rule, lookup: int, beside: Sequence[str] = ()) -> Checked:
    """A rule on each row; all columns it names were added to ``rows``, a reference joined as look-up ``lookup``."""
    import pointblank

    table = rows.bound(engine, _looked_at(rows, rule, lookup, beside))
    ((count,),) = rows.fetch(engine, table.aggregate(rows=table.count()))
    if not count:
        return Checked(0, 0)
    whole = pointblank.Validate(table)
    if rule.rule in (RuleKind.REQUIRED, RuleKind.REFERENCE):
        step = whole.col_vals_not_null("cell")
    elif rule.rule is RuleKind.UNIQUE:
        step = whole.rows_distinct(["cell"])
    elif rule.rule is RuleKind.PATTERN:
        step = whole.col_vals_regex("text", _whole_cell(engine, rows, rule))
    else:
        kept = _kept(table["cell"], rule, rows.dialect)  # made here: pointblank would swallow why it cannot be
        step = whole.col_vals_expr(expr=lambda _: kept)
    found = rows.run(engine, lambda: _outcome(step))
    passed = found.tbl_checked[_PASSED].fill_null(False)
    return Checked(found.n, found.n_failed, found.tbl_checked.filter(~passed))


def check_freshness(engine: Session, rows: Rows, rule: Rule, today: date) -> Checked:
    """Whether the newest day up to ``today`` is recent enough; a day still to come makes no data fresh."""
    import pointblank

    cell = rows[rule.column]
    if type_of(cell) not in DAYS:
        raise UncomputableError("date_not_date", column=rule.column, type=type_of(cell).value)
    past = (as_day(cell) <= ibis.literal(today)).fill_null(False)
    kept = kept_rows(rows, Term.of(Aggregate.COUNT, None, rule.where).where)
    shown = rows.table.filter(past if kept is None else kept & past)
    ((newest,),) = rows.fetch(engine, shown.aggregate(newest=as_day(cell).max()))
    if newest is None:
        return Checked(0, 0)
    midnight = ibis.literal(datetime.combine(newest, time())).name("moment").as_table()
    step = pointblank.Validate(engine.table(str(ibis.to_sql(midnight, dialect="duckdb")))).data_freshness(
        "moment", max_age=timedelta(days=rule.max_age_days or 0), reference_time=datetime.combine(today, time())
    )
    return Checked(1, _outcome(step).n_failed, seen=newest.isoformat())


def check_row_count(engine: Session, rows: Rows, rule: Rule, before: int | None) -> Checked:
    """Whether the number of rows changed by no more than the rule allows; unknown without a version ``before``."""
    import pointblank

    now = row_count(engine, rows, rule)
    if before is None:
        return Checked(0, 0, counted=now)
    low = _NO_LIMIT if rule.minimum is None else before - ceil(before * (100 + float(rule.minimum)) / 100 - _EPSILON)
    high = _NO_LIMIT if rule.maximum is None else floor(before * (100 + float(rule.maximum)) / 100 + _EPSILON) - before
    step = pointblank.Validate(rows.bound(engine, _kept_table(rows, rule))).row_count_match(before, tol=(low, high))
    failed = rows.run(engine, lambda: _outcome(step)).n_failed
    return Checked(1, failed, seen=f"{before:,} → {now:,}", counted=now)


def row_count(engine: Session, rows: Rows, rule: Rule) -> int:
    """How many rows a rule is about."""
    table = _kept_table(rows, rule)
    ((count,),) = rows.fetch(engine, table.aggregate(rows=table.count()))
    return int(count)


def _whole_cell(engine: Session, rows: Rows, rule: Rule) -> str:
    """The rule's pattern for the whole cell, as the engine reads it. Raises ``UncomputableError``."""
    alone = ibis.literal("").re_search(rule.pattern).name("alone").as_table()
    engine.fetch(str(ibis.to_sql(alone, dialect="duckdb")))  # not to be read only together with what is put around it
    if rows.dialect == "duckdb":
        return rf"\A(?:{rule.pattern})\z"
    return pattern_for(rule.pattern or "", rows.dialect)


def _looked_at(rows: Rows, rule: Rule, lookup: int, beside: Sequence[str]) -> Value:
    """The rows a rule is about: those ``where`` keeps, without empty cells unless these are what is asked for."""
    cell, text = rows[rule.column], as_text(rows[rule.column])
    looked_at = kept_rows(rows, Term.of(Aggregate.COUNT, None, rule.where).where)
    blank = (text.strip() == "").fill_null(True)
    if rule.rule is RuleKind.REQUIRED:
        cell = text.strip().nullif("")
    else:
        looked_at = ~blank if looked_at is None else looked_at & ~blank
    if rule.rule is RuleKind.REFERENCE:
        cell = rows.found(lookup).ifelse(text, ibis.null("string"))
    number = rows.row_number()
    columns = {f"column {at}": rows[name] for at, name in enumerate(beside)}
    table = rows.table if looked_at is None else rows.table.filter(looked_at)
    return table.select(cell=cell, text=text, position=ibis.null("int64") if number is None else number, **columns)


def _kept(cell: Value, rule: Rule, dialect: str) -> Value:
    """Whether a cell that is not empty is one of the allowed values, or within the range."""
    if rule.rule is RuleKind.ALLOWED:
        return condition(cell, Filter(column=rule.column, op=Op.IN, value=rule.values), dialect)
    ends = ((Op.GE, rule.minimum), (Op.LE, rule.maximum))
    inside = [
        condition(cell, Filter(column=rule.column, op=op, value=end), dialect) for op, end in ends if end is not None
    ]
    return reduce(lambda left, right: left & right, inside)


def _kept_table(rows: Rows, rule: Rule) -> Value:
    kept = kept_rows(rows, Term.of(Aggregate.COUNT, None, rule.where).where)
    table = rows.table if kept is None else rows.table.filter(kept)
    return table.select(one=ibis.literal(1))


def _outcome(step: Any) -> Any:
    """What a step found. Raises ``UncomputableError('not_computed')`` where pointblank could not evaluate it."""
    (found,) = step.interrogate(collect_extracts=False).validation_info
    if found.eval_error or found.n_failed is None:
        raise UncomputableError("not_computed", detail="pointblank")
    return found
