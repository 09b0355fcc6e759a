"""Recipes on the command line: proposed, written to a file, applied, kept."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from kpi_core.services.datasets import versions
from kpi_core.store.state import State

WORKSHOP = {
    "format": "kpi-workshop/1",
    "workshop": {"name": "受注拡大"},
    "sources": [{"code": "sfa", "kind": "sfa"}],
    "datasets": [{"code": "sales", "source": "sfa"}],
    "nodes": [],
}
TOP = "売上報告（単位：千円）,,\n支店,日,売上\n"
APRIL = TOP + "東京,2026-04-01,10\n大阪,2026-04-02,20\n合計,,30\n"
MAY = TOP + "東京,2026-05-01,11\n合計,,11\n"


@pytest.fixture
def april(tmp_path: Path) -> Path:
    path = tmp_path / "april.csv"
    path.write_text(APRIL, encoding="utf-8")
    return path


@pytest.fixture
def workshop(cli, tmp_path: Path) -> str:
    path = tmp_path / "workshop.json"
    path.write_text(json.dumps(WORKSHOP, ensure_ascii=False), encoding="utf-8")
    return str(cli("import", path, "--json").document["workshop"])


def test_inspect_applies_nothing_unasked_and_prints_what_it_applied(cli, april: Path) -> None:
    usual = cli("inspect", april, "--json").document
    assert (usual["rows"], "recipe" in usual) == (3, False)
    shaped = cli("inspect", april, "--recipe", "suggest", "--json").document
    assert shaped["rows"] == 2
    steps = [step["step"] for step in shaped["recipe"]["steps"]]
    assert steps == ["skip", "header", "drop_totals", "unit"]


def test_a_printed_recipe_is_read_again_kept_and_used_for_the_next_file(
    cli, workshop: str, april: Path, tmp_path: Path
) -> None:
    recipe = tmp_path / "recipe.json"
    recipe.write_text(cli("inspect", april, "--recipe", "suggest", "--json").out, encoding="utf-8")
    stored = ("ingest", workshop, "sales", april, "--recipe", recipe, "--keep-recipe", "--adding", "append", "--json")
    assert cli(*stored).document["rows"] == 2
    may = tmp_path / "may.csv"
    may.write_text(MAY, encoding="utf-8")
    assert cli("ingest", workshop, "sales", may, "--json").document["rows"] == 3
    again = cli("ingest", workshop, "sales", may, "--json")
    assert (again.code, again.document["error"]["code"]) == (2, "period_covered_twice")
    assert cli("ingest", workshop, "sales", may, "--twice", "new", "--json").document["rows"] == 3


def test_two_files_are_one_version(cli, workshop: str, april: Path, tmp_path: Path) -> None:
    may = tmp_path / "may.csv"
    may.write_text(MAY, encoding="utf-8")
    document = cli("ingest", workshop, "sales", april, may, "--recipe", "suggest", "--json").document
    assert document["rows"] == 3


@pytest.mark.parametrize(
    ("content", "code"), [("{", "recipe_unreadable"), ('{"steps": [{"step": "skip", "rows": 0}]}', "recipe_refused")]
)
def test_a_wrong_recipe_is_refused(cli, april: Path, tmp_path: Path, content: str, code: str) -> None:
    recipe = tmp_path / "recipe.json"
    recipe.write_text(content, encoding="utf-8")
    ran = cli("inspect", april, "--recipe", recipe, "--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, code)


def test_a_step_that_cannot_be_taken_is_named(cli, april: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.json"
    recipe.write_text('{"steps": [{"step": "header"}, {"step": "fill_down", "columns": ["支店名"]}]}', encoding="utf-8")
    document = cli("inspect", april, "--recipe", recipe, "--json", "--language", "en").document
    assert document["issues"][0]["code"].startswith("step_column")
    assert document["issues"][0]["message"].startswith("Step 2:")


WIDE = "2025年度 売上,,\n,,単位：千円\n支店,4月,5月\n東京,10,11\n大阪,20,21\n合計,30,32\n"


def test_the_next_years_file_is_refused_until_the_steps_are_mended(cli, workshop: str, tmp_path: Path) -> None:
    last, this = tmp_path / "売上_2025年度.csv", tmp_path / "売上_2026年度.csv"
    last.write_text(WIDE, encoding="utf-8")
    this.write_text(WIDE.replace("2025", "2026"), encoding="utf-8")
    cli("ingest", workshop, "sales", last, "--recipe", "suggest", "--keep-recipe", "--json")
    refused = cli("ingest", workshop, "sales", this, "--json", "--language", "en")
    problems = refused.document["error"]["problems"]
    assert (refused.code, [one["code"] for one in problems]) == (2, ["shape_year", "shape_mendable"])
    assert "says fiscal year 2026, but the steps read it as 2025" in problems[0]["message"]
    assert "--recipe mend" in problems[1]["message"]
    assert cli("ingest", workshop, "sales", this, "--recipe", "mend", "--json").document["issues"] == []
    assert cli("inspect", this, "--recipe", "mend", "--json").code == 2  # of no dataset, so nothing is kept


def test_steps_as_suggested_read_fiscal_years_as_the_workshop_has_them(cli, tmp_path: Path, state_path: Path) -> None:
    path, wide = tmp_path / "workshop.json", tmp_path / "売上_2025年度.csv"
    document = {**WORKSHOP, "workshop": {"name": "受注拡大", "fiscal_year_start": 1}}
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    workshop = str(cli("import", path, "--json").document["workshop"])
    wide.write_text("支店,1月,12月\n東京,10,11\n大阪,20,21\n", encoding="utf-8")
    cli("ingest", workshop, "sales", wide, "--recipe", "suggest", "--json")
    with State.open(state_path) as state:
        stored = pl.read_parquet(versions(state, workshop)[0].parquet)
    assert stored["期間"].dt.to_string().unique().sort().to_list() == ["2025-01-01", "2025-12-01"]
