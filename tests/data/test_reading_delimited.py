"""Delimited text: encodings, separators, quotes, ragged rows."""

from __future__ import annotations

import codecs
import csv
import io
import json
from dataclasses import asdict
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_core.data.reading import Limits, Reading, ReadOptions
from kpi_core.data.reading.child import read
from kpi_core.data.reading.delimited import find_delimiter, read_delimited
from kpi_core.errors import RefusedError

_TEXT = '取引先,金額,日付\r\n東京商事,"1,200",2026/4/1\r\n大阪物産,△300,2026/4/2\r\n'


def _read(path: Path, options: ReadOptions | None = None, limits: Limits | None = None) -> tuple[Reading, pl.DataFrame]:
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
            "limits": asdict(limits or Limits()),
            "parquet": str(parquet),
        }
    )
    return reading, pl.read_parquet(parquet) if parquet.exists() else pl.DataFrame()


def _file(folder: Path, content: bytes | str, name: str = "upload.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (_TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + _TEXT.encode(), "utf-8-sig"),
        (codecs.BOM_UTF8 * 2 + _TEXT.encode(), "utf-8-sig"),
        (_TEXT.encode("utf-16"), "utf-16"),
        (_TEXT.encode("utf-16-le"), "utf-16"),
        (_TEXT.encode("utf-16-be"), "utf-16"),
        (_TEXT.encode("cp932"), "cp932"),
        (_TEXT.encode("euc_jp"), "euc-jp"),
        (_TEXT.encode("iso2022_jp"), "iso2022_jp"),
    ],
)
def test_every_japanese_encoding_gives_the_same_table(tmp_path: Path, content: bytes, encoding: str) -> None:
    reading, table = _read(_file(tmp_path, content))
    assert reading.encoding == encoding
    assert table.columns == ["取引先", "金額", "日付"]
    assert table["取引先"].to_list() == ["東京商事", "大阪物産"]
    assert table["金額"].to_list() == [1200, -300]
    assert table.schema["日付"] == pl.Date


def test_western_letters_are_not_taken_for_japanese(tmp_path: Path) -> None:
    reading, table = _read(_file(tmp_path, "name,city\nJosé Müller,Zürich\nFrançoise,Genève\n".encode("cp1252")))
    assert reading.encoding == "cp1252"
    assert table["city"].to_list() == ["Zürich", "Genève"]


def test_the_encoding_can_be_chosen_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    path = _file(tmp_path, _TEXT.encode("cp932"))
    assert _read(path, ReadOptions(encoding="cp932"))[0].rows == 2
    with pytest.raises(RefusedError, match="wrong_encoding"):
        _read(path, ReadOptions(encoding="utf-8"))
    with pytest.raises(RefusedError, match="unknown_encoding_name"):
        _read(path, ReadOptions(encoding="klingon"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    rows = [["name", "note", "amount"], ["a, b; c", "x|y", "1"], ["d", "e", "2"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    reading, table = _read(_file(tmp_path, out.getvalue()))
    assert reading.delimiter == delimiter
    assert table.rows() == [("a, b; c", "x|y", 1), ("d", "e", 2)]


def test_one_column_is_a_table_too() -> None:
    assert find_delimiter("name\nanna\nben\n") == ","


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_and_line_breaks_inside_quotes(tmp_path: Path, line_end: str) -> None:
    text = line_end.join(["name,memo,n", f'a,"line 1{line_end}line 2",1', 'b,"say ""hi""",2', ""])
    _, table = _read(_file(tmp_path, text))
    assert [memo.replace("\r\n", "\n").replace("\r", "\n") for memo in table["memo"]] == ["line 1\nline 2", 'say "hi"']
    assert table["n"].to_list() == [1, 2]


def test_a_quote_inside_a_cell_stays(tmp_path: Path) -> None:
    _, table = _read(_file(tmp_path, 'item,n\n5" disc,1\nplain,2\n'))
    assert table["item"].to_list() == ['5" disc', "plain"]


def test_longer_and_shorter_rows_are_told_and_lose_nothing(tmp_path: Path) -> None:
    reading, table = _read(_file(tmp_path, "a,b\n1,2\n3\n\n4,5,6\n7,8,\n"))
    assert {(problem.code, problem.row) for problem in reading.problems} == {
        ("row_shorter", 3),
        ("row_longer", 5),
        ("empty_rows", None),
    }
    assert table.rows() == [(1, 2, None), (3, None, None), (4, 5, 6), (7, 8, None)]


def test_ragged_rows_beyond_the_limit_are_counted(tmp_path: Path) -> None:
    text = "a,b\n" + "1\n" * 50 + "1,2\n" * 60
    reading, _ = _read(_file(tmp_path, text), limits=Limits(listed_cells=10))
    assert [problem.code for problem in reading.problems].count("row_shorter") == 10
    assert [problem.params["count"] for problem in reading.problems if problem.code == "rows_ragged"] == [50]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\n\n \n", "empty_file"),
        (b"a,b\n1,\x00\n", "binary"),
        (b"a text before it\n\x7fELF\x00\x02\xff\xfd\xa0\xff\x81\x00\x80\n", "binary"),
        (b'a,b\n1,"open\n2,3\n4,5\n', "unclosed_quote"),
        (b"<!DOCTYPE html><html><table></table>", "web_page"),
        (b'[{"a": 1}]', "not_a_table"),
        (b"%PDF-1.7 ...", "not_a_table"),
        (b"\x1f\x8b\x08\x00", "not_a_table"),
        (b"a,b\n\xff\xfe\x81,1\n\x80\x81\x8d,2\n", "unknown_encoding"),
        (",".join(f"c{index}" for index in range(16_384)).encode() + b"\n", "too_many_columns"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        _read(_file(tmp_path, content))
    assert refusal.value.code == code


def test_a_header_without_rows_blocks(tmp_path: Path) -> None:
    reading, _ = _read(_file(tmp_path, "a,b,c\n"))
    assert reading.rows == 0
    assert reading.blocked
    assert [problem.code for problem in reading.problems] == ["no_rows"]


def test_the_header_row_can_be_changed(tmp_path: Path) -> None:
    path = _file(tmp_path, "受注一覧,\n名前,金額\nあ,1\nい,2\n")
    assert _read(path)[0].header_row == 2
    assert _read(path, ReadOptions(header_row=1))[0].rows == 3
    assert [column.name for column in _read(path, ReadOptions(header_row=0))[0].columns] == ["column_1", "column_2"]
    with pytest.raises(RefusedError, match="header_row_outside"):
        _read(path, ReadOptions(header_row=99))


def test_the_top_rows_are_kept_for_the_preview(tmp_path: Path) -> None:
    reading, _ = _read(_file(tmp_path, "受注一覧,\n名前,金額\n" + "あ,¥1\n" * 40))
    assert len(reading.raw) == 30
    assert reading.raw[:3] == (("受注一覧", ""), ("名前", "金額"), ("あ", "¥1"))
    assert len(reading.head) == 20
    assert reading.head[0] == ("あ", "1")


_CELL = st.text(
    st.sampled_from("ab1,;\"' \n\r\tあ|") | st.characters(codec="utf-8", exclude_characters="\0"), max_size=6
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_CELL, _CELL, _CELL), min_size=1, max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_scanning_in_place_equals_reading_record_by_record(
    tmp_path: Path, rows: list[tuple[str, str, str]], line_end: str
) -> None:
    out = io.StringIO(newline="")
    # with plain line feeds the writer does not quote a lone return
    quoting = csv.QUOTE_ALL if line_end == "\n" else csv.QUOTE_MINIMAL
    writer = csv.writer(out, lineterminator=line_end, quoting=quoting)
    writer.writerow(["alpha", "beta", "gamma"])
    writer.writerows(rows)
    path = _file(tmp_path, out.getvalue())
    options = ReadOptions(header_row=1, delimiter=",", encoding="utf-8")
    frames = []
    for stream_from in (0, 1 << 40):
        grid = read_delimited(path, tmp_path, options, Limits(), stream_from)
        frames.append(grid.frame.collect().rows())
    assert frames[0] == frames[1]
    assert frames[1] == [tuple(cell or None for cell in row) for row in rows]


def test_csv_spectrum_is_read_as_its_json_says(tmp_path: Path, shared: Path) -> None:
    folder = shared / "corpus" / "csv-spectrum"
    for path in sorted((folder / "csvs").glob("*.csv")):
        expected = json.loads((folder / "json" / f"{path.stem}.json").read_text("utf-8"))
        expected = expected if isinstance(expected, list) else [expected]
        texts = dict.fromkeys(expected[0], "text")
        copy = _file(tmp_path, path.read_bytes())
        _, table = _read(copy, ReadOptions.from_json({**ReadOptions().to_json(), "types": texts}))
        found = [{name: cell or "" for name, cell in row.items()} for row in table.rows(named=True)]
        if path.stem == "newlines_crlf":  # its line ends were changed to plain ones on the way here
            expected[1]["a"] = expected[1]["a"].replace("\r\n", "\n")
        if path.stem == "location_coordinates":  # its two files disagree on the telephone number
            expected[0].pop("Contact Phone Number"), found[0].pop("Contact Phone Number")
        assert found == expected, path.name
