"""Data quality rules: run over a dataset's newest rows, the result kept on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from kpi_core.data.rule_results import RuleResult
from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.dataset import Dataset, Rule
from kpi_core.services.basis import Versions, dataset_basis, group_versions
from kpi_core.services.connecting import NO_ANSWER
from kpi_core.services.datasets import tables_of, today_of
from kpi_core.services.people import Who, authorise
from kpi_core.services.rule_record import put_on_record
from kpi_core.services.snapshots import snapshot
from kpi_core.store.rule_runs import rule_runs
from kpi_core.store.state import State
from kpi_core.store.versions import versions_of
from kpi_core.vocabulary import RuleKind


@dataclass(frozen=True)
class QualityRun:
    """One run of a dataset's rules over one version; ``current`` is false once rules or rows have changed since."""

    dataset: str
    run_at: datetime
    results: tuple[RuleResult, ...]
    current: bool
    version: str = ""


def run_quality(
    state: State, workshop_id: str, dataset_code: str, who: Who, today: date | None = None
) -> tuple[RuleResult, ...]:
    """Check every rule of a dataset over its newest version and keep the result; nothing without a version.

    Raises ``MissingError('dataset_missing')``, and ``RefusedError('connection_…')`` where a database gave no answer:
    what was found before stays on record.
    """
    authorise(who)
    workshop = snapshot(state, workshop_id).workshop
    if workshop.dataset(dataset_code) is None:
        raise MissingError("dataset_missing", dataset=dataset_code)
    kept = group_versions(versions_of(state.connection, workshop_id))
    if not kept.get(dataset_code):
        return ()
    rows = tables_of(state, workshop_id, workshop, kept)
    from kpi_core.data.quality import run_rules

    day = today or today_of(workshop)
    counted = _counted_before(state, workshop_id, dataset_code, day) if workshop.connection_of(dataset_code) else {}
    results = run_rules(workshop, rows, dataset_code, today=day, counted=counted)
    silent = next((one.problem for one in results if one.problem and one.problem.code in NO_ANSWER), None)
    if silent is not None:
        raise RefusedError(silent.code, **silent.params)
    with state.writing() as connection:
        snapshot(state, workshop_id)  # it may be gone by now
        put_on_record(connection, workshop_id, workshop, dataset_code, kept, results, who)
    return results


def _counted_before(state: State, workshop_id: str, code: str, today: date) -> dict[str, int]:
    """Rule → how many rows it counted last time: at the last check of a day before whose rows were let in.

    A check that is run again tells the same, and rows that were held back are nothing to compare with.
    """
    workshop = snapshot(state, workshop_id).workshop
    zone = ZoneInfo(workshop.settings.timezone)
    found: dict[str, int] = {}
    for run in reversed(past_runs(state, workshop_id).get(code, ())):
        if run.run_at.astimezone(zone).date() < today and not any(one.refuses for one in run.results):
            found |= {one.key: one.counted for one in run.results if one.counted is not None}
    return found


def last_runs(state: State, workshop_id: str) -> Mapping[str, QualityRun]:
    """dataset → the last run of its rules, for the datasets the workshop has; data grow old also without a new run."""
    with state.reading():
        workshop = snapshot(state, workshop_id).workshop
        runs = _runs(state, workshop_id, latest=True)
    today = today_of(workshop)
    return {code: _grown_old(runs[code][0], workshop.dataset(code), today) for code in runs}


def past_runs(state: State, workshop_id: str) -> Mapping[str, Sequence[QualityRun]]:
    """dataset → all runs of its rules, newest first, for the datasets the workshop has; only the first is current."""
    return _runs(state, workshop_id, latest=False)


def _runs(state: State, workshop_id: str, *, latest: bool) -> dict[str, list[QualityRun]]:
    with state.reading() as connection:
        workshop = snapshot(state, workshop_id).workshop
        runs = rule_runs(connection, workshop_id, latest=latest)
        kept: Versions = group_versions(versions_of(connection, workshop_id))
    found: dict[str, list[QualityRun]] = {}
    for run in runs:
        if workshop.dataset(run.dataset) is not None:
            of_dataset = found.setdefault(run.dataset, [])
            current = not of_dataset and run.basis == dataset_basis(workshop, run.dataset, kept)
            results = tuple(RuleResult.from_json(result) for result in run.results)
            of_dataset.append(QualityRun(run.dataset, run.run_at, results, current, run.version))
    return found


def check_outdated(state: State, workshop_id: str, who: Who) -> None:
    """Check anew every dataset that was checked before and whose rules or rows have changed since."""
    authorise(who)
    for code, run in last_runs(state, workshop_id).items():
        if not run.current:
            with suppress(RefusedError):  # a database that gives no answer: its rules stay unchecked
                run_quality(state, workshop_id, code, who)


def _grown_old(run: QualityRun, dataset: Dataset | None, today: date) -> QualityRun:
    """A current run with its freshness as of today, from the newest day it saw."""
    if dataset is None or not run.current:
        return run
    results = tuple(_as_of(result, dataset.rules[result.position], today) for result in run.results)
    return replace(run, results=results)


def _as_of(result: RuleResult, rule: Rule, today: date) -> RuleResult:
    if result.rule is not RuleKind.FRESHNESS or not result.seen or rule.max_age_days is None:
        return result
    late = (today - date.fromisoformat(result.seen)).days > rule.max_age_days
    return replace(result, failed=int(late), examples=(result.seen,) if late else ())


def compliance(run: QualityRun) -> dict[str, float]:
    """column → the share of rows that keep its rules: that of the rule kept least."""
    shares: dict[str, float] = {}
    for result in run.results:
        if result.compliance is not None:
            shares[result.column] = min(result.compliance, shares.get(result.column, 1.0))
    return shares
