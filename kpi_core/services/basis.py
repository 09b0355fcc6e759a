"""What a measured value was computed from, as a fingerprint: when it differs, the value is no longer current."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.store import observations
from kpi_core.store.state import Connection
from kpi_core.store.versions import StoredVersion, versions_of

Versions = Mapping[str, Sequence[StoredVersion]]


def group_versions(versions: Iterable[StoredVersion]) -> dict[str, list[StoredVersion]]:
    """dataset → its versions, in the order given (newest first)."""
    found: dict[str, list[StoredVersion]] = {}
    for version in versions:
        found.setdefault(version.dataset, []).append(version)
    return found


def node_basis(workshop: Workshop, node: Node, versions: Versions) -> str | None:
    """The fingerprint of everything a node's measured values depend on; ``None`` for a node without a measure."""
    if node.measure is None:
        return None
    datasets = _reached(workshop, [part.dataset for part in node.measure.parts])
    settings = workshop.settings
    return _fingerprint(
        {
            "measure": node.measure.model_dump(mode="json"),
            "datasets": [_dataset(workshop, code, versions) for code in datasets],
            "calendar": [settings.grain.value, settings.fiscal_year_start, settings.timezone],
        }
    )


def without_waiting(connection: Connection, workshop_id: str, workshop: Workshop) -> Workshop:
    """The workshop as its values are computed: typed values stand for no node whose rows still wait to be measured.

    Between an upload and the next refresh such a node has no value; an old typed one would pass for the rows' own.
    """
    both = [node for node in workshop.nodes if node.measure is not None and node.manual]
    if not both:
        return workshop
    known = observations.measured(connection, workshop_id)
    both = [node for node in both if node.code not in known]
    kept = group_versions(versions_of(connection, workshop_id)) if both else {}
    waiting = {
        node.code for node in both if node.measure and all(kept.get(part.dataset) for part in node.measure.parts)
    }
    if not waiting:
        return workshop
    bare = {"manual": ()}
    nodes = tuple(node.model_copy(update=bare) if node.code in waiting else node for node in workshop.nodes)
    return workshop.model_copy(update={"nodes": nodes})


def connected_behind(workshop: Workshop, nodes: Iterable[Node]) -> frozenset[str]:
    """The connected datasets that these nodes' measures read, by way of look-ups too."""
    read = [part.dataset for node in nodes if node.measure is not None for part in node.measure.parts]
    return frozenset(code for code in _reached(workshop, read) if workshop.connection_of(code) is not None)


def dataset_basis(workshop: Workshop, code: str, versions: Versions) -> str:
    """The fingerprint of everything a dataset's rule results depend on."""
    dataset = workshop.dataset(code)
    rules = [] if dataset is None else [rule.model_dump(mode="json") for rule in dataset.rules]
    referred = [rule.dataset for rule in dataset.rules if rule.dataset] if dataset else []
    reached = _reached(workshop, [code, *referred])
    return _fingerprint({"rules": rules, "datasets": [_dataset(workshop, name, versions) for name in reached]})


def table_basis(workshop: Workshop, code: str) -> str:
    """The fingerprint of what a connected table's aggregates mean: its place, derived columns, look-ups, time zone."""
    reached = [_dataset(workshop, name, {}) for name in _reached(workshop, [code])]
    return _fingerprint([reached, workshop.settings.timezone])


def drop_outdated(connection: Connection, workshop_id: str, workshop: Workshop) -> None:
    """Forget the values of every node whose measure, datasets or calendar are no longer what they were computed from.

    Call it in the transaction of the change, so that nobody ever sees an old value as a current one.
    """
    known = observations.measured(connection, workshop_id)
    if not known:
        return
    kept = group_versions(versions_of(connection, workshop_id))
    nodes = {node.code: node for node in workshop.nodes}
    outdated = [
        code
        for code, measured in known.items()
        if code not in nodes or node_basis(workshop, nodes[code], kept) != measured.basis
    ]
    observations.drop_observations(connection, workshop_id, outdated)


def _reached(workshop: Workshop, codes: Iterable[str]) -> list[str]:
    """These datasets and all that their look-ups lead to."""
    found: list[str] = []
    waiting = list(codes)
    while waiting:
        code = waiting.pop()
        if code in found:
            continue
        found.append(code)
        dataset = workshop.dataset(code)
        if dataset is not None:
            waiting += [lookup.dataset for lookup in dataset.lookups]
    return sorted(found)


def _dataset(workshop: Workshop, code: str, versions: Versions) -> list[Any]:
    dataset = workshop.dataset(code)
    parts = {} if dataset is None else dataset.model_dump(mode="json", include={"derived", "lookups"})
    connection = workshop.connection_of(code)
    if dataset is not None and connection is not None:  # no version tells when a table's rows changed
        return [code, parts, ["connected", connection, dataset.table]]
    return [code, parts, [[version.id, version.as_of.isoformat()] for version in versions.get(code, ())]]


def _fingerprint(document: Any) -> str:
    text = json.dumps(document, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
