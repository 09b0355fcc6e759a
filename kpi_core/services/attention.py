"""What needs attention: each success factor with its own state, and below it the KPIs to act on."""

from __future__ import annotations

from dataclasses import dataclass

from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.services.dashboards import MOST_OFF_TRACK, Board, Tile, ksf_of, off_track
from kpi_core.vocabulary import NodeKind, NodeStatus, Status


@dataclass(frozen=True)
class Factor:
    """A success factor (``None``: KPIs below none), as its worst KPI; ``behind`` are those to act on, worst first."""

    node: Node | None
    status: Status
    behind: tuple[Tile, ...]


@dataclass(frozen=True)
class Attention:
    """``factors``: those with something to act on first, in the order of their worst KPI; then the others.

    ``left``: the KPIs to act on that are not among them, as they are less urgent.
    """

    factors: tuple[Factor, ...]
    left: tuple[Tile, ...]


def attention(board: Board, workshop: Workshop, most: int = MOST_OFF_TRACK) -> Attention:
    """All success factors, with at most ``most`` KPIs to act on between them: the furthest from their goals."""
    everything = off_track(board, most=None)
    grouped: dict[str | None, list[Tile]] = {}
    for tile in everything[:most]:
        ksf = ksf_of(workshop, tile.node.code)
        grouped.setdefault(ksf.code if ksf else None, []).append(tile)
    statuses = board.statuses
    urgent = [
        Factor(workshop.node(code) if code else None, _status(statuses, code, behind), tuple(behind))
        for code, behind in grouped.items()
    ]
    others = [
        Factor(ksf, statuses.get(ksf.code, Status.NONE), ())
        for ksf in workshop.of_kind(NodeKind.KSF)
        if ksf.code not in grouped and ksf.status is not NodeStatus.RETIRED
    ]
    return Attention((*urgent, *others), tuple(everything[most:]))


def _status(statuses: dict[str, Status], code: str | None, behind: list[Tile]) -> Status:
    return behind[0].standing.status if code is None else statuses.get(code, Status.NONE)
