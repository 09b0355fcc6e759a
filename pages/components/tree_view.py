"""The interactive tree: a click chooses a node; places, zoom and choice stay over reruns.

Keyboards and screen readers have the outline beside it (``pages.components.tree_outline``): this is a canvas.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

import streamlit as st
from streamlit_agraph import _agraph

from kpi_core.model.workshop import Workshop
from kpi_core.services.datasets import today_of
from kpi_core.services.evidence import Graded, grades
from kpi_core.vocabulary import EvidenceGrade, NodeStatus, Status, Unjudged
from pages.components.chart import colours
from pages.components.frame import named
from pages.components.session import current, state, t
from pages.components.status import status_words
from pages.components.tree_drawing import drawing
from pages.components.tree_graph import RETIRED_SIGN, Colouring, Look, code_of, options


def tree_view(
    workshop: Workshop,
    *,
    key: str,
    colour: Colouring = "department",
    statuses: Mapping[str, Status] | None = None,
    values: Mapping[str, str] | None = None,
    notes: Mapping[str, str] | None = None,
    unjudged: Mapping[str, Unjudged] | None = None,
    selected: str | None = None,
    folded: Collection[str] = frozenset(),
    height: int | str = 560,
    room: bool = False,
    on_select: Callable[[str], None] | None = None,
) -> str | None:
    """Draws the tree with its legend and gives the node that was just clicked (once), if it still exists.

    ``values`` is the text under a node's name, ``notes`` a few words below it, ``unjudged`` why a node has no status,
    ``folded`` are the nodes whose subtree is put away. ``on_select`` is called with the clicked node before the page
    runs again. Only when other nodes come into sight, or boxes grow, is the canvas drawn anew and fitted; a changed
    label, colour or choice leaves zoom and position alone.
    """
    kept = st.session_state.setdefault(f"{key}/kept", {"turns": {}, "held": None, "clicked": None})
    clicked = kept["clicked"] if workshop.node(kept["clicked"] or "") is not None else None
    kept["clicked"] = None
    selected = clicked or selected
    if kept["held"] not in (None, selected):  # chosen elsewhere since: the canvas must let go of what it holds
        kept["turns"][kept["held"]] = kept["turns"].get(kept["held"], 0) + 1
        kept["held"] = None
    language = current().language
    turns = dict(kept["turns"])
    graded = _grades(workshop)
    look = Look(
        language,
        colour,
        statuses or {},
        values or {},
        selected,
        frozenset(folded),
        turns,
        room,
        colours(),
        {ends: one.grade for ends, one in graded.items()},
        notes or {},
        unjudged or {},
        {ends: one.on for ends, one in graded.items() if one.on is not None},
    )
    drawn = drawing(workshop, look)
    component = f"{key}/{kept.get('fits', 0)}/{drawn.fitted}"
    _agraph(
        data=drawn.data,
        config=json.dumps(options(height)),
        key=component,
        on_change=partial(_take, kept, component, on_select),
    )
    _legend(workshop, look, key)
    return clicked


def refit(key: str) -> None:
    """In a callback: the drawing named ``key`` begins anew, with the whole tree in sight."""
    kept = st.session_state.get(f"{key}/kept")
    if kept is not None:
        kept["fits"] = kept.get("fits", 0) + 1


def _take(kept: dict[str, Any], component: str, on_select: Callable[[str], None] | None) -> None:
    """A click arrived: remember which node the canvas holds, and tell the page."""
    drawn = st.session_state.get(component)
    if not isinstance(drawn, str):
        return
    kept["held"] = kept["clicked"] = code_of(drawn)
    if on_select is not None:
        on_select(kept["clicked"])


def _grades(workshop: Workshop) -> Mapping[tuple[str, str], Graded]:
    """What the data say of the tree's driver links."""
    chosen = current().workshop
    if chosen is None:
        return {}
    with state() as here:
        return grades(here, chosen, today=today_of(workshop))


def _legend(workshop: Workshop, look: Look, key: str) -> None:
    """What colours and lines mean, in signs and words; of evidence, missing verdicts and retirement what is shown."""
    shades, graded = look.colours, look.evidence
    if look.colour == "status":
        words = [(one, status_words(one)) for one in Status if one is not Status.NONE]
        seen_why = set(look.unjudged.values()) | {Unjudged.NOT_MEASURED}
        words += [(Status.NONE, status_words(Status.NONE, why)) for why in Unjudged if why in seen_why]
        parts = [f':color[{text}]{{foreground="{shades.status_text(one)}"}}' for one, text in words]
    else:
        language = current().language
        parts = [
            f':color[■]{{foreground="{shades.department(at)}"}} {named(workshop.department_name(one.code, language))}'
            for at, one in enumerate(workshop.departments)
        ]
    if any(node.status is NodeStatus.RETIRED for node in workshop.nodes):
        parts.append(f":gray[{RETIRED_SIGN} {t('vocabulary.node_status.retired')}]")
    seen = [one for one in EvidenceGrade if one in graded.values()]
    lines = [f":gray[{t(f'tree.line_{one}')}]" for one in ("component", "driver", "open")]
    lines[2:2] = [f":gray[{t(f'tree.evidence_{one.value}')}]" for one in seen]
    with st.container(key=f"legend/{key}"):
        st.markdown(f":small[{'　'.join([*parts, *lines])}]")
