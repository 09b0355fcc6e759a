"""Uploads in their own process: what a hostile file can do to the application, and what it gets told."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from kpi_core.data.reading import Limits, ReadOptions, inspect_json, read_upload
from kpi_core.data.reading.report import problem_message, refusal_message
from kpi_core.data.reading.upload import _watch
from kpi_core.errors import Problem, RefusedError
from kpi_core.text import placeholders, sentences
from kpi_core.vocabulary import ColumnType, Language, Severity

_CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _xlsx(path: Path, sheet: bytes) -> Path:
    """The smallest workbook around the XML of one sheet."""
    links = f'<Relationship Id="rId1" Type="{_OFFICE}/{{}}" Target="{{}}"/>'
    frame = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("[Content_Types].xml", _CONTENT_TYPES)
        out.writestr("_rels/.rels", frame.format(links.format("officeDocument", "xl/workbook.xml")))
        sheets = '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets>'
        book = f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{sheets}</workbook>'
        out.writestr("xl/workbook.xml", book)
        out.writestr("xl/_rels/workbook.xml.rels", frame.format(links.format("worksheet", "worksheets/sheet1.xml")))
        out.writestr("xl/worksheets/sheet1.xml", sheet)
    return path


def _sheet(rows: str) -> bytes:
    return f'<?xml version="1.0"?><worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def _real_xlsx(path: Path) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (["name", "n"], ["a", 1], ["b", 2]):
        book.active.append(row)
    book.save(path)
    return path


def _refusal(path: Path, **more: object) -> str:
    """The code a file is refused with: within 10 s, and with a sentence in both languages."""
    began = time.monotonic()
    with pytest.raises(RefusedError) as refusal:
        read_upload(path, **more)  # type: ignore[arg-type]
    assert time.monotonic() - began < 10
    for language in Language:
        assert refusal_message(refusal.value, language)
    return refusal.value.code


def test_a_clean_file_becomes_a_parquet_named_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("name,amount\na,¥1\nb,¥2\n", "utf-8")
    reading = read_upload(path, into=tmp_path / "store")
    assert reading.parquet is not None
    assert re.fullmatch(r"[0-9a-f]{64}\.parquet", reading.parquet.name)
    assert pl.read_parquet(reading.parquet).rows() == [("a", 1), ("b", 2)]
    again = read_upload(path, into=tmp_path / "store")
    assert again.parquet == reading.parquet
    other = read_upload(path, into=tmp_path / "store", options=ReadOptions(types={"amount": ColumnType.TEXT}))
    assert other.parquet != reading.parquet
    assert len(list((tmp_path / "store").iterdir())) == 2
    assert (reading.file_name, reading.kind, reading.size, len(reading.sha256)) == ("deals.csv", "csv", 24, 64)


def test_nothing_is_written_while_a_problem_blocks(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("day,n\n1/2/2026,1\n3/4/2026,2\n", "utf-8")
    reading = read_upload(path, into=tmp_path / "store")
    assert reading.blocked
    assert reading.parquet is None
    assert list((tmp_path / "store").iterdir()) == []
    answered = read_upload(path, into=tmp_path / "store", options=ReadOptions(day_first={"day": False}))
    assert answered.parquet is not None


def test_the_child_gets_no_secret_and_no_open_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kpi_core.data.reading.upload import _environment

    monkeypatch.setenv("KPI_SECRET", "s3cret")
    assert "KPI_SECRET" not in _environment()
    connection = sqlite3.connect(tmp_path / "state.db")
    connection.execute("create table t (x)")
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n", "utf-8")
    for _ in range(3):
        read_upload(path)
        connection.execute("insert into t values (1)")
    connection.commit()
    assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    connection.close()


def test_reading_works_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", "utf-8")
    (tmp_path / "polars.py").write_text("raise SystemExit('the wrong module')", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert read_upload(Path("a.csv")).rows == 1


@pytest.mark.parametrize("name", ["real.csv", "real.xlsx"])
def test_a_file_is_read_by_its_content_whatever_its_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "upload.bin"
    if name == "real.csv":
        assert read_upload(_real_xlsx(path), file_name=name).kind == "xlsx"
    else:
        path.write_text("name,n\na,1\n", "utf-8")
        assert read_upload(path, file_name=name).kind == "csv"


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    assert _refusal(tmp_path / "a.csv") == "empty_file"


def test_a_picture_named_csv_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(2000))
    assert _refusal(tmp_path / "a.csv") == "not_a_table"


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", "utf-8")
    assert _refusal(tmp_path / "a.csv", limits=Limits(file_bytes=4)) == "too_large"


def test_a_line_of_200_megabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n")
        for _ in range(200):
            file.write(b"x" * (1 << 20))
    assert _refusal(path) == "line_too_long"


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    _xlsx(path, _sheet("<row><c><v>1</v></c></row>") + b" " * (300 << 20))
    assert path.stat().st_size < 1 << 20
    assert _refusal(path) == "bomb"


def test_two_cells_at_the_ends_of_the_sheet_are_refused(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert _refusal(_xlsx(tmp_path / "a.xlsx", _sheet(rows))) == "far_cells"


def test_the_reader_running_out_of_memory_is_told_and_survived(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="ZZ1048576"><v>1</v></c></row>'
    assert _refusal(_xlsx(tmp_path / "a.xlsx", _sheet(rows))) == "too_much_memory"


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{entities}]><worksheet>&a9;</worksheet>'
    assert _refusal(_xlsx(tmp_path / "a.xlsx", bomb.encode())) == "entity"


@pytest.mark.parametrize("reference", ["A0", "1", "AAAA1", "A99999999999999999999", "-1", ""])
def test_a_bad_cell_reference_neither_hangs_nor_kills(tmp_path: Path, reference: str) -> None:
    path = _xlsx(tmp_path / "a.xlsx", _sheet(f'<row r="1"><c r="{reference}"><v>1</v></c></row>'))
    began = time.monotonic()
    with contextlib.suppress(RefusedError):
        read_upload(path)
    assert time.monotonic() - began < 10


def test_a_reading_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2\n" * 100_000, "utf-8")
    assert _refusal(path, limits=Limits(base_seconds=0.05, seconds_per_mib=0)) == "timed_out"


@pytest.mark.parametrize("code", ["import time; time.sleep(60)", "while True: pass"])
def test_a_child_that_hangs_is_ended_whether_it_works_or_waits(code: str) -> None:
    with subprocess.Popen([sys.executable, "-S", "-c", code]) as child:
        try:
            with pytest.raises(RefusedError, match="timed_out"):
                _watch(child, Limits(), 0.1)
        finally:
            child.kill()


def test_a_file_that_waits_for_a_busy_machine_is_not_late() -> None:
    """The child waits twice its limit for its turn, as one does among many, and has hardly worked."""
    with subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(2)"]) as child:
        _watch(child, Limits(), 1)
    assert child.returncode == 0


def test_a_reading_that_takes_too_much_memory_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2\n" * 100_000, "utf-8")
    assert _refusal(path, limits=Limits(memory_bytes=20 << 20)) == "too_much_memory"


def test_a_panic_of_the_reader_is_a_refusal(shared: Path) -> None:
    assert _refusal(shared / "corpus" / "calamine" / "ptgexp-truncated-operand.xls") == "unreadable"


def test_what_inspect_prints(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = "".join(f"{n},東京\n" for n in range(1, 20))
    path.write_bytes(f"金額,支店\n{rows}不明,大阪\n".encode("cp932"))
    printed = inspect_json(read_upload(path), Language.EN)
    assert printed == {
        "rows": 20,
        "encoding": "cp932",
        "sheet": None,
        "header_row": 1,
        "columns": [{"name": "金額", "type": "integer", "nulls": 1}, {"name": "支店", "type": "text", "nulls": 0}],
        "issues": [
            {
                "severity": "error",
                "code": "conversion_failed",
                "message": 'Row 21, column "金額": "不明" is not a whole number. Let it become empty, keep the column '
                "as text, or mend the source.",
                "row": 21,
                "column": "金額",
            }
        ],
    }


_SOURCE = Path(__file__).parents[2] / "kpi_core"


def test_every_code_of_a_problem_or_refusal_has_a_sentence_and_every_sentence_a_code() -> None:
    source = "\n".join(path.read_text("utf-8") for path in (*_SOURCE.glob("data/*/*.py"), *_SOURCE.glob("cli/*.py")))
    refusals = set(re.findall(r'RefusedError\(\s*"(\w+)"', source)) | set(re.findall(r'"refused": "(\w+)"', source))
    refusals |= {"unreadable"}
    keys = sentences(Language.JA)
    worded = {key.rsplit(".", 1)[1] for key in keys if key.startswith(("reading.errors.", "errors."))}
    assert refusals <= worded
    problems = {key.removeprefix("reading.problems.") for key in keys if key.startswith("reading.problems.")}
    assert {code for code in problems if f'"{code}"' not in source} == set()


def test_every_problem_sentence_is_filled_from_what_a_problem_carries() -> None:
    given = {"row", "column"}
    for key, sentence in sentences(Language.EN).items():
        if key.startswith("reading.problems."):
            params = {**dict.fromkeys(placeholders(sentence) - given, 1), "type": "date", "old_type": "text"}
            problem = Problem(key.rsplit(".", 1)[1], params, Severity.INFO, row=1, column="c")
            assert problem_message(problem, Language.EN)


def test_a_stream_that_is_no_zip_but_says_so_is_truncated(tmp_path: Path) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as out:
        out.writestr("xl/workbook.xml", "x" * 5000)
    (tmp_path / "a.xlsx").write_bytes(whole.getvalue()[:1000])
    assert _refusal(tmp_path / "a.xlsx") == "truncated"
