"""What is said of a connection tells nothing of its URL."""

from __future__ import annotations

import pytest

from kpi_core.data.connecting.secrets import PREFIX, dialect_of, hidden


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("postgresql://kpi:pw@db/sales", "postgres"),
        ("spark://host:7077", "pyspark"),
        ("DuckDB:///w.duckdb", "duckdb"),
        ("host=db user=u password=s3cret", "unknown"),
        ("u:s3cret@db", "unknown"),
        ("s3cret", "unknown"),
    ],
)
def test_the_kind_is_that_of_a_url_or_unknown(url: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}X", url)
    assert dialect_of("x") == kind


def test_a_failure_tells_no_part_of_the_url() -> None:
    url = "postgresql://kpi:p%40ss@DB.intern.example:6543/payroll?sslcert=/etc/own.pem"
    told = hidden('server at "db.intern.example", port 6543: "payroll" of kpi (p@ss, /etc/own.pem) at [1/2]', url)
    assert told == 'server at "•••", port •••: "•••" of ••• (•••, •••) at [1/2]'


def test_a_url_without_a_database_leaves_slashes_alone() -> None:
    assert hidden("a/b at db", "postgresql://db/") == "a/b at •••"
    assert hidden("cannot open /srv/own/w.duckdb", "duckdb:///srv/own/w.duckdb") == "cannot open •••"
