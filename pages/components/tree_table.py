"""The tree as a table: every node with what its card says, a line chosen like a node."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from kpi_core.guidance.card import missing_parts
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.tree.structure import order
from pages.components.session import current, raw, t


def tree_table(workshop: Workshop, selected: Node | None, *, key: str, on_select: Callable[[str], None]) -> None:
    """One row a node in outline order; choosing a row opens its card."""
    nodes = order(workshop)
    codes = [node.code for node in nodes]
    # the rows are part of the key: a selection is a row number, which means another node after an edit
    place = f"{key}/{hash(tuple(codes))}"

    def take() -> None:
        rows = st.session_state[place]["selection"]["rows"]
        if rows and rows[0] < len(codes):
            on_select(codes[rows[0]])

    st.dataframe(
        _frame(workshop, nodes),
        hide_index=True,
        key=place,
        on_select=take,
        selection_mode="single-row",
        selection_default={"selection": {"rows": [codes.index(selected.code)] if selected else [], "columns": []}},
        height=640,
        placeholder=raw("tree.table_empty"),
    )
    st.caption(t("tree.table_help"))


def _frame(workshop: Workshop, nodes: tuple[Node, ...]) -> pd.DataFrame:
    language = current().language
    rows = []
    for node in nodes:
        parent = workshop.node(node.parent or "")
        missing = missing_parts(workshop, node)
        rows.append(
            {
                "kind": raw(f"vocabulary.node_kind.{node.kind.value}"),
                "name": node.name.in_language(language) or node.code,
                "parent": parent.name.in_language(language) or parent.code if parent else "",
                "department": workshop.department_name(node.department, language),
                "owner": node.owner,
                "unit": node.unit,
                "formula": node.formula or "",
                "status": raw(f"vocabulary.node_status.{node.status.value}"),
                "missing": raw("tree.separator").join(raw(f"kpi_design.part.{part}") for part in missing),
                "code": node.code,
            }
        )
    frame = pd.DataFrame(rows, columns=list(rows[0]) if rows else [])
    return frame.rename(columns={name: raw(f"tree.column.{name}") for name in frame.columns})
