"""How a dataset's files are read and added, kept with it for the next one."""

from __future__ import annotations

from kpi_core.data.reading import Reading, ReadOptions
from kpi_core.data.shaping.drift import confirmed
from kpi_core.model.recipe import Recipe
from kpi_core.model.workshop import Workshop
from kpi_core.services.adding import Way
from kpi_core.services.editing import change
from kpi_core.services.inspecting import dataset_of
from kpi_core.services.people import Who, authorise
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State


def keep_recipe(
    state: State,
    workshop_id: str,
    dataset_code: str,
    options: ReadOptions,
    reading: Reading,
    who: Who,
    way: Way | None = None,
) -> None:
    """Keep how a file was read and added with its dataset; the next one is compared with this reading's shape.

    ``way``: as ``keep_way``; none leaves what is kept.
    """
    authorise(who)
    known = _kept(state, workshop_id, dataset_code)
    blank = options.blank_failed
    decided = {
        "types": {**known.types, **options.types},
        "day_first": {**known.day_first, **options.day_first},
        "blank": tuple(sorted({*known.blank, *_blanked(blank, reading)})),
        "adding": known.adding,
        "keys": known.keys,
        "period": known.period,
    }
    made = confirmed((options.recipe or known).model_copy(update=decided), reading)
    _keep(state, workshop_id, dataset_code, made if way is None else _with_way(made, way), who)


def keep_way(state: State, workshop_id: str, dataset_code: str, way: Way, who: Who) -> None:
    """Keep how a file joined the dataset's rows: the next one is proposed to join them the same way."""
    authorise(who)
    _keep(state, workshop_id, dataset_code, _with_way(_kept(state, workshop_id, dataset_code), way), who)


def _kept(state: State, workshop_id: str, dataset_code: str) -> Recipe:
    return dataset_of(snapshot(state, workshop_id).workshop, dataset_code).recipe or Recipe()


def _with_way(recipe: Recipe, way: Way) -> Recipe:
    said = {"adding": way.adding, "keys": way.keys, "period": way.period}
    return recipe.model_copy(update={name: value for name, value in said.items() if value})


def _keep(state: State, workshop_id: str, dataset_code: str, made: Recipe, who: Who) -> None:
    def with_recipe(workshop: Workshop) -> Workshop:
        changed = tuple(
            one.model_copy(update={"recipe": made}) if one.code == dataset_code else one for one in workshop.datasets
        )
        return workshop.model_copy(update={"datasets": changed})

    if dataset_of(snapshot(state, workshop_id).workshop, dataset_code).recipe != made:
        change(state, workshop_id, who, with_recipe)


def _blanked(blank: bool | frozenset[str], reading: Reading) -> frozenset[str]:
    """The columns whose cells that do not convert were made empty."""
    return blank if isinstance(blank, frozenset) else frozenset(c.name for c in reading.columns if blank and c.failed)
