"""Values: computed from rows for every measure, previewed before saving, or typed in."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pydantic import ValidationError

from kpi_core.errors import MissingError, Problem, RefusedError
from kpi_core.model.base import PeriodValue
from kpi_core.model.file import problems_of
from kpi_core.model.measure import RatioMeasure, SimpleMeasure
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.services.basis import Versions, connected_behind, group_versions, node_basis, table_basis
from kpi_core.services.connecting import NO_ANSWER, look_again
from kpi_core.services.datasets import tables, tables_of, today_of
from kpi_core.services.editing import change
from kpi_core.services.holding_back import held_back
from kpi_core.services.people import Who, authorise
from kpi_core.services.snapshots import snapshot
from kpi_core.services.taken import keep_taken
from kpi_core.store import changes, observations
from kpi_core.store.state import State
from kpi_core.store.versions import versions_of
from kpi_core.vocabulary import Grain, Severity

if TYPE_CHECKING:
    from kpi_core.data.observing import Observation, Observed

_ATTEMPTS = 3


@dataclass(frozen=True)
class Refreshed:
    """How many values were stored, in how many seconds, and why others could not be computed.

    ``unchanged`` is the number of measures that were left as they are: nothing they rest on has changed. What is wrong
    with their values is among the problems all the same. ``unread``: those left because a database could not be read,
    or because a blocking rule holds its rows back.
    """

    observations: int
    seconds: float
    problems: tuple[Problem, ...]
    unchanged: int = 0
    unread: int = 0


def refresh(
    state: State, workshop_id: str, who: Who, nodes: Collection[str] | None = None, *, again: bool = False
) -> Refreshed:
    """Compute every measure whose datasets have rows (or those of ``nodes``) and put the values in place of the old.

    A measure whose definition, datasets, file versions and calendar are those of its stored values is left alone,
    unless its computing failed: the file may be back.
    Nobody tells when a connected table has changed: ``again`` (what a scheduler and the button on a page ask for) looks
    at it, runs its rules and computes what rests on it anew. Where a database does not answer or a blocking rule is
    broken, the values there were stay.

    Rows are read outside the write lock; what somebody changed meanwhile is computed again, so a stored value always
    belongs to the definition and the rows of the moment it is stored. Raises ``RefusedError('node_unknown')``.
    """
    authorise(who)
    begun = time.perf_counter()
    known = snapshot(state, workshop_id).workshop
    unknown = next((code for code in nodes or () if known.node(code) is None), None)
    if unknown is not None:
        raise RefusedError("node_unknown", node=unknown)
    waiting = None if nodes is None else frozenset(nodes)
    stored = unchanged = left = 0
    problems: list[Problem] = []
    unread: frozenset[str] = frozenset()
    if again:
        asked = [node for node in known.nodes if waiting is None or node.code in waiting]
        unread, found = look_again(state, workshop_id, sorted(connected_behind(known, asked)), who)
        problems += found
    behind = connected_behind(known, [node for node in known.nodes if waiting is None or node.code in waiting])
    held, found = held_back(state, workshop_id, sorted(behind - unread), who, again=again)
    unread, problems = unread | held, [*problems, *found]
    for attempt in range(_ATTEMPTS):
        workshop = snapshot(state, workshop_id).workshop
        kept = group_versions(versions_of(state.connection, workshop_id))
        chosen = [node for node in workshop.nodes if _can_run(node, kept) and (waiting is None or node.code in waiting)]
        if attempt == 0:
            readable = [node for node in chosen if not connected_behind(workshop, [node]) & unread]
            due = _due(state, workshop_id, workshop, readable, kept, again=again)
            resting = [node.code for node in readable if node not in due]
            problems += _told_of(state, workshop_id, resting)
            left, unchanged, chosen = len(chosen) - len(readable), len(resting), due
        if not chosen:
            break
        codes = frozenset(node.code for node in chosen)
        rows = tables_of(state, workshop_id, workshop, kept)
        from kpi_core.data.observing import observe

        seen = observe(workshop, rows, nodes=codes, today=today_of(workshop), fresh=again)
        bases = {node.code: node_basis(workshop, node, kept) for node in chosen}
        grounds = {code: table_basis(workshop, code) for code, _ in seen.taken}
        count, waiting = _store(state, workshop_id, seen, bases, grounds, who)
        stored += count
        problems = [*problems, *(problem for problem in seen.problems if problem not in problems)]
        if not waiting:
            break
    return Refreshed(stored, time.perf_counter() - begun, tuple(problems), unchanged, left)


def _due(
    state: State, workshop_id: str, workshop: Workshop, nodes: Sequence[Node], kept: Versions, *, again: bool
) -> list[Node]:
    """The nodes whose values do not rest on what there is now, or failed; ``again``: those of connected tables, too."""
    known = observations.measured(state.connection, workshop_id)
    due = []
    for node in nodes:
        stored = known.get(node.code)
        current = stored is not None and stored.basis == node_basis(workshop, node, kept)
        failed = stored is not None and any(one["severity"] == Severity.ERROR.value for one in stored.problems)
        if not current or failed or (again and connected_behind(workshop, [node])):
            due.append(node)
    return due


def _told_of(state: State, workshop_id: str, nodes: Collection[str]) -> list[Problem]:
    """What was wrong when these nodes were measured."""
    known = observations.measured(state.connection, workshop_id)
    return [
        Problem(one["code"], one["params"], Severity(one["severity"]), one["path"])
        for code in nodes
        if code in known
        for one in known[code].problems
    ]


def preview_measure(
    state: State, workshop_id: str, measure: SimpleMeasure | RatioMeasure, grain: Grain | None = None
) -> Observed:
    """The values a measure would give, before it is saved, at ``grain`` (the workshop's when not given)."""
    workshop = snapshot(state, workshop_id).workshop
    kept, wanted = tables(state, workshop_id), grain or workshop.settings.grain
    from kpi_core.data.observing import preview

    return preview(workshop, kept, measure, grain=wanted, today=today_of(workshop))


def set_manual(
    state: State,
    workshop_id: str,
    node_code: str,
    values: Mapping[str, int | float | None],
    revision: int,
    who: Who,
) -> int:
    """Type in values by period key (``None`` takes one away), beside those typed before; the node's new revision.

    Raises ``StaleError``, and ``RefusedError('change_refused')`` for what is no period or no finite number.
    """
    entries = _manual(values)

    def typed(workshop: Workshop) -> Workshop:
        node = workshop.node(node_code)
        if node is None:
            raise MissingError("item_missing", item=node_code)
        merged = {entry.period: entry for entry in node.manual} | entries
        manual = tuple(entry for _, entry in sorted(merged.items()) if entry is not None)
        new = node.model_copy(update={"manual": manual})
        return workshop.model_copy(update={"nodes": tuple(new if x is node else x for x in workshop.nodes)})

    after = change(state, workshop_id, who, typed, expect={("nodes", node_code): revision})
    return after.revisions["nodes", node_code]


def _manual(values: Mapping[str, int | float | None]) -> dict[str, PeriodValue | None]:
    entries: dict[str, PeriodValue | None] = {}
    problems: list[Problem] = []
    for period, value in values.items():
        try:
            entry = PeriodValue(period=period, value=0 if value is None else value)
        except ValidationError as error:
            problems += [replace(problem, path=period) for problem in problems_of(error)]
        else:
            entries[entry.period] = None if value is None else entry
    if problems:
        raise RefusedError("change_refused", problems, count=len(problems))
    return entries


def _can_run(node: Node, kept: Versions) -> bool:
    return node.measure is not None and all(kept.get(part.dataset) for part in node.measure.parts)


def _store(
    state: State,
    workshop_id: str,
    seen: Observed,
    bases: Mapping[str, str | None],
    grounds: Mapping[str, str],
    who: Who,
) -> tuple[int, frozenset[str]]:
    """Store the values of nodes whose basis still holds; gives how many values, and the nodes to compute again."""
    by_node: dict[str, list[Observation]] = {code: [] for code in bases}
    for observation in seen.observations:
        by_node[observation.node].append(observation)
    again: set[str] = set()
    stored = 0
    with state.writing() as connection:
        workshop = snapshot(state, workshop_id).workshop
        kept = group_versions(versions_of(connection, workshop_id))
        moved = {code for code, _ in seen.taken if table_basis(workshop, code) != grounds.get(code)}
        for code, basis in bases.items():
            node = workshop.node(code)
            if node is None or basis is None or _unanswered(code, seen.problems):
                continue
            if node_basis(workshop, node, kept) != basis:
                again.add(code)
                continue
            stored += observations.replace_observations(
                connection,
                workshop_id,
                code,
                basis=basis,
                version=_version_of(node, kept),
                observations=by_node[code],
                problems=_problems_of(code, seen.problems),
            )
        keep_taken(connection, workshop_id, workshop, [one for one in seen.taken if one[0] not in moved])
        after = json.dumps({"observations": stored})
        changes.append(connection, workshop_id, who.name, "observations", "", "refreshed", None, after)
    return stored, frozenset(again)


def _unanswered(code: str, problems: Sequence[Problem]) -> bool:
    """Whether a database did not answer for a node: what was measured before still stands."""
    own = f"nodes.{code}."
    return any((one.path or "").startswith(own) and one.code in NO_ANSWER for one in problems)


def _version_of(node: Node, kept: Versions) -> str:
    versions = kept.get(node.measure.parts[0].dataset, ()) if node.measure else ()
    return str(versions[0].id) if versions else ""


def _problems_of(code: str, problems: Sequence[Problem]) -> list[dict[str, object]]:
    prefix = f"nodes.{code}."
    return [
        {"code": problem.code, "params": dict(problem.params), "severity": problem.severity.value, "path": problem.path}
        for problem in problems
        if problem.path is not None and f"{problem.path}.".startswith(prefix)
    ]
