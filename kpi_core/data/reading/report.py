"""A reading as ``inspect`` and ``ingest`` print it."""

from __future__ import annotations

from typing import Any

from kpi_core.data.reading.contract import Reading
from kpi_core.errors import Problem, RefusedError
from kpi_core.text import say
from kpi_core.vocabulary import Language


def inspect_json(reading: Reading, language: Language) -> dict[str, Any]:
    """The document of ``inspect`` (see interfaces.md): rows, where the table is, its columns, and the issues."""
    return {
        "rows": reading.rows,
        "encoding": reading.encoding,
        "sheet": reading.sheet,
        "header_row": reading.header_row,
        "columns": [{"name": item.name, "type": item.type.value, "nulls": item.nulls} for item in reading.columns],
        "issues": [_issue(problem, language) for problem in reading.problems],
    }


def _issue(problem: Problem, language: Language) -> dict[str, Any]:
    issue: dict[str, Any] = {
        "severity": problem.severity.value,
        "code": problem.code,
        "message": problem_message(problem, language),
    }
    if problem.row is not None:
        issue["row"] = problem.row
    if problem.column is not None:
        issue["column"] = problem.column
    return issue


def problem_message(problem: Problem, language: Language) -> str:
    """The sentence for a problem of a reading, with its row and column named."""
    params: dict[str, object] = {**problem.params, "row": problem.row, "column": problem.column}
    for name in ("type", "old_type"):
        if name in params:
            params[name] = say(f"reading.types.{params[name]}", language)
    return say(f"reading.problems.{problem.code}", language, **params)


def refusal_message(error: RefusedError, language: Language) -> str:
    """The sentence for a file that was refused."""
    return say(f"reading.errors.{error.code}", language, **error.params)
