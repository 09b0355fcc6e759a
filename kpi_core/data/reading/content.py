"""What a file is, from its content and never from its name."""

from __future__ import annotations

import zipfile
from pathlib import Path

from kpi_core.errors import RefusedError

# first bytes -> the word people know the format by
_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"%PDF", "PDF"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "RAR"),
    (b"PAR1", "Parquet"),
    (b"SQLite format 3\x00", "SQLite"),
    (b"{\\rtf", "RTF"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def kind_of(path: Path, file_name: str) -> str:
    """ "csv", "xlsx", "xlsb", "xls" or "ods"; raises ``RefusedError`` for anything else."""
    with path.open("rb") as file:
        top = file.read(65_536)
    if not top:
        raise RefusedError("empty_file")
    if top.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _packed_kind(path)
    if top.startswith(_OLE):
        return "xls"
    for magic, name in _FOREIGN:
        if top.startswith(magic):
            raise RefusedError("not_a_table", format=name)
    if top[:4] in (b"\x09\x08\x10\x00", b"\x09\x08\x08\x00", b"\x09\x04\x06\x00", b"\x09\x02\x06\x00"):
        return "xls"
    _refuse_markup(top, file_name)
    return "csv"


def _packed_kind(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.replace("\\", "/").lower() for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise RefusedError("truncated") from error
    if any(name.endswith("workbook.bin") for name in names):
        return "xlsb"
    if "[content_types].xml" in names and any("worksheets/" in name or "workbook" in name for name in names):
        return "xlsx"
    if "content.xml" in names:
        return "ods"
    raise RefusedError("archive")


def _refuse_markup(top: bytes, file_name: str) -> None:
    start = top.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")):
        raise RefusedError("web_page")
    if start.startswith((b"<?xml", b"<!doctype")):
        raise RefusedError("not_a_table", format="XML")
    is_json = file_name.lower().endswith((".json", ".jsonl", ".ndjson", ".geojson"))
    if start.startswith((b'{"', b'[{"', b"[{", b"{\n", b"{\r\n")) or (is_json and start.startswith((b"{", b"["))):
        raise RefusedError("not_a_table", format="JSON")
