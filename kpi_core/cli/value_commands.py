"""Commands that answer with values and verdicts: evaluate, check."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping
from typing import Any

from kpi_core.cli.common import caller, language_of, tell
from kpi_core.cli.rule_commands import quality_json
from kpi_core.store.state import State
from kpi_core.vocabulary import Grain


def evaluate(asked: Namespace) -> int:
    from kpi_core.services.evaluating import evaluate

    with State.open(asked.db) as state:
        found = evaluate(
            state,
            asked.id,
            grain=Grain(asked.grain) if asked.grain else None,
            first=asked.first,
            last=asked.last,
            nodes=asked.node,
            by=asked.by,
        )
    values: list[dict[str, Any]] = []
    for (node, segment), series in found.series.items():
        for at, period in enumerate(found.periods):
            standing = series.standings[at]
            value: dict[str, Any] = {"node": node, "period": period.key}
            if segment is not None:
                value["segment"] = segment
            value |= {"actual": float(series.actual[at]), "target": float(series.target[at])}
            values.append(
                {
                    **value,
                    "score": standing.score,
                    "status": standing.status.value,
                    "coverage": float(series.coverage[at]),
                }
            )
    return tell(asked, {"values": values}, (_value_line(value) for value in values))


def check(asked: Namespace) -> int:
    """Run the quality rules, then tell findings, the 15 items and the rules' results."""
    from kpi_core.guidance.wording import finding_text, verdict_text
    from kpi_core.services.checks import findings, readiness, run_quality
    from kpi_core.services.snapshots import snapshot

    with State.open(asked.db) as state:
        language = language_of(state, asked)
        workshop = snapshot(state, asked.id).workshop
        results = [
            result for dataset in workshop.datasets for result in run_quality(state, asked.id, dataset.code, caller())
        ]
        found, verdicts = findings(state, asked.id), readiness(state, asked.id)
    document = {
        "findings": [
            {
                "severity": finding.severity.value,
                "code": finding.code,
                "message": finding_text(finding, workshop, language),
                "page": finding.page.value,
                "node": finding.node,
            }
            for finding in found
        ],
        "checklist": [
            {
                "item": verdict.item,
                "met": verdict.met,
                "reason": verdict.reason,
                "message": verdict_text(verdict, workshop, language),
                "page": verdict.page.value,
                "node": verdict.node,
            }
            for verdict in verdicts
        ],
        "quality": [quality_json(result, language) for result in results],
    }
    return tell(asked, document, _lines(document))


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    for finding in document["findings"]:
        yield f"{finding['severity']}: {finding['message']}"
    for verdict in document["checklist"]:
        yield f"{verdict['item']:>2} {'✓' if verdict['met'] else '–'} {verdict['message']}"
    for result in document["quality"]:
        yield f"{result['dataset']}.{result['column']} {result['rule']}: {result['failed']}/{result['checked']}"


def _value_line(value: Mapping[str, Any]) -> str:
    numbers = ["" if number is None or number != number else f"{number:.10g}" for number in _numbers(value)]
    return "\t".join([value["node"], value["period"], value.get("segment", ""), *numbers, value["status"]])


def _numbers(value: Mapping[str, Any]) -> tuple[float | None, ...]:
    return value["actual"], value["target"], value["score"]
