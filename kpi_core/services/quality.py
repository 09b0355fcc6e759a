"""Data quality rules: run over a dataset's newest rows, the result kept on record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from kpi_core.data.quality import RuleResult, run_rules
from kpi_core.errors import MissingError, Problem
from kpi_core.services.basis import Versions, dataset_basis, group_versions
from kpi_core.services.datasets import tables_of, today_of
from kpi_core.services.people import Who, authorise
from kpi_core.services.snapshots import snapshot
from kpi_core.store import changes
from kpi_core.store.rule_runs import record_run, rule_runs
from kpi_core.store.state import State
from kpi_core.store.versions import versions_of
from kpi_core.vocabulary import RuleKind, Severity


@dataclass(frozen=True)
class QualityRun:
    """The last run of a dataset's rules; ``current`` is false once rules or rows have changed since."""

    dataset: str
    run_at: datetime
    results: tuple[RuleResult, ...]
    current: bool


def run_quality(
    state: State, workshop_id: str, dataset_code: str, who: Who, today: date | None = None
) -> tuple[RuleResult, ...]:
    """Check every rule of a dataset over its newest version and keep the result; nothing without a version.

    Raises ``MissingError('dataset_missing')``.
    """
    authorise(who)
    workshop = snapshot(state, workshop_id).workshop
    if workshop.dataset(dataset_code) is None:
        raise MissingError("dataset_missing", dataset=dataset_code)
    kept = group_versions(versions_of(state.connection, workshop_id))
    if not kept.get(dataset_code):
        return ()
    rows = tables_of(state, workshop, kept)
    results = run_rules(workshop, rows, dataset_code, today=today or today_of(workshop))
    with state.writing() as connection:
        snapshot(state, workshop_id)  # it may be gone by now
        basis = dataset_basis(workshop, dataset_code, kept)
        record_run(connection, workshop_id, dataset_code, basis, [_to_json(result) for result in results])
        after = json.dumps({"rules": len(results), "failed": sum(result.failed > 0 for result in results)})
        changes.append(connection, workshop_id, who.name, "quality", dataset_code, "run", None, after)
    return results


def last_runs(state: State, workshop_id: str) -> Mapping[str, QualityRun]:
    """dataset → the last run of its rules, for the datasets the workshop has."""
    with state.reading() as connection:
        workshop = snapshot(state, workshop_id).workshop
        runs = rule_runs(connection, workshop_id)
        kept: Versions = group_versions(versions_of(connection, workshop_id))
    return {
        code: QualityRun(
            code,
            run.run_at,
            tuple(_from_json(result) for result in run.results),
            run.basis == dataset_basis(workshop, code, kept),
        )
        for code, run in runs.items()
        if workshop.dataset(code) is not None
    }


def check_outdated(state: State, workshop_id: str, who: Who) -> None:
    """Check anew every dataset that was checked before and whose rules or rows have changed since."""
    authorise(who)
    for code, run in last_runs(state, workshop_id).items():
        if not run.current:
            run_quality(state, workshop_id, code, who)


def compliance(run: QualityRun) -> dict[str, float]:
    """column → the share of rows that keep its rules: that of the rule kept least."""
    shares: dict[str, float] = {}
    for result in run.results:
        if result.compliance is not None:
            shares[result.column] = min(result.compliance, shares.get(result.column, 1.0))
    return shares


def _to_json(result: RuleResult) -> dict[str, Any]:
    problem = result.problem
    return {
        "dataset": result.dataset,
        "position": result.position,
        "column": result.column,
        "rule": result.rule.value,
        "checked": result.checked,
        "failed": result.failed,
        "examples": list(result.examples),
        "problem": None
        if problem is None
        else {"code": problem.code, "params": dict(problem.params), "severity": problem.severity, "path": problem.path},
    }


def _from_json(document: dict[str, Any]) -> RuleResult:
    problem = document["problem"]
    return RuleResult(
        dataset=document["dataset"],
        position=document["position"],
        column=document["column"],
        rule=RuleKind(document["rule"]),
        checked=document["checked"],
        failed=document["failed"],
        examples=tuple(document["examples"]),
        problem=None if problem is None else Problem(**{**problem, "severity": Severity(problem["severity"])}),
    )
