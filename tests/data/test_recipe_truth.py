"""Japanese files as they are handed out become the table or the number known to be right, by recipe."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kpi_core.data.reading import Reading, ReadOptions, read_upload
from kpi_core.model.recipe import DropTotals, Header, JoinDate, KeepRows, Recipe, Skip, Step

Read = Callable[..., tuple[Reading, pl.DataFrame]]


@pytest.fixture
def read(shared: Path, tmp_path: Path) -> Read:
    """``read(pattern, *steps)``: by these steps, else by the recipe that the layout calls for."""

    def by_recipe(pattern: str, *steps: Step, **options: Any) -> tuple[Reading, pl.DataFrame]:
        path = next((shared / "data").glob(pattern))
        recipe = Recipe(steps=steps) if steps else read_upload(path, options=ReadOptions(suggest=True)).suggestion
        assert recipe is not None
        reading = read_upload(path, options=ReadOptions(recipe=recipe, **options), into=tmp_path)
        assert reading.parquet is not None, reading.problems
        return reading, pl.read_parquet(reading.parquet)

    return by_recipe


@pytest.fixture(scope="session")
def right(shared: Path) -> dict[str, Any]:
    checks = json.loads((shared / "data" / "truth_japan.json").read_text("utf-8"))["checks"]
    return {check["id"]: check["result"] for check in checks}


def test_three_blocks_side_by_side_equal_the_published_table(read: Read, right: dict[str, Any], shared: Path) -> None:
    _, table = read("b_shinjuku/*.xlsx")
    published = pl.read_csv(shared / "data" / "b_shinjuku" / "201807_all_expected.csv")
    assert table.select(published.columns).rows() == published.rows()
    sums = [table.height, *(table[name].sum() for name in ("世帯数", "男", "女", "計"))]
    assert sums == right["shinjuku_unpivot"]["xlsx_without_total"]
    assert [str(day) for day in table["基準日"].unique()] == [right["shinjuku_as_of"]]


def test_a_header_of_five_rows_and_the_total_above_the_data(read: Read, right: dict[str, Any]) -> None:
    reading, table = read("b_soumu/FY2024*", blank_failed=True)  # *** where too few live
    assert table.columns[8].split("／") == right["soumu24_header_path_col8"]
    people = table.columns[5]
    prefectures = table.filter(pl.col("市区町村名") == "-")
    assert [prefectures.height, prefectures[people].sum()] == right["soumu24_prefecture_sum"]
    tokyo = prefectures.row(by_predicate=pl.col("都道府県名") == "東京都")
    assert [tokyo[5], tokyo[10], tokyo[16]] == right["soumu24_tokyo"]
    assert {str(day) for day in table["基準日"].unique()} == {"2024-01-01"}
    assert [column.unit for column in reading.columns if "増減率" in column.name] == ["percent"] * 3


def test_rows_picked_by_hand(read: Read, right: dict[str, Any]) -> None:
    top = (Skip(step="skip", rows=1), Header(step="header", rows=5))
    _, total = read("b_soumu/FY2024*", *top, KeepRows(step="keep_rows", column="都道府県名", values=("合計",)))
    assert list(total.row(0)[3:7]) == right["soumu24_total_row"]
    prefectures = KeepRows(step="keep_rows", column="市区町村名", values=("-",))
    without = DropTotals(step="drop_totals", column="都道府県名", words=("合計",))
    _, table = read("b_soumu/FY2024*", *top, prefectures, without)
    assert [table.height, table[table.columns[5]].sum()] == right["soumu24_prefecture_sum"]


def test_migration_without_the_national_row(read: Read, right: dict[str, Any]) -> None:
    _, table = read("b_soumu/FY2025*")
    assert table.columns[0] == "項目"  # the file names it nowhere
    inward, *_, increase = table.columns[1:8]
    truth = right["mig_total_vs_sum"]
    assert (table.height, [table[inward].sum(), table[increase].sum()]) == (truth["n"], truth["sum47"])
    a, b, c, d, e, f, result = (pl.col(name) for name in table.columns[1:8])
    assert table.select((a - b + c - d + e - f - result).abs().max()).item() == right["mig_identity"]


@pytest.mark.parametrize("pattern", ["b_takamatsu/0097*.xlsx"])
def test_taxes_without_their_totals(read: Read, right: dict[str, Any], pattern: str) -> None:
    _, table = read(pattern)
    assert [table["adjustedAmount"].sum(), table["incomeAmount"].sum()] == right["tax_total"]["detail"]
    by_item = dict(table.group_by("taxItem").agg(pl.col("incomeAmount").sum()).rows())
    assert by_item == right["tax_by_item"]
    ratio = table["incomeAmount"].sum() / table["adjustedAmount"].sum() * 100
    assert ratio == pytest.approx(right["tax_rate_recomputed"]["ratio_of_sums"], rel=1e-12)
    assert {str(day) for day in table["year"].unique()} == {"2024-04-01"}  # 令和6年度


def test_moves_by_month_with_the_year_of_the_file_name(read: Read, right: dict[str, Any]) -> None:
    _, table = read("b_takamatsu/0092*2020*")
    inward, outward = table.columns[2:8], table.columns[8:14]
    sums = table.select("年月", inn=pl.sum_horizontal(inward), out=pl.sum_horizontal(outward))
    truth = right["move_2020"]
    assert (sums["inn"].sum(), sums["out"].sum()) == (truth["inn"], truth["out"])
    assert {str(day.month): inn - out for day, inn, out in sums.rows()} == truth["net"]
    assert {day.year for day in sums["年月"]} == {2020}


def test_population_below_rows_of_description(read: Read, right: dict[str, Any]) -> None:
    _, table = read("b_takamatsu/0066*_old.csv", day_first={"surveyDate": False}, blank_failed=True)
    sums = [table.height, *(table[name].sum() for name in ("totalPopulation", "male", "woman"))]
    assert sums == right["pop_202303_csv"]


def test_census_without_its_footnotes(read: Read, right: dict[str, Any]) -> None:
    _, table = read("b_misc/c01*", blank_failed=True)
    truth = right["c01_by_year"]
    assert table.height == truth["rows"] - truth["footnote_rows"]
    by_year = table.group_by("西暦（年）").agg(pl.col("人口（総数）").sum()).rows()
    assert {str(year): float(people) for year, people in by_year} == truth["pop"]


def test_the_years_of_the_eras_are_the_calendar_years(read: Read, right: dict[str, Any]) -> None:
    notes = read("b_misc/c01*", blank_failed=True)[0]
    assert notes.rows == right["c01_wareki"][1]
    whole = KeepRows(step="keep_rows", column="元号", op="filled")
    era = JoinDate(step="join_date", name="年", year="和暦（年）", era="元号")
    _, table = read("b_misc/c01*", Header(step="header"), whole, era, blank_failed=True)
    equal = int((table["年"].dt.year() == table["西暦（年）"]).sum())
    assert [equal, table.height] == list(right["c01_wareki"])


def test_money_base_in_full_yen_by_month(read: Read, right: dict[str, Any]) -> None:
    reading, table = read("b_misc/boj*")
    assert table.columns[:3] == [  # without the code, the group that all share, and the unit that is done
        "年月",
        "マネタリーベース平均残高（前年比）",
        "マネタリーベース平均残高／うち 日本銀行券発行高（前年比）",
    ]
    now, before, growth, published, months = right["boj"]
    assert table.height == months
    rows = {str(row[0]): row for row in table.rows()}
    april, year_ago = rows["2019-04-01"], rows["2018-04-01"]
    assert [april[5], year_ago[5]] == [now * 10**8, before * 10**8]  # 億円
    assert april[1] == pytest.approx(published / 100, rel=1e-12)
    assert (april[5] / year_ago[5] - 1) * 100 == pytest.approx(growth, rel=1e-12)
    assert reading.columns[5].unit == "JPY"


@pytest.mark.parametrize(
    "pattern",
    [
        "b_misc/syukujitsu*",
        "b_100knocks/product_full_CP932*",
        "b_yaizu/*",
        "b_takamatsu/0066*.xlsx",
        "a_maven_crm/*.csv",
    ],
)
def test_a_plain_table_needs_no_recipe(shared: Path, pattern: str) -> None:
    for path in (shared / "data").glob(pattern):
        assert read_upload(path, options=ReadOptions(suggest=True)).suggestion is None


def test_a_suggestion_changes_nothing_by_itself(shared: Path) -> None:
    path = next((shared / "data").glob("b_shinjuku/*.xlsx"))
    asked, usual = read_upload(path, options=ReadOptions(suggest=True)), read_upload(path)
    assert (asked.rows, asked.columns, asked.head) == (usual.rows, usual.columns, usual.head)
