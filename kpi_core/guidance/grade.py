"""A dataset's grade: how well its newest rows keep its rules (decision 0040)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kpi_core.data.rule_results import OF_THE_WHOLE, RuleResult
from kpi_core.model.dataset import Rule
from kpi_core.vocabulary import DataGrade, OnBreak

#: A: every rule is kept by at least this share of the rows it looks at. B: by at least the other.
A_SHARE, B_SHARE = 0.99, 0.95
_BEST_FIRST = tuple(DataGrade)


@dataclass(frozen=True)
class Graded:
    """A grade with the worst rule behind it, or why there is none.

    ``reason``: ``no_rules``, ``not_run`` (never, or rows or rules changed since), ``nothing_checked``, ``unchecked``
    (a rule that could not be checked might be the worst), else ``graded``. ``share`` is that of the rule kept least.
    """

    grade: DataGrade | None
    reason: str
    worst: RuleResult | None = None

    @property
    def share(self) -> float | None:
        return None if self.worst is None else self.worst.compliance


def graded(rules: Sequence[Rule], results: Sequence[RuleResult] | None) -> Graded:
    """The grade of a dataset by its rules and what its current run found; ``None`` where there is no current run.

    C: a rule is kept by less than ``B_SHARE`` of its rows, or a rule on the whole (freshness, row count) or a blocking
    rule is broken. What could not be checked never makes a better grade than it might deserve.
    """
    if not rules:
        return Graded(None, "no_rules")
    if results is None:
        return Graded(None, "not_run")
    checked = [(result.compliance, result) for result in results if result.compliance is not None]
    worst = min(checked, key=lambda pair: pair[0])[1] if checked else None
    broken = [result for _, result in checked if _is_grave(result)]
    if broken:
        return Graded(DataGrade.C, "graded", min(broken, key=lambda result: result.compliance or 0.0))
    if any(result.problem is not None for result in results):
        return Graded(None, "unchecked", next(result for result in results if result.problem is not None))
    if worst is None:
        return Graded(None, "nothing_checked")
    share = worst.compliance or 0.0
    return Graded(DataGrade.A if share >= A_SHARE else DataGrade.B, "graded", worst)


def together(grades: Iterable[DataGrade | None]) -> DataGrade | None:
    """The grade of what rests on several datasets: the worst; one without a grade leaves only a C certain."""
    found = list(grades)
    if DataGrade.C in found:
        return DataGrade.C
    if not found or None in found:
        return None
    return max((grade for grade in found if grade is not None), key=_BEST_FIRST.index)


def _is_grave(result: RuleResult) -> bool:
    share = 1.0 if result.compliance is None else result.compliance
    if not result.failed:
        return False
    return share < B_SHARE or result.on_break is OnBreak.BLOCK or result.rule in OF_THE_WHOLE
