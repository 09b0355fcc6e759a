"""One part of a node's definition card as a form: typed values are kept, saving writes only that part."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kpi_core.model.node import Node
from kpi_core.services.definitions import save_part
from kpi_core.services.workshops import Snapshot
from pages.components.draft import Draft, Values
from pages.components.session import current, state, t

Read = Callable[[Node], Values]
Compose = Callable[[Values], Mapping[str, object]]


def card_draft(snap: Snapshot, node: Node, part: str, read: Read) -> Draft:
    """The draft of ``part`` over ``node``; ``read`` gives a node's values as the form holds them."""
    return Draft(f"nodes.{node.code}.{part}", read(node), snap.revisions["nodes", node.code], read)


def card_foot(draft: Draft, snap: Snapshot, node: Node, compose: Compose, *, disabled: bool = False) -> None:
    """Save and discard; ``compose`` makes the node's fields of the form's values."""

    def store(values: Values, revision: int | None) -> None:
        with state() as here:
            save_part(here, snap.id, node.code, compose(values), revision, current().who)

    draft.foot(store, label=t("kpi_design.save_part"), disabled=disabled)


def department_words(snap: Snapshot) -> Callable[[str], str]:
    """A department's code as people read it."""
    return lambda code: snap.workshop.department_name(code, current().language)
