"""What a dataset's rules say of rows that are not stored yet: a blocking rule that is broken refuses them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from kpi_core.data.rule_results import RuleResult
from kpi_core.data.tables import Table, Tables
from kpi_core.errors import Problem, RefusedError
from kpi_core.model.dataset import Rule
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import RuleKind, Severity

#: The version of rows on their way in; no stored one is called so.
INCOMING = "incoming"
_POSITION = re.compile(r"\.rules\[(\d+)\]$")
#: Of rows without numbers, as those of a database.
_SENTENCES_OF_TABLES = {"quality.empty": "quality.empty_in_table", "quality.broken": "quality.broken_in_table"}
_SENTENCES = {
    RuleKind.REQUIRED: "quality.empty",
    RuleKind.FRESHNESS: "quality.too_old",
    RuleKind.ROW_COUNT: "quality.row_count",
}


def with_incoming(tables: Tables, workshop: Workshop, code: str, parquet: Path, as_of: date) -> Tables:
    """The tables as they would be with these rows as the dataset's newest version."""
    dataset = workshop.dataset(code)
    if dataset is None:
        return tables
    return {**tables, code: (Table(dataset, parquet, INCOMING, as_of), *tables.get(code, ()))}


def admitted(
    workshop: Workshop, tables: Tables, code: str, *, today: date, file_name: str, before: int = 0
) -> tuple[RuleResult, ...]:
    """What the rules found in the newest rows, for the record; ``before`` of them stand before those of the file.

    Raises ``RefusedError('upload_rules_broken')`` with a problem for each blocking rule that is broken or could not be
    checked; a problem's path holds the rule's position (``datasets.deals.rules[2]``).
    """
    from kpi_core.data.quality import run_rules

    results = run_rules(workshop, tables, code, today=today)
    dataset = workshop.dataset(code)
    refusing = [result for result in results if result.refuses]
    if refusing and dataset is not None:
        problems = [problem_of(result, dataset.rules[result.position], before) for result in refusing]
        raise RefusedError("upload_rules_broken", problems, file=file_name, count=len(problems))
    return results


def position_of(problem: Problem) -> int | None:
    """Which rule of its dataset a problem is about; ``None`` for any other problem."""
    found = _POSITION.search(problem.path or "")
    return None if found is None else int(found[1])


def problem_of(result: RuleResult, rule: Rule, before: int = 0) -> Problem:
    """A broken rule as a problem with its sentence; one that could not be checked is its own reason.

    Rows are counted as those of the file where all that are named lie in it: ``before`` rows stand before its own.
    """
    if result.problem is not None:
        return result.problem
    rows = tuple(row - before for row in result.rows) if min(result.rows, default=0) > before else result.rows
    params = {
        "column": result.column,
        "rule": result.rule.value,
        "failed": f"{result.failed:,}",
        "checked": result.checked,
        "rows": ", ".join(f"{row}" for row in rows) + (" …" if result.failed > len(rows) else ""),
        "examples": " / ".join(result.examples),
        "days": rule.max_age_days,
    }
    path = f"datasets.{result.dataset}.rules[{result.position}]"
    severity = Severity.ERROR if result.refuses else Severity.WARNING
    code = _SENTENCES.get(result.rule, "quality.broken")
    code = code if result.rows else _SENTENCES_OF_TABLES.get(code, code)
    return Problem(code, params, severity, path=path)
