"""The workshop file: reading it with every problem reported at once, writing it canonically, and its JSON Schema."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from kpi_core.errors import Param, Problem, RefusedError
from kpi_core.model.references import broken_references
from kpi_core.model.workshop import FORMAT, Workshop


def read_workshop(text: str | bytes) -> Workshop:
    """The workshop that a file's text describes.

    Raises ``RefusedError('file_refused')`` whose ``problems`` name everything that is wrong, each with its path.
    """
    document = _json(text)
    if not isinstance(document, dict):
        raise _refused([Problem("file_not_object")])
    if document.get("format") != FORMAT:
        found = document.get("format")
        raise _refused([Problem("file_format", {"found": str(found)[:40], "expected": FORMAT}, path="format")])
    try:
        workshop = Workshop.model_validate(document)
    except ValidationError as error:
        raise _refused(_problem(detail) for detail in error.errors(include_url=False)) from None
    problems = broken_references(workshop)
    if problems:
        raise _refused(problems)
    return workshop


def write_workshop(workshop: Workshop) -> str:
    """The workshop file's text: canonical, so that writing what was read back gives the same bytes."""
    body = workshop.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    frame = workshop.settings.model_dump(mode="json", by_alias=True)
    ordered = {"format": FORMAT, "workshop": frame}
    ordered.update({key: value for key, value in body.items() if key not in ordered})
    return json.dumps(ordered, ensure_ascii=False, indent=2) + "\n"


def problems_of(error: ValidationError) -> tuple[Problem, ...]:
    """What a model refused, as problems with their places."""
    return tuple(_problem(detail) for detail in error.errors(include_url=False))


def schema() -> dict[str, Any]:
    """The JSON Schema of the workshop file."""
    return Workshop.model_json_schema(by_alias=True)


def _json(text: str | bytes) -> object:
    try:
        return json.loads(text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff"))
    except UnicodeDecodeError:
        raise _refused([Problem("file_not_utf8")]) from None
    except json.JSONDecodeError as error:
        raise _refused([Problem("file_not_json", {"line": error.lineno, "position": error.colno})]) from None
    except RecursionError:
        raise _refused([Problem("file_too_deep")]) from None


def _refused(problems: Iterable[Problem]) -> RefusedError:
    collected = tuple({(problem.code, problem.path): problem for problem in problems}.values())
    return RefusedError("file_refused", collected, count=len(collected))


def _problem(detail: ErrorDetails) -> Problem:
    location = _place(detail["loc"])
    path = _path(location)
    context = detail.get("ctx") or {}
    kind = detail["type"]
    found = _short(detail["input"])
    if kind == "extra_forbidden":
        key = str(detail["loc"][-1])
        hint = next(iter(difflib.get_close_matches(key, sorted(_keys()), n=1, cutoff=0.75)), "")
        where = _path([*location, key] if key not in _keys() else location)
        return Problem("file_unknown_key_near" if hint else "file_unknown_key", {"key": key, "hint": hint}, path=where)
    if kind == "missing":
        return Problem("file_missing_key", {"key": str(detail["loc"][-1])}, path=path)
    if kind in ("enum", "literal_error"):
        return Problem("file_not_one_of", {"found": found, "expected": str(context.get("expected"))}, path=path)
    if kind in _OWN_CODES:
        return Problem(f"file_{kind}" if kind in _PREFIXED else kind, _params(context), path=path)
    return Problem("file_wrong_value", {"found": found, "expected": detail["msg"]}, path=path)


_PREFIXED = frozenset(
    {"code_invalid", "number_not_finite", "filter_value", "measure_column_missing", "measure_date_missing"}
    | {"rule_incomplete", "period_twice", "timezone_unknown"}
)
_OWN_CODES = _PREFIXED | {
    "period_unreadable",
    "formula_empty",
    "formula_too_long",
    "formula_unreadable",
    "formula_not_arithmetic",
    "formula_function_unknown",
    "formula_arguments",
    "formula_steps",
    "formula_thousands",
}


@cache
def _keys() -> frozenset[str]:
    """Every key that some part of a workshop file has."""
    document = schema()
    parts = [document, *document.get("$defs", {}).values()]
    return frozenset(key for part in parts for key in part.get("properties", {}))


def _place(location: tuple[int | str, ...]) -> list[int | str]:
    """A place in the file: pydantic's location without the names of union members (``ratio`` is both)."""
    place: list[int | str] = []
    for part in location:
        if (isinstance(part, int) or part in _keys()) and (part != "ratio" or part not in place):
            place.append(part)
    return place


def _path(location: Iterable[int | str]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _params(context: Mapping[str, Any]) -> dict[str, Param]:
    return {name: value if isinstance(value, str | int | float) else str(value) for name, value in context.items()}
