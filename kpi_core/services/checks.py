"""What is still missing: findings about the design, the 15 readiness items, and the state of the five steps."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from kpi_core.guidance.facts import Facts
from kpi_core.guidance.finding import Finding
from kpi_core.guidance.findings import findings as design_findings
from kpi_core.guidance.readiness import Verdict
from kpi_core.guidance.readiness import readiness as readiness_verdicts
from kpi_core.guidance.steps import StepState
from kpi_core.guidance.steps import steps as step_states
from kpi_core.model.dataset import Dataset
from kpi_core.model.period import period_of
from kpi_core.model.workshop import Workshop
from kpi_core.services.basis import group_versions
from kpi_core.services.datasets import today_of
from kpi_core.services.evaluating import evaluate
from kpi_core.services.quality import compliance, last_runs, run_quality
from kpi_core.services.snapshots import snapshot
from kpi_core.store import observations
from kpi_core.store.state import State
from kpi_core.store.versions import StoredVersion, versions_of

__all__ = ["facts", "findings", "readiness", "run_quality", "steps"]

#: How far back the latest value of a node is looked for, in periods of the workshop's grain.
_LOOK_BACK = 60
_KEPT = 64
_cache: OrderedDict[tuple[str, str, str, int, date], Facts] = OrderedDict()
_lock = threading.Lock()


def facts(state: State, workshop_id: str, today: date | None = None) -> Facts:
    """What is known of a workshop's data on a day; kept while nothing changes, since every page asks for it."""
    found = snapshot(state, workshop_id)
    day = today or today_of(found.workshop)
    key = (str(state.path), state.instance, workshop_id, found.change, day)
    with _lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key]
    made = _facts(state, workshop_id, found.workshop, day)
    with _lock:
        _cache[key] = made
        while len(_cache) > _KEPT:
            _cache.popitem(last=False)
    return made


def findings(state: State, workshop_id: str, today: date | None = None) -> tuple[Finding, ...]:
    """What should be mended in the design. Sentences: ``kpi_core.guidance.wording.finding_text``."""
    return design_findings(snapshot(state, workshop_id).workshop, facts(state, workshop_id, today))


def readiness(state: State, workshop_id: str, today: date | None = None) -> tuple[Verdict, ...]:
    """The automatic verdicts on the 15 items, in order. Sentences: ``kpi_core.guidance.wording.verdict_text``."""
    return readiness_verdicts(snapshot(state, workshop_id).workshop, facts(state, workshop_id, today))


def steps(state: State, workshop_id: str, today: date | None = None) -> tuple[StepState, ...]:
    """The state of the five steps, in order. Sentences: ``kpi_core.guidance.wording.gap_text``."""
    return step_states(snapshot(state, workshop_id).workshop, facts(state, workshop_id, today))


def _facts(state: State, workshop_id: str, workshop: Workshop, today: date) -> Facts:
    with state.reading() as connection:
        measured = observations.measured(connection, workshop_id)
        kept = group_versions(versions_of(connection, workshop_id))
        runs = last_runs(state, workshop_id)
        latest = _latest(state, workshop_id, workshop, today)
    return Facts(
        today=today,
        latest=latest,
        measured_at={code: found.computed_at for code, found in measured.items()},
        versions={code: versions[0].uploaded_at for code, versions in kept.items()},
        columns={
            dataset.code: _columns(dataset, kept[dataset.code]) for dataset in workshop.datasets if dataset.code in kept
        },
        compliance={code: compliance(run) for code, run in runs.items() if run.current},
        rules_run_at={code: run.run_at for code, run in runs.items()},
    )


def _latest(state: State, workshop_id: str, workshop: Workshop, today: date) -> Mapping[str, str]:
    """node → its last period with a value that has begun, measured, typed in or computed by formula."""
    last = period_of(today, workshop.settings.grain, workshop.settings.fiscal_year_start)
    first = last.shift(-_LOOK_BACK)
    found = evaluate(state, workshop_id, first=first.key, last=last.key, today=today)
    latest: dict[str, str] = {}
    for (code, _), series in found.series.items():
        places = np.flatnonzero(~np.isnan(series.actual))
        if places.size:
            latest[code] = found.periods[int(places[-1])].key
    return latest


def _columns(dataset: Dataset, versions: Sequence[StoredVersion]) -> frozenset[str]:
    found = {column["name"] for column in versions[0].report["columns"]}
    derived = {column.name for column in dataset.derived}
    return frozenset(found | derived | {name for lookup in dataset.lookups for name in lookup.columns})
