"""The sample as it lies in the repository, read once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from kpi_core.data.observing import Observed, observe
from kpi_core.data.reading import Reading, ReadOptions, read_upload
from kpi_core.data.tables import Table
from kpi_core.model.file import read_workshop
from kpi_core.model.workshop import Workshop
from kpi_core.services.people import Who
from kpi_core.services.sample import load_sample
from kpi_core.store.state import State

SAMPLE = Path(__file__).parent.parent.parent / "sample_data"
TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Sample:
    folder: Path
    workshop: Workshop
    readings: dict[str, Reading]
    tables: dict[str, tuple[Table, ...]]
    observed: Observed

    def value(self, node: str, period: str) -> float:
        """The measured value over all rows."""
        return next(
            item.value
            for item in self.observed.observations
            if (item.node, item.period, item.dimension) == (node, period, None)
        )


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    manifest = json.loads((SAMPLE / "manifest.json").read_text("utf-8"))
    workshop = read_workshop((SAMPLE / manifest["workshop"]).read_text("utf-8"))
    into = tmp_path_factory.mktemp("sample")
    readings = {}
    tables = {}
    for code, entry in manifest["datasets"].items():
        reading = read_upload(SAMPLE / entry["file"], options=ReadOptions.from_json(entry["options"]), into=into)
        readings[code] = reading
        dataset = workshop.dataset(code)
        assert dataset is not None
        assert reading.parquet is not None
        tables[code] = (Table(dataset, reading.parquet, "1", date.fromisoformat(entry["as_of"])),)
    return Sample(SAMPLE, workshop, readings, tables, observe(workshop, tables, today=TODAY))


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[State, str]]:
    """The sample loaded by one call, as a new user does: the state and the workshop's id."""
    with State.open(tmp_path_factory.mktemp("loaded") / "kpi.db") as state:
        yield state, load_sample(state, Who("大野 悠"))
