"""Runs every benchmark and writes what they printed to ``docs/benchmarks.md``: ``python -m benchmarks``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    cold_start,
    csv_ingest,
    executive_dashboard,
    in_the_browser,
    many_writers,
    minimal_rerun,
    people,
    refresh,
    simulation_fragment,
    tree_arithmetic,
    tree_evaluation,
    xlsx_ingest,
)

REPORT = Path(__file__).parent.parent / "docs" / "benchmarks.md"
#: Each gives its rows: ``row``, ``ratio``, ``reach`` (the most it may be) or ``at_least``, and the figures behind it.
BENCHMARKS: tuple[Callable[[], list[dict[str, object]]], ...] = (
    tree_evaluation.main,
    tree_arithmetic.main,
    csv_ingest.main,
    xlsx_ingest.main,
    refresh.main,
    minimal_rerun.main,
    executive_dashboard.main,
    many_writers.main,
    people.main,
    cold_start.main,
    in_the_browser.main,
    simulation_fragment.main,
)

_HEAD = """# Benchmarks

Each row is the ratio of two things measured alternately in one run (the median of at least five); what the reference is
stands in the script. Seconds are noise on shared machines, ratios are not. Written by `python -m benchmarks` on {day}.

| row | ratio | reach | met | figures |
| --- | ---: | ---: | --- | --- |
"""


def main() -> int:
    """Run all, print a JSON line a row, and write the report, anew with each benchmark."""
    rows: list[dict[str, object]] = []
    for benchmark in BENCHMARKS:
        for row in benchmark():
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
            sys.stdout.flush()
            rows.append(row)
        REPORT.write_text(_HEAD.format(day=datetime.now(UTC).date()) + "".join(map(_line, rows)), "utf-8")
    return 0


def _line(row: dict[str, object]) -> str:
    reach = f"≤ {row['reach']}" if "reach" in row else f"≥ {row['at_least']}" if "at_least" in row else ""
    met = {True: "yes", False: "no", None: ""}[_met(row)]
    figures = ", ".join(f"{name} {row[name]}" for name in row if name not in _OWN_COLUMN)
    return f"| {row['row']} | {row['ratio']} | {reach} | {met} | {figures} |\n"


_OWN_COLUMN = ("row", "ratio", "reach", "at_least", "met")


def _met(row: dict[str, object]) -> bool | None:
    """Whether a row's reach is met; what the row itself says counts, as it may ask for more than the ratio."""
    if "met" in row:
        return bool(row["met"])
    return float(str(row["ratio"])) <= float(str(row["reach"])) if "reach" in row else None


if __name__ == "__main__":
    sys.exit(main())
