"""Broken references in a file that also has other faults: the faulty parts are set aside and the rest is looked at.

What is set aside is only ever used to find more problems, never stored.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from kpi_core.errors import Problem
from kpi_core.model.file_problems import Place, path_of, place_of, problem_of
from kpi_core.model.references import broken_references
from kpi_core.model.workshop import Workshop

_ROUNDS = 20
#: Faults of a whole part that a harmless value cures, so that the rest of the part is still looked at.
_CURES: Mapping[str, Mapping[str, object]] = {
    "measure_column_missing": {"aggregate": "count"},
    "measure_date_missing": {"aggregate": "count"},
    "rule_incomplete": {"rule": "required", "column": "-"},
    "filter_value": {"op": "not_null", "value": None},
    "period_twice": {"targets": [], "manual": []},
}
_FRAME = {"name": "-"}


def references_despite(document: dict[str, Any]) -> tuple[Problem, ...]:
    """What else is wrong with a document that pydantic refuses, with its paths in the document as it is.

    That is its broken references, and the faults of whole parts, which pydantic looks at only once their fields are
    right. References to an item that is there but faulty are no problem of their own, and where a kind is faulty
    nothing is said of what may hang below what.
    """
    repair = _Repair(document)
    workshop = repair.repaired()
    if workshop is None:
        return tuple(repair.later)
    known = _codes(document)
    found = list(repair.later)
    for problem in broken_references(workshop):
        refers_to_faulty = problem.code.startswith("file_unknown_") and problem.params.get("code") in known
        of_guessed_kind = repair.guessed and problem.code in ("file_parent_kind", "file_second_kgi")
        of_guessed_code = str(problem.params.get("code", "")).startswith(_GUESSED)
        if not (refers_to_faulty or of_guessed_kind or of_guessed_code):
            path = None if problem.path is None else repair.original(problem.path)
            found.append(Problem(problem.code, problem.params, problem.severity, path))
    return tuple(found)


_GUESSED = "x_faulty_"


class _Repair:
    """A copy of the document from which faults are taken until it can be read, and the way back to the old places."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = copy.deepcopy(document)
        self.removed: dict[Place, list[int]] = {}
        self.touched: set[Place] = set()
        self.guessed = False
        self.later: list[Problem] = []

    def repaired(self) -> Workshop | None:
        for round_number in range(_ROUNDS):
            try:
                return Workshop.model_validate_json(json.dumps(self.document), strict=True)
            except ValidationError as error:
                faults = {place_of(detail, self.document): detail for detail in error.errors(include_url=False)}
            if round_number:
                self._note_later(faults)
            # deepest and last first, so that no removal shifts a place that is still to be handled
            for place in sorted(faults, key=_sortable, reverse=True):
                self._set_aside(place, faults[place])
        return None

    def original(self, path: str) -> str:
        """The path, in the document as it was, of a path in what is left."""
        place = [int(index) if index else name for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path)]
        return path_of(self._original(tuple(place)))

    def _note_later(self, faults: Mapping[Place, ErrorDetails]) -> None:
        """Faults of whole parts that only show now, unless taking a field out of the part has made them."""
        for place, detail in faults.items():
            was = self._original(place)
            if detail["type"] in _CURES and was not in self.touched:
                problem = problem_of(detail, self.document)
                self.later.append(Problem(problem.code, problem.params, problem.severity, path_of(was)))

    def _set_aside(self, place: Place, detail: ErrorDetails) -> None:
        kind = detail["type"]
        parent = _inside(self.document, place[:-1]) if place else None
        here = _inside(self.document, place)
        if not place or place == ("format",) or (place[0] == "workshop" and not self._drop_setting(place)):
            self.document["workshop"] = dict(_FRAME)
        elif place[0] == "workshop":
            pass
        elif kind in _CURES and isinstance(here, dict):
            here.update(_CURES[kind])
        elif place[-1] == "code" and len(place) == 3 and isinstance(parent, dict):
            parent["code"] = f"{_GUESSED}{place[0]}_{place[1]}"
        elif place[-1] == "kind" and place[0] == "nodes" and isinstance(parent, dict):
            parent["kind"] = "kpi"
            self.guessed = True
        elif kind == "missing":
            self._remove(place[:-1])
        else:
            self._remove(place)

    def _drop_setting(self, place: Place) -> bool:
        """Leaves one faulty setting out; whether that was possible (a workshop has a name)."""
        frame = self.document.get("workshop")
        if len(place) != 2 or place[1] == "name" or not isinstance(frame, dict):
            return False
        frame.pop(place[1], None)
        return True

    def _remove(self, place: Place) -> None:
        parent = _inside(self.document, place[:-1]) if place else None
        if isinstance(parent, dict):
            parent.pop(place[-1], None)
            self.touched.add(self._original(place[:-1]))
        elif isinstance(parent, list) and isinstance(place[-1], int) and place[-1] < len(parent):
            del parent[place[-1]]
            self._remember(place)

    def _remember(self, place: Place) -> None:
        """Keep which index of the original list went, counting those that went before."""
        key = self._original(place[:-1])
        self.removed.setdefault(key, []).append(int(self._shifted(key, place[-1])))

    def _original(self, place: Place) -> Place:
        original: list[int | str] = []
        for part in place:
            original.append(self._shifted(tuple(original), part))
        return tuple(original)

    def _shifted(self, key: Place, part: int | str) -> int | str:
        if not isinstance(part, int):
            return part
        for gone in sorted(self.removed.get(key, ())):
            part += gone <= part
        return part


def _inside(document: object, place: Place) -> Any:
    here: Any = document
    for part in place:
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            return None
    return here


def _sortable(place: Place) -> tuple[tuple[int, int, str], ...]:
    return tuple((0, part, "") if isinstance(part, int) else (1, 0, part) for part in place)


def _codes(document: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(_codes_in(document))


def _codes_in(document: Mapping[str, Any]) -> Iterator[str]:
    for items in document.values():
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict) and isinstance(item.get("code"), str):
                yield item["code"]
