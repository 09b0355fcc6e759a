"""Sources and datasets: a new dataset with the source it belongs to, renaming both, and which KPI comes from where."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path

from kpi_core.data.reading import ReadOptions
from kpi_core.data.shaping.drift import renames
from kpi_core.data.shaping.units import bare_name
from kpi_core.errors import MissingError
from kpi_core.model.base import Bilingual
from kpi_core.model.dataset import Dataset, Source
from kpi_core.model.node import Node
from kpi_core.model.recipe import Recipe
from kpi_core.model.workshop import Workshop
from kpi_core.services.adding import Upload, store_files
from kpi_core.services.composing import composed
from kpi_core.services.datasets import Version, versions
from kpi_core.services.editing import change, save
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Availability, Twice

#: The share of column names in common from which a file counts as a newer version of a dataset.
ALIKE = 0.8
#: The share of a dataset's columns that a file must have otherwise: one or another may be renamed or gone.
MOST = 0.7
_FEW, _HALF = 4, 0.5


def add_dataset(state: State, workshop_id: str, dataset: Dataset, source: Source | None, who: Who) -> None:
    """Store a new dataset, and its source where that is new too; both or neither. Raises as ``editing.save``."""

    def added(workshop: Workshop) -> Workshop:
        sources = (*workshop.sources, source) if source is not None else workshop.sources
        return workshop.model_copy(update={"sources": sources, "datasets": (*workshop.datasets, dataset)})

    change(state, workshop_id, who, added)


def upload_new(
    state: State,
    workshop_id: str,
    dataset: Dataset,
    source: Source | None,
    path: Path,
    file_name: str,
    options: ReadOptions | None,
    who: Who,
    as_of: date | None = None,
) -> Version:
    """``upload_files`` for one file."""
    return upload_files(state, workshop_id, dataset, source, [Upload(path, file_name)], options, who, as_of=as_of)


def upload_files(
    state: State,
    workshop_id: str,
    dataset: Dataset,
    source: Source | None,
    files: Sequence[Upload],
    options: ReadOptions | None,
    who: Who,
    as_of: date | None = None,
    twice: Twice | None = None,
    period: str | None = None,
) -> Version:
    """Store a new dataset with its first version, and its source where that is new; nothing when a file is refused.

    ``twice`` and ``period``: what becomes of a period that two of the files cover. Raises as ``add_dataset`` and
    ``store_files``.
    """
    add_dataset(state, workshop_id, dataset, source, who)
    try:
        return store_files(
            state, workshop_id, dataset.code, files, options, who, as_of=as_of, twice=twice, period=period
        )
    except BaseException:
        change(state, workshop_id, who, lambda workshop: _without(workshop, dataset, source))
        raise


def _without(workshop: Workshop, dataset: Dataset, source: Source | None) -> Workshop:
    datasets = tuple(one for one in workshop.datasets if one.code != dataset.code)
    sources = tuple(one for one in workshop.sources if source is None or one.code != source.code)
    return workshop.model_copy(update={"datasets": datasets, "sources": sources})


def rename_dataset(
    state: State,
    workshop_id: str,
    code: str,
    name: Bilingual,
    source: str,
    revision: int,
    who: Who,
    owner: str | None = None,
) -> None:
    """Give a dataset another name, source or owner; its code, which measures use, stays. Raises as ``editing.save``."""
    dataset = snapshot(state, workshop_id).workshop.dataset(code)
    if dataset is None:
        raise MissingError("dataset_missing", dataset=code)
    fields = {"name": name, "source": source, "owner": dataset.owner if owner is None else owner}
    save(state, workshop_id, "datasets", composed(Dataset, fields, dataset), revision, who)


def datasets_like(
    state: State, workshop_id: str, columns: Collection[str], file_name: str = "", source: Collection[str] = ()
) -> tuple[str, ...]:
    """The datasets that a file with these columns is a newer version of; several where they fit equally well.

    One fits whose newest version has nearly these columns (``ALIKE`` of all names in both), or most of whose columns
    are there (``MOST``, units aside). ``source`` are the file's columns before any steps, to be compared with those
    that a recipe expects. Where several fit or none does, one whose file was called the same but for numbers is taken.
    """
    workshop = snapshot(state, workshop_id).workshop
    newest = _newest(state, workshop_id)
    fits, named = {}, []
    for dataset in workshop.datasets:
        if dataset.code not in newest:
            continue
        file, stored = newest[dataset.code]
        expected = dataset.recipe.source if dataset.recipe is not None and dataset.recipe.steps else ()
        fits[dataset.code] = max(_fit(columns, stored), _fit(source, expected))
        name = _plain_name(file_name)
        if name and _plain_name(file) == name:
            named.append(dataset.code)
    best = max(fits.values(), default=0)
    if not best:
        return tuple(code for code in named if (kept := workshop.dataset(code)) and kept.recipe and kept.recipe.steps)
    fitting = [code for code, fit in fits.items() if fit == best]
    return tuple([code for code in fitting if code in named] or fitting)


def lies_as_stored(state: State, workshop_id: str, dataset: str, columns: Sequence[str]) -> bool:
    """Whether a file as it stands has all the columns that the dataset's newest version has, a renamed one aside."""
    kept = _newest_columns(state, workshop_id).get(dataset, ())
    renamed = {was for was, now in renames(kept, columns).items() if bare_name(was) != bare_name(now)}
    return bool(kept) and {*kept} <= {*columns, *renamed}


def stored_shape(state: State, workshop_id: str, dataset: str) -> Recipe:
    """What a file is compared with where no steps are kept: the columns of the dataset's newest version."""
    return Recipe(source=_newest_columns(state, workshop_id).get(dataset, ()))


def columns_lost(state: State, workshop_id: str, dataset: str, columns: Collection[str]) -> tuple[str, ...]:
    """The columns that the dataset's newest version has and ``columns`` lack."""
    kept = _newest_columns(state, workshop_id).get(dataset, ())
    return tuple(name for name in kept if name not in columns)


def deliveries(workshop: Workshop) -> Mapping[tuple[str, str], Availability]:
    """(node, source) → how easily that source gives the node's data.

    A measured node stands at the sources of its datasets, ready unless its card says otherwise; another one at the
    source that its card names as its system.
    """
    found: dict[tuple[str, str], Availability] = {}
    for node in workshop.nodes:
        for source in _sources_of(workshop, node):
            stated = node.availability or (Availability.READY if node.measure is not None else None)
            if stated is not None:
                found[node.code, source] = stated
    return found


def _sources_of(workshop: Workshop, node: Node) -> tuple[str, ...]:
    if node.measure is not None:
        datasets = [workshop.dataset(part.dataset) for part in node.measure.parts]
        return tuple(dict.fromkeys(dataset.source for dataset in datasets if dataset is not None))
    system = node.system.strip().casefold()
    if not system:
        return ()
    return tuple(
        source.code
        for source in workshop.sources
        if system in {name.casefold() for name in (source.code, source.name.ja, source.name.en) if name}
    )


def _newest_columns(state: State, workshop_id: str) -> dict[str, tuple[str, ...]]:
    return {code: columns for code, (_, columns) in _newest(state, workshop_id).items()}


def _newest(state: State, workshop_id: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The file's name and the columns of each dataset's newest version."""
    newest: dict[str, tuple[str, tuple[str, ...]]] = {}
    workshop = snapshot(state, workshop_id).workshop
    for version in versions(state, workshop_id):
        if workshop.connection_of(version.dataset) is not None:  # no file goes into a connected one
            continue
        columns = tuple(column.name for column in version.reading.columns)
        newest.setdefault(version.dataset, (version.file_name, columns))
    return newest


def _plain_name(file_name: str) -> str:
    """A file's name without what changes from month to month."""
    return re.sub(r"[\d_\-年月日度 ()]+", "", Path(file_name.split("、")[0]).stem)


def _fit(columns: Collection[str], stored: Collection[str]) -> float:
    """How well a file with ``columns`` follows one that had those ``stored``, 0-1; 0: not at all."""
    exact = _share(set(columns), set(stored))
    if exact >= ALIKE:
        return exact
    now, was = ({bare_name(name) for name in names} for names in (columns, stored))
    both, share = len(now & was), _share(now, was)
    most = both >= max(MOST * len(was), _FEW) and share >= _HALF  # id, name and day alone are in many tables
    return share * ALIKE if share >= ALIKE or most else 0


def _share(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0
