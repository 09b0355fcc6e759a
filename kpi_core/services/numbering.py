"""Codes of things that nobody names: ``idea_1``, ``idea_2`` …"""

from __future__ import annotations

from collections.abc import Iterable


def numbered(stem: str, taken: Iterable[str]) -> str:
    """The code after the highest one taken, so that none comes back while a later one is there."""
    ends = [code.removeprefix(f"{stem}_") for code in taken if code.startswith(f"{stem}_")]
    return f"{stem}_{max([int(end) for end in ends if end.isdecimal() and end.isascii()], default=0) + 1}"
