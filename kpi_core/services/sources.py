"""Sources and datasets: a new dataset with the source it belongs to, in one step."""

from __future__ import annotations

from kpi_core.model.dataset import Dataset, Source
from kpi_core.model.workshop import Workshop
from kpi_core.services.editing import change
from kpi_core.services.people import Who
from kpi_core.store.state import State


def add_dataset(state: State, workshop_id: str, dataset: Dataset, source: Source | None, who: Who) -> None:
    """Store a new dataset, and its source where that is new too; both or neither. Raises as ``editing.save``."""

    def added(workshop: Workshop) -> Workshop:
        sources = (*workshop.sources, source) if source is not None else workshop.sources
        return workshop.model_copy(update={"sources": sources, "datasets": (*workshop.datasets, dataset)})

    change(state, workshop_id, who, added)
