"""Commands on the tree's arithmetic: explain, solve, simulate."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kpi_core.cli.common import tell
from kpi_core.store.state import State
from kpi_core.vocabulary import AttributionMethod

if TYPE_CHECKING:
    from kpi_core.services.explaining import Contribution
    from kpi_core.tree.attribution import Missing


def explain(asked: Namespace) -> int:
    from kpi_core.services.explaining import Against, Over, explain

    with State.open(asked.db) as state:
        found = explain(
            state,
            asked.id,
            asked.node,
            asked.last,
            asked.first,
            against=Against(asked.against),
            over=Over(asked.over),
            method=None if asked.method is None else AttributionMethod(asked.method),
            order=asked.order,
            by=asked.by,
        )
    document: dict[str, Any] = {
        "from": found.start.key,
        "to": found.end.key,
        "against": found.against.value,
        "over": found.over.value,
        "before": found.before,
        "after": found.after,
        "change": found.change,
        "method": None if found.method is None else found.method.value,
        "contributions": [_contribution(part) for part in found.contributions],
        "residual": found.residual,
    }
    if found.missing:
        document["missing"] = [missing_json(each) for each in found.missing]
    if found.singular:
        document["singular"] = True
    return tell(asked, document, _lines(document))


def missing_json(missing: Missing) -> dict[str, Any]:
    told: dict[str, Any] = {"node": missing.node, "period": missing.period.key}
    return {**told, "target": True} if missing.target else told


def _contribution(part: Contribution) -> dict[str, Any]:
    named = {"node": part.node} if part.node is not None else {"segment": part.segment}
    return {**named, "kind": part.kind.value, "value": part.value}


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    yield "\t".join([document["from"], document["to"], plain(document["change"]), document["method"] or ""])
    for part in document["contributions"]:
        yield "\t".join([part.get("node") or part.get("segment") or "", part["kind"], plain(part["value"])])
    for each in document.get("missing", ()):
        yield "\t".join([each["node"], each["period"], "missing"])


def plain(number: float | None) -> str:
    return "" if number is None or number != number else f"{number:.10g}"
