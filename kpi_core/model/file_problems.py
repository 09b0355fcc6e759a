"""What pydantic finds wrong with a workshop file, as problems with a code, a place in the file and words of ours."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from kpi_core.errors import Param, Problem
from kpi_core.model.workshop import Workshop

Place = tuple[int | str, ...]

#: One of the values that pydantic lists: a member of an enumeration, or a quoted text.
_CHOICE = re.compile(r"<[^:>]*: ([^>]*)>|'([^']*)'")

#: Codes that our own validators raise and whose sentence begins with ``file_``.
_PREFIXED = frozenset(
    {"code_invalid", "number_not_finite", "filter_value", "measure_column_missing", "measure_date_missing"}
    | {"rule_incomplete", "precedence_sides", "period_twice", "timezone_unknown"}
)
#: pydantic's types → the code of our sentence.
_TYPES: Mapping[str, str] = {
    "string_type": "file_not_text",
    "string_unicode": "file_not_text",
    "bool_type": "file_not_boolean",
    "bool_parsing": "file_not_boolean",
    "int_type": "file_not_integer",
    "int_parsing": "file_not_integer",
    "int_parsing_size": "file_not_integer",
    "int_from_float": "file_not_integer",
    "float_type": "file_not_number",
    "float_parsing": "file_not_number",
    "finite_number": "file_number_not_finite",
    "tuple_type": "file_not_list",
    "list_type": "file_not_list",
    "too_short": "file_list_length",
    "too_long": "file_list_length",
    "dict_type": "file_not_an_object",
    "model_type": "file_not_an_object",
    "model_attributes_type": "file_not_an_object",
    "date_type": "file_not_date",
    "date_parsing": "file_not_date",
    "date_from_datetime_parsing": "file_not_date",
    "date_from_datetime_inexact": "file_not_date",
    "datetime_type": "file_not_datetime",
    "datetime_parsing": "file_not_datetime",
    "datetime_from_date_parsing": "file_not_datetime",
    "datetime_object_invalid": "file_not_datetime",
    "string_too_long": "file_text_too_long",
    "string_too_short": "file_text_empty",
    "string_pattern_mismatch": "file_wrong_form",
    "greater_than": "file_too_small",
    "greater_than_equal": "file_too_small",
    "less_than": "file_too_large",
    "less_than_equal": "file_too_large",
}


def problem_of(detail: ErrorDetails, document: object = None) -> Problem:
    """One finding of pydantic as a problem; ``document`` is what was read, so that the place is one in it."""
    kind, context = detail["type"], detail.get("ctx") or {}
    place = place_of(detail, document)
    path = path_of(place)
    found = _short(detail["input"])
    if kind == "extra_forbidden":
        key = str(detail["loc"][-1])
        hint = next(iter(difflib.get_close_matches(key, sorted(_keys()), n=1, cutoff=0.75)), None)
        params = {"key": key} if hint is None else {"key": key, "hint": hint}
        return Problem("file_unknown_key_near" if hint else "file_unknown_key", params, path=path)
    if kind == "missing":
        last = detail["loc"][-1]
        if isinstance(last, int):
            return Problem("file_list_length", {"found": found}, path=path_of(place[:-1]))
        return Problem("file_missing_key", {"key": last}, path=path)
    if kind in ("enum", "literal_error"):
        return Problem("file_not_one_of", {"found": found, "expected": _choices(str(context["expected"]))}, path=path)
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        params = {"found": str(context.get("tag", found)), "expected": str(context.get("expected_tags", ""))}
        return Problem("file_not_one_of", params, path=path)
    if kind in _TYPES:
        bound = next((context[name] for name in ("max_length", "ge", "gt", "le", "lt") if name in context), None)
        params = {"found": found} if bound is None else {"found": found, "limit": bound}
        either = kind.startswith("int_") and detail["loc"][-1] == "int"  # one of a pair: any number would have done
        return Problem("file_not_number" if either else _TYPES[kind], params, path=path)
    if kind in _PREFIXED or kind == "period_unreadable" or kind.startswith("formula_"):
        return Problem(f"file_{kind}" if kind in _PREFIXED else kind, _params(context), path=path)
    return Problem("file_wrong_value", {"found": found, "expected": detail["msg"]}, path=path)


def problems_of(error: ValidationError) -> tuple[Problem, ...]:
    """What a model refused, as problems with their places within it; each place and code once."""
    found = [problem_of(detail) for detail in error.errors(include_url=False)]
    return tuple({(problem.code, problem.path): problem for problem in found}.values())


def _choices(expected: str) -> str:
    """``'+' or '-'`` and ``<Grain.WEEK: week> or <Grain.MONTH: month>`` as people write them: ``week, month``."""
    return ", ".join(quoted or member.strip("'") for member, quoted in _CHOICE.findall(expected))


def place_of(detail: ErrorDetails, document: object) -> Place:
    """Where in the document a finding is: pydantic's location without the names of union members and validators."""
    location = detail["loc"]
    if document is None:
        return tuple(part for part in location if isinstance(part, int) or part in _keys())
    place: list[int | str] = []
    here: Any = document
    for at, part in enumerate(location):
        inside = isinstance(here, dict) and part in here
        inside = inside or (isinstance(here, list) and isinstance(part, int) and part < len(here))
        if inside:
            here = here[part]
            place.append(part)
        elif detail["type"] == "missing" and at == len(location) - 1:
            place.append(part)
    return tuple(place)


def path_of(place: Iterable[int | str]) -> str:
    """A place as people read it: ``nodes[3].measure.column``."""
    path = ""
    for part in place:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


@cache
def _keys() -> frozenset[str]:
    """Every key that some part of a workshop file has."""
    document = Workshop.model_json_schema(by_alias=True)
    parts = [document, *document.get("$defs", {}).values()]
    return frozenset(key for part in parts for key in part.get("properties", {}))


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return (text if len(text) <= 60 else f"{text[:57]}…").encode("utf-8", "replace").decode("utf-8")


def _params(context: Mapping[str, Any]) -> dict[str, Param]:
    return {name: value if isinstance(value, str | int | float) else str(value) for name, value in context.items()}
