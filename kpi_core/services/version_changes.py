"""Two versions of a dataset compared, in their rows and in the KPIs that rest on it; an older one brought back."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from kpi_core.data.differing import Differences, differences
from kpi_core.data.observing import observe_measures
from kpi_core.data.tables import Table, Tables
from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.dataset import Dataset
from kpi_core.model.measure import Ratio, RatioMeasure, SimpleMeasure
from kpi_core.model.period import parse_period
from kpi_core.model.workshop import Workshop
from kpi_core.services.datasets import Version, keep, tables, versions
from kpi_core.services.inspecting import dataset_of
from kpi_core.services.measuring import refresh
from kpi_core.services.people import Who, authorise
from kpi_core.services.quality import check_outdated
from kpi_core.services.snapshots import snapshot
from kpi_core.store import changes
from kpi_core.store import versions as kept_versions
from kpi_core.store.state import State
from kpi_core.vocabulary import RuleKind


@dataclass(frozen=True)
class NodeChange:
    """What a KPI gives from the one version's rows and from the other's, by period key of the workshop's grain.

    Only periods whose values differ; ``None`` where one of them has none. ``periods`` is how many were compared.
    """

    node: str
    values: Mapping[str, tuple[float | None, float | None]]
    periods: int


@dataclass(frozen=True)
class VersionsCompared:
    """``before`` and ``after`` with what differs in their rows and in every KPI measured from the dataset."""

    before: Version
    after: Version
    rows: Differences
    nodes: tuple[NodeChange, ...]


def compare_versions(state: State, workshop_id: str, dataset_code: str, before: str, after: str) -> VersionsCompared:
    """How version ``after`` (its id) differs from ``before``.

    Rows are told apart by the keys of the dataset's recipe, by a column with a rule of no repeats, or by one that has
    another value in every row. Raises ``MissingError``: ``dataset_missing``, ``version_missing``.
    """
    workshop = snapshot(state, workshop_id).workshop
    dataset = dataset_of(workshop, dataset_code)
    old, new = (version_of(state, workshop_id, dataset_code, one) for one in (before, after))
    rows = differences(old.parquet, new.parquet, _stated_keys(dataset))
    kept = tables(state, workshop_id)
    sides = [_measured(workshop, kept, dataset, one) for one in (old, new)]
    nodes = []
    for code in sides[0]:
        first, second = sides[0][code], sides[1].get(code, {})
        periods = sorted(first.keys() | second.keys(), key=lambda key: parse_period(key).start)
        found = {key: (first.get(key), second.get(key)) for key in periods if first.get(key) != second.get(key)}
        nodes.append(NodeChange(code, found, len(periods)))
    return VersionsCompared(old, new, rows, tuple(nodes))


def restore_version(
    state: State, workshop_id: str, dataset_code: str, version: str, who: Who, as_of: date | None = None
) -> Version:
    """Keep an older version's rows as the dataset's newest version; nothing is taken away, and KPIs follow at once.

    ``as_of`` is the day they speak of: that of the version they stand in for, unless said otherwise. Raises
    ``MissingError('version_missing')``, ``RefusedError('version_in_use')`` for the newest itself, and as
    ``datasets.keep`` where a blocking rule is broken.
    """
    authorise(who)
    old = version_of(state, workshop_id, dataset_code, version)
    newest = versions(state, workshop_id, dataset_code)[0]
    if newest.id == version:
        raise RefusedError("version_in_use", file=old.file_name)
    incoming = Path(tempfile.mkdtemp(prefix=kept_versions.INCOMING, dir=state.folder))
    try:
        rows = replace(old.reading, parquet=incoming / "rows.parquet")
        shutil.copyfile(old.parquet, incoming / "rows.parquet")
        day = as_of or newest.as_of
        number = keep(state, workshop_id, dataset_code, rows, old.file_name, day, who, restored=version)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
    refresh(state, workshop_id, who)
    check_outdated(state, workshop_id, who)
    return version_of(state, workshop_id, dataset_code, str(number))


def version_of(state: State, workshop_id: str, dataset_code: str, version: str) -> Version:
    """Raises ``MissingError('version_missing')``."""
    found = next((one for one in versions(state, workshop_id, dataset_code) if one.id == version), None)
    if found is None:
        raise MissingError("version_missing", version=version)
    return found


def _stated_keys(dataset: Dataset) -> tuple[tuple[str, ...], ...]:
    keys = [dataset.recipe.keys] if dataset.recipe is not None and dataset.recipe.keys else []
    unique = [(rule.column,) for rule in dataset.rules if rule.rule is RuleKind.UNIQUE and not rule.where]
    return (*keys, *unique)


def _measured(workshop: Workshop, kept: Tables, dataset: Dataset, version: Version) -> dict[str, dict[str, float]]:
    """Node → period key → value, of every measure on the dataset, as if ``version`` were all it had."""
    resting = {
        node.code: _whole(node.measure)
        for node in workshop.nodes
        if node.measure is not None and any(part.dataset == dataset.code for part in node.measure.parts)
    }
    if not resting:
        return {}
    alone = {**kept, dataset.code: (Table(dataset, version.parquet, version.id, version.as_of),)}
    found: dict[str, dict[str, float]] = {code: {} for code in resting}
    for one in observe_measures(workshop, alone, resting, grain=workshop.settings.grain).observations:
        found[one.node][one.period] = one.value
    return found


def _whole(measure: SimpleMeasure | RatioMeasure) -> SimpleMeasure | RatioMeasure:
    """The measure without its dimensions."""
    parts = [part.model_copy(update={"dimensions": ()}) for part in measure.parts]
    if isinstance(measure, RatioMeasure):
        return RatioMeasure(ratio=Ratio(numerator=parts[0], denominator=parts[1]))
    return parts[0]


def restorations(state: State, workshop_id: str, dataset_code: str) -> Mapping[str, str]:
    """Version → the older one whose rows it brought back, of those that did."""
    snapshot(state, workshop_id)
    found: dict[str, str] = {}
    for entry in changes.since(state.connection, workshop_id, 0):
        if (entry.section, entry.code) == ("versions", dataset_code) and entry.after:
            body = json.loads(entry.after)
            if "restored" in body:
                found[body["version"]] = body["restored"]
    return found
