"""lineage on the command line: shape, exit codes, plain lines. Won deals: 2 in April, worth 100 each as typed in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

FILE = {
    "format": "kpi-workshop/1",
    "workshop": {"name": "受注拡大", "language": "ja"},
    "sources": [{"code": "sfa", "kind": "sfa"}],
    "datasets": [{"code": "deals", "source": "sfa", "name": {"ja": "案件"}}],
    "nodes": [
        {"code": "bookings", "kind": "kgi", "formula": "won * size"},
        {"code": "quality", "kind": "ksf", "parent": "bookings"},
        {
            "code": "won",
            "kind": "kpi",
            "parent": "quality",
            "measure": {
                "dataset": "deals",
                "aggregate": "count",
                "date": "closed",
                "where": [{"column": "stage", "op": "==", "value": "Won"}],
            },
        },
        {"code": "size", "kind": "kpi", "parent": "quality", "manual": [{"period": "2026-04", "value": 100}]},
    ],
}
DEALS = "stage,closed\nWon,2026-04-03\nWon,2026-04-20\nLost,2026-04-21\n"


@pytest.fixture
def workshop(cli, tmp_path: Path) -> str:
    path, rows = tmp_path / "workshop.json", tmp_path / "案件.csv"
    path.write_text(json.dumps(FILE, ensure_ascii=False), encoding="utf-8")
    rows.write_text(DEALS, encoding="utf-8")
    found: str = cli("import", path, "--json").document["workshop"]
    assert cli("ingest", found, "deals", rows).code == 0
    assert cli("refresh", found).code == 0
    return found


def test_lineage_leads_from_the_formula_to_the_file_and_its_uploader(cli, workshop: str) -> None:
    document = cli("lineage", workshop, "--node", "bookings", "--period", "2026-04", "--json").document
    assert (document["value"], document["way"], document["formula"]) == (200, "formula", "won * size")
    assert document["datasets"] == ["deals"]
    won, size = document["inputs"]
    (rows,) = won["rows"]
    assert (rows["dataset"], rows["source"], rows["count"], rows["value"]) == ("deals", "sfa", 2, 2)
    assert rows["where"] == [{"column": "stage", "op": "==", "value": "Won"}]
    assert set(rows["version"]) >= {"file", "sha256", "uploaded_by", "uploaded_at", "as_of", "rows"}
    assert (rows["version"]["file"], rows["version"]["rows"]) == ("案件.csv", 3)
    assert size["typed"] == [{"period": "2026-04", "value": 100, "by": None, "at": None}]
    plain = cli("lineage", workshop, "--node", "bookings", "--period", "2026-04").out
    assert "「案件」の行の件数" in plain
    assert "案件.csv(3行)" in plain


def test_lineage_of_nothing_known_is_refused(cli, workshop: str) -> None:
    ran = cli("lineage", workshop, "--node", "nobody", "--period", "2026-04", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, "node_unknown")
    assert cli("lineage", workshop, "--node", "won", "--period", "4月", "--json").code == 2
