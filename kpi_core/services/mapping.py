"""Mapping a KPI to rows: what there is to choose from, a measure from a form's fields, its live result, saving it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kpi_core.data.rows import column_values, columns
from kpi_core.errors import MissingError, Problem, RefusedError
from kpi_core.model.measure import Filter, RatioMeasure, SimpleMeasure, dimensions_of
from kpi_core.model.node import Node
from kpi_core.model.period import periods_between
from kpi_core.services.composing import composed
from kpi_core.services.dashboards import Course
from kpi_core.services.datasets import tables, today_of
from kpi_core.services.editing import save
from kpi_core.services.evaluating import periods_at, within_reach
from kpi_core.services.measuring import preview_measure, refresh
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.typed_lists import read_list, write_list, written
from kpi_core.store.state import State
from kpi_core.tree.units import COUNT, RATIO, is_currency, unit_kind
from kpi_core.vocabulary import Aggregate, Availability, ColumnType, EmptyPeriod, Grain, Op

Measure = SimpleMeasure | RatioMeasure

#: How many of a column's values a form offers for a condition.
FREQUENT = 30
DATES = (ColumnType.DATE, ColumnType.DATETIME)
_LISTS = (Op.IN, Op.NOT_IN, Op.BETWEEN)
_BARE = (Op.IS_NULL, Op.NOT_NULL)


@dataclass(frozen=True)
class DatasetColumns:
    """A dataset that has rows, and its columns (of the file, derived, looked up) with their types."""

    code: str
    columns: Mapping[str, ColumnType]


def dataset_columns(state: State, workshop_id: str) -> dict[str, DatasetColumns]:
    """Every dataset with rows, by code, in the workshop's order."""
    workshop = snapshot(state, workshop_id).workshop
    kept = tables(state, workshop_id)
    return {
        dataset.code: DatasetColumns(dataset.code, dict(columns(kept[dataset.code][0], kept, workshop)))
        for dataset in workshop.datasets
        if kept.get(dataset.code)
    }


def frequent_values(state: State, workshop_id: str, dataset: str, column: str) -> tuple[tuple[str, int], ...]:
    """A column's most frequent values with their numbers of rows; nothing where the column cannot be read."""
    found = values_of(state, workshop_id, dataset, column, FREQUENT + 1)
    return tuple((value, rows) for value, rows in found if value is not None)[:FREQUENT]


def values_of(
    state: State, workshop_id: str, dataset: str, column: str, limit: int
) -> tuple[tuple[str | None, int], ...]:
    """The same with the empty cells (``None``), up to ``limit`` different values."""
    workshop = snapshot(state, workshop_id).workshop
    kept = tables(state, workshop_id)
    if not kept.get(dataset):
        return ()
    try:
        return column_values(kept[dataset][0], kept, workshop, column, limit)
    except RefusedError:
        return ()


def measure_values(measure: Measure | None) -> dict[str, Any]:
    """A measure as a form's fields: ``mode``, ``dimensions`` and ``<part>.<field>`` for each part."""
    values: dict[str, Any] = {"mode": "simple", "dimensions": []}
    for part in ("simple", "numerator", "denominator"):
        values |= _part_values(part, None)
    if measure is None:
        return values
    values["dimensions"] = list(dimensions_of(measure))
    if isinstance(measure, RatioMeasure):
        parts = {"numerator": measure.ratio.numerator, "denominator": measure.ratio.denominator}
        return (
            values
            | {"mode": "ratio"}
            | _part_values("numerator", parts["numerator"])
            | _part_values("denominator", parts["denominator"])
        )
    return values | _part_values("simple", measure)


def measure_from(values: Mapping[str, Any]) -> Measure | None:
    """The measure that a form's fields say; ``None`` while its dataset or aggregate is not chosen.

    Raises ``RefusedError('change_refused')`` for what does not fit together.
    """
    dimensions = tuple(values.get("dimensions") or ())
    if values.get("mode") != "ratio":
        fields = _part_fields("simple", values)
        return None if fields is None else composed(SimpleMeasure, {**fields, "dimensions": dimensions})
    numerator, denominator = _part_fields("numerator", values), _part_fields("denominator", values)
    if numerator is None or denominator is None:
        return None
    parts = {"numerator": composed(SimpleMeasure, numerator), "denominator": composed(SimpleMeasure, denominator)}
    return composed(RatioMeasure, {"ratio": parts, "dimensions": dimensions})


def preview_course(
    state: State, workshop_id: str, measure: Measure, grain: Grain | None = None
) -> tuple[Course, tuple[Problem, ...]]:
    """What a measure gives by ``grain`` (the workshop's own when not given), from the rows as they are, unsaved.

    Periods absurdly far from today (rows dated 9999-12-31) are left out, as on the dashboard; a problem tells of them.
    """
    workshop = snapshot(state, workshop_id).workshop
    wanted, today = grain or workshop.settings.grain, today_of(workshop)
    found = preview_measure(state, workshop_id, measure, wanted)
    values = {seen.period: seen.value for seen in found.observations if seen.dimension is None}
    known = sorted(periods_at(wanted, workshop.settings.fiscal_year_start, values))
    measured = [period for period in known if within_reach(period, today)]
    periods = periods_between(measured[0], measured[-1]) if measured else ()
    nothing = (None,) * len(periods)
    return Course(periods, tuple(values.get(one.key) for one in periods), nothing, nothing), found.problems


def save_measure(
    state: State, workshop_id: str, node_code: str, measure: Measure | None, revision: int, who: Who
) -> None:
    """Store a node's measure (``None`` takes it away) and compute its values. Raises as ``editing.save``."""
    node = snapshot(state, workshop_id).workshop.node(node_code)
    if node is None:
        raise MissingError("item_missing", item=node_code)
    save(state, workshop_id, "nodes", node.model_copy(update={"measure": measure}), revision, who)
    if measure is not None:
        refresh(state, workshop_id, who, nodes=[node_code])


def beginning(node: Node, datasets: Mapping[str, DatasetColumns]) -> dict[str, Any]:
    """The form of a node without a measure: what its unit and the datasets with rows leave no choice about."""
    values = measure_values(None)
    only = next(iter(datasets)) if len(datasets) == 1 else None
    unit = unit_kind(node.unit)
    aggregate = Aggregate.COUNT.value if unit == COUNT else Aggregate.SUM.value if is_currency(node.unit) else None
    dated = [name for name, type_ in datasets[only].columns.items() if type_ in DATES] if only else []
    chosen = {"dataset": only, "aggregate": aggregate, "date": dated[0] if len(dated) == 1 else None}
    if unit == RATIO:
        parts = {
            f"{part}.{name}": chosen[name] for part in ("numerator", "denominator") for name in ("dataset", "date")
        }
        return values | {"mode": "ratio"} | parts
    return values | {f"simple.{name}": value for name, value in chosen.items()}


def save_mapping(
    state: State,
    workshop_id: str,
    node_code: str,
    values: Mapping[str, Any],
    revision: int,
    who: Who,
    also: Mapping[str, Any] | None = None,
) -> None:
    """Store what the mapping's form says: the measure (an unfinished one changes nothing) and ``availability``.

    ``also``: further fields of the node. Its values are computed anew. Raises as ``editing.save``.
    """
    node = snapshot(state, workshop_id).workshop.node(node_code)
    if node is None:
        raise MissingError("item_missing", item=node_code)
    measure = measure_from(values) or node.measure
    stated = values.get("availability")
    changed = {"measure": measure, "availability": Availability(stated) if stated else None, **(also or {})}
    save(state, workshop_id, "nodes", node.model_copy(update=changed), revision, who)
    if measure is not None:
        refresh(state, workshop_id, who, nodes=[node_code])


def _part_values(part: str, measure: SimpleMeasure | None) -> dict[str, Any]:
    return {
        f"{part}.dataset": measure.dataset if measure else None,
        f"{part}.aggregate": measure.aggregate.value if measure else None,
        f"{part}.column": measure.column if measure else None,
        f"{part}.date": measure.date if measure else None,
        f"{part}.zero": measure.empty is EmptyPeriod.ZERO if measure else False,
        f"{part}.where": [_row(entry) for entry in measure.where] if measure else [],
    }


def _row(entry: Filter) -> dict[str, str]:
    value = entry.value
    text = write_list(value) if isinstance(value, tuple) else "" if value is None else written(value)
    return {"column": entry.column, "op": entry.op.value, "value": text}


def _part_fields(part: str, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """The fields of one part as the model wants them; ``None`` while dataset or aggregate is missing."""
    dataset, aggregate = values.get(f"{part}.dataset"), values.get(f"{part}.aggregate")
    if not dataset or not aggregate:
        return None
    return {
        "dataset": dataset,
        "aggregate": aggregate,
        "column": None if aggregate == Aggregate.COUNT else values.get(f"{part}.column"),
        "date": values.get(f"{part}.date"),
        "where": _filters(values.get(f"{part}.where") or ()),
        "empty": EmptyPeriod.ZERO if values.get(f"{part}.zero") and aggregate == Aggregate.SUM else EmptyPeriod.NONE,
    }


def _filters(rows: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """The conditions of a form; a row without a column, a comparison or the value it needs is not written yet.

    Values stay text: the engine reads them as the column's type.
    """
    found = []
    for row in rows:
        if not row.get("column") or not row.get("op"):
            continue
        op = Op(row["op"])
        text = str(row.get("value") or "")
        if op not in _BARE and not text.strip():
            continue
        value: object = None if op in _BARE else read_list(text) if op in _LISTS else text.strip()
        found.append({"column": row["column"], "op": op, "value": value})
    return tuple(found)


def filter_rows(filters: Sequence[Filter]) -> list[dict[str, str]]:
    """Conditions as the rows of a table: ``column``, ``op`` and ``value`` as text."""
    return [_row(entry) for entry in filters]


def filters_from(rows: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """The conditions that such rows state, as the model wants them; unfinished rows are left out."""
    return _filters(rows)
