"""What is to be mended in the data, and by whom: every broken rule under the person who answers for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kpi_core.data.rule_results import RuleResult
from kpi_core.model.dataset import Dataset, Rule
from kpi_core.model.workshop import Workshop
from kpi_core.services.quality import QualityRun, last_runs, past_runs
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State


@dataclass(frozen=True)
class ToMend:
    """A rule that is broken, or could not be checked, in the newest rows; ``since``: the first run in a row to say so.

    ``person`` is empty where neither the rule, nor its dataset, nor its source names one.
    """

    person: str
    dataset: Dataset
    rule: Rule
    result: RuleResult
    since: datetime


def to_mend(state: State, workshop_id: str) -> tuple[ToMend, ...]:
    """Everything to mend, by person in order of their name (nobody's last), the most failing rows first."""
    with state.reading():
        workshop = snapshot(state, workshop_id).workshop
        current, past = last_runs(state, workshop_id), past_runs(state, workshop_id)
    found = []
    for dataset in workshop.datasets:
        run = current.get(dataset.code)
        if run is None or not run.current:
            continue
        for result in run.results:
            if result.failed or result.problem is not None:
                rule = dataset.rules[result.position]
                since = _since(past[dataset.code], result)
                found.append(ToMend(mended_by(workshop, dataset, rule), dataset, rule, result, since))
    return tuple(sorted(found, key=lambda one: (not one.person, one.person, -one.result.failed)))


def mended_by(workshop: Workshop, dataset: Dataset, rule: Rule) -> str:
    """Who mends what breaks a rule: its own owner, else the dataset's, else the source's; empty for nobody."""
    source = next((one for one in workshop.sources if one.code == dataset.source), None)
    return rule.owner or dataset.owner or (source.owner if source is not None else "")


def _since(runs: Sequence[QualityRun], result: RuleResult) -> datetime:
    """When the rule was first found broken without having been kept since; ``runs`` newest first."""
    since = runs[0].run_at
    for run in runs:
        same = next((one for one in run.results if one.key == result.key), None)
        if same is None or not (same.failed or same.problem is not None):
            break
        since = run.run_at
    return since
