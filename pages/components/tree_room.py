"""The tree's boxes as a room reads them: wide, few lines, large names; then everything larger than at a desk.

vis-network never enlarges a drawing when it fits it to the canvas, so what should be large must be drawn large.
"""

from __future__ import annotations

from typing import Any

Part = dict[str, Any]

#: Boxes of this width hold most names in one line.
WIDTH = 300
COLUMN = 390
EM = 13.8
SMALL_EM = 22.0
NAME_SIZE = 20
PADDING = 18
GAP = 10.0
_SCALE = 1.8
_MEASURES = frozenset({"x", "y", "margin", "minimum", "borderWidth", "borderRadius", "size", "vadjust", "width"})


def for_the_room(node: Part) -> Part:
    """A box of the drawing with large names, wide and enlarged."""
    sized = {name: {**node["font"][name], "size": NAME_SIZE} for name in ("bold", "mono")}
    font = {**node["font"], **sized, "ital": {**node["font"]["ital"], "vadjust": 0}}
    return enlarged({**node, "font": font, "margin": 4}) | {"widthConstraint": WIDTH * _SCALE}


def enlarged(part: Part, scale: float = _SCALE) -> Part:
    """Every measure of a box or line, its place and its letters, times ``scale``."""
    return {
        name: enlarged(value, scale)
        if isinstance(value, dict)
        else value * scale
        if name in _MEASURES and isinstance(value, int | float)
        else value
        for name, value in part.items()
    }
