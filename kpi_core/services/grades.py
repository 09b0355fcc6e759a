"""Each dataset's grade, and what it says of every node that rests on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kpi_core.guidance.foundation import Rest, foundations
from kpi_core.guidance.grade import Graded, graded, together
from kpi_core.services.datasets import today_of
from kpi_core.services.quality import last_runs
from kpi_core.services.remembered import Remembered
from kpi_core.services.snapshots import Snapshot, snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import DataGrade, Through


@dataclass(frozen=True)
class NodeGrade:
    """The grades of what a node rests on: of its ``number`` (measure or formula), and of what ``drives`` it.

    ``None``: rests on no dataset that way, or one of them has no grade (``rests`` tell which).
    """

    number: DataGrade | None
    drives: DataGrade | None
    rests: tuple[Rest, ...]


@dataclass(frozen=True)
class Grades:
    """Dataset → its grade, and node → what that means for it; nodes that rest on no dataset are absent."""

    datasets: Mapping[str, Graded]
    nodes: Mapping[str, NodeGrade]


_kept: Remembered[Grades] = Remembered(32)


def grades(state: State, workshop_id: str) -> Grades:
    """The grades as of today. Raises as ``snapshot``."""
    day = today_of(snapshot(state, workshop_id).workshop)
    return _kept.answer(state, workshop_id, (day,), lambda found: _grades(state, found))


def _grades(state: State, found: Snapshot) -> Grades:
    runs = last_runs(state, found.id)
    datasets = {
        dataset.code: graded(
            dataset.rules, run.results if (run := runs.get(dataset.code)) is not None and run.current else None
        )
        for dataset in found.workshop.datasets
    }
    nodes = {code: _of_node(rests, datasets) for code, rests in foundations(found.workshop).items() if rests}
    return Grades(datasets, nodes)


def _of_node(rests: tuple[Rest, ...], datasets: Mapping[str, Graded]) -> NodeGrade:
    def worst(driving: bool) -> DataGrade | None:
        chosen = [rest.dataset for rest in rests if (rest.through is Through.DRIVER) is driving]
        return together(datasets[code].grade if code in datasets else None for code in chosen)

    return NodeGrade(worst(False), worst(True), rests)
