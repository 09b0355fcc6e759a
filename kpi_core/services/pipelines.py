"""A weighted pipeline as a form's fields, what the open deals say before it is saved, and what a measure proposes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from kpi_core.data.deals import counted_deals
from kpi_core.errors import MissingError
from kpi_core.insight.pipeline import Weighted, weighted
from kpi_core.model.measure import Scalar, SimpleMeasure
from kpi_core.model.node import Node
from kpi_core.model.period import Period, period_of, periods_between, periods_within
from kpi_core.model.pipeline import Pipeline
from kpi_core.services.actuals import actuals
from kpi_core.services.composing import composed
from kpi_core.services.datasets import tables
from kpi_core.services.mapping import filter_rows, filters_from
from kpi_core.services.snapshots import snapshot
from kpi_core.services.typed_lists import written
from kpi_core.store.state import State
from kpi_core.tree.units import COUNT, is_currency, unit_kind
from kpi_core.vocabulary import Aggregate, Grain, Op, RollUp

#: What must be said before open deals can be weighted, in the order of the form.
NEEDED = ("dataset", "stage", "expected", "closed", "open", "won", "lost")
_ADD_UP = (None, Aggregate.COUNT.value, Aggregate.COUNT_DISTINCT.value, Aggregate.SUM.value)


@dataclass(frozen=True)
class OpenDeals:
    """What the open deals say: ``found.rest`` has a number for each of ``periods``, the rest of the fiscal year."""

    periods: tuple[Period, ...]
    found: Weighted


def takes_pipeline(node: Node, values: Mapping[str, Any]) -> bool:
    """Whether open deals can count for a node that a form states with ``values``: money or counts that add up."""
    if node.pipeline is not None:
        return True
    adds_up = values.get("mode") != "ratio" and values.get("simple.aggregate") in _ADD_UP
    counted = unit_kind(node.unit) == COUNT or is_currency(node.unit)
    return counted and adds_up and node.roll_up in (None, RollUp.SUM)


def pipeline_values(node: Node) -> dict[str, Any]:
    """The node's pipeline as fields ``pipeline.<name>``; without one what its measure proposes, not in use."""
    if node.pipeline is None:
        return {"pipeline.use": False, **_proposed(node)}
    said = node.pipeline
    values: dict[str, Any] = {
        "pipeline.use": True,
        **{f"pipeline.{name}": getattr(said, name) for name in ("dataset", "stage", "expected", "closed", "amount")},
        "pipeline.open": [stage.value for stage in said.open],
        "pipeline.won": [written(value) for value in said.won],
        "pipeline.lost": [written(value) for value in said.lost],
        "pipeline.where": filter_rows(said.where),
    }
    return values | {reached(stage.value): stage.reached for stage in said.open}


def foreseen_values(node: Node) -> dict[str, Any]:
    """All that a form asks for a node's landing: the pipeline's fields and ``converted``."""
    return pipeline_values(node) | {"converted": node.converted}


def reached(stage: str) -> str:
    """The field that holds the date column which is filled once a deal got to ``stage``."""
    return f"pipeline.reached/{stage}"


def missing(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Which of ``NEEDED`` a form in use has not said yet."""
    return tuple(name for name in NEEDED if values.get("pipeline.use") and not values.get(f"pipeline.{name}"))


def pipeline_from(values: Mapping[str, Any], stored: Pipeline | None = None) -> Pipeline | None:
    """The pipeline that a form's fields say; ``None`` for none, and while something is ``missing``.

    ``stored`` gives won and lost values that are no text back as they were. Raises ``RefusedError('change_refused')``.
    """
    if not values.get("pipeline.use") or missing(values):
        return None
    kept: dict[str, Scalar] = {written(one): one for one in (*stored.won, *stored.lost)} if stored else {}
    fields = {name: values[f"pipeline.{name}"] for name in ("dataset", "stage", "expected", "closed")}
    stages = [{"value": stage, "reached": values.get(reached(stage))} for stage in values["pipeline.open"]]
    ended = {name: tuple(kept.get(one, one) for one in values[f"pipeline.{name}"]) for name in ("won", "lost")}
    where = filters_from(values.get("pipeline.where") or ())
    amount = values.get("pipeline.amount")
    return composed(Pipeline, {**fields, **ended, "open": tuple(stages), "amount": amount, "where": where})


def foreseen_by(values: Mapping[str, Any], node: Node) -> dict[str, Any]:
    """The fields of ``node`` that a form states for its landing: ``pipeline`` (a half-stated one stays as it was).

    And ``converted``, the day of conversion of a rate by cohort. Raises as ``pipeline_from``.
    """
    pipeline = node.pipeline if missing(values) else pipeline_from(values, node.pipeline)
    return {"pipeline": pipeline, "converted": values.get("converted") or None}


def preview_pipeline(state: State, workshop_id: str, node: str, pipeline: Pipeline, *, today: date) -> OpenDeals:
    """What open deals say of the periods after the last known one of ``node``, as its landing would take them.

    Raises ``MissingError('item_missing')`` and ``RefusedError('rows_refused')``.
    """
    workshop = snapshot(state, workshop_id).workshop
    if workshop.node(node) is None:
        raise MissingError("item_missing", item=node)
    settings = workshop.settings
    running = period_of(today, settings.grain, settings.fiscal_year_start)
    known = actuals(state, workshop_id, [node], today=today)
    there = np.flatnonzero(np.isfinite(known.series.get(node, np.array([]))))
    first = known.periods[int(there[-1])].shift(1) if len(there) else running
    ahead = periods_between(first, periods_within(running.at(Grain.YEAR), settings.grain)[-1])
    deals = counted_deals(workshop, tables(state, workshop_id), pipeline)
    return OpenDeals(ahead, weighted(pipeline, deals, ahead))


def _proposed(node: Node) -> dict[str, Any]:
    """What a measure of won deals leaves no choice about: where they are, their date, what says that they won."""
    measure = node.measure
    empty: dict[str, Any] = {f"pipeline.{name}": None for name in ("dataset", "stage", "expected", "closed", "amount")}
    empty |= {f"pipeline.{name}": [] for name in ("open", "won", "lost", "where")}
    if not isinstance(measure, SimpleMeasure):
        return empty
    won = next((entry for entry in measure.where if entry.op in (Op.EQ, Op.IN)), None)
    values = () if won is None else won.value if isinstance(won.value, tuple) else (won.value,)
    return empty | {
        "pipeline.dataset": measure.dataset,
        "pipeline.closed": measure.date,
        "pipeline.amount": measure.column if measure.aggregate is Aggregate.SUM else None,
        "pipeline.stage": won.column if won else None,
        "pipeline.won": [written(value) for value in values if value is not None],
        "pipeline.where": filter_rows([entry for entry in measure.where if entry is not won]),
    }
