"""Input (data quality) rules of a dataset, checked over the rows of its newest version."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import reduce

import ibis

from kpi_core.data.binding import bound
from kpi_core.data.engine import Session, session
from kpi_core.data.filters import condition
from kpi_core.data.layout import Catalogue
from kpi_core.data.query import Term, kept_rows
from kpi_core.data.relation import Rows
from kpi_core.data.running import engine_refusals
from kpi_core.data.tables import Tables, newest
from kpi_core.data.uncomputable import UncomputableError
from kpi_core.data.values import DAYS, Value, as_day, as_text, type_of
from kpi_core.errors import Problem
from kpi_core.model.dataset import Dataset, Lookup, Rule
from kpi_core.model.measure import Filter
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Aggregate, Op, RuleKind

MOST_EXAMPLES = 5
#: How a regular expression says that the cell ends, where an engine says it otherwise.
_END = defaultdict(lambda: r"\z", {"postgres": r"\Z"})


@dataclass(frozen=True)
class RuleResult:
    """How many rows a rule looked at and how many break it; ``position`` is the rule's place in the dataset.

    ``examples`` are failing values, most frequent first; for ``required`` the failing rows, as ``#12`` counted from the
    first data row; for ``freshness`` the newest day. ``problem`` says why a rule could not be checked at all.
    """

    dataset: str
    position: int
    column: str
    rule: RuleKind
    checked: int
    failed: int
    examples: tuple[str, ...]
    problem: Problem | None = None

    @property
    def compliance(self) -> float | None:
        """The share of checked rows that keep the rule, 0-1; ``None`` where no row was checked."""
        return None if not self.checked else 1 - self.failed / self.checked


def run_rules(workshop: Workshop, tables: Tables, dataset_code: str, *, today: date) -> tuple[RuleResult, ...]:
    """Every rule of the dataset, in order, over the rows that its ``where`` keeps; nothing without a version.

    ``required``: no empty cell (spaces only count as empty). The others leave empty cells to ``required``: ``unique``:
    every row whose value appears again fails; ``allowed``: one of the values; ``range``: within both ends; ``pattern``:
    the whole cell (RE2 syntax); ``reference``: a value of the other dataset's column, aliases of a look-up on the same
    columns applied; ``freshness``: one check, that the newest day up to ``today`` is not too old.
    """
    dataset, chosen = workshop.dataset(dataset_code), newest(tables)
    if dataset is None or dataset_code not in chosen or not dataset.rules:
        return ()
    referring = _referring(workshop, dataset)
    with session() as engine:
        try:
            with engine_refusals():
                catalogue = bound(referring, chosen, dataset_code, engine)
        except UncomputableError as refusal:
            return tuple(_unchecked(dataset, at, refusal) for at in range(len(dataset.rules)))
        return tuple(_result(engine, catalogue, dataset, at, today) for at in range(len(dataset.rules)))


def _referring(workshop: Workshop, dataset: Dataset) -> Workshop:
    """The workshop with each rule's reference as a look-up that brings no column, behind the dataset's own."""
    lookups = [*dataset.lookups, *(_reference(dataset, rule) for rule in dataset.rules)]
    changed = dataset.model_copy(update={"lookups": tuple(lookups)})
    others = [changed if other.code == dataset.code else other for other in workshop.datasets]
    return workshop.model_copy(update={"datasets": tuple(others)})


def _reference(dataset: Dataset, rule: Rule) -> Lookup:
    """The reference a rule checks; one to nowhere for other rules, so that a rule's position finds its look-up."""
    if rule.dataset is None or rule.reference is None:
        return Lookup(dataset=dataset.code, on=(), columns=())
    pair = (rule.column, rule.reference)
    alike = [one for one in dataset.lookups if one.dataset == rule.dataset and one.on[:1] == (pair,)]
    return Lookup(dataset=rule.dataset, on=(pair,), columns=(), aliases=alike[0].aliases if alike else {})


def _unchecked(dataset: Dataset, position: int, refusal: UncomputableError) -> RuleResult:
    rule = dataset.rules[position]
    problem = refusal.problem(f"datasets.{dataset.code}.rules[{position}]")
    return RuleResult(dataset.code, position, rule.column, rule.rule, 0, 0, (), problem)


def _result(engine: Session, catalogue: Catalogue, dataset: Dataset, position: int, today: date) -> RuleResult:
    rule = dataset.rules[position]
    try:
        rows = Rows(catalogue, dataset.code)
        rows.add(rule.column)
        for entry in rule.where:
            rows.add(entry.column)
        if rule.rule is RuleKind.REFERENCE:
            rows.join(len(dataset.lookups) + position)
        with engine_refusals():
            if rule.rule is RuleKind.FRESHNESS:
                checked, failed, examples = _fresh(engine, rows, rule, today)
            else:
                checked, failed, examples = _counted(engine, rows, rule, len(dataset.lookups) + position)
    except UncomputableError as refusal:
        if rule.rule is RuleKind.PATTERN and refusal.code == "not_computed":
            refusal = UncomputableError("pattern_unreadable", pattern=rule.pattern)
        return _unchecked(dataset, position, refusal)
    return RuleResult(dataset.code, position, rule.column, rule.rule, checked, failed, examples)


def _counted(engine: Session, rows: Rows, rule: Rule, lookup: int) -> tuple[int, int, tuple[str, ...]]:
    cell = rows[rule.column]
    blank = (as_text(cell).strip() == "").fill_null(True)
    kept = kept_rows(rows, Term.of(Aggregate.COUNT, None, rule.where).where)
    looked_at = ibis.literal(True) if kept is None else kept
    if rule.rule is not RuleKind.REQUIRED:
        looked_at = looked_at & ~blank
    number = rows.row_number()
    position = ibis.null("int64") if number is None else number
    plain = rows.table.filter(looked_at).select(
        cell=cell, text=as_text(cell), position=position, ok=_kept(rows, rule, lookup)
    )
    flat = plain.mutate(broken=~plain.ok if rule.rule is not RuleKind.UNIQUE else _repeated(plain))
    checked, failed = rows.fetch(engine, flat.aggregate(checked=flat.count(), failed=flat.count(where=flat.broken)))[0]
    return checked, failed, _examples(engine, rows, flat, rule) if failed else ()


def _kept(rows: Rows, rule: Rule, lookup: int) -> Value:
    """Whether a cell keeps the rule; never unknown for a cell that is not empty."""
    cell = rows[rule.column]
    if rule.rule is RuleKind.REQUIRED:
        return (as_text(cell).strip() != "").fill_null(False)
    if rule.rule is RuleKind.ALLOWED:
        return condition(cell, Filter(column=rule.column, op=Op.IN, value=rule.values))
    if rule.rule is RuleKind.RANGE:
        ends = ((Op.GE, rule.minimum), (Op.LE, rule.maximum))
        bounds = [Filter(column=rule.column, op=op, value=end) for op, end in ends if end is not None]
        inside = [condition(cell, bound, rows.dialect) for bound in bounds]
        return reduce(lambda left, right: left & right, inside)
    if rule.rule is RuleKind.PATTERN:
        return as_text(cell).re_search(rf"\A(?:{rule.pattern}){_END[rows.dialect]}").fill_null(False)
    if rule.rule is RuleKind.REFERENCE:
        return rows.found(lookup)
    return ibis.literal(True)


def _repeated(flat: Value) -> Value:
    return flat.cell.count().over(ibis.window(group_by=flat.cell)) > 1


def _examples(engine: Session, rows: Rows, flat: Value, rule: Rule) -> tuple[str, ...]:
    broken = flat.filter(flat.broken)
    if rule.rule is RuleKind.REQUIRED:
        first = broken.select("position").order_by("position").limit(MOST_EXAMPLES)
        return tuple(f"#{number + 1}" for (number,) in rows.fetch(engine, first) if number is not None)
    counted = broken.group_by("text").aggregate(rows=broken.count())
    most = counted.order_by([ibis.desc("rows"), ibis.asc("text")]).limit(MOST_EXAMPLES)
    return tuple(text for text, _ in rows.fetch(engine, most))


def _fresh(engine: Session, rows: Rows, rule: Rule, today: date) -> tuple[int, int, tuple[str, ...]]:
    cell = rows[rule.column]
    if type_of(cell) not in DAYS:
        raise UncomputableError("date_not_date", column=rule.column, type=type_of(cell).value)
    day = as_day(cell)
    kept = kept_rows(rows, Term.of(Aggregate.COUNT, None, rule.where).where)
    past = (day <= ibis.literal(today)) if kept is None else kept & (day <= ibis.literal(today))
    found = rows.fetch(engine, rows.table.aggregate(newest=day.max(where=past.fill_null(False))))
    newest_day: date | None = found[0][0]
    if newest_day is None or rule.max_age_days is None:
        return 0, 0, ()
    late = (today - newest_day).days > rule.max_age_days
    return 1, int(late), (newest_day.isoformat(),) if late else ()
