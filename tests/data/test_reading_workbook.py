# ruff: noqa: DTZ001 - the tables hold the clock as written, without a zone
"""Excel and OpenDocument sheets."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from kpi_core.data.reading import Limits, Reading, ReadOptions, read_upload
from kpi_core.data.reading.child import read
from kpi_core.data.reading.report import refusal_message
from kpi_core.errors import RefusedError
from kpi_core.vocabulary import ColumnType, Language


def _read(path: Path, options: ReadOptions | None = None) -> tuple[Reading, pl.DataFrame]:
    folder = path.parent / "work"
    folder.mkdir(exist_ok=True)
    parquet = folder / "table.parquet"
    parquet.unlink(missing_ok=True)
    reading = read(
        {
            "path": str(path),
            "file_name": path.name,
            "sha256": "",
            "folder": str(folder),
            "options": (options or ReadOptions()).to_json(),
            "limits": asdict(Limits()),
            "parquet": str(parquet),
        }
    )
    return reading, pl.read_parquet(parquet) if parquet.exists() else pl.DataFrame()


def _book(path: Path, rows: list[list[object]], formats: dict[str, str] | None = None) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "受注"
    for row in rows:
        sheet.append(row)
    for cell, form in (formats or {}).items():
        sheet[cell].number_format = form
    book.save(path)
    return path


def _changed(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """The workbook with one of its parts changed."""
    target = path.with_name(f"changed-{path.name}")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            out.writestr(name, change(source.read(name)) if name == part else source.read(name))
    return target


_SHEET = "xl/worksheets/sheet1.xml"


def test_integers_dates_percent_and_text_come_out_as_entered(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["件数", "金額", "率", "日", "時刻", "真偽", "コード"],
        [5, 1234.5, 0.125, dt.date(2026, 4, 1), dt.datetime(2026, 4, 1, 13, 5), True, "007"],
        [6, 0.1 + 0.2, 0.5, dt.date(2026, 4, 2), dt.datetime(2026, 4, 2), False, "12"],
    ]
    reading, table = _read(_book(tmp_path / "a.xlsx", rows, {"C2": "0.0%", "C3": "0%", "B2": "¥#,##0"}))
    assert (reading.kind, reading.sheet, reading.header_row) == ("xlsx", "受注", 1)
    kinds = [ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.DECIMAL, ColumnType.DATE, ColumnType.DATETIME]
    assert [column.type for column in reading.columns] == [*kinds, ColumnType.BOOLEAN, ColumnType.TEXT]
    assert table.row(0) == (5, 1234.5, 0.125, dt.date(2026, 4, 1), dt.datetime(2026, 4, 1, 13, 5), True, "007")


def test_every_digit_of_a_number_is_kept(tmp_path: Path) -> None:
    numbers = [1 / 3, 123456789.123456789, 1e-12, 1e-7 / 3, -2.5]
    _, table = _read(_book(tmp_path / "a.xlsx", [["x"], *([number] for number in numbers)]))
    assert table["x"].to_list() == pytest.approx(numbers, rel=1e-15)


@pytest.mark.parametrize("empty_columns", [0, 2])
def test_every_digit_is_kept_wherever_the_table_begins(tmp_path: Path, empty_columns: int) -> None:
    """Two columns that agree to nine decimals: neither may take the other's digits."""
    exact = [float(f"{number / 7:.15g}") for number in range(1, 40)]
    rows: list[list[object]] = [["名", "切上げ", "率"], *([f"社{at}", round(at, 9), at] for at in exact)]
    _, table = _read(_book(tmp_path / "a.xlsx", [[*[None] * empty_columns, *row] for row in rows]))
    assert table["率"].to_list() == exact
    assert table["切上げ"].to_list() == [round(number, 9) for number in exact]


@pytest.mark.parametrize(
    "rewritten",
    [
        lambda xml: re.sub(rb'<(row|c) r="[A-Z0-9]+"', rb"<\1", xml),
        lambda xml: re.sub(rb'<c r="([A-Z0-9]+)" t="n"', rb'<c t="n" r="\1"', xml),
        lambda xml: re.sub(rb'(<c r="A[0-9]+"[^>]*>)(<v>)', rb"\1<f>1/7&lt;2</f>\2", xml),
    ],
    ids=["cells without an address", "attributes in another order", "formulas"],
)
def test_every_digit_is_kept_however_the_cells_are_written(tmp_path: Path, rewritten: Callable[[bytes], bytes]) -> None:
    exact = [float(f"{number / 7:.15g}") for number in range(1, 40)]
    path = _book(tmp_path / "a.xlsx", [["率", "件"], *([number, 1] for number in exact)])
    _, table = _read(_changed(path, "xl/worksheets/sheet1.xml", rewritten))
    assert table["率"].to_list() == exact


def test_an_error_is_found_however_its_attribute_is_quoted(tmp_path: Path) -> None:
    path = _book(tmp_path / "a.xlsx", [["名", "状態"], ["甲", "#DIV/0!"], ["乙", "済"], ["丙", "済"]])
    quoted = _changed(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b't="e"', b"t = 'e'"))
    reading, _ = _read(quoted)
    assert [(problem.code, problem.row) for problem in reading.problems] == [("error_cell", 2)]


def test_tiny_numbers_do_not_turn_integers_of_other_columns_into_decimals(tmp_path: Path) -> None:
    reading, table = _read(_book(tmp_path / "a.xlsx", [["x", "n", "z"], [1e-12, 5, 0], [2, 6, 0]]))
    assert [column.type.value for column in reading.columns] == ["decimal", "integer", "integer"]
    assert table.row(0) == (1e-12, 5, 0)


def test_times_and_durations_are_readable_text(tmp_path: Path) -> None:
    _, table = _read(_book(tmp_path / "a.xlsx", [["at", "n"], [dt.time(13, 5), 1], [dt.time(9, 0), 2]]))
    assert table["at"].to_list() == ["13:05:00", "09:00:00"]


def test_an_error_cell_is_never_silently_blank(tmp_path: Path) -> None:
    rows: list[list[object]] = [["n", "t"], *([number, "x"] for number in range(20)), ["#DIV/0!", "#N/A"]]
    reading, _ = _read(_book(tmp_path / "a.xlsx", rows))
    assert {(problem.code, problem.row, problem.column, problem.params["text"]) for problem in reading.problems} == {
        ("conversion_failed", 22, "n", "#DIV/0!"),
        ("error_cell", 22, "t", "#N/A"),
    }
    assert reading.blocked


def test_rows_count_as_the_spreadsheet_shows_them(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        [],
        [None, "受注一覧"],
        [],
        [None, "名前", "金額"],
        *([None, "a", n] for n in range(20)),
    ]
    reading, table = _read(_book(tmp_path / "a.xlsx", [*rows, [None, "b", "不明"]]))
    assert reading.header_row == 4
    assert [(problem.code, problem.row) for problem in reading.problems] == [
        ("rows_above_header", 4),
        ("conversion_failed", 25),
    ]
    assert table.is_empty()


def test_merged_cells_and_ragged_rows_survive(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [["部門", "目標", None], ["営業", 10, 20], ["開発", 5], [None, 7, 8, "備考"]]:
        sheet.append(row)
    sheet.merge_cells("B1:C1")
    book.save(path)
    reading, table = _read(path)
    assert table.columns == ["部門", "目標", "column_3", "column_4"]
    assert table.rows() == [("営業", 10, 20, None), ("開発", 5, None, None), (None, 7, 8, "備考")]
    assert [problem.code for problem in reading.problems] == ["header_empty", "header_empty"]


def test_the_first_visible_sheet_that_holds_data_is_read_and_another_can_be_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "表紙"
    hidden = book.create_sheet("隠し")
    hidden.append(["x"])
    hidden.sheet_state = "hidden"
    for title in ("実績", "予算"):
        sheet = book.create_sheet(title)
        sheet.append(["月", title])
        sheet.append(["4月", 1])
    path = tmp_path / "a.xlsx"
    book.save(path)
    reading, _ = _read(path)
    assert (reading.sheet, reading.sheets) == ("実績", ("表紙", "隠し", "実績", "予算"))
    assert _read(path, ReadOptions(sheet="予算"))[0].columns[1].name == "予算"
    with pytest.raises(RefusedError, match="no_such_sheet"):
        _read(path, ReadOptions(sheet="決算"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda xml: xml[: len(xml) // 2], "malformed_xml"),
        (lambda xml: xml.replace(b"</row>", b"</rox>", 1), "malformed_xml"),
        (lambda xml: b"garbage", "malformed_xml"),
        (lambda xml: b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + xml[xml.index(b"<worksheet") :], "entity"),
        (lambda xml: xml.replace(b'r="A2"', b'r="XFD1048576"'), "far_cells"),
    ],
)
def test_a_broken_or_hostile_sheet_is_refused(tmp_path: Path, change: Callable[[bytes], bytes], code: str) -> None:
    path = _book(tmp_path / "a.xlsx", [["x", "y"], [1, 2], [3, 4]])
    with pytest.raises(RefusedError) as refusal:
        _read(_changed(path, _SHEET, change))
    assert refusal.value.code == code


def test_a_workbook_without_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="empty_workbook"):
        _read(_book(tmp_path / "a.xlsx", []))


def test_a_truncated_workbook_is_refused(tmp_path: Path) -> None:
    path = _book(tmp_path / "a.xlsx", [["x"], [1]])
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(RefusedError, match="truncated"):
        _read(path)


@pytest.mark.parametrize("name", ["pass_protected.xlsx", "pass_protected.xlsb", "pass_protected.ods"])
def test_a_password_is_named_as_the_reason(shared: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes((shared / "corpus" / "calamine" / name).read_bytes())
    with pytest.raises(RefusedError) as refusal:
        _read(path)
    assert refusal.value.code == "password"


@pytest.mark.parametrize("name", ["date.xlsx", "date.xls", "date.xlsb", "date_1904.xlsx", "date_1904.xls"])
def test_dates_of_every_workbook_format_agree(shared: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes((shared / "corpus" / "calamine" / name).read_bytes())
    reading, _ = _read(path)
    assert reading.raw[0][0].startswith("2021-01-01")


@pytest.mark.parametrize(
    ("part", "code"),
    [("xl/vbaProject.bin", "macros_left_out"), ("xl/externalLinks/externalLink1.xml", "links_left_out")],
)
def test_macros_and_links_are_left_out_and_told(tmp_path: Path, part: str, code: str) -> None:
    path = _book(tmp_path / "a.xlsx", [["x", "y"], [1, 2], [3, 4]])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(part, "<x/>")
    reading, _ = _read(path)
    assert (reading.rows, [problem.code for problem in reading.problems]) == (2, [code])


@pytest.mark.parametrize(
    ("name", "code"),
    [("OOM_alloc3.xls", "truncated"), ("issue252.xlsx", "truncated"), ("issue_594_dos.ods", "sheet_too_large")],
)
def test_what_the_reader_says_is_told_in_the_pages_words(shared: Path, name: str, code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_upload(shared / "corpus" / "calamine" / name)
    assert refused.value.code == code
    assert "calamine" in str(refused.value.params["detail"])  # kept beside the sentence, not in it
    assert "calamine" not in refusal_message(refused.value, Language.JA)


def test_a_formula_without_a_result_is_never_silently_blank(tmp_path: Path) -> None:
    rows: list[list[object]] = [["n", "t", "合計"], *([number, "x", number] for number in range(20))]
    rows += [["=A2*2", "=B2&B3", 1], [1, "y", "=SUM(A2:A3)"]]
    reading, _ = _read(_book(tmp_path / "a.xlsx", rows))
    assert {(one.code, one.row, one.column, one.params.get("text")) for one in reading.problems} == {
        ("formulas_unvalued", None, None, None),
        ("conversion_failed", 22, "n", "=A2*2"),
        ("formula_unvalued", 22, "t", "=B2&B3"),
        ("conversion_failed", 23, "合計", "=SUM(A2:A3)"),
    }
    assert reading.blocked
    blank, table = _read(tmp_path / "a.xlsx", ReadOptions(blank_failed=True))  # the person's decision
    assert not blank.blocked
    assert table["n"].to_list()[-2:] == [None, 1]


@pytest.mark.parametrize(
    ("cell", "unvalued"),
    [
        (b'<c r="B3"><f>A2*2</f></c>', "=A2*2"),
        (b'<c r="B3"><f>A2*2</f>\n<v> </v>\n</c>', "=A2*2"),
        (b'<c r="B3"><f t="shared" si="0"/><v/></c>', "=…"),
        (b'<c r="B3"><f>A2*2</f><v>7</v></c>', None),
        (b'<c r="B3" t="str"><f>IF(A2,"","")</f><v></v></c>', None),  # an empty text is a result
    ],
)
@pytest.mark.parametrize("sheets", [1, 2])
def test_a_result_is_told_from_none_however_it_is_written(
    tmp_path: Path, cell: bytes, unvalued: str | None, sheets: int
) -> None:
    path = _book(tmp_path / "a.xlsx", [["n", "m"], [1, 2], [3, 4], *([number, number] for number in range(9))])
    if sheets == 2:
        book = openpyxl.load_workbook(path)
        book.create_sheet("別")
        book.save(path)
    changed = _changed(path, _SHEET, lambda xml: re.sub(rb'<c r="B3".*?</c>', cell, xml))
    reading, _ = _read(changed)
    found = [one.params["text"] for one in reading.problems if one.code == "conversion_failed"]
    assert found == ([] if unvalued is None else [unvalued])


def test_a_formula_without_a_result_below_and_beside_all_values_is_told(tmp_path: Path) -> None:
    rows: list[list[object]] = [["n", "=1+1"], [1, "=A2"], ["=A2"]]
    reading, _ = _read(_book(tmp_path / "a.xlsx", rows), ReadOptions(header_row=1))
    assert (reading.rows, [one.params["count"] for one in reading.problems if one.code == "formulas_unvalued"]) == (
        2,
        [2],
    )
    alone, _ = _read(_book(tmp_path / "b.xlsx", [["=1+1"], ["=2+2"]]))
    assert [column.name for column in alone.columns] == ["=1+1"]


def test_an_ods_formula_without_a_result_is_told(tmp_path: Path) -> None:
    def cell(text: str) -> str:
        return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'

    def result(value: float) -> str:
        return f'office:value-type="float" office:value="{value}"'

    def number(value: float) -> str:
        return f"<table:table-cell {result(value)}><text:p>{value}</text:p></table:table-cell>"

    rows = [cell("n") + cell("m"), *(number(at) + number(at) for at in range(9))]
    rows.append('<table:table-cell table:formula="of:=[.A2]*2"/>' + number(5))
    known = f'<table:table-cell table:formula="of:=[.A2]" {result(4)}><text:p>4</text:p></table:table-cell>'
    rows.append(known + number(6))
    body = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content{names}><office:body><office:spreadsheet>"
        f'<table:table table:name="受注">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        out.writestr("META-INF/manifest.xml", "<manifest/>")
        out.writestr("content.xml", content)
    reading, _ = _read(path)
    assert [(one.code, one.row, one.params.get("text")) for one in reading.problems] == [
        ("conversion_failed", 11, "=[.A2]*2"),
        ("formulas_unvalued", None, None),
    ]
