"""A file looked at before it is kept: read by the dataset's recipe and the types its workshop states."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kpi_core.data.reading import Reading, ReadOptions, read_upload
from kpi_core.data.shaping.drift import as_stated, has_moved, repaired, restated, shape_changes
from kpi_core.errors import MissingError, Problem
from kpi_core.model.dataset import Dataset
from kpi_core.model.recipe import Recipe, Step, Unit
from kpi_core.model.workshop import Workshop
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Severity


def inspect_upload(
    path: Path, file_name: str | None = None, options: ReadOptions | None = None, *, into: Path | None = None
) -> Reading:
    """What a file holds, with every problem in it; nothing is stored. Raises ``RefusedError`` for no table at all.

    ``into``: a folder for its table, where nothing blocks.
    """
    return read_upload(path, file_name=file_name, options=options or ReadOptions(), into=into)


def inspect_for(
    state: State,
    workshop_id: str,
    dataset_code: str,
    path: Path,
    file_name: str | None = None,
    options: ReadOptions | None = None,
    *,
    into: Path | None = None,
    new_shape: bool = False,
    further: bool = False,
) -> Reading:
    """As ``inspect_upload``, by the recipe and with the column types that the workshop states for this dataset."""
    dataset = dataset_of(snapshot(state, workshop_id).workshop, dataset_code)
    return read_for(dataset, path, file_name or path.name, options, into=into, new_shape=new_shape, further=further)


def read_for(
    dataset: Dataset,
    path: Path,
    file_name: str,
    options: ReadOptions | None,
    *,
    into: Path | None = None,
    new_shape: bool = False,
    further: bool = False,
) -> Reading:
    """A file read by the dataset's recipe, unless the options have one, and by the types stated for its columns.

    A shape other than the one the recipe was confirmed for is among the problems, and blocks unless ``new_shape`` says
    that it is meant. ``further``: the options' recipe was made for another file, whose year and units may be others.
    """
    asked = options or ReadOptions()
    kept = dataset.recipe if asked.recipe is None else None
    reading = read_upload(path, file_name=file_name, options=_as_kept(dataset, asked), into=into)
    reading = _without_echo(reading, dataset, asked)
    changes = () if kept is None else shape_changes(kept, reading)
    if new_shape:
        changes = tuple(replace(change, severity=Severity.INFO) for change in changes)
    reading = replace(reading, problems=(*changes, *reading.problems))
    return as_further(reading, asked) if further and not new_shape else reading


def as_further(reading: Reading, options: ReadOptions) -> Reading:
    """A reading by steps that were made for another file: another year or unit than theirs is among the problems."""
    return replace(reading, problems=(*restated(options.recipe or Recipe(), reading), *reading.problems))


def mended_recipe(
    kept: Recipe, reading: Reading, path: Path, file_name: str, options: ReadOptions | None = None
) -> Recipe | None:
    """The recipe as it would fit the file at ``path``, which has another shape; ``None``: that cannot be told."""
    layout: tuple[Step, ...] = ()
    asked = replace(options or ReadOptions(), recipe=None, suggest=True)
    moved = has_moved(kept, reading)
    if moved:
        suggestion = read_upload(path, file_name=file_name, options=asked).suggestion
        layout = suggestion.steps if suggestion is not None else ()
    found = repaired(kept, reading, layout)
    if found is None or not moved:
        return found
    # only below the header in its new place can be told in which units the file is
    again = read_upload(path, file_name=file_name, options=replace(asked, recipe=found, suggest=False))
    units = replace(again, otherwise=tuple(one for one in again.otherwise if isinstance(one[1], Unit)))
    return found.model_copy(update={"steps": as_stated(found, units)})


def dataset_of(workshop: Workshop, code: str) -> Dataset:
    """The dataset of that code. Raises ``MissingError('dataset_missing')``."""
    dataset = workshop.dataset(code)
    if dataset is None:
        raise MissingError("dataset_missing", dataset=code)
    return dataset


def _as_kept(dataset: Dataset, options: ReadOptions) -> ReadOptions:
    """The person's options, the recipe kept with the dataset, and the types stated for columns of the file itself."""
    computed = {column.name for column in dataset.derived} | {name for look in dataset.lookups for name in look.columns}
    stated = {
        column.name: column.type
        for column in dataset.columns
        if column.type is not None and column.name not in computed
    }
    recipe = dataset.recipe
    if recipe is None or options.recipe is not None:
        return replace(options, types={**stated, **options.types})
    return replace(options, types={**stated, **recipe.types, **options.types}).by(recipe)


def _without_echo(reading: Reading, dataset: Dataset, asked: ReadOptions) -> Reading:
    """A column that the workshop states and the file lacks is the dataset's finding, not a slip in the options."""
    named = {*asked.types, *asked.day_first}
    recipe = dataset.recipe
    kept = set() if recipe is None else {*recipe.types, *recipe.day_first, *recipe.blank}
    own = ({column.name for column in dataset.columns} | kept) - named
    problems = tuple(problem for problem in reading.problems if not _is_echo(problem, own))
    return replace(reading, problems=problems)


def _is_echo(problem: Problem, own: set[str]) -> bool:
    return problem.code == "no_such_column" and problem.params.get("name") in own
