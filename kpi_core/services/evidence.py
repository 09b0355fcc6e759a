"""What is known of every driver link: its hypothesis, the grade of its last test, and whether that still holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from kpi_core.insight.leading import lacking
from kpi_core.model.workshop import Workshop
from kpi_core.services.actuals import actuals
from kpi_core.services.link_data import Common, basis_of
from kpi_core.services.remembered import Remembered
from kpi_core.services.snapshots import Snapshot, snapshot
from kpi_core.store import link_tests
from kpi_core.store.link_tests import Hypothesis, StoredTest
from kpi_core.store.state import State
from kpi_core.tree.structure import Edge, edges
from kpi_core.vocabulary import EvidenceGrade, EvidenceState, LinkVerdict, Relation, Sign


@dataclass(frozen=True)
class Evidence:
    """What is known of one driver link, as an edge shows it.

    ``verdict`` and ``tested_on`` are those of the last test, kept when it expired; ``expired`` is then a code for why:
    ``hypothesis_changed``, ``definition_changed`` or ``newer_data_disagree`` (``now`` is what the data say).
    ``missing`` counts the common periods that a test lacks, before the first test too. ``revised`` counts statements
    made after a result had been seen. ``tests`` are all results, oldest first.
    """

    source: str
    target: str
    state: EvidenceState
    sign: Sign | None
    lag: int | None
    hypothesis: Hypothesis | None
    verdict: LinkVerdict | None
    tested_on: date | None
    expired: str | None
    now: LinkVerdict | None
    missing: int
    revised: int
    tests: tuple[StoredTest, ...]

    @property
    def grade(self) -> EvidenceGrade:
        """What the edge says: nothing is supported by a test that no longer holds."""
        if self.verdict is None:
            return EvidenceGrade.UNTESTED
        return EvidenceGrade.EXPIRED if self.expired else EvidenceGrade(self.verdict.value)


_kept: Remembered[tuple[Evidence, ...]] = Remembered(16)


def evidence(state: State, workshop_id: str, *, today: date) -> tuple[Evidence, ...]:
    """Every driver link with what is known of it, in the order of the tree's edges.

    Where values came or changed after the last test it is repeated (and not stored): another verdict expires the grade.
    """
    return _kept.answer(state, workshop_id, (today,), lambda found: _evidence(state, found, today))


class Graded(NamedTuple):
    """A driver link's grade, and the day of the test that it rests on."""

    grade: EvidenceGrade
    on: date | None


def grades(state: State, workshop_id: str, *, today: date) -> Mapping[link_tests.Ends, Graded]:
    """The grade of every driver link that was tested; a workshop without a test costs one look."""
    snapshot(state, workshop_id)
    if not link_tests.any_test(state.connection, workshop_id):
        return {}
    found = evidence(state, workshop_id, today=today)
    return {(one.source, one.target): Graded(one.grade, one.tested_on) for one in found if one.verdict is not None}


def _evidence(state: State, found: Snapshot, today: date) -> tuple[Evidence, ...]:
    drivers = [edge for edge in edges(found.workshop) if edge.relation is Relation.DRIVER]
    if not drivers:
        return ()
    stated = link_tests.hypotheses(state.connection, found.id)
    tested = link_tests.link_tests(state.connection, found.id)
    known = actuals(state, found.id, {code for edge in drivers for code in (edge.source, edge.target)}, today=today)
    each = {(edge.source, edge.target): edge for edge in drivers}
    return tuple(
        _standing(found.workshop, edge, stated.get(ends, ()), tested.get(ends, ()), Common.of(known, *ends))
        for ends, edge in each.items()
    )


def _standing(
    workshop: Workshop, edge: Edge, stated: tuple[Hypothesis, ...], tests: tuple[StoredTest, ...], common: Common
) -> Evidence:
    current = stated[-1] if stated and (stated[-1].sign, stated[-1].lag) == (edge.sign, edge.lag) else None
    last = tests[-1] if tests else None
    situation = EvidenceState.UNSTATED if current is None else EvidenceState.UNTESTED
    expired, now = None, None
    if last is not None:
        expired, now = _expiry(workshop, current, last, common)
        situation = EvidenceState.EXPIRED if expired else EvidenceState.CURRENT
    return Evidence(
        edge.source,
        edge.target,
        situation,
        edge.sign,
        edge.lag,
        current,
        last.verdict if last else None,
        last.at.date() if last else None,
        expired,
        now,
        lacking(len(common.x), edge.lag or 0, workshop.settings.grain),
        sum(one.after_test for one in stated),
        tests,
    )


def _expiry(
    workshop: Workshop, current: Hypothesis | None, last: StoredTest, common: Common
) -> tuple[str | None, LinkVerdict | None]:
    """Why the last test no longer holds, and what the data say today where that is the reason."""
    if current is None or current.id != last.hypothesis:
        return "hypothesis_changed", None
    if basis_of(workshop, last.source, last.target) != last.basis:
        return "definition_changed", None
    if common.mark == last.figures.get("data"):
        return None, None
    now = common.tested(current, workshop.settings.grain).verdict
    return ("newer_data_disagree", now) if now is not last.verdict else (None, None)
