"""Why nodes of a board have no status, and how many of its KPIs could be judged at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from kpi_core.services.dashboards import Board, Tile
from kpi_core.vocabulary import Direction, NodeKind, Status, Unjudged

#: What a success factor without a status tells of its KPIs: what is nearest to a verdict.
_NEAREST = (Unjudged.TOO_EARLY, Unjudged.NO_LIMITS, Unjudged.NO_GOAL, Unjudged.NOT_MEASURED)


@dataclass(frozen=True)
class Judged:
    """How many KPIs of a board have a status (``judged``), and how many have none for which reason."""

    judged: int
    without: Mapping[Unjudged, int]

    @property
    def all(self) -> bool:
        """Whether every KPI could be judged."""
        return not self.without


def why_unjudged(status: Status, actual: float | None, goal: float | None) -> Unjudged | None:
    """Why a node has no status: no value, nothing to compare it with, else its period has hardly begun."""
    if status is not Status.NONE:
        return None
    if actual is None:
        return Unjudged.NOT_MEASURED
    return Unjudged.NO_GOAL if goal is None else Unjudged.TOO_EARLY


def why_of(tile: Tile) -> Unjudged | None:
    """Why a tile has no status: a band without all its limits, or equal ones, is none to judge by."""
    standing, limits = tile.standing, tile.node.thresholds
    why = why_unjudged(standing.status, standing.actual, standing.goal_to_date)
    banded = limits is not None and limits.goal_upper is not None and limits.red_upper is not None
    if why in (Unjudged.TOO_EARLY, Unjudged.NO_GOAL) and tile.node.direction is Direction.RANGE and not banded:
        return Unjudged.NO_LIMITS
    return Unjudged.NO_GOAL if why is Unjudged.TOO_EARLY and standing.elapsed >= 1 else why


def unjudged(board: Board) -> dict[str, Unjudged]:
    """Every node of the board without a status → why; a success factor as its KPI that is nearest to a verdict."""
    own = {code: why_of(tile) for code, tile in board.tiles.items()}
    found = {code: why for code, why in own.items() if why is not None}
    statuses = board.statuses
    for code, tile in board.tiles.items():
        if tile.node.kind is not NodeKind.KSF:
            continue
        if statuses[code] is not Status.NONE:
            found.pop(code, None)
            continue
        below = {found[kpi] for kpi in _below(board, code) if kpi in found}
        found[code] = next((why for why in _NEAREST if why in below), Unjudged.NOT_MEASURED)
    return found


def judged(board: Board) -> Judged:
    """The KPIs of the board, counted by whether they could be judged."""
    kpis = [code for code, tile in board.tiles.items() if tile.node.kind is NodeKind.KPI]
    reasons = unjudged(board)
    without = Counter(reasons[code] for code in kpis if code in reasons)
    ordered = {why: without[why] for why in reversed(_NEAREST) if why in without}
    return Judged(len(kpis) - sum(without.values()), ordered)


def _below(board: Board, factor: str) -> list[str]:
    """The KPIs of the board below a success factor, at whatever depth."""
    found: list[str] = []
    for code, tile in board.tiles.items():
        above, seen = tile.node.parent, {code}
        while above is not None and above != factor and above in board.tiles and above not in seen:
            seen.add(above)
            above = board.tiles[above].node.parent
        if above == factor:
            found.append(code)
    return found
