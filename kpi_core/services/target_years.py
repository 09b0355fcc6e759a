"""The fiscal years that targets and baselines can be of: around today, and wherever the workshop has numbers."""

from __future__ import annotations

from collections.abc import Iterator

from kpi_core.model.node import Node
from kpi_core.model.period import Period, parse_period, period_of, periods_within
from kpi_core.model.workshop import Workshop
from kpi_core.services.datasets import today_of
from kpi_core.services.evaluating import periods_at, within_reach
from kpi_core.services.remembered import Remembered
from kpi_core.services.snapshots import Snapshot
from kpi_core.store import observations
from kpi_core.store.state import State
from kpi_core.vocabulary import Grain

#: Fiscal years offered before and after the current one, whatever there is.
_AROUND = 10
#: Baselines without data to take them from: so many fiscal years and months back.
_YEARS_BACK, _MONTHS_BACK = 3, 24

_measured: Remembered[tuple[Period, ...]] = Remembered(32)


def years_of_data(state: State, workshop_id: str) -> tuple[Period, ...]:
    """The fiscal years in which anything was measured or typed, in order (those absurdly far from today left out)."""
    return _measured.answer(state, workshop_id, (), lambda found: _years_of_data(state, found))


def _years_of_data(state: State, found: Snapshot) -> tuple[Period, ...]:
    workshop = found.workshop
    with state.reading() as connection:
        keys = {key for values in observations.overall(connection, found.id).values() for key in values}
    keys |= {entry.period for node in workshop.nodes for entry in node.manual}
    today = today_of(workshop)
    years = set(periods_at(Grain.YEAR, workshop.settings.fiscal_year_start, keys))
    return tuple(sorted(year for year in years if within_reach(year, today)))


def fiscal_years(workshop: Workshop, node: Node | None, measured: tuple[Period, ...] = ()) -> tuple[Period, ...]:
    """The fiscal years that targets can be set for: ten each way, and those ``measured``, aimed at or due."""
    start = workshop.settings.fiscal_year_start
    this = period_of(today_of(workshop), Grain.YEAR, start)
    around = {this.shift(offset) for offset in range(-_AROUND, _AROUND + 1)}
    return tuple(sorted(around.union(measured, _stated(node, start))))


def _stated(node: Node | None, start: int) -> Iterator[Period]:
    if node is None:
        return
    for entry in (*node.targets, *([node.baseline] if node.baseline else [])):
        yield parse_period(entry.period, start).at(Grain.YEAR)
    if node.due is not None:
        yield period_of(node.due, Grain.YEAR, start)


def baseline_periods(workshop: Workshop, measured: tuple[Period, ...] = ()) -> list[str]:
    """The keys of the periods a baseline can be of, years before months, the latest first: recent ones and those of
    the years ``measured``.
    """
    start = workshop.settings.fiscal_year_start
    today = today_of(workshop)
    year, month = period_of(today, Grain.YEAR, start), period_of(today, Grain.MONTH, start)
    years = {*(year.shift(-back) for back in range(_YEARS_BACK + 1)), *measured}
    months = {month.shift(-back) for back in range(_MONTHS_BACK + 1)}
    months |= {one for each in measured for one in periods_within(each, Grain.MONTH) if one <= month}
    past = sorted((one for one in years if one <= year), reverse=True)
    return [one.key for one in (*past, *sorted(months, reverse=True))]
