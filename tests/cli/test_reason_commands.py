"""explain, solve and simulate on the command line: shapes, exit codes, plain lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

FILE = {
    "format": "kpi-workshop/1",
    "workshop": {"name": "受注拡大", "language": "ja"},
    "nodes": [
        {"code": "bookings", "kind": "kgi", "formula": "won * size"},
        {"code": "quality", "kind": "ksf", "parent": "bookings"},
        *(
            {
                "code": code,
                "kind": "kpi",
                "parent": "quality",
                "unit": "count",
                "owner": owner,
                "manual": [{"period": "2026-04", "value": first}, {"period": "2026-05", "value": second}],
            }
            for code, owner, first, second in (("won", "森", 2, 3), ("size", "石井", 10, 14))
        ),
    ],
}


@pytest.fixture
def workshop(cli, tmp_path: Path) -> str:
    path = tmp_path / "workshop.json"
    path.write_text(json.dumps(FILE, ensure_ascii=False), encoding="utf-8")
    found: str = cli("import", path, "--json").document["workshop"]
    return found


def test_explain(cli, workshop: str) -> None:
    asked = ("explain", workshop, "--node", "bookings", "--from", "2026-04", "--to", "2026-05")
    document = cli(*asked, "--json").document
    assert set(document) >= {"from", "to", "change", "method", "contributions", "residual"}
    assert (document["from"], document["to"], document["change"]) == ("2026-04", "2026-05", 22)
    assert document["method"] == "shapley"
    assert document["contributions"] == [
        {"node": "won", "kind": "driver", "value": pytest.approx(12)},
        {"node": "size", "kind": "driver", "value": pytest.approx(10)},
    ]
    assert abs(document["residual"]) <= 1e-9 * 22
    assert cli(*asked, "--method", "chain", "--json").document["method"] == "chain"
    lmdi = cli(*asked, "--method", "lmdi", "--json").document
    assert sum(part["value"] for part in lmdi["contributions"]) == pytest.approx(22, rel=1e-9)
    first = cli(*asked, "--method", "sequential", "--order", "size", "--json").document
    assert [part["value"] for part in first["contributions"]] == [14, 8]
    assert cli(*asked).out == "2026-04\t2026-05\t22\tshapley\nwon\tdriver\t12\nsize\tdriver\t10\n"


def test_explain_without_a_value_names_what_is_missing(cli, workshop: str) -> None:
    ran = cli("explain", workshop, "--node", "bookings", "--from", "2026-05", "--to", "2026-06", "--json")
    assert (ran.code, ran.document["change"], ran.document["contributions"]) == (0, None, [])
    assert ran.document["missing"] == [
        {"node": "won", "period": "2026-06"},
        {"node": "size", "period": "2026-06"},
    ]


def test_solve(cli, workshop: str) -> None:
    asked = ("solve", workshop, "--node", "bookings", "--value", "56", "--period", "2026-06", "--lock", "size")
    document = cli(*asked, "--json").document
    assert set(document) >= {"feasible", "reached", "drivers"}
    assert (document["feasible"], document["reached"]) == (True, pytest.approx(56, rel=1e-9))
    won, size = document["drivers"]
    assert set(won) >= {"node", "now", "required", "at_limit"}
    assert (won["node"], won["now"], won["required"], won["at_limit"]) == ("won", 3, pytest.approx(4), None)
    assert (size["required"], size["at_limit"]) == (14, "locked")
    bound = cli(*asked, "--bound", "won:1:3.5", "--json").document
    assert (bound["feasible"], bound["reached"]) == (False, pytest.approx(49))
    assert bound["drivers"][0]["at_limit"] == "high"
    assert cli(*asked, "--bound", "won::3.5", "--json").document == bound
    assert cli(*asked).out.splitlines()[0] == "bookings\t42\t56\tfeasible"


def test_simulate(cli, workshop: str) -> None:
    asked = ("simulate", workshop, "--node", "bookings", "--period", "2026-06", "--set", "won=5")
    document = cli(*asked, "--json").document
    values = {value["node"]: (value["before"], value["after"]) for value in document["values"]}
    assert values["bookings"] == (42, 70)
    assert values["size"] == (14, 14)
    assert document["chance"]["not_enough_history"] == {"won": 2, "size": 2}
    assert document["chance"]["probability"] is None
    assert {entry["node"] for entry in document["tornado"]} == {"won", "size"}


def test_no_dimension_at_all_is_said_in_words(cli, workshop: str) -> None:
    ran = cli("evaluate", workshop, "--by", "region", "--language", "en")
    assert ran.err.strip() == 'No KPI is split by "region". Known dimensions: –'


def test_explain_says_where_a_formula_divides_by_zero(cli, tmp_path: Path) -> None:
    nodes = [
        {"code": "rate", "kind": "kgi", "formula": "won / leads"},
        {"code": "k", "kind": "ksf", "parent": "rate"},
        *(
            {
                "code": code,
                "kind": "kpi",
                "parent": "k",
                "unit": "count",
                "manual": [{"period": "2026-04", "value": 2}, {"period": "2026-05", "value": later}],
            }
            for code, later in (("won", 3), ("leads", 0))
        ),
    ]
    path = tmp_path / "rate.json"
    path.write_text(json.dumps({**FILE, "nodes": nodes}), encoding="utf-8")
    made = cli("import", path, "--json").document["workshop"]
    asked = ("explain", made, "--node", "rate", "--from", "2026-04", "--to", "2026-05")
    assert cli(*asked, "--json").document["singular"] is True
    assert cli(*asked).out.splitlines()[1:] == ["2026-05\tsingular"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["explain", "--node", "nope", "--to", "2026-05"], "node_unknown"),
        (["explain", "--node", "bookings", "--to", "soon"], "period_unreadable"),
        (["explain", "--node", "bookings"], "usage"),
        (["explain", "--node", "bookings", "--to", "2026-05", "--by", "region"], "dimension_unknown"),
        (["explain", "--node", "bookings", "--to", "2026-05", "--method", "guess"], "usage"),
        (["solve", "--node", "bookings", "--value", "many", "--period", "2026-06"], "usage"),
        (["solve", "--node", "bookings", "--value", "nan", "--period", "2026-06"], "usage"),
        (["explain", "--node", "bookings", "--to", "2026-05", "--order", "zz"], "solve_not_a_driver"),
        (["solve", "--node", "bookings", "--value=-inf", "--period", "2026-06"], "usage"),
        (
            ["solve", "--node", "bookings", "--value", "1", "--period", "2026-06", "--weight", "won=-1"],
            "solve_weight_not_positive",
        ),
        (["simulate", "--node", "bookings", "--period", "2026-06", "--set", "won=inf"], "usage"),
        (["simulate", "--node", "bookings", "--period", "2026-06", "--seed", "-1"], "usage"),
        (["solve", "--node", "won", "--value", "1", "--period", "2026-06"], "solve_no_drivers"),
        (["solve", "--node", "bookings", "--value", "1", "--period", "2026-06", "--bound", "won:9"], "usage"),
        (["solve", "--node", "bookings", "--value", "1", "--period", "2026-06", "--lock", "x"], "solve_not_a_driver"),
        (["simulate", "--node", "bookings", "--period", "2026-06", "--set", "won"], "usage"),
        (["simulate", "--node", "bookings", "--period", "2026-06", "--draws", "0"], "usage"),
    ],
)
def test_a_wrong_question_exits_with_2(cli, workshop: str, arguments: list[str], code: str) -> None:
    ran = cli(arguments[0], workshop, *arguments[1:], "--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, code)
    assert ran.document["error"]["message"]
