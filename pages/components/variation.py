"""Signal or noise on the dashboard: each node's marks and limits, where the board shows the workshop's own periods."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_core.errors import KpiError
from kpi_core.insight.maturity import Maturity
from kpi_core.model.workshop import Workshop
from kpi_core.services.dashboards import Board, Tile
from kpi_core.services.variation import NodeSignals, node_maturity, node_signals
from kpi_core.services.variation_words import (
    immature_shares,
    maturity_words,
    signal_keys,
    variation_in,
    variation_words,
)
from kpi_core.vocabulary import Language, Variation
from pages.components.session import current, state

#: Before the words: a ring as in the charts for a signal, a wave for what is usual.
_SIGNS = {Variation.SIGNAL: "○", Variation.USUAL: "～"}


def signals_of(board: Board, workshop: Workshop, code: str) -> NodeSignals | None:
    """A node's signals; ``None`` for quarters of a workshop by month, and for a node without a value."""
    if board.period is None or board.period.grain is not workshop.settings.grain:
        return None

    def read() -> Mapping[str, NodeSignals]:
        with state() as here:
            return node_signals(here, current().workshop or "", today=board.today)

    return board.once("signals", read).get(code)


def maturity_of(board: Board, one: Tile) -> Maturity | None:
    """How far a conversion rate's cohorts have come; ``None`` for what is none, and where rows cannot be read now."""
    if one.node.converted is None:
        return None

    def read() -> Maturity | None:
        try:
            with state() as here:
                return node_maturity(here, current().workshop or "", one.node.code, today=board.today)
        except KpiError:
            return None

    return board.once(("maturity", one.node.code), read)


def marked_periods(board: Board, workshop: Workshop, one: Tile) -> frozenset[str]:
    """The keys of the periods that are signals; what will still change is none yet."""
    found = maturity_of(board, one)
    return signal_keys(signals_of(board, workshop, one.node.code)) - (immature_shares(found).keys() if found else set())


def variation_note(board: Board, workshop: Workshop, one: Tile) -> str:
    """``～ いつもの変動の範囲内``, as markdown; empty where there is not enough data to tell."""
    language = current().language
    return board.once(("variation", one.node.code, language), lambda: _note(board, workshop, one, language))


def _note(board: Board, workshop: Workshop, one: Tile, language: Language) -> str:
    if board.period is None or one.standing.actual is None:
        return ""
    early = maturity_of(board, one)
    if early is not None and board.period.key in immature_shares(early):
        return f":gray[… {' '.join(maturity_words(early, board.period, language)[-1:])}]"
    found = signals_of(board, workshop, one.node.code)
    words = variation_words(found, board.period, language)
    if not words:
        return ""
    told = variation_in(found, board.period)
    text = f"{_SIGNS[told]} {words}"
    return f"**{text}**" if told is Variation.SIGNAL else f":gray[{text}]"
