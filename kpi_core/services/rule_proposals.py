"""Input rules to begin with: read from what measures use of a dataset and what its cells hold; a person confirms."""

from __future__ import annotations

from typing import Any

from kpi_core.guidance.data_items import input_columns
from kpi_core.model.dataset import Dataset, Rule
from kpi_core.model.measure import Filter
from kpi_core.model.workshop import Workshop
from kpi_core.services.arrival_rules import freshness, row_count
from kpi_core.services.datasets import versions
from kpi_core.services.incoming import is_id, period_stated
from kpi_core.services.mapping import DATES, DatasetColumns, dataset_columns, values_of
from kpi_core.services.rules import rows_of_rules
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import ColumnType, RuleKind

#: A text column with more different values than this is no list of choices.
MOST_ALLOWED = 12


def propose_rules(state: State, workshop_id: str, dataset_code: str) -> list[dict[str, Any]]:
    """Rows of rules (see ``rows_of_rules``) for the columns that have none yet; nothing without rows.

    A column that looks like an identifier and never repeats: unique. One that a look-up matches: a value of the other
    dataset. A text column with up to ``MOST_ALLOWED`` different values: these. Any other column that a measure uses:
    required, where the measure looks at some rows only, in these. Of the dataset as a whole: see ``arrival_rules``.
    """
    workshop = snapshot(state, workshop_id).workshop
    dataset = workshop.dataset(dataset_code)
    found = dataset_columns(state, workshop_id).get(dataset_code)
    if dataset is None or found is None:
        return []
    ruled = {rule.column for rule in dataset.rules}
    used = [column for code, column in input_columns(workshop) if code == dataset_code]
    rules = []
    for column, kind in found.columns.items():
        if column in ruled or _is_computed(dataset, column):
            continue
        values = dict(values_of(state, workshop_id, dataset_code, column, MOST_ALLOWED + 1))
        rule = _proposed(workshop, dataset, column, kind, values, column in used)
        if rule is not None:
            rules.append(rule)
    rules += _on_arrival(state, workshop_id, workshop, dataset, found)
    return rows_of_rules(dataset.model_copy(update={"rules": tuple(rules)}))


def _on_arrival(
    state: State, workshop_id: str, workshop: Workshop, dataset: Dataset, found: DatasetColumns
) -> list[Rule]:
    kept = versions(state, workshop_id, dataset.code)
    column = period_stated(workshop, dataset)
    source = next((one for one in workshop.sources if one.code == dataset.source), None)
    dated = column is not None and found.columns.get(column) in DATES and not _is_computed(dataset, column)
    fresh = freshness(dataset, column, source.refresh if source else None, kept) if column and dated else None
    return [rule for rule in (fresh, row_count(dataset, kept)) if rule is not None]


def _is_computed(dataset: Dataset, column: str) -> bool:
    return any(column == one.name for one in dataset.derived) or any(column in one.columns for one in dataset.lookups)


def _proposed(
    workshop: Workshop, dataset: Dataset, column: str, kind: ColumnType, values: dict[str | None, int], used: bool
) -> Rule | None:
    filled = {value: rows for value, rows in values.items() if value is not None}
    if is_id(column) and filled and max(filled.values()) == 1 and None not in values:
        return Rule(column=column, rule=RuleKind.UNIQUE)
    for lookup in dataset.lookups:
        for here, there in lookup.on:
            if here == column:
                return Rule(column=column, rule=RuleKind.REFERENCE, dataset=lookup.dataset, reference=there)
    if not used:
        return None
    if kind is ColumnType.TEXT and 0 < len(filled) <= MOST_ALLOWED and len(values) <= MOST_ALLOWED:
        return Rule(column=column, rule=RuleKind.ALLOWED, values=tuple(filled))
    return Rule(column=column, rule=RuleKind.REQUIRED, where=_needed_in(workshop, dataset.code, column))


def _needed_in(workshop: Workshop, dataset: str, column: str) -> tuple[Filter, ...]:
    """The rows in which the measures need the column: their conditions where all agree on them, else all rows."""
    wheres = {
        tuple(entry for entry in part.where if entry.column != column)
        for node in workshop.nodes
        for part in (node.measure.parts if node.measure is not None else ())
        if part.dataset == dataset and column in (part.column, part.date)
    }
    return wheres.pop() if len(wheres) == 1 else ()
