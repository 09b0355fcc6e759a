"""A pattern spelled out for databases matches what DuckDB, which reads it for files, matches as it stands."""

from __future__ import annotations

import re

import duckdb
import pytest

from kpi_core.data.patterns import pattern_for

CELLS = ["A12", "AD\\", "a b", "受注", "won", "Won\n", "x_1", "-3", "[1]", "s\\", "w", "", "12", "\\", "d"]
PATTERNS = [
    r"[A-Z\\d]+",
    r"[A-Z\d]+",
    r"[^\\s]+",
    r"[^\s]+",
    r"[\w]+",
    r"[\\w]+",
    r"\[\d\]",
    r"[[]\d.",
    r"(?P<word>\w+)|-\d$",
    r"^W.n",
    r".+",
    r"\\",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_matches_the_same_cells_as_for_files(pattern: str) -> None:
    there = [bool(re.search(pattern_for(pattern, "postgres"), cell)) for cell in CELLS]
    with duckdb.connect() as engine:
        query = "SELECT regexp_full_match(cell, ?) FROM (SELECT unnest(?) AS cell)"
        here = [matched for (matched,) in engine.execute(query, [pattern, CELLS]).fetchall()]
    assert there == here
