"""Refresh: 30 measures x 24 months x 3 dimensions (and the same without a dimension) over the rows of one dataset.

Ours is ``refresh`` of a workshop, from Parquet to stored observations, at months, fiscal quarters and years. The
reference is the same measures at the same grains by hand in polars, lazily, scans shared as far as polars does it; the
other one is a query for every measure, grain and dimension on DuckDB, as one writes it without a planner.
``python -m benchmarks.refresh --rows 10000000 --rounds 1`` for the full size; the peak is that of a process of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl

from benchmarks.csv_ingest import alternately
from kpi_core.data.observing import Observed, observe
from kpi_core.data.tables import Table
from kpi_core.model.workshop import Workshop

ROWS = 1_000_000
ROUNDS = 5
REACH, REACH_EACH = 1.3, 0.3
MOST_GIB = 4
DIMENSIONS = ("region", "product", "owner")
STAGES = ("Prospecting", "Engaging", "Won", "Lost")
SOURCES = ("web", "fair", "referral", "ads", "mail")


def write_rows(path: Path, rows: int) -> None:
    """Deals of 24 months: text columns of few values, amounts, accounts to count."""
    made = np.random.default_rng(11)

    def chosen(values: Sequence[str]) -> pl.Series:
        return pl.Series(np.array(values)[made.integers(0, len(values), rows)])

    days = np.datetime64("2024-04-01") + made.integers(0, 730, rows)
    frame = pl.DataFrame(
        {
            "closed": pl.Series(days.astype("datetime64[D]")).cast(pl.Date),
            "stage": chosen(STAGES),
            "source": chosen(SOURCES),
            "region": chosen([f"地域{at}" for at in range(8)]),
            "product": chosen([f"製品{at:02d}" for at in range(20)]),
            "owner": chosen([f"担当{at:03d}" for at in range(50)]),
            "account": pl.Series(made.integers(0, max(rows // 10, 1), rows)),
            "amount": pl.Series(made.integers(0, 5_000_000, rows)),
            "hours": pl.Series(made.random(rows) * 100),
        }
    )
    frame.write_parquet(path, compression="zstd")


#: (aggregate, column, the rows it keeps): 10 counts, 8 sums, 4 means, 2 smallest and largest, 6 distinct counts.
SHAPES: tuple[tuple[str, str | None, tuple[str, str] | None], ...] = (
    ("count", None, None),
    *(("count", None, ("stage", stage)) for stage in STAGES),
    *(("count", None, ("source", source)) for source in SOURCES),
    ("sum", "amount", None),
    *(("sum", "amount", ("stage", stage)) for stage in STAGES),
    *(("sum", "hours", ("source", source)) for source in SOURCES[:3]),
    ("mean", "amount", None),
    ("mean", "amount", ("stage", "Won")),
    ("mean", "hours", None),
    ("mean", "hours", ("stage", "Lost")),
    ("min", "amount", ("stage", "Won")),
    ("max", "amount", ("stage", "Won")),
    ("count_distinct", "account", None),
    *(("count_distinct", "account", ("stage", stage)) for stage in STAGES),
    ("count_distinct", "account", ("source", "web")),
)


def workshop() -> Workshop:
    nodes = []
    for at, (aggregate, column, kept) in enumerate(SHAPES):
        where = [] if kept is None else [{"column": kept[0], "op": "==", "value": kept[1]}]
        measure = {"dataset": "deals", "aggregate": aggregate, "column": column, "date": "closed", "where": where}
        nodes.append({"code": f"m{at}", "kind": "kpi", "measure": {**measure, "dimensions": list(DIMENSIONS)}})
    made = {
        "workshop": {"name": "refresh"},
        "sources": [{"code": "sfa"}],
        "datasets": [{"code": "deals", "source": "sfa"}],
    }
    return Workshop.model_validate({**made, "nodes": nodes})


def ours(path: Path, made: Workshop) -> Observed:
    seen = observe(made, {"deals": [Table(made.datasets[0], path, "1", date(2026, 4, 1))]})
    if seen.problems:
        raise RuntimeError(str(seen.problems[:3]))
    return seen


def _periods() -> dict[str, pl.Expr]:
    months = pl.col("closed").dt.year().cast(pl.Int32) * 12 + pl.col("closed").dt.month().cast(pl.Int32) - 1
    return {"month": months, "quarter": (months - 3) // 3, "year": (months - 3) // 12}


def _terms() -> list[pl.Expr]:
    terms = []
    for at, (aggregate, column, kept) in enumerate(SHAPES):
        keep = pl.lit(True) if kept is None else pl.col(kept[0]) == kept[1]
        if aggregate == "count":
            term = keep.sum() if kept is not None else pl.len()
        else:
            cells = pl.col(column or "") if kept is None else pl.col(column or "").filter(keep)
            term = cells.n_unique() if aggregate == "count_distinct" else getattr(cells, aggregate)()
        terms.append(term.alias(f"m{at}"))
    return terms


def by_hand(path: Path) -> list[pl.DataFrame]:
    """The reference: one lazy group-by for every grain and dimension, collected together."""
    scan = pl.scan_parquet(path).with_columns(pl.col("stage", "source", *DIMENSIONS).cast(pl.Categorical))
    asked = [
        scan.group_by(period.alias("period"), *([] if dimension is None else [dimension])).agg(_terms())
        for period in _periods().values()
        for dimension in (None, *DIMENSIONS)
    ]
    return pl.collect_all(asked)


def query_each(path: Path, measures: int) -> int:
    """One query for every measure, grain and dimension."""
    months = "(year(closed) * 12 + month(closed) - 1)"
    periods = (months, f"({months} - 3) // 3", f"({months} - 3) // 12")
    names = {"count": "count(*)", "count_distinct": "count(DISTINCT {})", "mean": "avg({})"}
    found = 0
    with duckdb.connect() as connection:
        connection.execute("SET threads = 4")
        for aggregate, column, kept in SHAPES[:measures]:
            term = names.get(aggregate, f"{aggregate}({{}})").format(column)
            where = "" if kept is None else f"WHERE {kept[0]} = '{kept[1]}'"
            for period in periods:
                for by in ("", *(f", {dimension}" for dimension in DIMENSIONS)):
                    sql = f"SELECT {period}{by}, {term} FROM read_parquet('{path}') {where} GROUP BY ALL"  # noqa: S608
                    found += len(connection.execute(sql).fetchall())
    return found


def agree(path: Path, made: Workshop) -> None:
    """Ours and the reference give the same numbers."""
    seen = {(one.node, one.dimension): 0.0 for one in ours(path, made).observations}
    for one in ours(path, made).observations:
        seen[one.node, one.dimension] += one.value
    sums: dict[tuple[str, str | None], float] = {}
    for frame, by in zip(by_hand(path), [by for _ in _periods() for by in (None, *DIMENSIONS)], strict=True):
        for at in range(len(SHAPES)):
            sums[f"m{at}", by] = sums.get((f"m{at}", by), 0.0) + float(frame[f"m{at}"].cast(pl.Float64).sum())
    wrong = {key: (value, seen.get(key)) for key, value in sums.items() if not np.isclose(value, seen.get(key, np.nan))}
    if wrong:
        raise RuntimeError(f"not the same numbers: {dict(list(wrong.items())[:3])}")


def peak_gib(path: Path) -> float:
    """The most memory that a process of its own held while it refreshed."""
    command = [sys.executable, "-m", "benchmarks.refresh", "--peak", str(path)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main(rows: int = ROWS, rounds: int = ROUNDS) -> list[dict[str, object]]:
    """One row against polars, one against a query each; the memory beside."""
    made = workshop()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "deals.parquet"
        write_rows(path, rows)
        agree(path, made)
        works: dict[str, Callable[[], Any]] = {
            "ours": lambda: ours(path, made),
            "polars": lambda: by_hand(path),
            "each": lambda: query_each(path, len(SHAPES)),
        }
        seconds = alternately(works, rounds)
        peak = round(peak_gib(path), 2)
    figures = {"seconds": round(seconds["ours"], 3), "peak_gib": peak}
    found: list[dict[str, object]] = []
    for what, other, reach in (("polars by hand", "polars", REACH), ("a query a KPI", "each", REACH_EACH)):
        ratio = seconds["ours"] / seconds[other]
        row = {"row": f"refresh 30 measures, {rows:,} rows, against {what}", "ratio": round(ratio, 3), "reach": reach}
        met = {"met": ratio <= reach and peak <= MOST_GIB}
        found.append({**row, **met, **figures, "reference_seconds": round(seconds[other], 3)})
    return found


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=ROWS)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    asked.add_argument("--peak", type=Path)
    given = asked.parse_args()
    if given.peak is not None:
        ours(given.peak, workshop())
        sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20))
    else:
        for line in main(given.rows, given.rounds):
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
