"""What a person asks for in the outline, carried out by the services; a refusal is kept to be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kpi_core.errors import KpiError, MissingError
from kpi_core.model.base import Bilingual
from kpi_core.model.node import Node
from kpi_core.services.definitions import save_part
from kpi_core.services.outlining import Step, step_node
from kpi_core.services.tree_editing import add_node, delete_node
from kpi_core.services.undoing import Act
from kpi_core.services.workshops import snapshot
from kpi_core.tree.structure import children
from pages.components.node_dialogs import child_kind
from pages.components.outcome import attempt
from pages.components.session import current, state
from pages.components.undo_buttons import redo_last, undo_last

Command = Mapping[str, Any]
Kept = dict[str, Any]
Select = Callable[[str | None], None]

_STEPS: tuple[Step, ...] = ("indent", "outdent", "up", "down")


def carry_out(command: Command, kept: Kept, workshop: str, select: Select) -> None:
    """One command of the browser; ``kept`` takes a refusal with what was typed, and the revisions of own saves."""
    what, code = str(command.get("what")), str(command.get("code", ""))
    if what == "select":
        select(code)
        return
    kept["failed"], kept["typed"] = None, ""
    try:
        if what == "rename":
            _rename(command, kept, workshop, code)
        elif what == "add":
            _add(command, workshop, select)
        elif what == "delete":
            _delete(command, kept, workshop, code, select)
        elif what == "undo":
            _own(undo_last(workshop), kept, workshop)
        elif what == "redo":
            _own(redo_last(workshop), kept, workshop)
        elif what in _STEPS:
            _step(command, kept, workshop, code, next(step for step in _STEPS if step == what))
    except KpiError as error:
        kept["failed"], kept["typed"] = error, str(command.get("name", ""))


def _rename(command: Command, kept: Kept, workshop: str, code: str) -> None:
    with state() as here:
        node = _node(here, workshop, code)
        name = node.name.model_copy(update={current().language.value: str(command.get("name", "")).strip()})
        read = _revision(command, kept, code)
        kept["own"][code] = save_part(here, workshop, code, {"name": name}, read, current().who)


def _step(command: Command, kept: Kept, workshop: str, code: str, step: Step) -> None:
    with state() as here:
        stands = snapshot(here, workshop).revisions.get(("nodes", code))
        made = step_node(here, workshop, code, step, current().who)
    if stands == _revision(command, kept, code):  # else somebody changed it in between: what follows must find out
        kept["own"][code] = made


def _own(act: Act | None, kept: Kept, workshop: str) -> None:
    """The revisions that taking ``act`` back left: nobody else had changed its nodes since, or it were refused."""
    with state() as here:
        revisions = snapshot(here, workshop).revisions
    for code in {entry.code for entry in act.changes if entry.section == "nodes"} if act else ():
        kept["own"][code] = revisions.get(("nodes", code), 0)


def _add(command: Command, workshop: str, select: Select) -> None:
    language, name = current().language.value, str(command.get("name", "")).strip()
    with state() as here:
        parent = _node(here, workshop, str(command.get("parent", "")))
        siblings = [one.code for one in children(snapshot(here, workshop).workshop, parent.code)]
        after = str(command.get("after", ""))
        following = siblings[siblings.index(after) + 1 :] if after in siblings else []
        made = add_node(
            here,
            workshop,
            child_kind(parent),
            parent.code,
            Bilingual(**{language: name}),
            current().who,
            before=following[0] if following else None,
        )
    select(made)


def _delete(command: Command, kept: Kept, workshop: str, code: str, select: Select) -> None:
    with state() as here:
        node = _node(here, workshop, code)
        siblings = [one.code for one in children(snapshot(here, workshop).workshop, node.parent or "")]
        at = siblings.index(code) if code in siblings else 0
        beside = [*siblings[at + 1 :], *reversed(siblings[:at]), node.parent]
        gone = delete_node(here, workshop, code, _revision(command, kept, code) or 0, current().who)
    select(beside[0])
    name = node.name.in_language(current().language) or code
    if len(gone) > 1:
        attempt(lambda: None, "outline.deleted_branch", name=name, count=len(gone) - 1)
    else:
        attempt(lambda: None, "outline.deleted", name=name)


def _revision(command: Command, kept: Kept, code: str) -> int | None:
    """The revision the person saw: that of the line, or of their own save that the line does not show yet."""
    seen = command.get("revision")
    own = kept["own"].get(code, 0)
    return max(seen, own) if isinstance(seen, int) else own or None


def _node(here: Any, workshop: str, code: str) -> Node:
    node = snapshot(here, workshop).workshop.node(code)
    if node is None:
        raise MissingError("item_missing", item=code)
    return node
