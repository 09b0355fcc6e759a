"""Commands on the tree's arithmetic: explain, solve, simulate."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kpi_core.cli.arguments import limits_by_code, numbers_by_code
from kpi_core.cli.common import tell
from kpi_core.errors import RefusedError
from kpi_core.store.state import State
from kpi_core.vocabulary import AttributionMethod, Basis

if TYPE_CHECKING:
    from kpi_core.services.explaining import Contribution
    from kpi_core.tree.attribution import Missing

MOST_DRAWS = 1_000_000


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
    if found.unlike:
        document["unlike"] = True
    if found.part:
        document["part"] = True
    return tell(asked, document, _lines(document))


def solve(asked: Namespace) -> int:
    from kpi_core.services.solving import what_it_takes

    with State.open(asked.db) as state:
        found = what_it_takes(
            state,
            asked.id,
            asked.node,
            asked.value,
            asked.period,
            locks=asked.lock,
            bounds=limits_by_code(asked.bound),
            from_history=asked.bounds_from,
            weights=numbers_by_code("--weight", asked.weight),
            basis=Basis.SEASON if asked.seasonal else Basis.LATEST,
        )
    solution = found.solution
    document = {
        "period": found.period.key,
        "feasible": solution.feasible,
        "now": solution.now,
        "reached": solution.reached,
        "drivers": [
            {
                "node": driver.node,
                "now": driver.now,
                "required": driver.required,
                "at_limit": driver.at_limit,
                "contribution": driver.contribution,
            }
            for driver in solution.drivers
        ],
        "owners": [{"owner": share.owner, "contribution": share.contribution} for share in found.owners],
    }
    rows = [[d.node, plain(d.now), plain(d.required), d.at_limit or ""] for d in solution.drivers]
    first = [
        asked.node,
        plain(solution.now),
        plain(solution.reached),
        "feasible" if solution.feasible else "infeasible",
    ]
    return tell(asked, document, ("\t".join(row) for row in [first, *rows]))


def simulate(asked: Namespace) -> int:
    from kpi_core.services.simulating import simulate

    if not 1 <= asked.draws <= MOST_DRAWS:
        raise RefusedError("usage", reason=f"--draws {asked.draws} (1-{MOST_DRAWS})")
    if asked.seed < 0:
        raise RefusedError("usage", reason=f"--seed {asked.seed} (0-)")
    levels = numbers_by_code("--set", asked.set)
    with State.open(asked.db) as state:
        basis = Basis.SEASON if asked.seasonal else Basis.LATEST
        options = {"draws": asked.draws, "seed": asked.seed, "basis": basis}
        found = simulate(state, asked.id, asked.node, asked.period, levels, **options)
    likely = found.chance
    document: dict[str, Any] = {
        "period": found.period.key,
        "target": found.target,
        "values": [
            {"node": code, "before": before, "after": found.after.get(code, before)}
            for code, before in found.before.items()
        ],
        "tornado": [
            {"node": one.node, "low": one.low, "high": one.high, "elasticity": one.elasticity, "singular": one.singular}
            for one in found.swings
        ],
        "chance": likely
        and {
            "probability": likely.probability,
            "percentiles": {str(percent): value for percent, value in likely.percentiles.items()},
            "draws": likely.draws,
            "over_year": likely.over_year,
            "without_value": likely.without_value,
            "not_enough_history": dict(likely.short),
        },
    }
    rows = [[value["node"], plain(value["before"]), plain(value["after"])] for value in document["values"]]
    return tell(asked, document, ("\t".join(row) for row in rows))


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
    if document.get("singular"):
        yield "\t".join([document["to"], "singular"])


def plain(number: float | None) -> str:
    return "" if number is None or number != number else f"{number:.10g}"
