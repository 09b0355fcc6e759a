"""Commands on data quality rules: run them, tell grades and what is to be mended, write the failing rows."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpi_core.cli.answering import problem_json
from kpi_core.cli.common import caller, language_of, tell, write_file
from kpi_core.errors import MissingError, RefusedError
from kpi_core.services.upload_rules import position_of
from kpi_core.store.state import State
from kpi_core.vocabulary import Language

if TYPE_CHECKING:
    from kpi_core.data.rule_results import RuleResult


def rules(asked: Namespace) -> int:
    """Run the rules of the datasets named, or of all, and tell each one's grade and results."""
    from kpi_core.services.failing_rows import failing_csv
    from kpi_core.services.grades import grades
    from kpi_core.services.mending import mended_by
    from kpi_core.services.quality import run_quality
    from kpi_core.services.snapshots import snapshot

    told: list[dict[str, Any]] = []
    with State.open(asked.db) as state:
        language = language_of(state, asked)
        workshop = snapshot(state, asked.id).workshop
        for code in asked.datasets:
            if workshop.dataset(code) is None:
                raise MissingError("dataset_missing", dataset=code)
        chosen = [one for one in workshop.datasets if not asked.datasets or one.code in asked.datasets]
        found = {dataset.code: run_quality(state, asked.id, dataset.code, caller()) for dataset in chosen}
        graded = grades(state, asked.id).datasets
        for dataset in chosen:
            results = found[dataset.code]
            lines = [
                {**quality_json(one, language), "mended_by": mended_by(workshop, dataset, dataset.rules[one.position])}
                for one in results
            ]
            grade = graded[dataset.code]
            named = grade.grade.value if grade.grade else None
            told.append({"dataset": dataset.code, "grade": named, "reason": grade.reason, "rules": lines})
            if asked.failing is not None:
                failed = [one.position for one in results if one.has_rows]

                def rows_of(position: int, code: str = dataset.code) -> bytes:
                    return failing_csv(state, asked.id, code, position)

                write_failing(asked.failing, dataset.code, failed, rows_of)
    return tell(asked, {"datasets": told}, _lines(told))


def quality_json(result: RuleResult, language: Language) -> dict[str, Any]:
    """A rule's result, as ``rules`` and ``check`` tell it."""
    told: dict[str, Any] = {
        "dataset": result.dataset,
        "column": result.column,
        "rule": result.rule.value,
        "on_break": result.on_break.value,
        "checked": result.checked,
        "failed": result.failed,
        "compliance": result.compliance,
        "examples": list(result.examples),
        "rows": list(result.rows),
    }
    return told if result.problem is None else {**told, "problem": problem_json(result.problem, language)}


def refused_positions(error: RefusedError) -> tuple[int, ...]:
    """The rules that an upload was refused for, by their place in the dataset."""
    broken = [problem for problem in error.problems if problem.code.startswith("quality.")]
    return tuple(position for problem in broken if (position := position_of(problem)) is not None)


def write_failing(folder: Path, dataset: str, positions: Sequence[int], rows_of: Callable[[int], bytes]) -> None:
    """A CSV for each of the rules, ``DATASET-rule-N.csv`` with N counted from 1."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RefusedError("file_unwritable", path=str(folder), detail=error.strerror or "") from error
    for position in positions:
        write_file(folder / f"{dataset}-rule-{position + 1}.csv", rows_of(position))


def _lines(told: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for dataset in told:
        yield f"{dataset['dataset']}\t{dataset['grade'] or '–'}"
        for rule in dataset["rules"]:
            where = f"{rule['column']} {rule['rule']}".strip()
            yield f"  {where}\t{rule['failed']}/{rule['checked']}\t{rule['on_break']}\t{rule['mended_by']}"
