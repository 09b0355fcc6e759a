"""Text broken into lines by the width it takes on screen: Japanese anywhere, Latin words at spaces."""

from __future__ import annotations

import re
import unicodedata

_WIDE = frozenset("WFA")
#: How wide a narrow character is beside a full-width one, in the fonts we use.
_NARROW = 0.56
#: A line never begins with these (行頭禁則).
_NOT_FIRST = frozenset("、。，．・：；？！)）]」』】〕ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ%％,.:;?!")
_PIECE = re.compile(r"[\x21-\x7e\u00c0-\u024f]+|\s+|.", re.DOTALL)


def text_width(text: str) -> float:
    """The width of ``text`` in full-width characters (em)."""
    return sum(1.0 if unicodedata.east_asian_width(one) in _WIDE else _NARROW for one in text)


def wrapped(text: str, width: float, most: int | None = None) -> tuple[str, ...]:
    """``text`` in lines of at most ``width`` em; past ``most`` lines it ends with ``…``. Never empty: ``("",)``.

    A Latin word stays whole unless it alone is wider than a line; closing punctuation hangs rather than begins a line.
    """
    lines: list[str] = []
    line = ""
    for piece in _PIECE.findall(" ".join(text.split())):
        for part in _fitting(piece, width):
            hangs = part[0] in _NOT_FIRST and len(part) == 1
            if line and not hangs and text_width(line + part.rstrip()) > width:
                lines.append(line.rstrip())
                line = ""
            line += part if line else part.lstrip()
    lines.append(line.rstrip())
    if most is not None and len(lines) > most:
        lines = [*lines[: most - 1], _shortened(lines[most - 1], width)]
    return tuple(lines)


def balanced(text: str, width: float, most: int | None = None) -> tuple[str, ...]:
    """As ``wrapped``, in as many lines but about equally long ones: no last line of a single letter."""
    lines = wrapped(text, width)
    if len(lines) == 1 or (most is not None and len(lines) > most):
        return wrapped(text, width, most)
    narrower = width
    while narrower > 2 and len(wrapped(text, narrower - 0.5)) == len(lines):
        narrower -= 0.5
    return wrapped(text, narrower)


def _fitting(piece: str, width: float) -> list[str]:
    """A word wider than a line, cut into parts that fit; any other piece as it is."""
    if text_width(piece) <= width:
        return [piece]
    size = max(1, int(width / _NARROW))
    return [piece[at : at + size] for at in range(0, len(piece), size)]


def _shortened(line: str, width: float) -> str:
    while line and text_width(line) > width - 1:
        line = line[:-1]
    return f"{line}…"
