"""What the lines of a delimited text are like, counted chunk by chunk while it streams past."""

from __future__ import annotations

import numpy as np

from kpi_core.data.reading.limits import Limits
from kpi_core.errors import RefusedError

DELIMITERS = (",", ";", "\t", "|")
_LINE_FEED, _RETURN, _QUOTE = 10, 13, 34
_EDGES = np.zeros(256, dtype=np.bool_)
_EDGES[[_LINE_FEED, _RETURN, _QUOTE, *(ord(mark) for mark in DELIMITERS)]] = True
_NO_EDGES = bytes(byte for byte in range(256) if not _EDGES[byte])


class Lines:
    """Counts over the chunks of a UTF-8 text; ``records`` and ``delimiters`` are those outside quotes.

    ``stray_quotes``: a quote inside a cell that is neither doubled nor at the cell's edge. ``lone_returns``: a line
    that ends with a carriage return alone. ``empty_quotes``: there may be cells of two quotes and nothing between.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.records = 0
        self.delimiters = dict.fromkeys(DELIMITERS, 0)
        self.stray_quotes = self.lone_returns = self.open_quote = self.empty_quotes = False
        self._open_line = 0
        self._last = _LINE_FEED

    @property
    def ended(self) -> bool:
        """Whether the text ends with a line end."""
        return self._last in (_LINE_FEED, _RETURN)

    def add(self, part: bytes) -> None:
        """Takes the next chunk in; raises ``RefusedError`` for bytes that are no text and for a line without end."""
        if not part:
            return
        if b"\0" in part:
            raise RefusedError("binary")
        last_end = max(part.rfind(b"\n"), part.rfind(b"\r"))
        self._open_line = len(part) - last_end - 1 if last_end >= 0 else self._open_line + len(part)
        if self._open_line > self._limits.line_bytes:
            raise RefusedError("line_too_long", mebibytes=self._limits.line_bytes >> 20)
        # the byte before the chunk comes along, so that neighbours are seen across the border
        array = np.frombuffer(bytes([self._last]) + part, dtype=np.uint8)
        if (b"\r" in part or self._last == _RETURN) and not self.lone_returns:
            self.lone_returns = bool(((array[:-1] == _RETURN) & (array[1:] != _LINE_FEED)).any())
        self._last = part[-1]
        if b'"' in part:
            self._see_quotes(array)
        outside = self._outside(part)
        for mark in DELIMITERS:
            self.delimiters[mark] += outside.count(mark.encode())
        self.records += outside.count(b"\n")

    def _see_quotes(self, array: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> None:
        at = np.flatnonzero(array[1:-1] == _QUOTE) + 1
        opens = _EDGES[array[at - 1]] & (array[at - 1] != _QUOTE) & (array[at + 1] == _QUOTE)
        self.empty_quotes = self.empty_quotes or bool(opens.any()) or int(array[-1]) == _QUOTE
        self.stray_quotes = self.stray_quotes or bool((~_EDGES[array[at - 1]] & ~_EDGES[array[at + 1]]).any())

    def _outside(self, part: bytes) -> bytes:
        """The delimiters and line ends outside quotes, without what stands between them."""
        edges = part.translate(None, _NO_EDGES)
        pieces = edges.split(b'"')
        outside = b"".join(pieces[self.open_quote :: 2])
        self.open_quote ^= len(pieces) % 2 == 0
        return outside
