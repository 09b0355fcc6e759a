"""Ingest CSV, rows x 12 with all conversions, to Parquet, in UTF-8 and cp932.

Ours reads, types from all rows, converts and writes Parquet, in this process. The reference is polars ``scan_csv`` →
``sink_parquet`` of the same rows in UTF-8, typed where no conversion is needed and text elsewhere. pandas ``read_csv``
with the same conversions is the one to beat.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl

from kpi_core.data.reading.child import read
from kpi_core.data.reading.contract import ReadOptions
from kpi_core.data.reading.limits import Limits

ROWS = 1_000_000
ROUNDS = 5
REACH = {"utf-8": 2.5, "cp932": 3.5}
PREFECTURES = ("東京都", "大阪府", "愛知県", "福岡県", "北海道", "宮城県", "広島県", "沖縄県")
STAGES = ("受注", "失注", "商談中", "提案")
#: What the reference need not convert.
TYPED = {"id": pl.Int64, "件数": pl.Int64, "スコア": pl.Float64, "更新日時": pl.Datetime("us")}
HEADER = (
    "id",
    "コード",
    "都道府県",
    "ステージ",
    "件数",
    "スコア",
    "金額",
    "利益",
    "達成率",
    "締結日",
    "更新日時",
    "有効",
)


def write_rows(path: Path, rows: int, encoding: str) -> None:
    """A made-up export with what exports have: ¥ and thousands separators, △, %, slashed dates, codes with zeros."""
    made = random.Random(7)
    with path.open("w", encoding=encoding, newline="") as file:
        file.write(",".join(HEADER) + "\r\n")
        for number in range(rows):
            day, profit = number % 28 + 1, made.randint(-90_000, 400_000)
            cells = (
                str(number),
                f"{number % 99_999:07d}",
                PREFECTURES[number % 8],
                STAGES[made.randrange(4)],
                str(made.randrange(100)),
                f"{made.random() * 10:.3f}",
                f'"¥{made.randint(1_000, 9_000_000):,}"'.replace("¥", "\\" if encoding == "cp932" else "¥"),
                f'"{"△" if profit < 0 else ""}{abs(profit):,}"',
                f"{made.random() * 100:.1f}%",
                f"{2023 + number % 3}/{number % 12 + 1}/{day}",
                f"2026-{number % 12 + 1:02d}-{day:02d} {number % 24:02d}:00:00",
                ("TRUE", "FALSE")[number % 2],
            )
            file.write(",".join(cells) + "\r\n")


def ours(path: Path, folder: Path) -> None:
    """The product's reading, as its child process does it."""
    target = folder / "ours.parquet"
    request: dict[str, Any] = {
        "path": str(path),
        "file_name": path.name,
        "sha256": "",
        "folder": str(folder),
        "options": ReadOptions().to_json(),
        "limits": asdict(Limits()),
        "parquet": str(target),
    }
    reading = read(request)
    kinds = {column.name: column.type.value for column in reading.columns}
    expected = {
        "金額": "integer",
        "利益": "integer",
        "達成率": "decimal",
        "締結日": "date",
        "有効": "boolean",
        "コード": "text",
    }
    wrong = {name: kinds.get(name) for name, kind in expected.items() if kinds.get(name) != kind}
    if reading.blocked or wrong:
        raise RuntimeError(f"not the conversions that are measured: {wrong} {reading.problems[:3]}")


def polars_plain(path: Path, folder: Path) -> None:
    """The reference: no conversion at all."""
    schema = {name: TYPED.get(name, pl.String) for name in HEADER}
    pl.scan_csv(path, schema=schema).sink_parquet(folder / "polars.parquet", compression="zstd")


def with_pandas(path: Path, folder: Path, encoding: str) -> None:
    """pandas with the same conversions."""
    frame = pd.read_csv(path, encoding=encoding, dtype=str)
    frame["id"], frame["件数"], frame["スコア"] = (pd.to_numeric(frame[name]) for name in ("id", "件数", "スコア"))
    for name in ("金額", "利益"):
        cleaned = frame[name].str.replace(r"[¥\\,]", "", regex=True).str.replace("△", "-", regex=False)
        frame[name] = pd.to_numeric(cleaned)
    frame["達成率"] = pd.to_numeric(frame["達成率"].str.rstrip("%")) / 100
    frame["締結日"] = pd.to_datetime(frame["締結日"], format="%Y/%m/%d")
    frame["更新日時"] = pd.to_datetime(frame["更新日時"], format="%Y-%m-%d %H:%M:%S")
    frame["有効"] = frame["有効"] == "TRUE"
    frame.to_parquet(folder / "pandas.parquet", compression="zstd")


def alternately(works: dict[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """Median seconds of each, taking turns; one round before is for warming up."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(rounds + 1):
        for name, work in works.items():
            begun = time.perf_counter()
            work()
            if turn:
                taken[name].append(time.perf_counter() - begun)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def main(rows: int = ROWS, rounds: int = ROUNDS) -> list[dict[str, object]]:
    """One row an encoding, as ``benchmarks`` collects them."""
    found: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain = folder / "utf-8.csv"
        write_rows(plain, rows, "utf-8")
        for encoding, reach in REACH.items():
            path = folder / f"{encoding}.csv"
            if encoding != "utf-8":
                write_rows(path, rows, encoding)
            seconds = alternately(
                {
                    "ours": lambda path=path: ours(path, folder),
                    "reference": lambda: polars_plain(plain, folder),
                    "pandas": lambda path=path, encoding=encoding: with_pandas(path, folder, encoding),
                },
                rounds,
            )
            ratio, against_pandas = (seconds["ours"] / seconds[other] for other in ("reference", "pandas"))
            found.append(
                {
                    "row": f"ingest CSV, {rows:,} rows x 12, {encoding}",
                    "ratio": round(ratio, 3),
                    "reach": reach,
                    "met": ratio <= reach and against_pandas < 1,
                    "against_pandas": round(against_pandas, 3),
                    "seconds": round(seconds["ours"], 3),
                    "reference_seconds": round(seconds["reference"], 3),
                }
            )
    return found


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=ROWS)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    for row in main(**vars(asked.parse_args())):
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
