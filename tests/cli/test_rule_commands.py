"""The commands on rules and hand-overs, as a scheduler runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

FILE = {
    "format": "kpi-workshop/1",
    "workshop": {"name": "W"},
    "sources": [{"code": "sfa", "owner": "大野"}],
    "datasets": [
        {
            "code": "deals",
            "source": "sfa",
            "rules": [
                {"column": "id", "rule": "unique", "on_break": "block"},
                {"column": "amount", "rule": "required"},
            ],
        }
    ],
    "departments": [{"code": "marketing"}, {"code": "sales"}],
    "handovers": [
        {
            "code": "h",
            "from": "marketing",
            "to": "sales",
            "dataset": "deals",
            "sla_hours": 24,
            "tracking": {"handed_at": "opened", "answered_at": "answered"},
        }
    ],
}


@pytest.fixture
def workshop(cli, tmp_path: Path) -> str:
    path = tmp_path / "workshop.json"
    path.write_text(json.dumps(FILE), encoding="utf-8")
    return str(cli("import", path, "--json").document["workshop"])


def deals(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "deals.csv"
    path.write_text("\n".join(["id,amount,opened,answered", *lines]) + "\n", encoding="utf-8")
    return path


def test_an_ingest_that_a_rule_blocks_writes_the_failing_rows(cli, workshop: str, tmp_path: Path) -> None:
    path = deals(tmp_path, "A,1,2026-04-01,2026-04-02", "A,=2+3,2026-04-01,")
    out = tmp_path / "failing"
    ran = cli("ingest", workshop, "deals", path, "--failing", out, "--json")
    assert ran.code == 2
    error = ran.document["error"]
    assert (error["code"], error["path"]) == ("upload_rules_broken", "datasets.deals.rules[0]")
    lines = (out / "deals-rule-1.csv").read_text("utf-8-sig").splitlines()
    assert lines == ["#,id,amount,opened,answered", "1,A,1,2026-04-01,2026-04-02", "2,A,'=2+3,2026-04-01,"]
    assert cli("rules", workshop, "--json").document["datasets"][0]["reason"] == "not_run"


def test_rules_tell_the_grade_who_mends_and_the_failing_rows(cli, workshop: str, tmp_path: Path) -> None:
    cli("ingest", workshop, "deals", deals(tmp_path, "A,1,2026-04-01,2026-04-02", "B,,2026-04-01,"))
    out = tmp_path / "failing"
    ran = cli("rules", workshop, "deals", "--failing", out, "--json")
    (dataset,) = ran.document["datasets"]
    assert (dataset["grade"], dataset["reason"]) == ("C", "graded")  # half of the amounts are missing
    assert [(rule["failed"], rule["mended_by"]) for rule in dataset["rules"]] == [(0, "大野"), (1, "大野")]
    assert [path.name for path in out.iterdir()] == ["deals-rule-2.csv"]
    assert cli("rules", workshop, "nowhere").code == 2


def test_handovers_by_month(cli, workshop: str, tmp_path: Path) -> None:
    (nothing,) = cli("handovers", workshop, "--json").document["handovers"]
    assert nothing["missing"] == "no_rows"
    cli("ingest", workshop, "deals", deals(tmp_path, "A,1,2026-04-01,2026-04-02", "B,,2026-04-01,"))
    (told,) = cli("handovers", workshop, "--json").document["handovers"]
    (april,) = told["periods"]
    assert (april["period"], april["handed"], april["acceptance"], april["median_hours"]) == ("2026-04", 2, None, 24)
    assert (april["within_sla"]["part"], april["within_sla"]["whole"]) == (1, 2)
    assert told["waiting"]["older"] == 1
