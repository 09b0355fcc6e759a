"""What is still missing: findings about the design, the 15 readiness items, and the state of the five steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
from kpi_core.model.period import period_of, periods_between
from kpi_core.model.workshop import Workshop
from kpi_core.services.basis import group_versions, without_waiting
from kpi_core.services.datasets import today_of
from kpi_core.services.evaluating import MOST_PERIODS, periods_at
from kpi_core.services.quality import compliance, last_runs, run_quality
from kpi_core.services.remembered import Answer, Remembered
from kpi_core.services.single_truth import discrepancies
from kpi_core.services.snapshots import Snapshot, snapshot
from kpi_core.store import observations
from kpi_core.store.state import State
from kpi_core.store.versions import StoredVersion, versions_of
from kpi_core.tree.evaluation import evaluate as evaluate_tree

__all__ = ["facts", "findings", "readiness", "run_quality", "steps"]

#: How far back the latest value of a node is looked for at least, in periods of the workshop's grain.
_LOOK_BACK = 60
#: Every page asks for the steps, many for the findings: kept for as many workshops as are open at a time.
_facts_kept: Remembered[Facts] = Remembered(64)
_findings_kept: Remembered[tuple[Finding, ...]] = Remembered(64)
_verdicts_kept: Remembered[tuple[Verdict, ...]] = Remembered(64)
_steps_kept: Remembered[tuple[StepState, ...]] = Remembered(64)


def facts(state: State, workshop_id: str, today: date | None = None) -> Facts:
    """What is known of a workshop's data on a day."""
    day = today or today_of(snapshot(state, workshop_id).workshop)
    return _facts_kept.answer(state, workshop_id, (day,), lambda found: _facts(state, found, day))


def findings(state: State, workshop_id: str, today: date | None = None) -> tuple[Finding, ...]:
    """What should be mended in the design. Sentences: ``kpi_core.guidance.wording.finding_text``."""
    return _judged(_findings_kept, design_findings, state, workshop_id, today)


def readiness(state: State, workshop_id: str, today: date | None = None) -> tuple[Verdict, ...]:
    """The automatic verdicts on the 15 items, in order. Sentences: ``kpi_core.guidance.wording.verdict_text``."""
    return _judged(_verdicts_kept, readiness_verdicts, state, workshop_id, today)


def steps(state: State, workshop_id: str, today: date | None = None) -> tuple[StepState, ...]:
    """The state of the five steps, in order. Sentences: ``kpi_core.guidance.wording.gap_text``."""
    return _judged(_steps_kept, step_states, state, workshop_id, today)


def _judged(
    kept: Remembered[Answer],
    judge: Callable[[Workshop, Facts], Answer],
    state: State,
    workshop_id: str,
    today: date | None,
) -> Answer:
    """``judge`` over workshop and facts of one moment."""
    day = today or today_of(snapshot(state, workshop_id).workshop)
    return kept.answer(state, workshop_id, (day,), lambda found: judge(found.workshop, facts(state, workshop_id, day)))


def _facts(state: State, found: Snapshot, today: date) -> Facts:
    workshop = found.workshop
    with state.reading() as connection:
        measured = observations.measured(connection, found.id)
        kept = group_versions(versions_of(connection, found.id))
        runs = last_runs(state, found.id)
        values = observations.overall(connection, found.id)
        valued = without_waiting(connection, found.id, workshop)
    latest = _latest(valued, values, today)
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
        discrepancies=discrepancies(state, found.id),
    )


def _latest(workshop: Workshop, values: Mapping[str, Mapping[str, float]], today: date) -> Mapping[str, str]:
    """node → its last period with a value that has begun, measured, typed in or computed by formula."""
    start = workshop.settings.fiscal_year_start
    last = period_of(today, workshop.settings.grain, start)
    keys = [key for own in values.values() for key in own]
    keys += [entry.period for node in workshop.nodes for entry in node.manual]
    known = periods_at(last.grain, start, keys)  # an old export counts, too, but not rows dated in the year 1000
    earliest = [period for period in known if last.shift(-MOST_PERIODS) < period]
    periods = periods_between(min([last.shift(-_LOOK_BACK), *earliest]), last)
    latest: dict[str, str] = {}
    for code, actual in evaluate_tree(workshop, values, periods).actual.items():
        places = np.flatnonzero(~np.isnan(actual))
        if places.size:
            latest[code] = periods[int(places[-1])].key
    return latest


def _columns(dataset: Dataset, versions: Sequence[StoredVersion]) -> frozenset[str]:
    found = {column["name"] for column in versions[0].report["columns"]}
    derived = {column.name for column in dataset.derived}
    return frozenset(found | derived | {name for lookup in dataset.lookups for name in lookup.columns})
