"""Connected tables whose rows a blocking rule holds back: a refresh leaves what rests on them as it was."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_core.errors import Param, Problem, RefusedError
from kpi_core.services.people import Who, authorise
from kpi_core.services.quality import last_runs, run_quality
from kpi_core.services.snapshots import snapshot
from kpi_core.services.upload_rules import problem_of
from kpi_core.store.state import State
from kpi_core.vocabulary import OnBreak


def held_back(
    state: State, workshop_id: str, codes: Sequence[str], who: Who, *, again: bool
) -> tuple[frozenset[str], tuple[Problem, ...]]:
    """Those of these connected datasets that may not be measured now, and why: rule by rule.

    ``again``: their rules are run first. Else they are where a rule blocks and was not checked as it stands: what
    nobody could check is not let in, neither where the database gives no answer.
    """
    authorise(who)
    workshop = snapshot(state, workshop_id).workshop
    ruled = [one for code in codes if (one := workshop.dataset(code)) is not None and one.rules]
    runs = last_runs(state, workshop_id) if ruled else {}
    held: set[str] = set()
    problems: list[Problem] = []
    for dataset in ruled:
        code, blocking = dataset.code, any(rule.on_break is OnBreak.BLOCK for rule in dataset.rules)
        run = runs.get(code)
        if again or (blocking and (run is None or not run.current)):
            try:
                run_quality(state, workshop_id, code, who)
            except RefusedError as refusal:
                problems.append(Problem(refusal.code, refusal.params, path=f"datasets.{code}.rules"))
                held |= {code} if blocking else set()
    after = last_runs(state, workshop_id) if ruled else {}
    for dataset in ruled:
        run = after.get(dataset.code)
        refusing = [one for one in run.results if one.refuses] if run is not None and run.current else []
        if refusing:
            held.add(dataset.code)
            told: dict[str, Param] = {"dataset": dataset.code, "count": len(refusing)}
            problems.append(Problem("table_held_back", told, path=f"datasets.{dataset.code}.rules"))
            problems += [problem_of(one, dataset.rules[one.position]) for one in refusing]
    return frozenset(held), tuple(problems)
