"""A KPI tree as the drawing that streamlit-agraph shows: boxes with wrapped labels at fixed places, and edges.

A label is canvas text in vis-network's own little markup, kept from reading tags in people's words. No node carries a
``title``, which the component would put into the page as HTML; ``_NO_TITLE`` is a tag that leaves nothing behind, so
that a double click (for which the component wants a title) does nothing either.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from kpi_core.charts.palette import FONT, LIGHT, SIGNS, Palette
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.text import say
from kpi_core.text.periods import format_date
from kpi_core.text.wrapping import balanced, wrapped
from kpi_core.tree.layout import Place, counts_below, layout, shown_nodes
from kpi_core.tree.structure import Edge, edges
from kpi_core.vocabulary import EvidenceGrade, Language, NodeKind, NodeStatus, Relation, Sign, Status, Unjudged
from pages.components import tree_room
from pages.components.tree_bends import Box, bend

Colouring = Literal["status", "department"]
Part = dict[str, Any]

_NO_TITLE = "</b>"
_WIDTH = 144
_COLUMN = 232
_NAME_SIZE = 15
_SMALL_SIZE = 12
_EDGE_SIZE = 12
_LINE = 4
_PADDING = 20
_TINT = 0.9
_EM = 8.6
_SMALL_EM = 10.8


@dataclass(frozen=True)
class Look:
    """What a tree is drawn with: colouring, what stands under a name, what is chosen and what is folded."""

    language: Language
    colour: Colouring
    statuses: Mapping[str, Status]
    values: Mapping[str, str]
    selected: str | None
    folded: Collection[str]
    turns: Mapping[str, int]
    room: bool = False
    """Read from the back of a room instead of at a desk."""
    colours: Palette = LIGHT
    evidence: Mapping[tuple[str, str], EvidenceGrade] = field(default_factory=dict)
    """Driver link (source, target) → its grade; absent: not tested."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """Node → a few words below its value."""
    unjudged: Mapping[str, Unjudged] = field(default_factory=dict)
    """Node without a status → why."""
    tested: Mapping[tuple[str, str], date] = field(default_factory=dict)
    """Driver link → the day of the test that its grade rests on."""


#: The sign beside a driver's own sign and lag, and in the legend: never the line's look alone.
EVIDENCE_SIGNS: dict[EvidenceGrade, str] = {
    EvidenceGrade.SUPPORTED: "✓",
    EvidenceGrade.WEAK: "△",
    EvidenceGrade.NOT_SUPPORTED: "✕",
    EvidenceGrade.NOT_ENOUGH_DATA: "…",
    EvidenceGrade.EXPIRED: "↻",
    EvidenceGrade.UNTESTED: "",
}
#: Beside the word of a retired KPI, in its box and in the legend.
RETIRED_SIGN = "✕"
#: Width and dashes of a driver's line: the better borne out, the firmer.
_LINES: dict[EvidenceGrade, tuple[float, bool | list[int]]] = {
    EvidenceGrade.SUPPORTED: (4, False),
    EvidenceGrade.WEAK: (2.5, [14, 4]),
    EvidenceGrade.NOT_SUPPORTED: (1.5, [3, 6]),
}
_UNSETTLED: tuple[float, bool | list[int]] = (1.5, [8, 5])


def tree_parts(workshop: Workshop, look: Look) -> tuple[list[Part], list[Part]]:
    """Nodes and edges for the component, in outline order; a node's id is ``id_of(code, its turn)``."""
    shown = shown_nodes(workshop, look.folded)
    below = counts_below(workshop)
    labels = {node.code: _label(workshop, node, look, below[node.code]) for node in shown}
    heights = {code: _height(label, look) for code, label in labels.items()}
    wide = {"column": tree_room.COLUMN, "gap": tree_room.GAP} if look.room else {"column": _COLUMN}
    places = layout(workshop, heights, folded=look.folded, **wide)
    nodes = [_node(workshop, node, labels[node.code], heights[node.code], places[node.code], look) for node in shown]
    drawn = [edge for edge in edges(workshop) if edge.source in places and edge.target in places]
    parents = {node.code: node.parent for node in workshop.nodes}
    half = (tree_room.WIDTH if look.room else _WIDTH) / 2
    boxes = {code: Box(place.x, place.y, half, heights[code] / 2) for code, place in places.items()}
    parted = [edge for edge in drawn if parents.get(edge.source) == edge.target and edge.relation is Relation.DRIVER]
    boxes |= {f"{edge.source}→": _words_box(edge, places, look) for edge in parted}
    lines = [
        _edge(edge, None if parents.get(edge.source) == edge.target else places, boxes.values(), look) for edge in drawn
    ]
    if look.room:
        return [tree_room.for_the_room(node) for node in nodes], [tree_room.enlarged(line) for line in lines]
    return nodes, lines


def options(height: int | str) -> Part:
    """vis-network's options: nothing moves by itself, one node can be chosen, the view moves by hand.

    ``height`` in pixels, or as CSS (``100vh`` is the height of the component's own frame).
    """
    return {
        "width": "100%",
        "height": f"{height}px" if isinstance(height, int) else height,
        "physics": {"enabled": False},
        "layout": {"hierarchical": {"enabled": False}, "improvedLayout": False},
        "interaction": {
            "dragNodes": False,
            "navigationButtons": False,
            "keyboard": {"enabled": True, "bindToWindow": False, "autoFocus": False},
            "selectConnectedEdges": False,
            "tooltipDelay": 3600000,
            "hover": False,
        },
        "nodes": {"chosen": False, "scaling": {"label": {"drawThreshold": 2}}},
        "edges": {"chosen": False},
    }


def id_of(code: str, turn: int) -> str:
    """The id of a node in the drawing; another turn makes the component forget that the node was chosen."""
    return f"{code}#{turn}"


def code_of(drawn: str) -> str:
    """The node that an id in the drawing stands for."""
    return drawn.rpartition("#")[0]


def tinted(colour: str, ground: str, share: float = _TINT) -> str:
    """``colour`` mixed with the colour of the ``ground`` behind it: ``share`` 1 is the ground."""
    parts = [(int(colour[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(part + (behind - part) * share):02X}" for part, behind in parts)


def _node(workshop: Workshop, node: Node, label: str, height: float, place: Place, look: Look) -> Part:
    line, words = _colours(workshop, node, look)
    chosen = node.code == look.selected
    shades = look.colours
    fill = tinted(line, shades.background) if look.colour == "status" else shades.background
    chosen_fill = tinted(shades.accent, shades.background)
    ink = shades.muted if node.status is NodeStatus.RETIRED else shades.text
    base = {"face": FONT.replace("'", ""), "color": ink, "size": _SMALL_SIZE, "multi": "html"}
    return {
        "id": id_of(node.code, look.turns.get(node.code, 0)),
        "label": label,
        "title": _NO_TITLE,
        "x": place.x,
        "y": place.y,
        "shape": "box",
        "margin": 8,
        "widthConstraint": _WIDTH,
        "heightConstraint": {"minimum": height - 16, "valign": "middle"},
        "borderWidth": 4 if chosen else 2 if node.kind is not NodeKind.KPI else 1.5,
        "color": {"border": shades.accent if chosen else line, "background": chosen_fill if chosen else fill},
        "shapeProperties": {"borderRadius": 4},
        "font": {
            **base,
            "bold": {**base, "size": _NAME_SIZE, "mod": "bold"},
            "ital": {**base, "color": words, "mod": "", "vadjust": -4},
            "boldital": {**base, "color": shades.muted, "mod": "", "vadjust": 4},
            "mono": {**base, "size": _NAME_SIZE, "mod": ""},
        },
    }


def _colours(workshop: Workshop, node: Node, look: Look) -> tuple[str, str]:
    """A node's border and the colour of its small words."""
    shades = look.colours
    if node.status is NodeStatus.RETIRED:
        return shades.none, shades.muted
    if look.colour == "status":
        status = look.statuses.get(node.code, Status.NONE)
        return shades.status(status), shades.status_text(status)
    at = next((at for at, one in enumerate(workshop.departments) if one.code == node.department), None)
    return (shades.none, shades.muted) if at is None else (shades.department(at), shades.department(at))


def _label(workshop: Workshop, node: Node, look: Look, below: int) -> str:
    """Kind with status or department, the name, a value, a note, how much is folded away; a line each, or more."""
    kind = say(f"vocabulary.node_kind.{node.kind.value}", look.language)
    if node.status is NodeStatus.RETIRED:
        beside = f"{RETIRED_SIGN} {say('vocabulary.node_status.retired', look.language)}"
    elif look.colour == "status":
        beside = _status_words(node.code, look)
    else:
        beside = workshop.department_name(node.department, look.language)
    head = f"{kind}  {beside}" if beside else kind
    note = look.notes.get(node.code, "")
    name = node.name.in_language(look.language).strip() or node.code
    if look.room:
        head = "  ".join(part for part in (head, note) if part)
        return _room_label(look, name, head, look.values.get(node.code, ""), below if node.code in look.folded else 0)
    lines = [f"<i>{_unmarked(line)}</i>" for line in balanced(head, _SMALL_EM, 2)]
    lines += [f"<b>{_unmarked(line)}</b>" for line in balanced(name, _EM, 3)]
    if look.values.get(node.code):
        lines += [f"<code>{_unmarked(line)}</code>" for line in wrapped(look.values[node.code], _EM, 2)]
    if note:
        lines.append(f"<b><i>{_unmarked(note)}</i></b>")
    if node.code in look.folded and below:
        lines.append(f"<b><i>{say('tree.folded', look.language, count=below)}</i></b>")
    return "\n".join(lines)


def _status_words(code: str, look: Look) -> str:
    status = look.statuses.get(code, Status.NONE)
    why = look.unjudged.get(code)
    key = f"vocabulary.status.{status.value}" if why is None else f"vocabulary.unjudged.{why.value}"
    return f"{SIGNS[status]} {say(key, look.language)}"


def _room_label(look: Look, name: str, head: str, value: str, folded: int) -> str:
    """The name first, then one small line with kind, department or status, and how much lies below."""
    small = f"{head}  {say('tree.folded', look.language, count=folded)}" if folded else head
    lines = [f"<b>{_unmarked(line)}</b>" for line in balanced(name, tree_room.EM, 3)]
    lines += [f"<code>{_unmarked(line)}</code>" for line in wrapped(value, tree_room.EM, 2) if value]
    return "\n".join([*lines, *(f"<i>{_unmarked(line)}</i>" for line in balanced(small, tree_room.SMALL_EM, 2))])


def _height(label: str, look: Look) -> float:
    name, padding = (tree_room.NAME_SIZE, tree_room.PADDING) if look.room else (_NAME_SIZE, _PADDING)
    sizes = [_SMALL_SIZE if "<i>" in line else name for line in label.split("\n")]
    return sum(size + _LINE for size in sizes) + padding


def _edge(edge: Edge, beside: Mapping[str, Place] | None, boxes: Collection[Box], look: Look) -> Part:
    """Component edges solid and thin, drivers by their evidence with sign and lag, what nobody explained dotted.

    ``beside``: the places of the nodes, of a link beside the parent edges, which bends around the ``boxes``.
    """
    driver = edge.relation is Relation.DRIVER
    grade = look.evidence.get((edge.source, edge.target), EvidenceGrade.UNTESTED)
    width, dashes = _LINES.get(grade, _UNSETTLED) if driver else (1.5, False if edge.relation else [2, 5])
    shades = look.colours
    colour = shades.muted if edge.relation is Relation.COMPONENT else shades.accent if driver else shades.none
    source, target = (id_of(code, look.turns.get(code, 0)) for code in (edge.source, edge.target))
    label = _edge_label(edge, look) if driver else ""
    ends = None if beside is None else (beside[edge.source], beside[edge.target])
    return {
        "id": f"{source}→{target}{'' if beside is None else '+'}",
        "from": source,
        "to": target,
        "color": {"color": colour},
        "width": width,
        "dashes": dashes,
        "label": label,
        "font": {
            "size": _EDGE_SIZE,
            "color": shades.text,
            "face": FONT.replace("'", ""),
            "strokeWidth": 0,
            "background": shades.background,
            "align": "horizontal",
        },
        "arrows": {"to": {"enabled": driver, "scaleFactor": 0.6}},
        "smooth": {"enabled": True, "type": "cubicBezier", "forceDirection": "horizontal", "roundness": 0.5}
        if ends is None
        else bend(*ends, _label_size(label), boxes),
    }


def _edge_label(edge: Edge, look: Look) -> str:
    """Which way the target moves when the source rises (``?`` while not stated), after how many periods, and its grade.

    In words: the head of the arrow makes a minus of a plus on a short line. The grade stands with the day of its test.
    """
    language, ends = look.language, (edge.source, edge.target)
    lines = ["?" if edge.sign is None else say(f"tree.sign_{'plus' if edge.sign is Sign.PLUS else 'minus'}", language)]
    if edge.lag:
        lines.append(say("tree.lag", language, lag=edge.lag))
    sign = EVIDENCE_SIGNS[look.evidence.get(ends, EvidenceGrade.UNTESTED)]
    if sign and ends in look.tested:
        lines.append(f"{sign} {format_date(look.tested[ends], language)}")
    elif sign:
        lines[-1] += f" {sign}"
    return "\n".join(lines)


def _words_box(edge: Edge, places: Mapping[str, Place], look: Look) -> Box:
    """Where the words of a parent edge stand: halfway."""
    source, target = places[edge.source], places[edge.target]
    across, down = _label_size(_edge_label(edge, look))
    return Box((source.x + target.x) / 2, (source.y + target.y) / 2, across / 2, down / 2)


def _label_size(label: str) -> tuple[float, float]:
    """Width and height that an edge's label takes at the most."""
    lines = label.split("\n")
    return max(len(line) for line in lines) * _EDGE_SIZE, len(lines) * (_EDGE_SIZE + _LINE)


def _unmarked(text: str) -> str:
    """People's words so that none of them is read as a tag: a zero-width space follows every ``<``."""
    return text.replace("<", "<\u200b")
