"""The sample's files: made again they are the same, they read without blocking, and they carry what they promise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from kpi_core.vocabulary import ColumnType, Severity

SAME_BYTES = ("ma_leads.csv", "web_sessions.csv", "products.csv", "workshop.json", "manifest.json")
SAME_CELLS = ("sfa_deals.xlsx", "targets.xlsx")
SAMPLE = Path(__file__).parent.parent.parent / "sample_data"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    subprocess.run([sys.executable, str(SAMPLE / "make.py"), str(folder)], check=True)
    return folder


def cells(path: Path) -> list[tuple[object, ...]]:
    book = openpyxl.load_workbook(path)
    return [row for sheet in book for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("name", SAME_BYTES)
def test_a_second_run_writes_the_same_bytes(made: Path, name: str) -> None:
    assert (made / name).read_bytes() == (SAMPLE / name).read_bytes()


@pytest.mark.parametrize("name", SAME_CELLS)
def test_a_second_run_writes_the_same_cells(made: Path, name: str) -> None:
    assert cells(made / name) == cells(SAMPLE / name)


def test_the_targets_have_merged_headers() -> None:
    sheet = openpyxl.load_workbook(SAMPLE / "targets.xlsx").active
    assert {str(span) for span in sheet.merged_cells.ranges} >= {"C3:H3", "I3:N3"}
    assert [cell.value for cell in sheet[4]][2:5] == ["4月", "5月", "6月"]


def test_the_leads_are_in_cp932() -> None:
    raw = (SAMPLE / "ma_leads.csv").read_bytes()
    assert "リードID" in raw.decode("cp932")
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")


def test_the_disorder_of_real_exports_is_in_them() -> None:
    amounts = [
        str(row[7]) for row in openpyxl.load_workbook(SAMPLE / "sfa_deals.xlsx").active.iter_rows(values_only=True)
    ]
    for mark in ("¥", "円", "△", "未定", "\uff10"):  # the last one: a full-width zero
        assert any(mark in amount for amount in amounts), mark
    leads = (SAMPLE / "ma_leads.csv").read_bytes().decode("cp932")
    assert "年4月1日" in leads
    assert "2026/4/1" in leads
    ids = [line.partition(",")[0] for line in leads.splitlines()]
    assert len(ids) - len(set(ids)) == 3


def test_only_amounts_that_add_up_have_a_years_sum() -> None:
    rows = list(openpyxl.load_workbook(SAMPLE / "targets.xlsx").active.iter_rows(min_row=5, values_only=True))
    summed = {row[0] for row in rows if row[14] is not None}
    assert "受注金額" in summed
    assert "平均受注単価" not in summed


def test_the_folder_stays_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.glob("*.*")) < 6_000_000


def test_no_file_blocks(sample) -> None:
    blocking = {
        code: [problem.code for problem in reading.problems if problem.severity is Severity.ERROR]
        for code, reading in sample.readings.items()
    }
    assert blocking == {"products": [], "ma_leads": [], "sfa_deals": [], "web_sessions": []}


def test_dirty_amounts_and_dates_are_understood(sample) -> None:
    columns = {column.name: column for column in sample.readings["sfa_deals"].columns}
    assert columns["金額"].type is ColumnType.INTEGER
    assert columns["金額"].unit == "JPY"
    assert columns["金額"].failed > 0  # 未定: listed, and empty by decision
    assert columns["提案日"].type is ColumnType.DATE
    assert {columns[name].failed for name in columns if name != "金額"} == {0}
