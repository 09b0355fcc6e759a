"""Whether a file still has the shape its recipe was confirmed for, and how the recipe would fit again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, process

from kpi_core.data.reading.contract import Reading
from kpi_core.data.shaping.repairing import plain_steps, with_column, without_columns
from kpi_core.data.shaping.units import bare_name, scale_of, unit_in
from kpi_core.errors import Problem
from kpi_core.model.recipe import Expected, Header, Names, Recipe, Rename, Restated, Skip, Step, Unit, Unpivot
from kpi_core.vocabulary import ColumnType, Severity

#: Names as alike as this are taken for the same column renamed.
_ALIKE = 70
#: Where less than this share of the names is there, the header is somewhere else.
_SAME = 0.5
_NUMBERS = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL})
_MOMENTS = frozenset({ColumnType.DATE, ColumnType.DATETIME})


def confirmed(recipe: Recipe, reading: Reading) -> Recipe:
    """The recipe with the shape of this reading as what the next file is compared with."""
    columns = tuple(Expected(name=column.name[:200], type=column.type) for column in reading.columns)
    meant = tuple(Restated(at=at, step=step) for at, step in reading.otherwise)
    return recipe.model_copy(update={"source": reading.source, "columns": columns, "restated": meant})


def shape_changes(recipe: Recipe, reading: Reading) -> tuple[Problem, ...]:
    """What is renamed, gone, added, of another type, year or unit, or elsewhere; what tells no more hinders nothing.

    An added column and a year that the file does not state are told; all else must be looked at.
    """
    told = restated(recipe, reading)
    if not recipe.source:
        return told
    if has_moved(recipe, reading):
        return (Problem("shape_moved", {"expected": ", ".join(recipe.source[:5])}, sheet=reading.sheet), *told)
    renamed = renames(recipe.source, reading.source)
    old, new = set(recipe.source), set(reading.source)
    problems = [_renamed(was, now) for was, now in renamed.items() if was not in _brought_to_units(reading)]
    gone = [name for name in recipe.source if name not in new and name not in renamed]
    problems += [Problem("shape_gone", {"name": name}, column=name) for name in gone]
    problems += [
        Problem("shape_added", {"name": name}, Severity.INFO, column=name)
        for name in reading.source
        if name not in old | set(renamed.values())
    ]
    return (*told, *problems, *_types(recipe, reading))


def _renamed(was: str, now: str) -> Problem:
    old, new = unit_in(was), unit_in(now)
    if old and new and scale_of(old) != scale_of(new) and bare_name(was) == bare_name(now):
        return Problem("shape_unit", {"old": old, "new": new}, column=now)
    return Problem("shape_renamed", {"old": was, "new": now}, column=now)


def _brought_to_units(reading: Reading) -> set[str]:
    """The columns whose unit is another one now and is one that a step writes out."""
    return {name for _, step in reading.otherwise if isinstance(step, Unit) for name in step.columns}


def restated(recipe: Recipe, reading: Reading) -> tuple[Problem, ...]:
    """The years and units that the file states otherwise than the steps; a year it leaves unsaid is a warning.

    What the file that the recipe was confirmed for stated otherwise, too, is meant so.
    """
    found = []
    for at, now in _news(recipe, reading):
        step = recipe.steps[at] if at < len(recipe.steps) else None
        if isinstance(step, Unpivot) and isinstance(now, Unpivot) and step.year is not None:
            if now.year is None:
                found.append(Problem("year_as_kept", {"year": str(step.year)}, Severity.WARNING))
            else:
                found.append(Problem("shape_year", {"old": str(step.year), "new": str(now.year)}))
        elif isinstance(step, Unit) and isinstance(now, Unit) and step.unit != now.unit:
            found.append(Problem("shape_unit", {"old": step.unit, "new": now.unit}, column=now.columns[0]))
    return tuple(found)


def as_stated(recipe: Recipe, reading: Reading) -> tuple[Step, ...]:
    """The steps with the years and units that the file states; one it does not state, or that was meant, stays."""
    stated = _by_place((at, now) for at, now in _news(recipe, reading) if not _unsaid([now]))
    return tuple(one for at, step in enumerate(recipe.steps) for one in stated.get(at, [step]))


def _news(recipe: Recipe, reading: Reading) -> list[tuple[int, Step]]:
    """What is stated otherwise and was not when the recipe was confirmed; a year left unsaid is told each time."""
    meant = _by_place((one.at, one.step) for one in recipe.restated)
    now = _by_place(reading.otherwise)
    return [(at, step) for at, steps in now.items() if steps != meant.get(at) or _unsaid(steps) for step in steps]


def _by_place(steps: Iterable[tuple[int, Step]]) -> dict[int, list[Step]]:
    found: dict[int, list[Step]] = {}
    for at, step in steps:
        found.setdefault(at, []).append(step)
    return found


def _unsaid(steps: Sequence[Step]) -> bool:
    return any(isinstance(step, Unpivot) and step.year is None for step in steps)


def _types(recipe: Recipe, reading: Reading) -> list[Problem]:
    expected = {column.name: column.type for column in recipe.columns}
    found = []
    for column in reading.columns:
        was = expected.get(column.name[:200], column.type)
        alike = {was, column.type} <= _NUMBERS or {was, column.type} <= _MOMENTS
        if was is not column.type and not alike and column.nulls < reading.rows:
            params = {"old_type": was.value, "type": column.type.value}
            found.append(Problem("shape_type", params, column=column.name))
    return found


def has_moved(recipe: Recipe, reading: Reading) -> bool:
    """Whether the names that were expected are not there, so that the header is somewhere else."""
    there = sum(name in reading.source for name in recipe.source)
    return there + len(renames(recipe.source, reading.source)) < _SAME * len(recipe.source)


def renames(old: Sequence[str], new: Sequence[str]) -> dict[str, str]:
    """Old name → new name of the columns that seem to have been renamed, each at most once.

    The same but for the unit; names that are alike; and the only one that is gone, where the only new one stands in its
    place.
    """
    gone = [name for name in old if name not in new]
    fresh = [name for name in new if name not in old]
    pairs = [(101.0, name, other) for name in gone for other in fresh if bare_name(name) == bare_name(other)]
    for name in gone:
        near = process.extractOne(name, fresh, scorer=fuzz.ratio, score_cutoff=_ALIKE)
        if near is not None:
            pairs.append((near[1], name, str(near[0])))
    found: dict[str, str] = {}
    for _, name, other in sorted(pairs, key=lambda pair: -pair[0]):
        if name not in found and other not in found.values():
            found[name] = other
    if not found and len(gone) == len(fresh) == 1 and old.index(gone[0]) == new.index(fresh[0]) and len(old) > 2:
        found[gone[0]] = fresh[0]
    return found


def repaired(recipe: Recipe, reading: Reading, layout: Sequence[Step] = ()) -> Recipe | None:
    """The recipe that fits this file again, if that can be told; ``layout`` are the steps its own layout asks for.

    The year and the units are those the file states. A renamed column gets its old name back, so that what is built on
    it goes on; what steps do to a column that is gone is left out; a header that moved is found anew.
    """
    stated = as_stated(recipe, reading)
    if has_moved(recipe, reading):
        head = [step for step in layout if isinstance(step, Skip | Header)]
        rest = [step for step in stated if not isinstance(step, Skip | Header | Names)]
        return recipe.model_copy(update={"steps": (*head, *rest)}) if head else None
    renamed = renames(recipe.source, reading.source)
    gone = [name for name in recipe.source if name not in reading.source and name not in renamed]
    steps = without_columns(stated, gone)
    back = []
    for was, now in renamed.items():
        if _renamed(was, now).code == "shape_unit":
            if was not in _brought_to_units(reading):  # no step writes its numbers out
                return None
            if any(isinstance(step, Rename) and was in dict(step.names) for step in steps):
                steps = tuple(with_column(step, was, now) for step in steps)  # which names it without a unit
                continue
        back.append((now, was))
    if back:
        steps = steps or plain_steps(reading)
        at = next((at + 1 for at, step in enumerate(steps) if isinstance(step, Header | Names)), 0)
        steps = (*steps[:at], Rename(step="rename", names=tuple(back)), *steps[at:])
    return None if steps == recipe.steps else recipe.model_copy(update={"steps": steps})
