"""Working on the tree: hang in a node, move it, give it another code, take it away, choose a success factor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.base import MAX_CODE, Bilingual, Code, Model
from kpi_core.model.node import Node
from kpi_core.model.precedence import Precedence
from kpi_core.model.workshop import Workshop
from kpi_core.services.carrying import signoffs_carried
from kpi_core.services.codes import code_from, renamed_in_formula
from kpi_core.services.editing import change
from kpi_core.services.people import Who
from kpi_core.store.state import State
from kpi_core.vocabulary import Language, NodeKind, PrecedenceKind

M = TypeVar("M", bound=Model)
_CODE: TypeAdapter[str] = TypeAdapter(Code)


def add_node(
    state: State,
    workshop_id: str,
    kind: NodeKind,
    parent: str | None,
    name: Bilingual | str,
    who: Who,
    *,
    code: str = "",
    department: str | None = None,
    before: str | None = None,
) -> str:
    """Add a node below ``parent`` and give its code: ``code``, or one made from the English name, else the Japanese.

    It stands in front of its sibling ``before``, else behind all.

    A name given as text is in the workshop's language. Raises ``MissingError('item_missing')`` for an unknown parent,
    ``RefusedError``: ``name_needed``, ``code_taken``, ``file_code_invalid``, and ``change_refused`` where such a node
    cannot hang there.
    """
    made: list[str] = []

    def with_node(workshop: Workshop) -> Workshop:
        if parent is not None:
            _node(workshop, parent)
        named = _named(workshop, name)
        if not (named.ja.strip() or named.en.strip()):
            raise RefusedError("name_needed")
        taken = [node.code for node in workshop.nodes]
        chosen = code_checked(code) if code.strip() else code_from(named, kind.value, taken)
        if chosen in taken:
            raise RefusedError("code_taken", item=chosen)
        made.append(chosen)
        node = Node(code=chosen, kind=kind, parent=parent, name=named, department=department)
        at = next((at for at, other in enumerate(workshop.nodes) if other.code == before), len(workshop.nodes))
        return workshop.model_copy(update={"nodes": (*workshop.nodes[:at], node, *workshop.nodes[at:])})

    change(state, workshop_id, who, with_node)
    return made[-1]


def move_node(
    state: State, workshop_id: str, code: str, parent: str | None, revision: int, who: Who, before: str | None = None
) -> int:
    """Hang a node below another parent, in front of its sibling ``before`` (else behind all); its new revision.

    What was said of the edge to the old parent (relation, sign) is dropped when the parent changes.
    """

    def moved(workshop: Workshop) -> Workshop:
        node = _node(workshop, code)
        if parent != node.parent:
            node = node.model_copy(update={"parent": parent, "relation": None, "sign": None})
        others = [other for other in workshop.nodes if other.code != code]
        at = next((at for at, other in enumerate(others) if other.code == before), len(others))
        return workshop.model_copy(update={"nodes": (*others[:at], node, *others[at:])})

    after = change(state, workshop_id, who, moved, expect={("nodes", code): revision})
    return after.revisions["nodes", code]


def rename_code(state: State, workshop_id: str, code: str, new_code: str, revision: int, who: Who) -> int:
    """Give a node another code and rewrite every reference to it, also inside formulas; its new revision.

    Sign-offs of the formulas that use it go on holding: they say the same in other words.
    Raises ``RefusedError``: ``code_taken``, ``file_code_invalid``.
    """
    target = code_checked(new_code)

    def renamed(workshop: Workshop) -> Workshop:
        _node(workshop, code)
        if target != code and workshop.node(target) is not None:
            raise RefusedError("code_taken", item=target)
        return signoffs_carried(workshop, _with_code(workshop, code, target))

    moved = {} if target == code else {("nodes", code): target}
    after = change(state, workshop_id, who, renamed, expect={("nodes", code): revision}, renamed=moved)
    return after.revisions["nodes", target]


def code_checked(text: str) -> str:
    """The code as it is kept (NFKC). Raises ``RefusedError('file_code_invalid')``."""
    try:
        return _CODE.validate_python(text)
    except ValidationError:
        raise RefusedError("file_code_invalid", text=text[:MAX_CODE]) from None


def delete_node(state: State, workshop_id: str, code: str, revision: int, who: Who) -> tuple[str, ...]:
    """Take a node and all below it away, with their links, sign-offs and places on views; gives the removed codes.

    Formulas that name them keep their text; guidance then names what is missing.
    """
    gone: list[str] = []

    def without(workshop: Workshop) -> Workshop:
        _node(workshop, code)
        gone[:] = _with_descendants(workshop, code)
        return _without_nodes(workshop, frozenset(gone))

    change(state, workshop_id, who, without, expect={("nodes", code): revision})
    return tuple(gone)


def adopt_candidate(state: State, workshop_id: str, candidate: str, who: Who) -> str:
    """Make a success factor that was put forward a KSF below the KGI; gives the node's code (the candidate's)."""

    def with_factor(workshop: Workshop) -> Workshop:
        found = next((item for item in workshop.candidates if item.code == candidate), None)
        if found is None:
            raise MissingError("item_missing", item=candidate)
        if workshop.kgi is None:
            raise RefusedError("kgi_first")
        if workshop.node(candidate) is not None:
            raise RefusedError("code_taken", item=candidate)
        node = Node(code=found.code, kind=NodeKind.KSF, parent=workshop.kgi.code, name=found.name)
        return workshop.model_copy(update={"nodes": (*workshop.nodes, node)})

    change(state, workshop_id, who, with_factor)
    return candidate


def _named(workshop: Workshop, name: Bilingual | str) -> Bilingual:
    if isinstance(name, Bilingual):
        return name
    return Bilingual(ja=name) if workshop.settings.language is Language.JA else Bilingual(en=name)


def _node(workshop: Workshop, code: str) -> Node:
    node = workshop.node(code)
    if node is None:
        raise MissingError("item_missing", item=code)
    return node


def _with_descendants(workshop: Workshop, code: str) -> list[str]:
    found = [code]
    for parent in found:  # the list grows while it is walked
        found += [node.code for node in workshop.nodes if node.parent == parent and node.code not in found]
    return found


def _without_nodes(workshop: Workshop, gone: frozenset[str]) -> Workshop:
    views = tuple(
        view.model_copy(update={"nodes": tuple(code for code in view.nodes if code not in gone)})
        if gone & set(view.nodes)
        else view
        for view in workshop.views
    )
    links = tuple(link for link in workshop.links if link.source not in gone and link.target not in gone)
    signoffs = tuple(signoff for signoff in workshop.signoffs if signoff.node not in gone)
    nodes = tuple(node for node in workshop.nodes if node.code not in gone)
    scenarios = _each(
        tuple(one for one in workshop.scenarios if one.node not in gone), lambda x: {"levels": _left(x.levels, gone)}
    )
    negotiations = _each(
        tuple(one for one in workshop.negotiations if one.node not in gone), lambda x: {"limits": _left(x.limits, gone)}
    )
    kept = tuple(one for one in workshop.precedences if not gone & _nodes_of(one))
    rest = {"scenarios": scenarios, "negotiations": negotiations, "precedences": kept}
    return workshop.model_copy(update={"nodes": nodes, "links": links, "signoffs": signoffs, "views": views, **rest})


def _nodes_of(one: Precedence) -> set[str]:
    """The nodes that a precedence speaks of."""
    if one.kind is PrecedenceKind.NODE:
        return {one.leading, one.following}
    return {one.node} if one.node is not None else set()


def _left(items: tuple[M, ...], gone: frozenset[str]) -> tuple[M, ...]:
    """The items that name no node that is gone."""
    return tuple(item for item in items if getattr(item, "node", None) not in gone)


def _with_code(workshop: Workshop, code: str, new_code: str) -> Workshop:
    """Every place that can name a node, rewritten; parts that do not name it stay the same objects."""

    def name(text: str | None) -> str | None:
        return new_code if text == code else text

    def names(codes: tuple[str, ...]) -> tuple[str | None, ...]:
        return tuple(name(text) for text in codes)

    def formula(text: str | None) -> str | None:
        return text if text is None else renamed_in_formula(text, code, new_code)

    return workshop.model_copy(
        update={
            "nodes": _each(
                workshop.nodes,
                lambda x: {"code": name(x.code), "parent": name(x.parent), "formula": formula(x.formula)},
            ),
            "candidates": _each(workshop.candidates, lambda x: {"code": name(x.code)}),
            "links": _each(workshop.links, lambda x: {"source": name(x.source), "target": name(x.target)}),
            "signoffs": _each(workshop.signoffs, lambda x: {"node": name(x.node)}),
            "views": _each(workshop.views, lambda x: {"nodes": names(x.nodes)}),
            "meetings": _each(
                workshop.meetings, lambda x: {"notes": _each(x.notes, lambda note: {"node": name(note.node)})}
            ),
            "revisions": _each(
                workshop.revisions, lambda x: {"decisions": _each(x.decisions, lambda one: {"node": name(one.node)})}
            ),
            "actions": _each(workshop.actions, lambda x: {"node": name(x.node)}),
            "rounds": _each(workshop.rounds, lambda x: {"node": name(x.node)}),
            "ideas": _each(workshop.ideas, lambda x: {"adopted": name(x.adopted)}),
            "parked": _each(workshop.parked, lambda x: {"node": name(x.node)}),
            "decisions": _each(workshop.decisions, lambda x: {"node": name(x.node)}),
            "scenarios": _each(
                workshop.scenarios,
                lambda x: {"node": name(x.node), "levels": _each(x.levels, lambda one: {"node": name(one.node)})},
            ),
            "precedences": _each(
                workshop.precedences,
                lambda x: (
                    {"leading": name(x.leading), "following": name(x.following)}
                    if x.kind is PrecedenceKind.NODE
                    else {"node": name(x.node)}
                ),
            ),
            "negotiations": _each(
                workshop.negotiations,
                lambda x: {"node": name(x.node), "limits": _each(x.limits, lambda one: {"node": name(one.node)})},
            ),
        }
    )


def _each(items: tuple[M, ...], fields: Callable[[M], Mapping[str, Any]]) -> tuple[M, ...]:
    """The items with these fields; the very same objects (and tuple) where nothing differs."""
    changed = tuple(_with(item, fields(item)) for item in items)
    return items if all(one is other for one, other in zip(items, changed, strict=True)) else changed


def _with(item: M, fields: Mapping[str, Any]) -> M:
    differing = {field: value for field, value in fields.items() if getattr(item, field) != value}
    return item.model_copy(update=differing) if differing else item
