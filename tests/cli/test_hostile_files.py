"""``inspect --json`` over files made to break readers: exit 0 or 2 and one JSON document, nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

MADE: dict[str, Callable[[], bytes]] = {
    "nul.csv": lambda: b"a,b\n1,\x00\n",
    "wide.csv": lambda: b",".join(b"c%d" % at for at in range(16_384)) + b"\n" + b"1," * 16_383 + b"1\n",
    "picture.csv": lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
    "open.csv": lambda: b'a,b\n1,"open\n' + b"2,3\n" * 50,
    "half.xlsx": lambda: b"PK\x03\x04" + b"\x00" * 500,
    "not.xls": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 4_000,
    "empty.csv": lambda: b"",
    "good.csv": lambda: b"a,b\n1,2\n",
}
CORPUS = (
    "calamine/pass_protected.xlsx",
    "calamine/OOM_alloc.xls",
    "calamine/OOM_alloc2.xls",
    "calamine/issue_666_panic.xlsb",
    "calamine/number_rows_repeated.ods",
    "calamine/picture.jpg",
    "calamine/vba.xlsm",
    "frictionless/package.zip",
)


def _ends_well(cli, path: Path) -> int:
    ran = cli("inspect", path, "--recipe", "suggest", "--json")
    document = json.loads(ran.out)
    assert ran.code in (0, 2), path
    assert ("error" in document) is (ran.code == 2)
    assert "error" not in document or document["error"]["message"]
    return ran.code


def test_made_files_are_read_or_refused(cli, tmp_path: Path) -> None:
    codes = {}
    for name, content in MADE.items():
        (tmp_path / name).write_bytes(content())
        codes[name] = _ends_well(cli, tmp_path / name)
    assert [name for name, code in codes.items() if code == 0] == ["good.csv"]


@pytest.mark.slow
@pytest.mark.parametrize("name", CORPUS)
def test_hostile_files_of_the_corpus_are_read_or_refused(cli, shared: Path, name: str) -> None:
    _ends_well(cli, shared / "corpus" / name)
