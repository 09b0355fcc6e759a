"""What a workshop has twice: the same objects in two datasets, the same KPI measured or entered in two ways."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from kpi_core.data.overlapping import Overlap
from kpi_core.guidance.alike import alike_pairs
from kpi_core.guidance.facts import Discrepancy
from kpi_core.model.period import Period, parse_period
from kpi_core.model.precedence import Precedence, precedence_code
from kpi_core.services.datasets import Version, versions
from kpi_core.services.evaluating import periods_at
from kpi_core.services.kept_overlaps import compared, kept_overlap
from kpi_core.services.people import Who, authorise
from kpi_core.services.standing import Standpoint, standpoint
from kpi_core.store import changes
from kpi_core.store.state import State
from kpi_core.tree.evaluation import evaluate
from kpi_core.vocabulary import PrecedenceKind

Sides = Mapping[str, tuple[float | None, float | None]]
"""Period key → the value of one side and of the other; ``None``: that side has none."""
MEASURE, MANUAL = "measure", "manual"
#: Datasets of more rows are compared when a person asks for it; of still more, not at all.
WHILE_WAITING, MOST_ROWS = 300_000, 5_000_000
#: Sums that differ by less than this share are the same.
_SAME = 1e-9


@dataclass(frozen=True)
class Twin:
    """Two sides that should say the same. ``values`` of two datasets are sums by month of ``column`` (as ``one`` calls
    it) over what both hold; those of KPIs are by period of the workshop's grain.

    ``node``: the KPI, where its two sides are compared. ``overlap`` says by which key two datasets were matched.
    """

    kind: PrecedenceKind
    one: str
    other: str
    values: Sides
    node: str | None = None
    column: str | None = None
    overlap: Overlap | None = None
    precedence: Precedence | None = None

    @property
    def differing(self) -> tuple[str, ...]:
        """The periods in which both have a value and not the same."""
        return tuple(key for key in self.compared if not _equal(*self.values[key]))

    @property
    def compared(self) -> tuple[str, ...]:
        """The periods in which both have a value."""
        return tuple(key for key, (one, other) in self.values.items() if one is not None and other is not None)


def twins(state: State, workshop_id: str) -> tuple[Twin, ...]:
    """Everything a workshop has twice: datasets (a twin for each number both hold), then KPIs."""
    here = standpoint(state, workshop_id)
    decided = {one.code: one for one in here.workshop.precedences}
    found = [*_datasets(state, here), *_nodes(here), *_entries(here)]
    return tuple(
        replace(twin, precedence=decided.get(precedence_code(twin.kind, twin.one, twin.other, twin.node)))
        for twin in found
    )


def discrepancies(state: State, workshop_id: str) -> tuple[Discrepancy, ...]:
    """What of it has other numbers; of two datasets the number that differs most often."""
    worst: dict[str, Twin] = {}
    for twin in twins(state, workshop_id):
        code = precedence_code(twin.kind, twin.one, twin.other, twin.node)
        if twin.differing and (code not in worst or len(twin.differing) > len(worst[code].differing)):
            worst[code] = twin
    return tuple(
        Discrepancy(
            twin.kind,
            twin.one,
            twin.other,
            len(twin.differing),
            len(twin.compared),
            twin.node,
            twin.column,
            twin.overlap.common if twin.overlap else 0,
        )
        for twin in worst.values()
    )


def not_compared(state: State, workshop_id: str) -> tuple[tuple[str, str], ...]:
    """The pairs of datasets that are compared only when asked for, and were not yet."""
    return tuple((one.dataset, other.dataset) for one, other in _pairs(state, workshop_id) if _waits(one, other))


def too_large(state: State, workshop_id: str) -> tuple[str, ...]:
    """The datasets with too many rows to be compared."""
    return tuple(code for code, version in _newest(state, workshop_id).items() if version.rows > MOST_ROWS)


def compare_large(state: State, workshop_id: str, who: Who) -> None:
    """Compare what waits for it (``not_compared``): about ten seconds a million rows; it is kept with the rows.

    It is on record, as what it finds is news for every open page. Raises ``RefusedError('not_allowed')``.
    """
    authorise(who)
    for one, other in _pairs(state, workshop_id):
        if not _waits(one, other):
            continue
        found = compared(one.parquet, other.parquet).overlap
        after = json.dumps({"with": other.dataset, "common": found.common if found else 0})
        with state.writing() as connection:
            changes.append(connection, workshop_id, who.name, "quality", one.dataset, "compare", None, after)


def _pairs(state: State, workshop_id: str) -> Iterator[tuple[Version, Version]]:
    comparable = [one for one in _newest(state, workshop_id).values() if one.rows <= MOST_ROWS]
    yield from combinations(comparable, 2)


def _waits(one: Version, other: Version) -> bool:
    large = max(one.rows, other.rows) > WHILE_WAITING
    return large and kept_overlap(one.parquet, other.parquet) is None


def _datasets(state: State, here: Standpoint) -> Iterator[Twin]:
    for one, other in _pairs(state, here.id):
        found = None if _waits(one, other) else compared(one.parquet, other.parquet).overlap
        for column, months in (found.months if found else {}).items():
            yield Twin(PrecedenceKind.DATASET, one.dataset, other.dataset, months, column=column, overlap=found)
        if found is not None and not found.months:
            yield Twin(PrecedenceKind.DATASET, one.dataset, other.dataset, {}, overlap=found)


def _nodes(here: Standpoint) -> Iterator[Twin]:
    """Two KPIs of nearly the same name, that are measured in two ways."""
    pairs = [(one.code, other.code) for how, one, other in alike_pairs(here.workshop) if how == "same_name"]
    if not pairs:
        return
    keys = {key for pair in pairs for code in pair for key in here.values.get(code, {})}
    keys |= {entry.period for node in here.workshop.nodes for entry in node.manual}
    settings = here.workshop.settings
    at_grain = periods_at(settings.grain, settings.fiscal_year_start, keys)
    periods = tuple(sorted(period for period in at_grain if period.grain is settings.grain))
    values = evaluate(here.workshop, here.values, periods, whole=True).actual if periods else {}
    for one, other in pairs:
        if one in values and other in values:
            sides = [_by_key(periods, [float(value) for value in values[code]]) for code in (one, other)]
            yield Twin(PrecedenceKind.NODE, one, other, sides_of(*sides))


def _entries(here: Standpoint) -> Iterator[Twin]:
    """A node with values from rows and typed ones for the same periods."""
    for node in here.workshop.nodes:
        measured = here.values.get(node.code, {})
        typed = {entry.period: float(entry.value) for entry in node.manual if entry.period in measured}
        if typed:
            sides = {key: (measured[key], value) for key, value in sorted(typed.items())}
            yield Twin(PrecedenceKind.ENTRY, MEASURE, MANUAL, sides, node=node.code)


def _newest(state: State, workshop_id: str) -> dict[str, Version]:
    """Dataset → its newest version, of those that have a file: rows of a connection stay where they are."""
    found: dict[str, Version] = {}
    for version in versions(state, workshop_id):
        found.setdefault(version.dataset, version)
    return {code: version for code, version in sorted(found.items()) if version.parquet.is_file()}


def _by_key(periods: tuple[Period, ...], values: list[float]) -> dict[str, float]:
    return {period.key: value for period, value in zip(periods, values, strict=True) if not math.isnan(value)}


def sides_of(one: Mapping[str, float], other: Mapping[str, float]) -> Sides:
    """Two sides by period, in order of time."""
    keys = sorted(one.keys() | other.keys(), key=lambda key: parse_period(key).start)
    return {key: (one.get(key), other.get(key)) for key in keys}


def _equal(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and math.isclose(one, other, rel_tol=_SAME, abs_tol=_SAME)
