"""Measures that a workshop's datasets can give at once, where they are a usual system's export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kpi_core.guidance.exports import ProposedMeasure, recognise
from kpi_core.model.measure import SimpleMeasure
from kpi_core.services.composing import composed
from kpi_core.services.mapping import DATES, DatasetColumns, values_of
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.tree.units import is_currency
from kpi_core.vocabulary import Aggregate, ColumnType, Op

_NUMBERS = (ColumnType.INTEGER, ColumnType.DECIMAL)
_STAGES = 50


@dataclass(frozen=True)
class MeasureProposal:
    """A measure of a dataset that looks like an export of ``system``.

    ``stages``: the stage's values in the file, where none of them is a word of the system for what was won.
    """

    system: str
    dataset: str
    proposed: ProposedMeasure
    stages: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """What names it (``exports.measures``)."""
        return self.proposed.code

    @property
    def measure(self) -> SimpleMeasure | None:
        """``None`` while nobody has said which stages count: it would count nothing, or all rows."""
        return (
            None if self.proposed.stage is not None and not self.proposed.won else _measure(self.dataset, self.proposed)
        )

    def with_won(self, words: Sequence[str]) -> MeasureProposal:
        """As a person says which stages count as won."""
        return replace(self, proposed=replace(self.proposed, won=tuple(words)))


def measure_proposals(
    state: State, workshop_id: str, datasets: Mapping[str, DatasetColumns]
) -> tuple[MeasureProposal, ...]:
    """The proposals of all ``datasets``, in their order; only such as the columns' types allow."""
    snapshot(state, workshop_id)
    found = []
    for code, dataset in datasets.items():
        names = list(dataset.columns)
        seen = recognise(names)
        if seen is None:
            continue
        stage = seen.meanings.get("stage")
        counted = values_of(state, workshop_id, code, stage, _STAGES) if stage else ()
        stages = tuple(value for value, _ in counted if value is not None)
        again = recognise(names, stages)
        for one in again.measures if again is not None else ():
            if _can_be(one, dataset) and (stages or not one.guessed):
                found.append(MeasureProposal(seen.system, code, one, stages if one.guessed else ()))
    return tuple(found)


def gives(aggregate: str | None, unit: str) -> bool:
    """Whether an aggregate's numbers can be of a KPI's ``unit``: counted rows are no money."""
    return not is_currency(unit) or aggregate not in (Aggregate.COUNT, Aggregate.COUNT_DISTINCT)


def _can_be(one: ProposedMeasure, dataset: DatasetColumns) -> bool:
    numeric = one.column is None or dataset.columns.get(one.column) in _NUMBERS
    return dataset.columns.get(one.date) in DATES and (numeric or one.aggregate is Aggregate.COUNT)


def _measure(dataset: str, one: ProposedMeasure) -> SimpleMeasure:
    where = []
    if one.stage is not None:
        where = [{"column": one.stage, "op": Op.IN, "value": one.won}]
        if len(one.won) == 1:
            where = [{"column": one.stage, "op": Op.EQ, "value": one.won[0]}]
    fields = {"dataset": dataset, "aggregate": one.aggregate, "column": one.column, "date": one.date, "where": where}
    return composed(SimpleMeasure, fields)
