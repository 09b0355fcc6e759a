"""The tree as an indented list: what the drawing shows, for keyboards and screen readers."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.tree.layout import levels
from kpi_core.tree.structure import order
from pages.components.frame import named
from pages.components.labels import distinct
from pages.components.session import current, t

_INDENT = "\u2003"


def tree_outline(workshop: Workshop, selected: Node | None, *, key: str, on_select: Callable[[str], None]) -> None:
    """Every node a line, moved through with the arrow keys; the chosen one is marked."""
    language = current().language
    nodes = {node.code: node for node in order(workshop)}
    level = levels(workshop)

    def line(code: str) -> str:
        node = nodes[code]
        branch = f"{_INDENT * 2 * (level[code] - 1)}└ " if level[code] else ""
        name = named(node.name.in_language(language) or node.code)
        department = workshop.department_name(node.department, language)
        kind = t(f"vocabulary.node_kind.{node.kind.value}")
        return f"{branch}:gray[{kind}] {name}" + (f" :gray[({named(department)})]" if department else "")

    st.session_state[key] = selected.code if selected else None
    with st.container(height=640, border=True):
        st.radio(
            t("tree.outline"),
            list(nodes),
            index=None,
            format_func=distinct(nodes, line),
            key=key,
            on_change=lambda: on_select(st.session_state[key]),
        )
