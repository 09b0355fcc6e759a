"""What somebody did at once, in one phrase: “Leads: definition, owner changed”, “Visits and 3 below it deleted”."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from kpi_core.model.workshop import Workshop
from kpi_core.services.undoing import Act
from kpi_core.store.changes import Change
from kpi_core.text import sentences
from pages.components.session import current, raw

#: What an act is about when it touched several sections, the weightiest first.
_WEIGHT = ("nodes", "candidates", "handovers", "links", "signoffs", "views")
_FIELDS = 4
#: Sections whose items have no name of their own: those of a link, and those of a node.
_OF_LINKS = frozenset({"hypotheses", "link_tests"})
_OF_NODES = frozenset({"forecasts", "negotiations"})


def act_words(act: Act, workshop: Workshop) -> str:
    """The act as plain text in the page's language; names are as they were then."""
    sections = {entry.section for entry in act.changes}
    section = next((one for one in _WEIGHT if one in sections), act.changes[0].section)
    entries = [entry for entry in act.changes if entry.section == section and entry.action != "ordered"]
    if not entries:
        return raw("past.act.ordered")
    if section == "nodes":
        return _nodes(entries)
    entry = entries[0]
    item = json.loads(entry.after or entry.before or "{}")
    if section == "signoffs":
        department = workshop.department_name(item.get("department"), current().language)
        return raw("past.act.signed", department=department, node=_name_of(workshop, item.get("node", "")))
    if section == "links":
        ends = {place: _name_of(workshop, item.get(place, "")) for place in ("from", "to")}
        return raw(f"past.act.link_{'removed' if entry.after is None else 'added'}", source=ends["from"], to=ends["to"])
    if section in _OF_LINKS:
        source, _, target = entry.code.partition("→")
        name = f"{_name_of(workshop, source)} → {_name_of(workshop, target)}"
        return raw("past.act.saved", section=raw(f"past.section.{section}"), name=name)
    if section in _OF_NODES:
        node = item.get("node", entry.code)
        return raw("past.act.saved", section=raw(f"past.section.{section}"), name=_name_of(workshop, node))
    if section.startswith("checklist."):
        return _answers(section, entries)
    if section == "candidates" and entry.action == "saved":
        fields = raw("tree.separator").join(_candidate_fields(entries))
        if fields:
            return raw("past.act.node_saved", name=_called(item), fields=fields)
    key = f"past.section.{section.replace('.', '_')}"
    named = raw(key) if key in sentences(current().language) else section
    return raw(f"past.act.{_how(entry)}", name=_called(item) or named, section=named)


def _answers(section: str, entries: Sequence[Change]) -> str:
    """Which item of the checklist was answered (how, where it is answered anew), and how many more."""
    body = json.loads(entries[0].after or entries[0].before or "{}")
    before = json.loads(entries[0].before or "{}")
    number = body.get("item")
    name = f"{number}. {raw(f'guidance.readiness.title.{number}')}"
    others = len({json.loads(entry.after or entry.before or "{}").get("item") for entry in entries}) - 1
    if others:
        name = raw("past.act.and_more", name=name, count=others)
    words = {"section": raw(f"past.section.{section.replace('.', '_')}"), "name": name}
    if not others and entries[0].after is not None and body.get("answer") != before.get("answer"):
        return raw("past.act.answered", **words, answer=raw(f"vocabulary.answer.{body['answer']}"))
    return raw(f"past.act.{_how(entries[0])}", **words)


def _candidate_fields(entries: Sequence[Change]) -> list[str]:
    """The fields of the candidates that differ, as their rows call them."""
    known = sentences(current().language)
    found: dict[str, None] = {}
    for entry in entries:
        before, after = json.loads(entry.before or "{}"), json.loads(entry.after or "{}")
        found.update((name, None) for name in (*after, *before) if before.get(name) != after.get(name))
    return [raw(f"past.candidate.{name}") for name in found if f"past.candidate.{name}" in known]


def field_name(name: str) -> str:
    """A node's field as its card calls it."""
    key = f"kpi_design.field.{name}"
    return raw(key) if key in sentences(current().language) else name


def _nodes(entries: Sequence[Change]) -> str:
    bodies = [json.loads(entry.after or entry.before or "{}") for entry in entries]
    renamed = next((at for at, entry in enumerate(entries) if entry.action == "renamed"), None)
    if renamed is not None:
        return raw("past.act.renamed", before=entries[renamed].code, after=bodies[renamed]["code"])
    gone = [body for entry, body in zip(entries, bodies, strict=True) if entry.action == "removed"]
    come = [body for entry, body in zip(entries, bodies, strict=True) if entry.action == "added"]
    for how, found in (("removed", gone), ("added", come)):
        if found:
            codes = {body["code"] for body in found}
            top = next((body for body in found if body.get("parent") not in codes), found[0])
            many = raw(f"past.act.node_{how}_many", name=_called(top), count=len(found) - 1)
            return many if len(found) > 1 else raw(f"past.act.node_{how}", name=_called(top))
    if len(entries) > 1:
        return raw("past.act.nodes_saved", name=_called(bodies[0]), count=len(entries) - 1)
    before: dict[str, Any] = json.loads(entries[0].before or "{}")
    after = bodies[0]
    fields = [name for name in dict.fromkeys([*after, *before]) if before.get(name) != after.get(name)]
    if "parent" in fields:
        return raw("past.act.moved", name=_called(after))
    words = raw("tree.separator").join(field_name(name) for name in fields[:_FIELDS])
    return raw("past.act.node_saved", name=_called(after), fields=words)


def _how(entry: Change) -> str:
    return entry.action if entry.action in ("added", "removed") else "saved"


def _called(item: dict[str, Any]) -> str:
    name = item.get("name", "")
    if isinstance(name, dict):
        language = current().language.value
        name = name.get(language) or next(iter(name.values()), "")
    return str(name or item.get("code", ""))


def _name_of(workshop: Workshop, code: str) -> str:
    node = workshop.node(code)
    return (node.name.in_language(current().language) or code) if node else code
