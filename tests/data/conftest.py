"""What the tests of measures share: tiny tables written as Parquet, a workshop around them, and what was observed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kpi_core.data.observing import Observed, observe
from kpi_core.data.reading import ReadOptions, read_upload
from kpi_core.data.tables import Table
from kpi_core.model.workshop import Workshop


@dataclass(frozen=True)
class Ground:
    """A workshop and its datasets' versions, newest first."""

    workshop: Workshop
    tables: Mapping[str, Sequence[Table]]

    def observed(self, **more: Any) -> Observed:
        return observe(self.workshop, self.tables, **more)

    def values(self, node: str = "n", dimension: str | None = None) -> dict[Any, float]:
        """Period → value of all rows, or (period, segment) → value of a dimension's."""
        found = self.observed(nodes=[node])
        errors = [problem for problem in found.problems if problem.path and problem.path.startswith("nodes.")]
        assert errors == []
        rows = [row for row in found.observations if row.dimension == dimension]
        assert len({(row.period, row.segment) for row in rows}) == len(rows)
        return {row.period if dimension is None else (row.period, row.segment): row.value for row in rows}


def workshop_of(datasets: Mapping[str, Any], nodes: Mapping[str, Any], **settings: Any) -> Workshop:
    """A workshop of datasets (code → what is said of each) and measures (node code → measure)."""
    return Workshop.model_validate(
        {
            "workshop": {"name": "test", **settings},
            "sources": [{"code": "sfa"}],
            "datasets": [{"code": code, "source": "sfa", **said} for code, said in datasets.items()],
            "nodes": [{"code": code, "kind": "kpi", "measure": measure} for code, measure in nodes.items()],
        }
    )


@pytest.fixture
def ground(tmp_path: Path) -> Callable[..., Ground]:
    """``ground(rows, measure)`` for one dataset ``d`` and one node ``n``; ``also`` has further datasets' rows."""

    def make(
        rows: Mapping[str, Sequence[Any]] | pl.DataFrame,
        measure: Mapping[str, Any] | None = None,
        *,
        nodes: Mapping[str, Any] | None = None,
        said: Mapping[str, Any] | None = None,
        also: Mapping[str, Mapping[str, Any]] | None = None,
        said_also: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> Ground:
        frames: dict[str, Any] = {"d": rows, **(also or {})}
        said_of = {code: (said_also or {}).get(code, {}) for code in frames} | {"d": dict(said or {})}
        measures = dict(nodes or {})
        if measure is not None:
            measures["n"] = {"dataset": "d", **measure} if "ratio" not in measure else measure
        workshop = workshop_of(said_of, measures, **settings)
        tables = {}
        for code, columns in frames.items():
            path = tmp_path / f"{code}.parquet"
            frame = columns if isinstance(columns, pl.DataFrame) else pl.DataFrame(columns, strict=False)
            frame.write_parquet(path)
            dataset = workshop.dataset(code)
            assert dataset is not None
            tables[code] = [Table(dataset, path, "v1", date(2026, 11, 23))]
        return Ground(workshop, tables)

    return make


@dataclass(frozen=True)
class Truth:
    """The right numbers of one real dataset, by id, as their file states them."""

    kpis: Mapping[str, Any]

    def number(self, kpi: str) -> float:
        return float(self.kpis[kpi]["result"])

    def column(self, kpi: str, value: str, *keys: str) -> dict[Any, float]:
        """Key column(s) → value column."""
        result = self.kpis[kpi]["result"]
        at = [result["columns"].index(name) for name in keys]
        wanted = result["columns"].index(value)
        return {
            row[at[0]] if len(at) == 1 else tuple(row[place] for place in at): float(row[wanted])
            for row in result["rows"]
        }


@pytest.fixture(scope="session")
def truth(shared: Path) -> Callable[[str], Truth]:
    def of(name: str) -> Truth:
        stated = json.loads((shared / "data" / f"truth_{name}.json").read_text("utf-8"))
        return Truth({kpi["id"]: kpi for kpi in stated["kpis"]})

    return of


@pytest.fixture(scope="session")
def read(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A real file, read as an upload is, as its Parquet file; read once a session."""
    folder = tmp_path_factory.mktemp("uploads")
    done: dict[str, Path] = {}

    def parquet(name: str, sheet: str | None = None) -> Path:
        if name not in done:
            reading = read_upload(shared / "data" / name, options=ReadOptions(sheet=sheet), into=folder)
            assert reading.parquet is not None, reading.problems
            done[name] = reading.parquet
        return done[name]

    return parquet


@pytest.fixture(scope="session")
def real(read: Callable[..., Path]) -> Callable[..., Ground]:
    """``real({code: (file, sheet)}, datasets, nodes, as_of)``: measures over real files."""

    def make(
        files: Mapping[str, tuple[str, str | None]],
        nodes: Mapping[str, Any],
        said: Mapping[str, Any] | None = None,
        as_of: date = date(2026, 11, 23),
        **settings: Any,
    ) -> Ground:
        workshop = workshop_of({code: (said or {}).get(code, {}) for code in files}, nodes, **settings)
        tables = {
            dataset.code: [Table(dataset, read(*files[dataset.code]), "v1", as_of)] for dataset in workshop.datasets
        }
        return Ground(workshop, tables)

    return make


class Found:
    """What one ``observe`` gave, asked by node."""

    def __init__(self, ground: Ground) -> None:
        self.seen = ground.observed()
        assert self.seen.problems == ()

    def total(self, node: str, period: str) -> float:
        return self.periods(node)[period]

    def periods(self, node: str) -> dict[str, float]:
        return {row.period: row.value for row in self._of(node, None)}

    def months(self, node: str) -> dict[str, float]:
        return {period: value for period, value in self.periods(node).items() if len(period) == 7 and "Q" not in period}

    def quarters(self, node: str) -> dict[str, float]:
        return {period: value for period, value in self.periods(node).items() if "Q" in period}

    def years(self, node: str) -> dict[int, float]:
        return {int(period): value for period, value in self.periods(node).items() if len(period) == 4}

    def segments(self, node: str, dimension: str, period: str) -> dict[str | None, float]:
        return {row.segment: row.value for row in self._of(node, dimension) if row.period == period}

    def _of(self, node: str, dimension: str | None) -> list[Any]:
        return [row for row in self.seen.observations if row.node == node and row.dimension == dimension]


@pytest.fixture(scope="session")
def found() -> Callable[[Ground], Found]:
    return Found


@pytest.fixture(scope="session")
def right() -> Callable[[Any], Any]:
    """Equal to 1e-9 relative, number by number."""
    return lambda expected: pytest.approx(expected, rel=1e-9, abs=0)
