"""forecast and test-link as a scheduler runs them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from kpi_core.model.period import Period, period_of
from kpi_core.vocabulary import Grain

TODAY = datetime.now(ZoneInfo("Asia/Tokyo")).date()  # where the workshop's team works
NOW = period_of(TODAY, Grain.MONTH)


@pytest.fixture
def workshop(cli, tmp_path: Path) -> str:
    """Orders follow calls after two months, over the last 60 months that are over."""
    months: list[Period] = [NOW.shift(-at) for at in range(60, 0, -1)]
    random = np.random.default_rng(1)
    calls = random.normal(size=62)
    orders = 100 + 5 * calls[:-2] + random.normal(size=60)
    typed = {
        code: [
            {"period": month.key, "value": round(float(value), 3)} for month, value in zip(months, values, strict=True)
        ]
        for code, values in (("orders", orders), ("calls", calls[2:]))
    }
    document = {
        "format": "kpi-workshop/1",
        "workshop": {"name": "w", "language": "en"},
        "nodes": [
            {"code": "orders", "kind": "kgi", "unit": "count", "manual": typed["orders"]},
            {"code": "more", "kind": "ksf", "parent": "orders"},
            {"code": "calls", "kind": "kpi", "parent": "more", "unit": "count", "manual": typed["calls"]},
        ],
        "links": [{"from": "calls", "to": "orders"}],
    }
    path = tmp_path / "w.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    found: str = cli("import", path, "--json").document["workshop"]
    return found


def test_forecast_tells_three_methods_and_keeps_them(cli, workshop: str) -> None:
    document = cli("forecast", workshop, "--node", "orders", "--json").document
    month, year = document["landings"]
    assert set(month) == {
        "node",
        "period",
        "known_to",
        "to_go",
        "chosen",
        "value",
        "low",
        "high",
        "methods",
        "override",
    }
    assert (month["period"], month["to_go"], month["known_to"]) == (NOW.key, 1, NOW.shift(-1).key)
    assert year["period"] == NOW.at(Grain.YEAR).key
    assert [method["method"] for method in year["methods"]] == ["cumulative_share", "smoothing", "pipeline"]
    assert year["methods"][2]["code"] == "not_mapped"
    smoothing = month["methods"][1]
    assert smoothing["value"] == pytest.approx(100, abs=20)
    assert smoothing["low"] < smoothing["value"] < smoothing["high"]
    assert {"to_go", "tests", "bias", "error"} == set(smoothing["accuracy"][0])

    believed = cli("forecast", workshop, "--node", "orders", "--believed-on", TODAY.isoformat(), "--json").document[
        "believed"
    ]
    assert {(one["period"], one["method"]) for one in believed} >= {
        (NOW.key, "smoothing"),
        (year["period"], "smoothing"),
    }
    plain = cli("forecast", workshop, "--node", "orders")
    assert plain.out.splitlines()[0].startswith(f"orders\t{NOW.key}\t")


def test_an_own_figure_comes_with_its_reason(cli, workshop: str) -> None:
    year = NOW.at(Grain.YEAR).key
    asked = ["forecast", workshop, "--node", "orders", "--period", year, "--override", "1500", "--json"]
    refused = cli(*asked)
    assert (refused.code, refused.document["error"]["code"]) == (2, "override_reason_needed")
    landing = cli(*asked, "--reason", "a large order is agreed").document["landings"][1]
    assert (landing["chosen"], landing["value"]) == ("override", 1500)
    assert landing["override"]["reason"] == "a large order is agreed"
    back = ["forecast", workshop, "--node", "orders", "--period", year, "--take-back", "--reason", "lost", "--json"]
    assert cli(*back).document["landings"][1]["chosen"] != "override"


def test_a_link_is_tested_once_its_hypothesis_is_stated(cli, workshop: str) -> None:
    asked = ["test-link", workshop, "--from", "calls", "--to", "orders", "--json"]
    refused = cli(*asked)
    assert (refused.code, refused.document["error"]["code"]) == (2, "hypothesis_unstated")
    document = cli(*asked, "--sign", "+", "--lag", "2").document
    assert (document["verdict"], document["missing"], document["until"]) == ("supported", 0, NOW.shift(-1).key)
    assert document["reasons"] == ["foretells", "correlated"]
    assert document["correlation"]["lag"] == document["best_lag"] == 2
    assert "data" not in document
    told = cli("test-link", workshop, "--from", "calls", "--to", "orders")
    assert told.out.splitlines()[0] == "Supported"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["test-link", "--from", "calls", "--to", "orders", "--lag", "2"], "usage"),
        (["test-link", "--from", "orders", "--to", "calls", "--sign", "-", "--lag", "2"], "driver_link_missing"),
        (["forecast", "--believed-on", "2026-06-01"], "usage"),
        (["forecast", "--node", "orders", "--believed-on", "June"], "usage"),
        (["forecast", "--node", "nope"], "node_unknown"),
        (["forecast", "--node", "orders", "--override", "3"], "usage"),
        (["forecast", "--node", "orders", "--period", NOW.key, "--override", "nan", "--reason", "x"], "usage"),
        (["forecast", "--node", "orders", "--period", NOW.key, "--override", "inf", "--reason", "x"], "usage"),
        (["forecast", "--node", "orders", "--period", NOW.key, "--take-back"], "usage"),
    ],
)
def test_a_wrong_question_exits_with_2(cli, workshop: str, arguments: list[str], code: str) -> None:
    ran = cli(arguments[0], workshop, *arguments[1:], "--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, code)


def test_help_names_both_commands(cli) -> None:
    for command in ("forecast", "test-link"):
        with pytest.raises(SystemExit) as done:
            cli(command, "--help")
        assert done.value.code == 0
