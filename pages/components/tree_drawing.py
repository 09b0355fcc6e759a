"""A drawing as the component takes it: JSON text, made once and kept for those who look at the same tree."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from typing import NamedTuple

from kpi_core.model.workshop import Workshop
from pages.components.tree_graph import Look, code_of, tree_parts

_KEPT = 64


class Drawing(NamedTuple):
    """``fitted`` names what the canvas is fitted to: which nodes are in sight, and how far the drawing reaches."""

    data: str
    fitted: str


#: Keyed by content, the workshop by identity: an entry holds it, so that its id names no other while the entry lives.
_drawings: OrderedDict[tuple[object, ...], tuple[Workshop, Drawing]] = OrderedDict()
_lock = threading.Lock()


def drawing(workshop: Workshop, look: Look) -> Drawing:
    """The tree of ``workshop`` drawn with ``look``."""
    key = _key(workshop, look)
    with _lock:
        if key in _drawings:
            _drawings.move_to_end(key)
            return _drawings[key][1]
    made = _drawn(workshop, look)
    with _lock:
        _drawings[key] = (workshop, made)
        while len(_drawings) > _KEPT:
            _drawings.popitem(last=False)
    return made


def _key(workshop: Workshop, look: Look) -> tuple[object, ...]:
    contents = (
        look.colours,
        *(
            frozenset(part.items())
            for part in (look.statuses, look.values, look.turns, look.evidence, look.notes, look.unjudged, look.tested)
        ),
    )
    return id(workshop), look.language, look.colour, look.room, *contents, look.selected, frozenset(look.folded)


def _drawn(workshop: Workshop, look: Look) -> Drawing:
    nodes, edges = tree_parts(workshop, look)
    codes = [code_of(node["id"]) for node in nodes]
    reach = max((node["y"] for node in nodes), default=0)
    fitted = hashlib.sha256("\n".join([*codes, f"{reach:.0f}"]).encode()).hexdigest()[:12]
    return Drawing(json.dumps({"nodes": nodes, "edges": edges}, ensure_ascii=False), fitted)
