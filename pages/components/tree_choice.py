"""Which node of the tree is chosen and what is folded, for one session; both checked against the tree on every run."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.tree.layout import counts_below, folded_to_fit, opened_to
from kpi_core.vocabulary import NodeKind
from pages.components.session import current

_NODE = "kpi_design.node"
#: More nodes than this in sight are too small to read on a laptop; a larger tree begins folded.
_READABLE = 32


def choose_node(code: str | None) -> None:
    """Chooses a node; its card opens on the next draw."""
    st.session_state[_NODE] = code
    st.session_state[f"{_NODE}/of"] = current().workshop


def chosen_node(workshop: Workshop) -> Node | None:
    """The chosen node; the first KPI (else the KGI) while nothing was chosen; ``None`` when the chosen one is gone."""
    code = st.session_state.get(_NODE)
    if code is None or st.session_state.get(f"{_NODE}/of") != current().workshop:
        kpis = workshop.of_kind(NodeKind.KPI)
        first = kpis[0] if kpis else workshop.kgi
        choose_node(first.code if first else None)
        return first
    return workshop.node(code)


def folded_nodes(workshop: Workshop, selected: str | None) -> frozenset[str]:
    """The folded nodes; those above the chosen one are open, so that it is in sight."""
    key = _key()
    if key not in st.session_state:
        st.session_state[key] = folded_to_fit(workshop, _READABLE)
    last = f"{key}/shown"
    if st.session_state.get(last) != selected:
        st.session_state[key] = opened_to(workshop, st.session_state[key], selected)
        st.session_state[last] = selected
    folded: frozenset[str] = st.session_state[key]
    return folded & {node.code for node in workshop.nodes}


def fold(code: str) -> None:
    """Folds the subtree below a node, or unfolds it."""
    folded: frozenset[str] = st.session_state.get(_key(), frozenset())
    st.session_state[_key()] = folded ^ {code}


def fold_all(workshop: Workshop) -> None:
    """Folds everything below the success factors."""
    below = counts_below(workshop)
    st.session_state[_key()] = frozenset(
        node.code for node in workshop.nodes if node.kind is not NodeKind.KGI and below[node.code]
    )


def unfold_all() -> None:
    st.session_state[_key()] = frozenset()


def _key() -> str:
    return f"kpi_design.folded/{current().workshop}"
