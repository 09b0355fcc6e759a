"""The workshop file: reading it with every problem reported at once, writing it canonically, and its JSON Schema."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from kpi_core.errors import Problem, RefusedError
from kpi_core.model.file_problems import path_of, problem_of, problems_of
from kpi_core.model.file_repair import references_despite
from kpi_core.model.references import broken_references
from kpi_core.model.workshop import FORMAT, Workshop

__all__ = ["problems_of", "read_workshop", "schema", "schema_text", "write_workshop"]


def read_workshop(text: str | bytes) -> Workshop:
    """The workshop that a file's text describes.

    Raises ``RefusedError('file_refused')`` whose ``problems`` name everything that is wrong, each with its path.
    """
    document = _json(text)
    if not isinstance(document, dict):
        raise _refused([Problem("file_not_object")])
    if document.get("format") != FORMAT:
        found = json.dumps(document.get("format"), ensure_ascii=True)[:40]
        raise _refused([Problem("file_format", {"found": found, "expected": FORMAT}, path="format")])
    told = _no_json(document)
    try:
        # through JSON again, where strict means: as JSON writes it (no "5" for 5, no true for 1)
        workshop = Workshop.model_validate_json(json.dumps(document), strict=True)
    except ValidationError as error:
        found_here = [problem_of(detail, document) for detail in error.errors(include_url=False)]
        raise _refused([*told, *found_here, *references_despite(document)]) from None
    problems = [*told, *broken_references(workshop)]
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


def schema() -> dict[str, Any]:
    """The JSON Schema of the workshop file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Workshop.model_json_schema(by_alias=True)}


def schema_text() -> str:
    """The JSON Schema as it is shipped in ``docs/kpi-workshop.schema.json``."""
    return json.dumps(schema(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


class _Doubled(dict[str, Any]):
    """An object that states keys ``twice``: JSON keeps the last one."""

    twice: tuple[str, ...] = ()


def _json(text: str | bytes) -> object:
    """The parsed text; what is no JSON but can be told with its place is left for :func:`_no_json`."""
    try:
        plain = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
        return json.loads(plain, object_pairs_hook=_object, parse_constant=float, parse_int=_integer)
    except UnicodeDecodeError:
        raise _refused([Problem("file_not_utf8")]) from None
    except json.JSONDecodeError as error:
        raise _refused([Problem("file_not_json", {"line": error.lineno, "position": error.colno})]) from None
    except RecursionError:
        raise _refused([Problem("file_too_deep")]) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    names = [name for name, _ in pairs]
    doubled = _Doubled(made)
    doubled.twice = tuple(sorted({name for name in names if names.count(name) > 1}))
    return doubled


def _integer(digits: str) -> float:
    try:
        return int(digits)
    except ValueError:  # of more digits than Python reads
        return math.inf


def _no_json(value: Any, place: tuple[int | str, ...] = ()) -> list[Problem]:
    """What no JSON file may hold, with its place: keys stated twice, NaN and numbers without end, halves of characters
    (lone surrogates). The values are replaced, so that the rest can be looked at.
    """
    found: list[Problem] = []
    if isinstance(value, _Doubled):
        found += [Problem("file_key_twice", {"key": name}, path=path_of((*place, name))) for name in value.twice]
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in list(entries):
        here = (*place, key)
        if isinstance(part, str) and not _is_text(part):
            found.append(Problem("file_not_text", {"found": ascii(part)[:60]}, path=path_of(here)))
            value[key] = "-"
        elif isinstance(key, str) and not _is_text(key):
            found.append(Problem("file_not_text", {"found": ascii(key)[:60]}, path=path_of(place)))
            del value[key]
        elif isinstance(part, float) and not math.isfinite(part):
            found.append(Problem("file_number_not_finite", path=path_of(here)))
            value[key] = 1
        else:
            found += _no_json(part, here)
    return found


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refused(problems: Iterable[Problem]) -> RefusedError:
    collected = tuple({(problem.code, problem.path): problem for problem in problems}.values())
    return RefusedError("file_refused", collected, count=len(collected))
