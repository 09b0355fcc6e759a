"""Whether a file still has the shape its recipe was confirmed for, and how the recipe would fit again."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz, process

from kpi_core.data.reading.contract import Reading
from kpi_core.data.shaping.repairing import without_columns
from kpi_core.errors import Problem
from kpi_core.model.recipe import Expected, Header, Names, Recipe, Rename, Skip, Step
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
    return recipe.model_copy(update={"source": reading.source, "columns": columns})


def shape_changes(recipe: Recipe, reading: Reading) -> tuple[Problem, ...]:
    """What is renamed, gone, added, of another type or elsewhere; all but an added column must be looked at."""
    if not recipe.source:
        return ()
    if _moved(recipe, reading):
        return (Problem("shape_moved", {"expected": ", ".join(recipe.source[:5])}, sheet=reading.sheet),)
    renamed = renames(recipe.source, reading.source)
    old, new = set(recipe.source), set(reading.source)
    problems = [Problem("shape_renamed", {"old": was, "new": now}, column=now) for was, now in renamed.items()]
    gone = [name for name in recipe.source if name not in new and name not in renamed]
    problems += [Problem("shape_gone", {"name": name}, column=name) for name in gone]
    problems += [
        Problem("shape_added", {"name": name}, Severity.INFO, column=name)
        for name in reading.source
        if name not in old | set(renamed.values())
    ]
    return (*problems, *_types(recipe, reading))


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


def _moved(recipe: Recipe, reading: Reading) -> bool:
    there = sum(name in reading.source for name in recipe.source)
    return there + len(renames(recipe.source, reading.source)) < _SAME * len(recipe.source)


def renames(old: Sequence[str], new: Sequence[str]) -> dict[str, str]:
    """Old name → new name of the columns that seem to have been renamed, each at most once."""
    gone = [name for name in old if name not in new]
    fresh = [name for name in new if name not in old]
    pairs = []
    for name in gone:
        near = process.extractOne(name, fresh, scorer=fuzz.ratio, score_cutoff=_ALIKE)
        if near is not None:
            pairs.append((near[1], name, str(near[0])))
    found: dict[str, str] = {}
    for _, name, other in sorted(pairs, key=lambda pair: -pair[0]):
        if other not in found.values():
            found[name] = other
    return found


def repaired(recipe: Recipe, reading: Reading, layout: Sequence[Step] = ()) -> Recipe | None:
    """The recipe that fits this file again, if that can be told; ``layout`` are the steps its own layout asks for.

    A renamed column gets its old name back, so that what is built on it goes on; what steps do to a column that is gone
    is left out; a header that moved is found anew.
    """
    if _moved(recipe, reading):
        head = [step for step in layout if isinstance(step, Skip | Header)]
        rest = [step for step in recipe.steps if not isinstance(step, Skip | Header | Names)]
        return recipe.model_copy(update={"steps": (*head, *rest)}) if head else None
    renamed = renames(recipe.source, reading.source)
    gone = [name for name in recipe.source if name not in reading.source and name not in renamed]
    steps = without_columns(recipe.steps, gone)
    back = tuple((now, was) for was, now in renamed.items())
    if back:
        steps = steps or (Header(step="header"),)
        at = next((at + 1 for at, step in enumerate(steps) if isinstance(step, Header | Names)), 0)
        steps = (*steps[:at], Rename(step="rename", names=back), *steps[at:])
    return None if steps == recipe.steps else recipe.model_copy(update={"steps": steps})
