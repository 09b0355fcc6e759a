"""Input (data quality) rules of a dataset, checked over the rows of its newest version, and the rows that break one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import ibis
import pandas as pd

from kpi_core.data.binding import bound
from kpi_core.data.engine import Session, session
from kpi_core.data.layout import Catalogue
from kpi_core.data.relation import Rows
from kpi_core.data.rows import MOST_FETCHED, all_that_can_be
from kpi_core.data.rule_results import OF_THE_WHOLE, RuleResult
from kpi_core.data.rule_steps import Checked, check_freshness, check_row_count, check_rows, row_count
from kpi_core.data.running import engine_refusals
from kpi_core.data.tables import Tables, newest
from kpi_core.data.uncomputable import UncomputableError
from kpi_core.data.values import Value
from kpi_core.errors import RefusedError
from kpi_core.model.dataset import Dataset, Lookup, Rule
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import RuleKind

MOST_EXAMPLES = 5


def run_rules(
    workshop: Workshop,
    tables: Tables,
    dataset_code: str,
    *,
    today: date,
    counted: Mapping[str, int] | None = None,
) -> tuple[RuleResult, ...]:
    """Every rule of the dataset, in order, over the rows that its ``where`` keeps; nothing without a version.

    ``required``: no empty cell (spaces only count as empty). The others leave empty cells to ``required``: ``unique``:
    every row whose value appears again fails; ``allowed``: one of the values; ``range``: within both ends; ``pattern``:
    the whole cell (RE2 syntax); ``reference``: a value of the other dataset's column, aliases of a look-up on the same
    columns applied; ``freshness``: one check, that the newest day up to ``today`` is not too old; ``row_count``: one
    check, that the number of rows changed no more than allowed against the version before. A connected table has no
    versions: ``counted`` is what each such rule (by its key) counted last time.
    """
    dataset = workshop.dataset(dataset_code)
    if dataset is None or not tables.get(dataset_code) or not dataset.rules:
        return ()
    try:
        with _opened(workshop, tables, dataset, counted or {}) as ground:
            return tuple(_result(ground, position, today) for position in range(len(dataset.rules)))
    except UncomputableError as refusal:
        return tuple(_unchecked(dataset, position, refusal) for position in range(len(dataset.rules)))


def failing_rows(
    workshop: Workshop, tables: Tables, dataset_code: str, position: int, *, limit: int | None = None
) -> pd.DataFrame:
    """The rows that break the rule at ``position``, in the order of the file, under the columns' own names.

    The first column (``#``) is the row's number, counted from the first data row. A connected table has neither an
    order nor numbers, and at most ``MOST_FETCHED`` of its rows travel. Nothing for a rule on the dataset as a whole.
    Raises ``RefusedError('rows_refused')`` where the rule cannot be checked.
    """
    dataset = workshop.dataset(dataset_code)
    if dataset is None or not tables.get(dataset_code) or position >= len(dataset.rules):
        return pd.DataFrame()
    try:
        with _opened(workshop, tables, dataset) as ground, engine_refusals():
            names = list(all_that_can_be(Rows(ground.catalogue, dataset_code)))
            rows, broken = ground.catalogue, ground.check_rows(position, names).broken
            first = [] if rows.home else ["#"]
            if broken is None:
                return pd.DataFrame(columns=[*first, *names])
            wanted = broken if rows.home else broken.order_by("position")
            most = min(MOST_FETCHED, limit or MOST_FETCHED) if rows.home else limit
            wanted = wanted if most is None else wanted.limit(most)
            columns = dict.fromkeys(first, wanted.position + 1)
            columns |= {f"column {at}": wanted[f"column {at}"] for at in range(len(names))}
            cells = ground.fetch(wanted.select(**columns))
    except UncomputableError as refusal:
        problem = refusal.problem(_path(dataset, position))
        raise RefusedError("rows_refused", (problem,), dataset=dataset_code) from refusal
    return pd.DataFrame(cells, columns=[*first, *names], dtype=object)  # days stay days, whole numbers whole


@dataclass(frozen=True)
class _Ground:
    """A dataset's newest rows, made readable together with all that its rules refer to."""

    engine: Session
    workshop: Workshop
    dataset: Dataset
    tables: Tables
    catalogue: Catalogue
    counted: Mapping[str, int]

    def fetch(self, query: Value) -> list[tuple[Any, ...]]:
        """The answer to a query over rows that a rule looked at."""
        return self.engine.fetch(self.catalogue.sql(query), self.catalogue.home)

    def rows(self, rule: Rule) -> Rows:
        """The dataset's rows with the columns that a rule names."""
        rows = Rows(self.catalogue, self.dataset.code)
        for name in [*([rule.column] if rule.column else []), *(entry.column for entry in rule.where)]:
            rows.add(name)
        return rows

    def check_rows(self, position: int, beside: Sequence[str] = ()) -> Checked:
        """The rule at ``position`` on each row, with the columns ``beside`` in what breaks it."""
        rule, lookup = self.dataset.rules[position], len(self.dataset.lookups) + position
        if rule.rule in OF_THE_WHOLE:
            return Checked(0, 0)
        rows = self.rows(rule)
        for name in beside:
            rows.add(name)
        if rule.rule is RuleKind.REFERENCE:
            rows.join(lookup)
        return check_rows(self.engine, rows, rule, lookup, beside)

    def check(self, position: int, today: date) -> Checked:
        """The rule at ``position``."""
        rule = self.dataset.rules[position]
        if rule.rule is RuleKind.FRESHNESS:
            return check_freshness(self.engine, self.rows(rule), rule, today)
        if rule.rule is RuleKind.ROW_COUNT:
            return check_row_count(self.engine, self.rows(rule), rule, self._rows_before(rule))
        return self.check_rows(position)

    def _rows_before(self, rule: Rule) -> int | None:
        """How many rows the version before has of those the rule is about."""
        if self.catalogue.home:
            return self.counted.get(rule.key)
        older = self.tables[self.dataset.code][1:]
        if not older:
            return None
        with _opened(self.workshop, {**self.tables, self.dataset.code: older}, self.dataset) as ground:
            return row_count(ground.engine, ground.rows(rule), rule)


@contextmanager
def _opened(
    workshop: Workshop, tables: Tables, dataset: Dataset, counted: Mapping[str, int] | None = None
) -> Iterator[_Ground]:
    chosen, referring = newest(tables), _referring(workshop, dataset)
    with session(fresh=True) as engine:
        with engine_refusals():
            catalogue = bound(referring, chosen, dataset.code, engine)
        yield _Ground(engine, workshop, dataset, tables, catalogue, counted or {})


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


def _result(ground: _Ground, position: int, today: date) -> RuleResult:
    rule = ground.dataset.rules[position]
    bare = RuleResult(
        ground.dataset.code, position, rule.column, rule.rule, 0, 0, (), on_break=rule.on_break, key=rule.key
    )
    try:
        with engine_refusals():
            found = ground.check(position, today)
            examples, rows = _examples(ground, found, rule)
    except UncomputableError as refusal:
        if rule.rule is RuleKind.PATTERN and refusal.code == "not_computed":
            refusal = UncomputableError("pattern_unreadable", pattern=rule.pattern)
        return replace(bare, problem=refusal.problem(_path(ground.dataset, position)))
    return replace(
        bare,
        checked=found.checked,
        failed=found.failed,
        examples=examples,
        rows=rows,
        seen=found.seen,
        counted=found.counted,
    )


def _examples(ground: _Ground, found: Checked, rule: Rule) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Failing values, and the first failing rows' numbers; of a rule on the whole what it saw."""
    if not found.failed:
        return (), ()
    if found.broken is None:
        return (found.seen,), ()
    rows: tuple[int, ...] = ()
    if not ground.catalogue.home:
        first = found.broken.select("position").order_by("position").limit(MOST_EXAMPLES)
        rows = tuple(number + 1 for (number,) in ground.fetch(first) if number is not None)
    if rule.rule is RuleKind.REQUIRED:
        return tuple(f"#{number}" for number in rows), rows
    counted = found.broken.group_by("text").aggregate(rows=found.broken.count())
    most = counted.order_by([ibis.desc("rows"), ibis.asc("text")]).limit(MOST_EXAMPLES)
    return tuple(text for text, _ in ground.fetch(most)), rows


def _unchecked(dataset: Dataset, position: int, refusal: UncomputableError) -> RuleResult:
    rule = dataset.rules[position]
    problem = refusal.problem(_path(dataset, position))
    return RuleResult(
        dataset.code, position, rule.column, rule.rule, 0, 0, (), problem, on_break=rule.on_break, key=rule.key
    )


def _path(dataset: Dataset, position: int) -> str:
    return f"datasets.{dataset.code}.rules[{position}]"
