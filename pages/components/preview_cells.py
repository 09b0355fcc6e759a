"""How the cells of an upload's previews are written: numbers in groups of three, columns as wide as their words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from kpi_core.data.shaping.seen_units import is_code
from kpi_core.vocabulary import ColumnType

_PLAIN = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
_YEAR = re.compile(r"(?:1[89]|2[01])\d\d")
#: Pixels: of a narrow letter, around the cell's words, and the most a column takes of the preview.
_LETTER, _AROUND, _WIDEST = 7.5, 24, 320
#: A grid makes a column as wide as its usual cells; cells this many times longer are cut.
_LONGER = 1.6


def is_amount(name: str, kind: ColumnType, cells: Sequence[str | None]) -> bool:
    """Whether the numbers of a column are read in groups: neither codes nor years."""
    if kind not in (ColumnType.INTEGER, ColumnType.DECIMAL) or is_code(name):
        return False
    filled = [cell for cell in cells if cell]
    return not filled or not all(map(_YEAR.fullmatch, filled))


def grouped(cell: str) -> str:
    """1234567.5 as 1,234,567.5; what is no plain number (a code with a leading zero, 1,234円) as it stands."""
    if not _PLAIN.fullmatch(cell):
        return cell
    whole, point, rest = cell.partition(".")
    return f"{int(whole):,}{point}{rest}" if whole != "-0" else cell


def are_amounts(names: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether cells below the words ``names`` (the header's, top to bottom) are plain numbers to be read in groups.

    Not where one of them has a leading zero, nor where the last word says that they are codes or years.
    """
    filled = [cell for cell in cells if cell.strip()]
    if not filled or not any(map(_PLAIN.fullmatch, filled)) or any(re.match(r"0\d", cell) for cell in filled):
        return False
    name = next((one for one in reversed(names) if one.strip()), "")
    return is_amount(name, ColumnType.DECIMAL, filled)


def width_of(cells: Iterable[str]) -> int | None:
    """Pixels for a column whose longest cell the grid would cut; ``None`` where its own width does."""
    sizes = [_pixels(cell) for cell in cells if cell]
    if not sizes or max(sizes) < _LONGER * sum(sizes) / len(sizes):
        return None
    return int(min(max(sizes) + _AROUND, _WIDEST))


def _pixels(text: str) -> float:
    return sum(2 * _LETTER if unicodedata.east_asian_width(one) in "WFA" else _LETTER for one in text)
