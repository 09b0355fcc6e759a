"""One step of "why?": what a node's inputs, or its segments, contributed to its change, and what each came from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kpi_core.errors import RefusedError
from kpi_core.model.node import Node
from kpi_core.model.period import Period
from kpi_core.model.workshop import Workshop
from kpi_core.services.datasets import today_of
from kpi_core.services.explaining import Against, Contribution, Explanation, Over, explain, level
from kpi_core.services.remembered import Remembered
from kpi_core.services.segment_parts import dimensions_told
from kpi_core.services.snapshots import Snapshot, snapshot
from kpi_core.services.standing import Standpoint
from kpi_core.store.state import State
from kpi_core.tree.drilling import Share
from kpi_core.tree.evaluation import evaluate
from kpi_core.tree.plan import plan_of, structure_of
from kpi_core.vocabulary import ContributionKind, Grain


class Compared(StrEnum):
    """What a value is compared with; ``YTD_…``: the fiscal year's total up to the period."""

    PREVIOUS = "previous"
    YEAR = "year"
    TARGET = "target"
    YTD_YEAR = "ytd_year"
    YTD_TARGET = "ytd_target"


_ASKED = {
    Compared.PREVIOUS: (Against.PERIOD, Over.ENDS),
    Compared.YEAR: (Against.YEAR, Over.ENDS),
    Compared.TARGET: (Against.TARGET, Over.ENDS),
    Compared.YTD_YEAR: (Against.YEAR, Over.YTD),
    Compared.YTD_TARGET: (Against.TARGET, Over.YTD),
}


@dataclass(frozen=True)
class Reason:
    """A contribution to the change, in the explained node's unit.

    ``node`` is the input it came through (of a ``gap`` the explained node itself), ``segment`` a dimension's cell (an
    empty one is ``""``); neither is set for the mix of all segments together and for a remainder. ``before`` and
    ``after`` are the input's own values (``None`` = none, or not told). ``opens``: it can be asked "why?" in turn.
    Drivers that several inputs rest on stand for themselves: ``without`` names those an input's value leaves out, and
    ``of`` the inputs such a driver stands beside.
    """

    node: str | None
    segment: str | None
    kind: ContributionKind
    value: float
    before: float | None = None
    after: float | None = None
    opens: bool = False
    without: tuple[str, ...] = ()
    of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Why:
    """A node's change to a period and its reasons, the largest first; a remainder or gap is last.

    The reasons add up to the change. There are none where it cannot be told (``explanation`` says why), and for a node
    without a formula, which is its own and only reason.
    """

    compared: Compared
    explanation: Explanation
    reasons: tuple[Reason, ...]
    by: str | None


_kept: Remembered[Why] = Remembered(128)


def comparisons(workshop: Workshop, node: str, period: Period) -> tuple[Compared, ...]:
    """What the node's value in ``period`` can be compared with; cumulated only where adding up means something."""
    plain = (Compared.PREVIOUS, Compared.YEAR, Compared.TARGET)
    adds_up = node in plan_of(structure_of(workshop)).additive
    return tuple(Compared) if adds_up and period.grain is not Grain.YEAR else plain


def dimensions(workshop: Workshop, node: Node, compared: Compared) -> tuple[str, ...]:
    """The dimensions the change can be taken apart by; targets and totals of a year are of the whole only."""
    return dimensions_told(workshop, node) if compared in (Compared.PREVIOUS, Compared.YEAR) else ()


def why(
    state: State,
    workshop_id: str,
    node: str,
    period: Period,
    compared: Compared,
    *,
    by: str | None = None,
    today: date | None = None,
) -> Why:
    """The reasons of ``node``'s change to ``period``: its formula's direct inputs, or with ``by`` the segments.

    Raises as ``explain``.
    """
    day = today or today_of(snapshot(state, workshop_id).workshop)
    about = (node, period, compared, by, day)
    return _kept.answer(state, workshop_id, about, lambda found: _why(state, found, node, period, compared, by, day))


def effect_on(state: State, workshop_id: str, top: Explanation, above: str, node: str) -> Share | None:
    """What ``node``, an input of ``above``, contributed to the change of ``top``'s node, in that one's unit."""
    return next((share for share in level(state, workshop_id, top, above) if share.node == node), None)


def _why(
    state: State, found: Snapshot, code: str, period: Period, compared: Compared, by: str | None, today: date
) -> Why:
    against, over = _ASKED[compared]
    told = explain(state, found.id, code, period.key, against=against, over=over, by=by, today=today)
    if by is not None:
        return Why(compared, told, _by_segment(told.contributions), by)
    nodes = {node.code: node for node in found.workshop.nodes}
    if nodes[code].formula is None:
        return Why(compared, told, (), None)
    reasons = [_input(state, found.id, share, nodes, told, today) for share in level(state, found.id, told, code)]
    gaps = [_plain(part) for part in told.contributions if part.kind is ContributionKind.GAP]
    return Why(compared, told, (*_largest_first(reasons), *gaps), None)


def _input(
    state: State, workshop_id: str, share: Share, nodes: dict[str, Node], above: Explanation, today: date
) -> Reason:
    code, before, after = share.node, None, None
    if above.ground is not None:
        before, after = _sides(above.ground, code, above)
    else:
        try:
            own = explain(state, workshop_id, code, above.end.key, against=above.against, over=above.over, today=today)
            before, after = own.before, own.after
        except RefusedError:  # a year's total of what does not add up
            pass
    node = nodes.get(code)
    opens = node is not None and bool(node.formula or node.measure)
    kind = ContributionKind.DRIVER
    return Reason(share.node, None, kind, share.value, before, after, opens, share.without, share.of)


def _sides(ground: Standpoint, code: str, above: Explanation) -> tuple[float | None, float | None]:
    """An input's values as they went into the change above it: over the same stretch."""
    start, end = above.start, above.end
    found = evaluate(ground.workshop, ground.values, [start, end], nodes=[code], whole=True)
    if code not in found.actual:
        return None, None
    first = found.target if above.against is Against.TARGET else found.actual
    before, after = float(first[code][0]), float(found.actual[code][1])
    return (None if math.isnan(before) else before), (None if math.isnan(after) else after)


def _by_segment(parts: Sequence[Contribution]) -> tuple[Reason, ...]:
    """Segments as they are; the mix of all of them is one reason: single weights mean nothing apart from the others."""
    mix = [part.value for part in parts if part.kind is ContributionKind.MIX]
    told = [_plain(part) for part in parts if part.kind in (ContributionKind.DRIVER, ContributionKind.RATE)]
    if mix:
        told.append(Reason(None, None, ContributionKind.MIX, math.fsum(mix)))
    rest = [_plain(part) for part in parts if part.kind is ContributionKind.REMAINDER]
    return (*_largest_first(told), *rest)


def _plain(part: Contribution) -> Reason:
    return Reason(part.node, part.segment, part.kind, part.value)


def _largest_first(reasons: Sequence[Reason]) -> list[Reason]:
    return sorted(reasons, key=lambda one: -abs(one.value))
