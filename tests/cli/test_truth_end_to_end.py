"""Real exports through the real command line: workshop file → import → ingest → refresh → evaluate → the right numbers.

The right numbers and the SQL they come from are in ``truth_*.json``; every value holds to 1e-9 relative. What measures
can say is tested exhaustively beside ``kpi_core.data``; here whole runs are, and the ids that need formulas.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

WON = [{"column": "deal_stage", "op": "==", "value": "Won"}]
CLOSED = [{"column": "deal_stage", "op": "in", "value": ["Won", "Lost"]}]
OPEN = [{"column": "deal_stage", "op": "in", "value": ["Engaging", "Prospecting"]}]
SPLITS = ["regional_office", "manager", "sector", "product"]


def count(dataset: str, where: object = (), **more: object) -> dict[str, Any]:
    return {"dataset": dataset, "aggregate": "count", "where": where, **more}


def of(aggregate: str, dataset: str, column: str, where: object = (), **more: object) -> dict[str, Any]:
    return {"dataset": dataset, "aggregate": aggregate, "column": column, "where": where, **more}


def ratio(numerator: object, denominator: object, *dimensions: str) -> dict[str, Any]:
    return {"ratio": {"numerator": numerator, "denominator": denominator}, "dimensions": dimensions}


def workshop_file(
    place: Path, datasets: dict[str, dict[str, Any]], nodes: dict[str, dict[str, Any]], fiscal: int
) -> Path:
    """A workshop file with nothing but sources and nodes."""
    document = {
        "format": "kpi-workshop/1",
        "workshop": {"name": "truth", "language": "en", "fiscal_year_start": fiscal},
        "sources": [{"code": "export"}],
        "datasets": [{"code": code, "source": "export", **said} for code, said in datasets.items()],
        "nodes": [
            {"code": "kgi", "kind": "kgi"},
            {"code": "ksf", "kind": "ksf", "parent": "kgi"},
            *({"code": code, "kind": "kpi", "parent": "ksf", **said} for code, said in nodes.items()),
        ],
    }
    place.write_text(json.dumps(document), encoding="utf-8")
    return place


class Truth:
    """The right numbers by id."""

    def __init__(self, file: Path) -> None:
        self.results = {kpi["id"]: kpi["result"] for kpi in json.loads(file.read_text("utf-8"))["kpis"]}

    def number(self, kpi: str) -> float:
        return self.results[kpi]

    def column(self, kpi: str, column: str) -> dict[str, float]:
        table = self.results[kpi]
        at = table["columns"].index(column)
        return {str(row[0]): row[at] for row in table["rows"]}


@pytest.fixture
def values(process):
    """Evaluates and gives node → period → value, or with ``--by`` node → segment → value."""

    def evaluated(workshop: str, *options: object) -> dict[str, dict[str, float]]:
        ran = process("evaluate", workshop, *options, "--json")
        assert ran.code == 0, ran.err
        found: dict[str, dict[str, float]] = {}
        for value in ran.document["values"]:
            if value["actual"] is not None and ("--by" not in options or "segment" in value):
                found.setdefault(value["node"], {})[value.get("segment", value["period"])] = value["actual"]
        return found

    return evaluated


@pytest.fixture
def loaded(process):
    """Imports a workshop file, ingests its files and refreshes; gives the workshop's id."""

    def load(file: Path, uploads: dict[str, Path], *options: object) -> str:
        imported = process("import", file, "--json")
        assert imported.code == 0, imported.err
        workshop: str = imported.document["workshop"]
        for dataset, upload in uploads.items():
            ingested = process("ingest", workshop, dataset, upload, *options, "--json")
            assert ingested.code == 0, ingested.err
        refreshed = process("refresh", workshop, "--json")
        assert refreshed.code == 0, refreshed.err
        assert refreshed.document["observations"] > 0
        assert [issue for issue in refreshed.document["issues"] if issue["severity"] == "error"] == []
        return workshop

    return load


def right(expected: object) -> object:
    return pytest.approx(expected, rel=1e-9)


MAVEN = {
    "deals": {
        "derived": [{"name": "cycle_days", "expression": "days_between(engage_date, close_date)"}],
        "lookups": [
            {
                "dataset": "products",
                "on": [["product", "product"]],
                "columns": ["sales_price"],
                "aliases": {"GTXPro": "GTX Pro"},
            },
            {"dataset": "teams", "on": [["sales_agent", "sales_agent"]], "columns": ["manager", "regional_office"]},
            {"dataset": "accounts", "on": [["account", "account"]], "columns": ["sector"]},
        ],
    },
    "products": {},
    "teams": {},
    "accounts": {},
}
BY_CLOSE: dict[str, Any] = {"date": "close_date"}
MAVEN_NODES: dict[str, dict[str, Any]] = {
    "rows": {"measure": count("deals", dimensions=["deal_stage"])},
    "revenue": {"measure": of("sum", "deals", "close_value", WON, **BY_CLOSE, dimensions=SPLITS)},
    "won": {"measure": count("deals", WON, **BY_CLOSE, dimensions=SPLITS)},
    "closed": {"measure": count("deals", CLOSED, **BY_CLOSE, dimensions=SPLITS)},
    "win_rate": {"measure": ratio(count("deals", WON, **BY_CLOSE), count("deals", CLOSED, **BY_CLOSE), *SPLITS)},
    "monthly_win_rate": {
        "measure": ratio(count("deals", WON, **BY_CLOSE), count("deals", CLOSED, **BY_CLOSE)),
        "roll_up": "mean",
    },
    "median_size": {"measure": of("median", "deals", "close_value", WON, **BY_CLOSE)},
    "cycle_won": {"measure": of("mean", "deals", "cycle_days", WON, **BY_CLOSE)},
    "open_value": {"measure": of("sum", "deals", "sales_price", OPEN, dimensions=["deal_stage"])},
    "deal_size": {"formula": "revenue / won"},
    "velocity": {"formula": "closed * win_rate * deal_size / cycle_won"},
    "tree_check": {"formula": "closed * win_rate * deal_size - revenue"},
}


def maven_files(shared: Path) -> dict[str, Path]:
    folder = shared / "data" / "a_maven_crm"
    names = {"deals": "sales_pipeline", "products": "products", "teams": "sales_teams", "accounts": "accounts"}
    return {code: folder / f"{name}.csv" for code, name in names.items()}


def test_sales_opportunities_with_look_ups_an_alias_and_formulas(shared, tmp_path, loaded, values) -> None:
    truth = Truth(shared / "data" / "truth_maven_crm.json")
    file = workshop_file(tmp_path / "maven.json", MAVEN, MAVEN_NODES, fiscal=1)
    workshop = loaded(file, maven_files(shared), "--as-of", "2017-12-31")

    months = values(workshop, "--grain", "month")
    assert months["revenue"] == right(truth.column("won_revenue_by_month", "revenue"))
    assert months["won"] == right(truth.column("won_revenue_by_month", "won"))
    assert months["win_rate"] == right(truth.column("win_rate_by_close_month", "win_rate"))

    quarters = values(workshop, "--grain", "quarter")
    for node in ("revenue", "won", "closed", "win_rate", "deal_size"):
        assert quarters[node] == right(truth.column("by_quarter", node))
    assert set(quarters["tree_check"]) == set(truth.column("tree_check_q", "residual"))
    for quarter, residual in quarters["tree_check"].items():
        assert abs(residual) <= 1e-9 * quarters["revenue"][quarter]

    year = {node: found["2017"] for node, found in values(workshop, "--grain", "year").items()}
    assert year["rows"] == truth.number("rows")
    assert year["revenue"] == right(truth.number("won_revenue"))
    assert year["win_rate"] == right(truth.number("win_rate"))
    assert year["deal_size"] == right(truth.number("avg_deal_size"))
    assert year["median_size"] == right(truth.number("median_deal_size"))
    assert year["velocity"] == right(truth.number("sales_velocity_2017"))
    assert year["monthly_win_rate"] == right(truth.number("mean_of_monthly_win_rates"))

    regions = values(workshop, "--grain", "year", "--by", "regional_office")
    for node in ("revenue", "won", "closed", "win_rate", "deal_size"):  # deal_size is a formula, also in a segment
        assert regions[node] == right(truth.column("by_region", node))
    stages = values(workshop, "--grain", "year", "--by", "deal_stage")
    assert stages["rows"] == right(truth.column("stage_counts", "n"))
    assert stages["open_value"] == right(truth.column("open_pipeline_list_price", "list_value"))


def test_japanese_fiscal_years(shared, tmp_path, loaded, values) -> None:
    truth = Truth(shared / "data" / "truth_maven_crm.json")
    nodes = {"revenue": {"measure": of("sum", "deals", "close_value", WON, **BY_CLOSE)}}
    file = workshop_file(tmp_path / "maven.json", {"deals": {}}, nodes, fiscal=4)
    workshop = loaded(file, {"deals": maven_files(shared)["deals"]})
    years = values(workshop, "--grain", "year")
    assert years["revenue"] == right(truth.column("japanese_fiscal_year", "sum(close_value)"))


def test_a_snapshot_of_churn(shared, tmp_path, loaded, values) -> None:
    truth = Truth(shared / "data" / "truth_telco_churn.json")
    churned = [{"column": "Churn", "op": "==", "value": "Yes"}]
    nodes: dict[str, dict[str, Any]] = {
        "rows": {"measure": count("customers", dimensions=["Contract"])},
        "churn_rate": {"measure": ratio(count("customers", churned), count("customers"), "Contract")},
        "mrr": {"measure": of("sum", "customers", "MonthlyCharges")},
        "mrr_lost": {"measure": of("sum", "customers", "MonthlyCharges", churned)},
        "arpu": {"formula": "mrr / rows"},
        "revenue_churn": {"formula": "mrr_lost / mrr"},
        "total_charges": {"measure": of("sum", "customers", "TotalCharges")},
        "blank": {"measure": count("customers", [{"column": "TotalCharges", "op": "is_null"}])},
    }
    file = workshop_file(tmp_path / "telco.json", {"customers": {}}, nodes, fiscal=4)
    upload = shared / "data" / "a_telco_churn" / "Telco-Customer-Churn.csv"
    workshop = loaded(file, {"customers": upload}, "--as-of", "2026-04-30")

    found = {node: by_period["2026-04"] for node, by_period in values(workshop).items()}
    pairs = {"arpu": "arpu", "mrr": "mrr", "mrr_lost": "mrr_lost", "churn_rate": "churn_rate", "rows": "rows"}
    pairs |= {"revenue_churn": "revenue_churn_rate", "total_charges": "total_charges_sum"}
    for node, kpi in (pairs | {"blank": "total_charges_blank"}).items():
        assert found[node] == right(truth.number(kpi)), node
    contracts = values(workshop, "--by", "Contract")
    assert contracts["rows"] == right(truth.column("churn_by_contract", "n"))
    assert contracts["churn_rate"] == right(truth.column("churn_by_contract", "churn_rate"))


def test_bank_marketing_calls(shared, tmp_path, loaded, values) -> None:
    truth = Truth(shared / "data" / "truth_bank_marketing.json")
    won = [{"column": "y", "op": "==", "value": "yes"}]
    contacted = [{"column": "pdays", "op": ">=", "value": 0}]
    splits = ["job", "contact", "poutcome", "month"]
    nodes: dict[str, dict[str, Any]] = {
        "rows": {"measure": count("calls", dimensions=splits)},
        "conversion": {"measure": ratio(count("calls", won), count("calls"), *splits)},
        "won": {"measure": count("calls", won, dimensions=["month"])},
        "all_calls": {"measure": of("sum", "calls", "campaign")},
        "calls_per_conversion": {"formula": "all_calls / won"},
        "pdays_wrong": {"measure": of("mean", "calls", "pdays")},
        "pdays_right": {"measure": of("mean", "calls", "pdays", contacted)},
    }
    file = workshop_file(tmp_path / "bank.json", {"calls": {}}, nodes, fiscal=4)
    upload = shared / "data" / "a_bank_marketing" / "bank-full.csv"
    workshop = loaded(file, {"calls": upload}, "--as-of", "2026-04-30")

    found = {node: by_period["2026-04"] for node, by_period in values(workshop).items()}
    assert found["rows"] == truth.number("rows")
    assert found["conversion"] == right(truth.number("conversion_rate"))
    assert found["calls_per_conversion"] == right(truth.number("calls_per_conversion"))
    wrong, without = truth.results["pdays_mean_wrong_and_right"]["rows"][0]
    assert (found["pdays_wrong"], found["pdays_right"]) == (right(wrong), right(without))
    for dimension, kpi in (("job", "by_job"), ("contact", "by_contact_channel"), ("poutcome", "by_poutcome")):
        assert values(workshop, "--by", dimension)["conversion"] == right(truth.column(kpi, "cvr"))
