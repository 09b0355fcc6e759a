"""Why a node changed, for people: over time, against target or last year, cumulated, by driver or by segment."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from kpi_core.errors import RefusedError
from kpi_core.model.period import Period
from kpi_core.services.alike import footings
from kpi_core.services.datasets import today_of
from kpi_core.services.evaluating import MOST_PERIODS
from kpi_core.services.segment_parts import SegmentParts, segment_parts
from kpi_core.services.standing import Standpoint, standpoint
from kpi_core.store.state import State
from kpi_core.tree.accumulating import added, steps_between, years_to
from kpi_core.tree.attribution import Attribution, Missing, attribute
from kpi_core.tree.drilling import Share, shares_at
from kpi_core.tree.mixing import by_part, mix_and_rate
from kpi_core.tree.plan import plan_of, structure_of
from kpi_core.vocabulary import AttributionMethod, ContributionKind


class Against(StrEnum):
    """What the value is compared with: another period, the target of the same, or the same period a year before."""

    PERIOD = "period"
    TARGET = "target"
    YEAR = "year"


class Over(StrEnum):
    """``ENDS``: the two periods; ``STEPS``: every period between them, one after the other; ``YTD``: two fiscal years'
    totals up to them."""

    ENDS = "ends"
    STEPS = "steps"
    YTD = "ytd"


@dataclass(frozen=True)
class Contribution:
    """``value`` is in the node's unit. One of ``node`` and ``segment`` is set (``""``: rows with an empty cell).

    A ``gap`` names the node itself, a ``remainder`` neither: what no segment holds.
    """

    node: str | None
    segment: str | None
    kind: ContributionKind
    value: float


@dataclass(frozen=True)
class Explanation:
    """The contributions add up to ``change``, all but ``residual`` (rounding, at most 1e-9 of it).

    Without a change that can be told, ``contributions`` is empty: ``missing`` names the inputs that have no value, and
    ``singular`` says that a formula divides by zero on the way. ``method`` is ``None`` by segment. ``attribution``
    holds the leaves' part, for ``level``.

    Of a period that is measured in part, only the same stretch of the other one is compared (``kept``: its finer
    periods), or that part of the target; ``part`` says so, and ``ground`` holds what was compared. ``unlike``: both
    have a value, but not over the same stretch, so that there is no ``before`` and no change.
    """

    node: str
    start: Period
    end: Period
    against: Against
    over: Over
    method: AttributionMethod | None
    before: float | None
    after: float | None
    contributions: tuple[Contribution, ...]
    missing: tuple[Missing, ...] = ()
    singular: bool = False
    attribution: Attribution | None = None
    part: bool = False
    kept: tuple[Period, ...] = ()
    unlike: bool = False
    ground: Standpoint | None = None

    @property
    def change(self) -> float | None:
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def residual(self) -> float | None:
        if self.change is None or not self.contributions:
            return None
        return self.change - math.fsum(part.value for part in self.contributions)


def explain(
    state: State,
    workshop_id: str,
    node: str,
    end: str,
    start: str | None = None,
    *,
    against: Against = Against.PERIOD,
    over: Over = Over.ENDS,
    method: AttributionMethod | None = None,
    order: Sequence[str] = (),
    by: str | None = None,
    today: date | None = None,
) -> Explanation:
    """Why ``node`` changed to period key ``end``: from ``start`` (by default the period before), or ``against`` its
    target or last year. Contributions are those of the formula's leaves (a node without a formula is its own leaf), or
    with ``by`` of a dimension's segments. Both sides are of the same stretch (decision 0069), as seen on ``today``.

    Raises ``RefusedError``: ``node_unknown``, ``period_unreadable``, ``period_wrong_grain``, ``grain_too_fine``,
    ``periods_reversed``, ``too_many_periods``, ``explain_not_logarithmic``, ``explain_not_additive`` (a year to date of
    what does not add up), ``dimension_unknown``, ``explain_segments_not_told``,
    ``solve_not_a_driver`` for an ``order`` of something else than inputs.
    """
    here = standpoint(state, workshop_id)
    workshop = here.workshop
    here.node(node)
    first, last = _ends(here, end, start, against)
    day = today or today_of(workshop)
    if by is not None:
        parts = segment_parts(state, here, node, by, first, last, from_target=against is Against.TARGET)
        told_whole = _by_segment(node, first, last, against, parts)
        seen = footings(state, here, node, ((first, last),), from_target=False, today=day)[0]
        return told_whole if seen is not None and not seen.part else _unlike(told_whole)
    plan = plan_of(structure_of(workshop))
    if over is Over.YTD and node not in plan.additive:
        raise RefusedError("explain_not_additive", node=node)
    pairs = {Over.ENDS: ((first, last),), Over.STEPS: steps_between(first, last), Over.YTD: years_to(first, last)}[over]
    if len(pairs) > MOST_PERIODS:
        raise RefusedError("too_many_periods", limit=MOST_PERIODS)
    grounds = footings(state, here, node, pairs, from_target=against is Against.TARGET, today=day)
    told = []
    unlike = False
    for pair, seen in zip(pairs, grounds, strict=True):
        side = here if seen is None else seen.ground
        one = attribute(
            side.workshop, side.values, node, *pair, method=method, order=order, from_target=against is Against.TARGET
        )
        told.append(one)
        parted = seen is None or (seen.part and over is Over.STEPS and against is not Against.TARGET)
        unlike |= parted and one.change is not None
    inputs = dict.fromkeys(leaf for each in told for leaf in each.leaves)
    for code in order:
        if code not in inputs:
            raise RefusedError("solve_not_a_driver", node=node, driver=code, known=", ".join(inputs))
    found = told[0] if len(told) == 1 else added(told, chained=over is Over.STEPS)
    if method is AttributionMethod.LMDI and found.contributions is None and found.change is not None:
        raise RefusedError("explain_not_logarithmic", node=node)
    answer = _by_leaf(found, first, last, against, over)
    if unlike:
        return _unlike(answer)
    seen = grounds[-1]
    if seen is None or over is Over.STEPS:
        return answer
    return replace(answer, part=seen.part, kept=seen.kept, ground=seen.ground if over is Over.ENDS else None)


def _unlike(told: Explanation) -> Explanation:
    """The same without a change, where both sides have a value."""
    if told.change is None:
        return told
    return replace(told, before=None, contributions=(), attribution=None, unlike=True)


def level(state: State, workshop_id: str, explanation: Explanation, node: str) -> tuple[Share, ...]:
    """The same change told at one level of the tree: by the direct inputs of ``node``'s formula.

    ``node`` is the explained one or any below it, so that a waterfall can be opened bar by bar: the shares of an
    input's own inputs add up to the input's share, and to what the input stands without where it shares leaves with
    others. Values are in the explained node's unit. Empty without any.
    """
    workshop = standpoint(state, workshop_id).workshop
    found = explanation.attribution
    if found is None or found.contributions is None:
        return ()
    plan = plan_of(structure_of(workshop))
    return shares_at(plan, found.contributions, node)


def _ends(here: Standpoint, end: str, start: str | None, against: Against) -> tuple[Period, Period]:
    last = here.period(end)
    if against is Against.TARGET:
        return last, last
    if against is Against.YEAR:
        return last.year_before(), last
    first = last.shift(-1) if start is None else here.period(start)
    if first.grain is not last.grain:
        raise RefusedError("period_wrong_grain", text=first.key, grain=last.grain.value)
    if last < first:
        raise RefusedError("periods_reversed", first=first.key, last=last.key)
    return first, last


def _by_leaf(found: Attribution, first: Period, last: Period, against: Against, over: Over) -> Explanation:
    parts = [
        Contribution(leaf, None, ContributionKind.DRIVER, value) for leaf, value in (found.contributions or {}).items()
    ]
    if found.gap:
        parts.append(Contribution(found.node, None, ContributionKind.GAP, found.gap))
    return Explanation(
        found.node, first, last, against, over, found.method, found.before, found.after, tuple(parts),
        found.missing, found.singular, found,
    )  # fmt: skip


def _by_segment(node: str, first: Period, last: Period, against: Against, parts: SegmentParts) -> Explanation:
    before, after = parts.whole
    blank = Explanation(node, first, last, against, Over.ENDS, None, before, after, (), parts.missing)
    if before is None or after is None:
        return blank
    told: list[Contribution] = []
    if parts.denominators is None:
        told += [Contribution(None, name, ContributionKind.DRIVER, v) for name, v in by_part(parts.numerators).items()]
    else:
        mixed = mix_and_rate(parts.numerators, parts.denominators)
        if mixed is None:
            return blank
        for name, value in mixed.mix.items():
            if name in mixed.rate:
                told.append(Contribution(None, name, ContributionKind.RATE, mixed.rate[name]))
            told.append(Contribution(None, name, ContributionKind.MIX, value))
    told.sort(key=lambda part: (part.segment or "", part.kind))
    rest = (after - before) - math.fsum(part.value for part in told)
    size = max((abs(before), abs(after), *(abs(part.value) for part in told)))
    if abs(rest) > 1e-9 * size:
        told.append(Contribution(None, None, ContributionKind.REMAINDER, rest))
    return Explanation(node, first, last, against, Over.ENDS, None, before, after, tuple(told))
