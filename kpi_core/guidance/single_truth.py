"""The same object or number from two sides, with other values: which one counts, once the team has said so."""

from __future__ import annotations

from collections.abc import Iterator

from kpi_core.errors import Param
from kpi_core.guidance.facts import Discrepancy, Facts
from kpi_core.guidance.finding import Finding
from kpi_core.model.precedence import precedence_code
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Page, PrecedenceKind, Severity

_DIFFER = {
    PrecedenceKind.DATASET: "datasets_differ",
    PrecedenceKind.NODE: "nodes_differ",
    PrecedenceKind.ENTRY: "entries_differ",
}
#: The findings that wait for a decision.
OPEN = frozenset(_DIFFER.values())


def numbers_differ(workshop: Workshop, facts: Facts) -> Iterator[Finding]:
    """A warning until somebody says which side counts, then a word on what was decided.

    Typed values that should count stay a warning: wherever rows give a value, that one is shown.
    """
    for one in facts.discrepancies:
        code = precedence_code(one.kind, one.one, one.other, one.node)
        decided = next((each for each in workshop.precedences if each.code == code), None)
        params = _params(one)
        if decided is None:
            yield Finding(_DIFFER[one.kind], Severity.WARNING, Page.DATA_SOURCES, one.node, params)
        elif one.kind is PrecedenceKind.ENTRY:
            severity = Severity.INFO if decided.leading == "measure" else Severity.WARNING
            yield Finding(f"{decided.leading}_counts", severity, Page.DATA_SOURCES, one.node, params)
        else:
            names = {PrecedenceKind.DATASET: ("dataset", "other_dataset"), PrecedenceKind.NODE: ("node", "other")}
            leading, following = names[one.kind]
            led = {**params, leading: decided.leading, following: decided.following}
            yield Finding(f"{one.kind.value}_counts", Severity.INFO, Page.DATA_SOURCES, one.node, led)


def _params(one: Discrepancy) -> dict[str, Param]:
    counts: dict[str, Param] = {"periods": one.periods, "compared": one.compared}
    if one.kind is PrecedenceKind.DATASET:
        named: dict[str, Param] = {"dataset": one.one, "other_dataset": one.other, "column": one.column or ""}
        return {**named, "common": one.common, **counts}
    if one.kind is PrecedenceKind.NODE:
        return {"node": one.one, "other": one.other, **counts}
    return {"node": one.node or "", **counts}
