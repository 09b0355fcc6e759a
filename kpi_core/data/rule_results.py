"""What checking one rule found: how many rows it looked at, how many break it, which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kpi_core.errors import Problem
from kpi_core.vocabulary import OnBreak, RuleKind, Severity

#: Rules on the dataset as a whole: one check each, and no rows that fail it.
OF_THE_WHOLE = (RuleKind.FRESHNESS, RuleKind.ROW_COUNT)


@dataclass(frozen=True)
class RuleResult:
    """How many rows a rule looked at and how many break it; ``position`` is the rule's place in the dataset.

    ``examples`` are failing values, most frequent first; for ``required`` the failing rows, as ``#12`` counted from the
    first data row; for ``freshness`` the newest day, for ``row_count`` the rows before and now. ``rows`` are the first
    failing rows. ``problem`` says why a rule could not be checked at all. ``key`` tells the same rule at other times;
    ``seen`` is what a rule on the whole found, broken or not; ``counted`` the number of rows a ``row_count`` found.
    """

    dataset: str
    position: int
    column: str
    rule: RuleKind
    checked: int
    failed: int
    examples: tuple[str, ...]
    problem: Problem | None = None
    rows: tuple[int, ...] = ()
    on_break: OnBreak = OnBreak.WARN
    key: str = ""
    seen: str = ""
    counted: int | None = None

    @property
    def compliance(self) -> float | None:
        """The share of checked rows that keep the rule, 0-1; ``None`` where no row was checked."""
        return None if not self.checked else 1 - self.failed / self.checked

    @property
    def has_rows(self) -> bool:
        """Whether there are failing rows to take away."""
        return self.failed > 0 and self.rule not in OF_THE_WHOLE

    @property
    def refuses(self) -> bool:
        """Whether an upload is refused for it: it blocks and is broken, or could not be checked."""
        return self.on_break is OnBreak.BLOCK and (self.failed > 0 or self.problem is not None)

    def to_json(self) -> dict[str, Any]:
        """As the state keeps it."""
        problem = self.problem
        return {
            "dataset": self.dataset,
            "position": self.position,
            "column": self.column,
            "rule": self.rule.value,
            "checked": self.checked,
            "failed": self.failed,
            "examples": list(self.examples),
            "rows": list(self.rows),
            "on_break": self.on_break.value,
            "key": self.key,
            "seen": self.seen,
            "counted": self.counted,
            "problem": None
            if problem is None
            else {
                "code": problem.code,
                "params": dict(problem.params),
                "severity": problem.severity,
                "path": problem.path,
            },
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> RuleResult:
        """What ``to_json`` made, also before rules had keys."""
        problem = document["problem"]
        return cls(
            dataset=document["dataset"],
            position=document["position"],
            column=document["column"],
            rule=RuleKind(document["rule"]),
            checked=document["checked"],
            failed=document["failed"],
            examples=tuple(document["examples"]),
            problem=None if problem is None else Problem(**{**problem, "severity": Severity(problem["severity"])}),
            rows=tuple(document.get("rows", ())),
            on_break=OnBreak(document.get("on_break", OnBreak.WARN)),
            key=document.get("key", ""),
            seen=document.get("seen", ""),
            counted=document.get("counted"),
        )
