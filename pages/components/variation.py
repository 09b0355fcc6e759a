"""Signal or noise on the dashboard: each node's marks and limits, where the board shows the workshop's own periods."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_core.model.workshop import Workshop
from kpi_core.services.dashboards import Board, Tile
from kpi_core.services.variation import NodeSignals, node_signals
from kpi_core.services.variation_words import variation_in, variation_words
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


def variation_note(board: Board, workshop: Workshop, one: Tile) -> str:
    """``～ いつもの変動の範囲内``, as markdown; empty where there is not enough data to tell."""
    language = current().language
    return board.once(("variation", one.node.code, language), lambda: _note(board, workshop, one, language))


def _note(board: Board, workshop: Workshop, one: Tile, language: Language) -> str:
    if board.period is None or one.standing.actual is None:
        return ""
    found = signals_of(board, workshop, one.node.code)
    words = variation_words(found, board.period, language)
    if not words:
        return ""
    told = variation_in(found, board.period)
    text = f"{_SIGNS[told]} {words}"
    return f"**{text}**" if told is Variation.SIGNAL else f":gray[{text}]"
