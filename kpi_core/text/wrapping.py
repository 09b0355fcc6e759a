"""Text broken into lines by the width it takes on screen: Japanese between phrases (文節), Latin words at spaces."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import budoux

_WIDE = frozenset("WFA")
#: How wide a narrow character is beside a full-width one, in the fonts we use.
_NARROW = 0.56
#: A line never begins with these (行頭禁則).
_NOT_FIRST = frozenset("、。，．・：；？！)）]」』】〕ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ%％,.:;?!")
_LETTER = re.compile(r"[\x21-\x7e\u00c0-\u024f]+|\s+|.", re.DOTALL)


_PHRASES = budoux.load_default_japanese_parser()


def text_width(text: str) -> float:
    """The width of ``text`` in full-width characters (em)."""
    return sum(1.0 if unicodedata.east_asian_width(one) in _WIDE else _NARROW for one in text)


def wrapped(text: str, width: float, most: int | None = None) -> tuple[str, ...]:
    """``text`` in lines of at most ``width`` em; past ``most`` lines it ends with ``…``. Never empty: ``("",)``.

    A phrase or Latin word stays whole unless it alone is wider than a line; then it breaks anywhere, but closing
    punctuation hangs rather than begins a line.
    """
    lines: list[str] = []
    line = ""
    for piece in _phrases(" ".join(text.split())):
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
    words = [text_width(piece) for piece in _phrases(" ".join(text.split()))]
    least = max([2.0, *(word for word in words if word <= width)])  # narrower would break what is whole now
    while narrower - 0.5 >= least and len(wrapped(text, narrower - 0.5)) == len(lines):
        narrower -= 0.5
    return wrapped(text, narrower)


@lru_cache(4096)
def _phrases(text: str) -> tuple[str, ...]:
    """The text in pieces between which a line may break; spaces are pieces of their own."""
    found: list[str] = []
    for piece in re.split(r"(\s+)", text):
        if piece:
            found += [piece] if piece.isascii() else _PHRASES.parse(piece)
    return tuple(found)


def _fitting(piece: str, width: float) -> list[str]:
    """A phrase or word wider than a line, cut into parts that fit; any other piece as it is."""
    if text_width(piece) <= width:
        return [piece]
    size = max(1, int(width / _NARROW))
    cut: list[str] = []
    for part in _LETTER.findall(piece):
        cut += [part[at : at + size] for at in range(0, len(part), size)] if text_width(part) > width else [part]
    return cut


def _shortened(line: str, width: float) -> str:
    while line and text_width(line) > width - 1:
        line = line[:-1]
    return f"{line}…"
