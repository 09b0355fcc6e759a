"""The way to a node's definition card from another page."""

from __future__ import annotations

from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Page
from pages.components.going import go_to
from pages.components.tree_choice import choose_node, chosen_node


def open_card(workshop: Workshop, code: str) -> None:
    """In a callback: opens KPI design with this node chosen; the page must begin with ``go_on()``."""
    chosen_node(workshop)  # so that the choice is known to be one of this workshop
    choose_node(code)
    go_to(Page.KPI_DESIGN)
