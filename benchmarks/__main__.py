"""Runs every benchmark and writes what they printed to ``docs/benchmarks.md``: ``python -m benchmarks``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    csv_ingest,
    executive_dashboard,
    minimal_rerun,
    simulation_fragment,
    tree_arithmetic,
    tree_evaluation,
)

REPORT = Path(__file__).parent.parent / "docs" / "benchmarks.md"
#: Each gives its rows: ``row``, ``ratio``, ``reach``, and the figures behind the ratio.
BENCHMARKS: tuple[Callable[[], list[dict[str, object]]], ...] = (
    tree_evaluation.main,
    tree_arithmetic.main,
    csv_ingest.main,
    minimal_rerun.main,
    executive_dashboard.main,
    simulation_fragment.main,
)

_HEAD = """# Benchmarks

Each row is the ratio of two things measured alternately in one run (the median of at least five); what the reference is
stands in the script. Seconds are noise on shared machines, ratios are not. Written by `python -m benchmarks` on {day}.

| row | ratio | reach | met | figures |
| --- | ---: | ---: | --- | --- |
"""


def main() -> int:
    """Run all, print a JSON line a row, and write the report."""
    rows: list[dict[str, object]] = []
    for benchmark in BENCHMARKS:
        for row in benchmark():
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
            sys.stdout.flush()
            rows.append(row)
    REPORT.write_text(_HEAD.format(day=datetime.now(UTC).date()) + "".join(map(_line, rows)), "utf-8")
    return 0


def _line(row: dict[str, object]) -> str:
    reach, ratio = row.get("reach"), row["ratio"]
    met = "" if reach is None else "yes" if float(str(ratio)) <= float(str(reach)) else "no"
    figures = ", ".join(f"{name} {row[name]}" for name in row if name not in ("row", "ratio", "reach", "met"))
    return f"| {row['row']} | {ratio} | {'' if reach is None else reach} | {met} | {figures} |\n"


if __name__ == "__main__":
    sys.exit(main())
