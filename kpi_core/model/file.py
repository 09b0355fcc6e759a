"""The workshop file: reading it with every problem reported at once, writing it canonically, and its JSON Schema."""

from __future__ import annotations

import json
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
    doubled: list[Problem] = []
    document = _json(text, doubled)
    if not isinstance(document, dict):
        raise _refused([Problem("file_not_object")])
    if document.get("format") != FORMAT:
        found = json.dumps(document.get("format"), ensure_ascii=True)[:40]
        raise _refused([Problem("file_format", {"found": found, "expected": FORMAT}, path="format")])
    doubled += _no_text(document)
    try:
        # through JSON again, where strict means: as JSON writes it (no "5" for 5, no true for 1)
        workshop = Workshop.model_validate_json(json.dumps(document), strict=True)
    except ValidationError as error:
        found_here = [problem_of(detail, document) for detail in error.errors(include_url=False)]
        raise _refused([*doubled, *found_here, *references_despite(document)]) from None
    problems = [*doubled, *broken_references(workshop)]
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


def _json(text: str | bytes, doubled: list[Problem]) -> object:
    """The parsed text; keys that one object states twice are put into ``doubled`` (JSON would keep the last one)."""

    def checked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            names = [name for name, _ in pairs]
            twice = sorted({name for name in names if names.count(name) > 1})
            doubled.extend(Problem("file_key_twice", {"key": name}, path=name) for name in twice)
        return made

    try:
        plain = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
        return json.loads(plain, object_pairs_hook=checked, parse_constant=_no_number)
    except UnicodeDecodeError:
        raise _refused([Problem("file_not_utf8")]) from None
    except json.JSONDecodeError as error:
        raise _refused([Problem("file_not_json", {"line": error.lineno, "position": error.colno})]) from None
    except RecursionError:
        raise _refused([Problem("file_too_deep")]) from None
    except ValueError:  # an integer of more digits than Python reads, or NaN and Infinity, which are no JSON
        raise _refused([Problem("file_number_not_finite")]) from None


def _no_text(value: Any, place: tuple[int | str, ...] = ()) -> list[Problem]:
    """Halves of characters (lone surrogates), which no file can hold; they are emptied where they stand."""
    found: list[Problem] = []
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in list(entries):
        here = (*place, key)
        if isinstance(part, str) and not _is_text(part):
            found.append(Problem("file_not_text", {"found": ascii(part)[:60]}, path=path_of(here)))
            value[key] = "-"
        elif isinstance(key, str) and not _is_text(key):
            found.append(Problem("file_not_text", {"found": ascii(key)[:60]}, path=path_of(place)))
            del value[key]
        else:
            found += _no_text(part, here)
    return found


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _no_number(name: str) -> float:
    raise ValueError(name)


def _refused(problems: Iterable[Problem]) -> RefusedError:
    collected = tuple({(problem.code, problem.path): problem for problem in problems}.values())
    return RefusedError("file_refused", collected, count=len(collected))
