"""The KPIs of a dataset measured on its twin: the very same measure over the other's columns."""

from __future__ import annotations

from kpi_core.data.observing import observe_measures
from kpi_core.data.overlapping import Overlap
from kpi_core.model.measure import Filter, Ratio, RatioMeasure, SimpleMeasure
from kpi_core.services.datasets import tables
from kpi_core.services.single_truth import Sides, Twin, sides_of
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State


def possible_elsewhere(state: State, workshop_id: str, twin: Twin) -> tuple[tuple[str, Sides], ...]:
    """Each KPI measured on one of two twin datasets, with what the very same measure gives on the other.

    The first value is of ``twin.one``, whichever the KPI is measured on; a measure that uses a column which the other
    lacks, or a value written otherwise there, cannot be compared and is left out.
    """
    workshop = snapshot(state, workshop_id).workshop
    if twin.overlap is None:
        return ()
    asked: dict[str, SimpleMeasure | RatioMeasure] = {}
    for node in workshop.nodes:
        for at, (own, other, seen) in enumerate(
            ((twin.one, twin.other, twin.overlap), (twin.other, twin.one, twin.overlap.turned()))
        ):
            if node.measure is None or any(part.dataset != own for part in node.measure.parts):
                continue
            moved = _translated(node.measure, other, seen)
            if moved is not None:
                pair = (node.measure, moved) if at == 0 else (moved, node.measure)
                asked |= {f"{node.code}_0": pair[0], f"{node.code}_1": pair[1]}
    if not asked:
        return ()
    values: dict[str, dict[str, float]] = {name: {} for name in asked}
    observed = observe_measures(workshop, tables(state, workshop_id), asked, grain=workshop.settings.grain)
    for one in observed.observations:
        if one.dimension is None:
            values[one.node][one.period] = one.value
    codes = dict.fromkeys(name[:-2] for name in asked)
    found = ((code, sides_of(values[f"{code}_0"], values[f"{code}_1"])) for code in codes)
    return tuple((code, sides) for code, sides in found if any(None not in pair for pair in sides.values()))


def _translated(
    measure: SimpleMeasure | RatioMeasure, dataset: str, seen: Overlap
) -> SimpleMeasure | RatioMeasure | None:
    """The same measure over the other dataset's columns; ``None`` where one of them is not there."""
    parts = []
    for part in measure.parts:
        wanted = [name for name in (part.column, part.date, *(entry.column for entry in part.where)) if name]
        names = {name: seen.there(name) for name in wanted}
        if any(other is None for other in names.values()):
            return None
        where = tuple(Filter(column=names[one.column] or "", op=one.op, value=one.value) for one in part.where)
        moved: dict[str, object] = {"dataset": dataset, "where": where, "dimensions": ()}
        moved |= {"column": names.get(part.column or ""), "date": names.get(part.date or "")}
        parts.append(part.model_copy(update=moved))
    if isinstance(measure, RatioMeasure):
        return RatioMeasure(ratio=Ratio(numerator=parts[0], denominator=parts[1]))
    return parts[0]
