"""The tree's nodes as rows of a table: many added and changed at once, all or nothing, every problem with its row."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kpi_core.errors import KpiError, Problem, RefusedError
from kpi_core.model.base import Bilingual
from kpi_core.model.node import Node
from kpi_core.model.references import broken_references
from kpi_core.model.workshop import Workshop
from kpi_core.services.codes import code_from
from kpi_core.services.composing import composed
from kpi_core.services.definitions import fields_changed
from kpi_core.services.editing import change
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.tree_editing import code_checked
from kpi_core.store.state import State
from kpi_core.text import say
from kpi_core.tree.checking import check_formula
from kpi_core.tree.structure import order
from kpi_core.vocabulary import Direction, Language, NodeKind, Severity

#: The columns of a row; ``node`` is the code of the stored node (``None`` for a new row), the rest as people type it.
COLUMNS = ("code", "kind", "name_ja", "name_en", "parent", "department", "owner", "unit", "direction", "formula")
_PLAIN = ("owner", "unit")
Row = Mapping[str, Any]


@dataclass
class Bulk:
    """What rows amount to: the workshop they lead to, what they add and change, and every problem (``row`` from 1)."""

    workshop: Workshop
    added: list[str] = field(default_factory=list)
    changed: dict[str, set[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def rows_of(workshop: Workshop, language: Language) -> list[dict[str, Any]]:
    """The nodes as rows, in outline order, in the words of ``language``."""
    return [
        {
            "node": node.code,
            "code": node.code,
            "kind": say(f"vocabulary.node_kind.{node.kind.value}", language),
            "name_ja": node.name.ja,
            "name_en": node.name.en,
            "parent": node.parent or "",
            "department": workshop.department_name(node.department, language),
            "owner": node.owner,
            "unit": node.unit,
            "direction": say(f"vocabulary.direction.{node.direction.value}", language),
            "formula": node.formula or "",
        }
        for node in order(workshop)
    ]


def read_rows(workshop: Workshop, rows: Sequence[Row], language: Language, begun: Sequence[Row] = ()) -> Bulk:
    """What storing ``rows`` would do. A node without a row stays as it is; an empty row says nothing.

    ``begun``: the rows as they were when the table was read. A cell that is as it was then was not typed: it means
    what is stored now.
    """
    bulk = Bulk(workshop)
    rows = _only_typed(workshop, rows, begun, language)
    codes = _codes(workshop, rows, bulk)
    names = _names(workshop, rows, codes)
    nodes = {node.code: node for node in workshop.nodes}
    for at, row in enumerate(rows):
        if codes[at]:
            _read(bulk, nodes, row, at + 1, codes[at], names, language)
    bulk.workshop = workshop.model_copy(update={"nodes": tuple(nodes.values())})
    row_of = {code: at + 1 for at, code in enumerate(codes) if code}
    if not bulk.problems:
        bulk.problems += _structure(workshop, bulk, row_of) + _formulas(bulk, nodes, row_of)
    bulk.problems.sort(key=lambda problem: problem.row or 0)
    return bulk


def save_rows(
    state: State,
    workshop_id: str,
    rows: Sequence[Row],
    language: Language,
    who: Who,
    *,
    begun: Sequence[Row] = (),
    read_at: int | None = None,
) -> Bulk:
    """Store what ``rows`` say, in one change; ``begun`` were the rows at the workshop's change ``read_at``.

    Raises ``RefusedError('table_refused')`` with every problem and its row; nothing is stored then.
    """
    done: list[Bulk] = []

    def stored(workshop: Workshop) -> Workshop:
        bulk = read_rows(workshop, rows, language, begun)
        for code, fields in bulk.changed.items():
            if read_at is not None and fields_changed(state, workshop_id, code, read_at) & fields:
                row = next(at for at, one in enumerate(rows) if one.get("node") == code) + 1
                bulk.problems.append(Problem("table_changed_since", {"item": code}, row=row))
        if bulk.problems:
            raise RefusedError("table_refused", bulk.problems, count=len(bulk.problems))
        done.append(bulk)
        return bulk.workshop

    snapshot(state, workshop_id)
    change(state, workshop_id, who, stored)
    return done[-1]


def _only_typed(workshop: Workshop, rows: Sequence[Row], begun: Sequence[Row], language: Language) -> list[Row]:
    known = {row["node"]: row for row in begun}
    now = {row["node"]: row for row in rows_of(workshop, language)} if known else {}

    def typed(row: Row) -> Row:
        was, stored = known.get(row.get("node")), now.get(row.get("node"))
        if was is None or stored is None:
            return row
        return {name: stored[name] if _text(row, name) == _text(was, name) else row.get(name) for name in stored}

    return [typed(row) for row in rows]


def _text(row: Row, column: str) -> str:
    value = row.get(column)
    return "" if value is None or value != value else str(value).strip()


def _codes(workshop: Workshop, rows: Sequence[Row], bulk: Bulk) -> list[str]:
    """The code of each row: the stored one, the typed one, or one made from the name; empty for an empty row."""
    taken = {node.code for node in workshop.nodes}
    codes: list[str] = []
    for at, row in enumerate(rows):
        known, typed = row.get("node"), _text(row, "code")
        name = Bilingual(ja=_text(row, "name_ja")[:500], en=_text(row, "name_en")[:500])
        code = ""
        if known:
            code = str(known)
            if typed != code:
                bulk.problems.append(Problem("table_code_changed", {"code": code}, row=at + 1, column="code"))
        elif typed:
            try:
                code = code_checked(typed)
            except RefusedError as error:
                bulk.problems.append(Problem(error.code, error.params, row=at + 1, column="code"))
        elif any(_text(row, column) for column in COLUMNS):
            code = code_from(name, _text(row, "kind").lower() or "kpi", taken)
        if code and not known and code in taken:
            bulk.problems.append(Problem("table_code_twice", {"code": code}, row=at + 1, column="code"))
        taken.add(code)
        codes.append(code)
    return codes


def _names(workshop: Workshop, rows: Sequence[Row], codes: Sequence[str]) -> Mapping[str, list[str]]:
    """What a parent may be called → the codes it can mean: names as typed in the table, else as stored; and codes."""
    found: dict[str, list[str]] = {}
    in_table = set(codes)
    calls = [
        (code, name)
        for row, code in zip(rows, codes, strict=True)
        if code
        for name in (row.get("name_ja"), row.get("name_en"))
    ]
    calls += [
        (node.code, name)
        for node in workshop.nodes
        if node.code not in in_table
        for name in (node.name.ja, node.name.en)
    ]
    for code, name in calls:
        if name and code not in found.setdefault(_folded(str(name)), []):
            found[_folded(str(name))].append(code)
    for code in (*codes, *(node.code for node in workshop.nodes)):
        found[_folded(code)] = [code]  # a code names its node whatever another one is called
    return found


def _read(
    bulk: Bulk,
    nodes: dict[str, Node],
    row: Row,
    number: int,
    code: str,
    names: Mapping[str, list[str]],
    language: Language,
) -> None:
    def wrong(problem: str, column: str, **params: str) -> None:
        bulk.problems.append(Problem(problem, params, row=number, column=column))

    old = nodes.get(code)
    fields: dict[str, Any] = {column: _text(row, column) for column in _PLAIN}
    name = {"ja": _text(row, "name_ja"), "en": _text(row, "name_en")}
    fields["name"] = name
    fields["formula"] = _text(row, "formula") or None
    if not any(name.values()) and (old is None or old.name != Bilingual()):
        wrong("table_name", "name_ja")
    kind = _word(_text(row, "kind"), "node_kind", NodeKind) if _text(row, "kind") else NodeKind.KPI
    if kind is None or (kind is NodeKind.KGI) != (old is not None and old.kind is NodeKind.KGI):
        wrong("table_kind", "kind", text=_text(row, "kind"))
    fields["kind"] = kind
    parent = _text(row, "parent")
    meant = names.get(_folded(parent), []) if parent else []
    if parent and len(meant) != 1:
        wrong("table_parent_twice" if meant else "table_parent", "parent", text=parent)
    fields["parent"] = meant[0] if len(meant) == 1 else None
    if old is None or old.parent != fields["parent"]:
        fields |= {"relation": None, "sign": None}
    direction = _text(row, "direction")
    fields["direction"] = (
        _word(direction, "direction", Direction) if direction else (old.direction if old else Direction.UP)
    )
    if fields["direction"] is None:
        known = [say(f"vocabulary.direction.{one.value}", language) for one in Direction]
        wrong("table_direction", "direction", text=direction, known=" / ".join(known))
    fields["department"] = _department(bulk.workshop, _text(row, "department"), wrong, language)
    if any(problem.row == number for problem in bulk.problems):
        return
    try:
        node = composed(Node, fields if old else {**fields, "code": code}, old)
    except KpiError as error:
        for problem in getattr(error, "problems", ()):
            column = (problem.path or "").partition(".")[0]
            bulk.problems.append(Problem(problem.code, problem.params, row=number, column=column))
        return
    if old is None:
        bulk.added.append(code)
    elif node != old:
        bulk.changed[code] = {name for name in Node.model_fields if getattr(node, name) != getattr(old, name)}
    if old != node:
        nodes[code] = node


def _department(workshop: Workshop, text: str, wrong: Any, language: Language) -> str | None:
    if not text:
        return None
    for one in workshop.departments:
        if _folded(text) in {_folded(name) for name in (one.code, one.name.ja, one.name.en) if name}:
            return one.code
    known = [workshop.department_name(one.code, language) for one in workshop.departments]
    wrong("table_department", "department", text=text, known=" / ".join(known))
    return None


def _word(text: str, vocabulary: str, kinds: Any) -> Any:
    """The member that a word in either language (or the file's own) stands for; ``None`` for none."""
    for one in kinds:
        words = {say(f"vocabulary.{vocabulary}.{one.value}", language) for language in Language} | {one.value}
        if _folded(text) in {_folded(word) for word in words}:
            return one
    return None


def _structure(before: Workshop, bulk: Bulk, row_of: Mapping[str, int]) -> list[Problem]:
    """What the rows would break in the tree, each at the row of its node."""
    known = Counter((problem.code, str(sorted(problem.params.items()))) for problem in broken_references(before))
    found: list[Problem] = []
    for problem in broken_references(bulk.workshop):
        kind = (problem.code, str(sorted(problem.params.items())))
        if known[kind]:
            known[kind] -= 1
            continue
        place = (problem.path or "").removeprefix("nodes[").partition("]")[0]
        code = bulk.workshop.nodes[int(place)].code if place.isdigit() else ""
        column = (problem.path or "").rpartition(".")[2]
        found.append(Problem(problem.code, problem.params, row=row_of.get(code), column=column))
    return found


def _formulas(bulk: Bulk, nodes: Mapping[str, Node], row_of: Mapping[str, int]) -> list[Problem]:
    """What is wrong with the formulas that the rows bring in or change."""
    touched = [*bulk.added, *(code for code, fields in bulk.changed.items() if "formula" in fields)]
    found: list[Problem] = []
    for code in touched:
        text = nodes[code].formula
        if text is None:
            continue
        for problem in check_formula(bulk.workshop, code, text).problems:
            if problem.severity is Severity.ERROR:
                found.append(Problem(problem.code, problem.params, row=row_of.get(code), column="formula"))
    return found


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()
