"""Readiness items 5-7 and 15: definitions, where numbers come from, input rules, data quality rules."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from kpi_core.guidance.facts import Facts
from kpi_core.guidance.finding import LIST
from kpi_core.guidance.measurability import OBSTACLES, Obstacle, obstacles
from kpi_core.guidance.scope import in_force, kpis
from kpi_core.guidance.verdict import Reason, met, not_yet, not_yet_for
from kpi_core.model.dataset import Dataset
from kpi_core.model.expression import names_in, parse_derived
from kpi_core.model.measure import columns_of
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Page

_UNMEASURABLE: Mapping[Obstacle, str] = {
    "nothing": "sources_missing_nothing",
    "updater": "sources_missing_updater",
    "inputs": "sources_missing_inputs",
}


def definitions_written(workshop: Workshop, facts: Facts) -> Reason:
    if not kpis(workshop):
        return not_yet("kpi_none", Page.KPI_DESIGN)
    unwritten = [node.code for node in kpis(workshop) if not node.definition.strip()]
    if unwritten:
        return not_yet_for("definitions_missing", Page.KPI_DESIGN, unwritten)
    return met("definitions_written", Page.KPI_DESIGN, count=len(kpis(workshop)))


def measurement_clear(workshop: Workshop, facts: Facts) -> Reason:
    if not kpis(workshop):
        return not_yet("kpi_none", Page.KPI_DESIGN)
    lacking = obstacles(workshop)
    for obstacle in OBSTACLES:
        unclear = [node.code for node in kpis(workshop) if lacking.get(node.code) == obstacle]
        if unclear:
            return not_yet_for(_UNMEASURABLE[obstacle], Page.DATA_SOURCES, unclear)
    return met("sources_clear", Page.DATA_SOURCES, count=len(kpis(workshop)))


def input_columns(workshop: Workshop) -> tuple[tuple[str, str], ...]:
    """Every (dataset, column) that people type in and some measure uses, each once.

    A derived column stands for the columns it is computed from, a looked-up one for the column it comes from.
    """
    found: dict[tuple[str, str], None] = {}
    for node in in_force(workshop):
        for code, column in columns_of(node.measure) if node.measure is not None else ():
            dataset = workshop.dataset(code)
            if dataset is not None:
                found.update(dict.fromkeys(typed_in(dataset, column)))
    return tuple(found)


def typed_in(dataset: Dataset, column: str, seen: frozenset[str] = frozenset()) -> tuple[tuple[str, str], ...]:
    """The (dataset, column) pairs that people type in for a column: its own unless it is derived or looked up."""
    derived = next((item for item in dataset.derived if item.name == column), None)
    if derived is not None and column not in seen:
        inner = names_in(parse_derived(derived.expression))
        return tuple(pair for name in inner for pair in typed_in(dataset, name, seen | {column}))
    lookup = next((item for item in dataset.lookups if column in item.columns), None)
    return ((lookup.dataset if lookup is not None else dataset.code, column),)


def input_rules(workshop: Workshop, facts: Facts) -> Reason:
    wanted = input_columns(workshop)
    if not wanted:
        return not_yet("measures_none", Page.DATA_SOURCES)
    ruled = {(dataset.code, rule.column) for dataset in workshop.datasets for rule in dataset.rules}
    open_ones = [f"{dataset}.{column}" for dataset, column in wanted if (dataset, column) not in ruled]
    if open_ones:
        return not_yet("rules_missing", Page.DATA_SOURCES, columns=LIST.join(open_ones), count=len(open_ones))
    shares = {(code, column): share for code, kept in facts.compliance.items() for column, share in kept.items()}
    unknown = [f"{dataset}.{column}" for dataset, column in wanted if (dataset, column) not in shares]
    if unknown:
        return not_yet("compliance_unknown", Page.DATA_SOURCES, columns=LIST.join(unknown), count=len(unknown))
    worst = min(wanted, key=lambda pair: shares[pair])
    return met("rules_kept", Page.DATA_SOURCES, count=len(wanted), columns=".".join(worst), share=shares[worst])


def mapped_datasets(workshop: Workshop) -> tuple[str, ...]:
    """The datasets that some measure of a node or a hand-over reads, each once."""
    measures = [node.measure for node in in_force(workshop)] + [item.measure for item in workshop.handovers]
    parts = [part.dataset for measure in measures if measure is not None for part in measure.parts]
    return tuple(dict.fromkeys(parts))


def quality_rules(workshop: Workshop, facts: Facts) -> Reason:
    mapped = mapped_datasets(workshop)
    if not mapped:
        return not_yet("datasets_none", Page.DATA_SOURCES)
    ruled = {dataset.code for dataset in workshop.datasets if dataset.rules}
    without = [code for code in mapped if code not in ruled]
    if without:
        return not_yet("datasets_without_rules", Page.DATA_SOURCES, datasets=LIST.join(without), count=len(without))
    never = [code for code in mapped if code not in facts.rules_run_at]
    if never:
        return not_yet("rules_never_run", Page.DATA_SOURCES, datasets=LIST.join(never), count=len(never))
    last = min(facts.rules_run_at[code] for code in mapped).astimezone(ZoneInfo(workshop.settings.timezone))
    return met("quality_rules_run", Page.DATA_SOURCES, count=len(mapped), date=last.date().isoformat())
