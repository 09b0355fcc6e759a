"""Ingest XLSX, rows x 12, to Parquet: ours in this process against fastexcel to Arrow of the same sheet."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import fastexcel
from openpyxl import Workbook

from benchmarks.csv_ingest import alternately
from kpi_core.data.reading.child import read
from kpi_core.data.reading.contract import ReadOptions
from kpi_core.data.reading.limits import Limits

ROWS = 100_000
ROUNDS = 5
REACH = 1.5
HEADER = ("id", "コード", "地域", "ステージ", "件数", "スコア", "金額", "利益", "達成率", "締結日", "更新日時", "備考")


def write_rows(path: Path, rows: int) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("案件")
    sheet.append(HEADER)
    first = datetime(2024, 4, 1)  # noqa: DTZ001 - Excel knows no time zones
    for at in range(rows):
        day = first + timedelta(days=at % 700)
        texts = (f"{at % 99_999:07d}", f"地域{at % 8}", ("受注", "失注", "商談中")[at % 3])
        numbers = (at % 100, at % 977 / 7, at * 37 % 9_000_000, at * 13 % 400_000 - 90_000, at % 1000 / 1000)
        sheet.append((at, *texts, *numbers, day, day + timedelta(hours=at % 24), f"メモ{at % 50}"))
    book.save(path)


def ours(path: Path, folder: Path) -> None:
    """The product's reading, as its child process does it."""
    request: dict[str, Any] = {
        "path": str(path),
        "file_name": path.name,
        "sha256": "",
        "folder": str(folder),
        "options": ReadOptions().to_json(),
        "limits": asdict(Limits()),
        "parquet": str(folder / "ours.parquet"),
    }
    reading = read(request)
    kinds = {column.name: column.type.value for column in reading.columns}
    if reading.blocked or (kinds["締結日"], kinds["金額"], kinds["コード"]) != ("date", "integer", "text"):
        raise RuntimeError(f"not the types that are measured: {kinds} {reading.problems[:3]}")


def by_fastexcel(path: Path) -> None:
    """The reference: the sheet as Arrow, with the types that fastexcel finds."""
    fastexcel.read_excel(path).load_sheet(0).to_arrow()


def main(rows: int = ROWS, rounds: int = ROUNDS) -> list[dict[str, object]]:
    """The one row, as ``benchmarks`` collects it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "deals.xlsx"
        write_rows(path, rows)
        seconds = alternately({"ours": lambda: ours(path, folder), "reference": lambda: by_fastexcel(path)}, rounds)
    ratio = seconds["ours"] / seconds["reference"]
    figures = {name: round(value, 3) for name, value in seconds.items()}
    return [{"row": f"ingest XLSX, {rows:,} rows x 12", "ratio": round(ratio, 3), "reach": REACH, **figures}]


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=ROWS)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    for row in main(**vars(asked.parse_args())):
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
