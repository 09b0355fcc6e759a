"""What a command answers: one JSON document or plain lines on standard output, failures on standard error too."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from kpi_core.errors import KpiError, Problem, RefusedError, StaleError
from kpi_core.services.wording import sentence_for
from kpi_core.vocabulary import Language, Severity

DONE, BUG, WRONG, CONFLICT = 0, 1, 2, 3


def print_json(document: object) -> None:
    """One JSON document; what is no number is ``null``."""
    print(json.dumps(_finite(document), ensure_ascii=False, indent=2, allow_nan=False))


def print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def print_failure(error: KpiError, language: Language, *, as_json: bool) -> int:
    """Tell what went wrong and give the exit code: 3 for a conflict with another change, else 2."""
    problems = error.problems if isinstance(error, RefusedError) else ()
    message = sentence_for(error, language)
    print(message, file=sys.stderr)
    _print_detail(error)
    for problem in problems:
        print(f"  {place_of(problem)}{sentence_for(problem, language)}", file=sys.stderr)
        _print_detail(problem)
    if as_json:
        told: dict[str, Any] = {"code": error.code, "message": message}
        if detail := detail_of(error):
            told["detail"] = detail
        if problems:
            listed = [problem_json(problem, language) for problem in problems]
            worst = next((entry for entry in listed if entry["severity"] == Severity.ERROR), listed[0])
            told |= {key: worst[key] for key in ("path", "sheet", "row", "column") if key in worst}
            told["problems"] = listed
        print_json({"error": told})
    return CONFLICT if isinstance(error, StaleError) or error.code == "state_busy" else WRONG


def _print_detail(failure: KpiError | Problem) -> None:
    """On a line of their own."""
    if detail := detail_of(failure):
        print(f"  {detail}", file=sys.stderr)


def detail_of(failure: KpiError | Problem) -> str:
    """A library's own words, in its language; empty where it said none."""
    return str(failure.params.get("detail") or "")


def print_bug(language: Language, *, as_json: bool) -> int:
    """Tell of a bug, whose traceback is on standard error already."""
    error = KpiError("bug")
    message = sentence_for(error, language)
    print(message, file=sys.stderr)
    if as_json:
        print_json({"error": {"code": error.code, "message": message}})
    return BUG


def problem_json(problem: Problem, language: Language) -> dict[str, Any]:
    """A problem with its place and a library's own words about it, as ``errors`` and ``issues`` list it."""
    told: dict[str, Any] = {
        "severity": problem.severity.value,
        "code": problem.code,
        "message": sentence_for(problem, language),
    }
    places = {"path": problem.path, "sheet": problem.sheet, "row": problem.row, "column": problem.column}
    more = places | {"detail": detail_of(problem) or None}
    return told | {name: said for name, said in more.items() if said is not None}


def place_of(problem: Problem) -> str:
    """A problem's path, as the beginning of a line; cells name their row and column in the sentence."""
    return f"{problem.path}: " if problem.path else ""


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(part) for key, part in value.items()}
    return [_finite(part) for part in value] if isinstance(value, list | tuple) else value
