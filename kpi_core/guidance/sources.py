"""Findings about data: look-ups and columns that are not there, values that grew old."""

from __future__ import annotations

from collections.abc import Iterator

from kpi_core.errors import Param
from kpi_core.guidance.facts import Facts
from kpi_core.guidance.finding import Finding
from kpi_core.guidance.freshness import DAYS, age_in_days
from kpi_core.guidance.scope import in_force
from kpi_core.model.measure import columns_of
from kpi_core.model.references import near_slip
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Page, Severity


def lookup_dataset_missing(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    for dataset in workshop.datasets:
        for lookup in dataset.lookups:
            if workshop.dataset(lookup.dataset) is None:
                params = {"dataset": dataset.code, "other_dataset": lookup.dataset}
                yield Finding("lookup_dataset_missing", Severity.WARNING, Page.DATA_SOURCES, None, params)


def measure_column_missing(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    """Columns that a measure names and the uploaded rows do not have (told once rows are there)."""
    for node in in_force(workshop):
        for dataset, column in columns_of(node.measure) if node.measure is not None else ():
            known = facts.columns.get(dataset)
            if known is None or column in known:
                continue
            hint = near_slip(column, sorted(known))
            params = {"node": node.code, "dataset": dataset, "column": column}
            if hint:
                params["hint"] = hint
            code = "measure_column_missing_near" if hint else "measure_column_missing"
            yield Finding(code, Severity.ERROR, Page.DATA_SOURCES, node.code, params)


def values_stale(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    """Values older than the node's own update frequency."""
    for node in in_force(workshop):
        age = age_in_days(workshop, node, facts)
        if node.update_frequency is not None and age is not None and age > DAYS[node.update_frequency]:
            params: dict[str, Param] = {"node": node.code, "days": age, "cadence": node.update_frequency.value}
            params["period"] = facts.latest[node.code]
            yield Finding("values_stale", Severity.WARNING, Page.DATA_SOURCES, node.code, params)
