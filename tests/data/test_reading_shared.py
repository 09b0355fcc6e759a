"""Real exports read to the numbers known to be right."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from kpi_core.data.reading import Reading, ReadOptions, read_upload
from kpi_core.vocabulary import ColumnType


def _table(path: Path, folder: Path, options: ReadOptions | None = None) -> tuple[Reading, pl.DataFrame]:
    reading = read_upload(path, into=folder, options=options or ReadOptions())
    assert reading.parquet is not None, [problem.code for problem in reading.problems]
    return reading, pl.read_parquet(reading.parquet)


def _truth(shared: Path, name: str) -> dict[str, object]:
    checks = json.loads((shared / "data" / f"truth_{name}.json").read_text("utf-8"))["checks"]
    return {check["id"]: check["result"] for check in checks}


def test_sales_pipeline(shared: Path, tmp_path: Path) -> None:
    reading, table = _table(shared / "data" / "a_maven_crm" / "sales_pipeline.csv", tmp_path)
    assert reading.rows == 8800
    assert {column.name: column.nulls for column in reading.columns if column.nulls} == {
        "account": 1425,
        "engage_date": 500,
        "close_date": 2089,
        "close_value": 2089,
    }
    assert table.filter(pl.col("deal_stage") == "Won")["close_value"].sum() == 10_005_534


def test_telco_blanks_are_empty_and_flags_stay_text(shared: Path, tmp_path: Path) -> None:
    reading, table = _table(shared / "data" / "a_telco_churn" / "Telco-Customer-Churn.csv", tmp_path)
    columns = {column.name: column for column in reading.columns}
    assert (columns["TotalCharges"].type, columns["TotalCharges"].nulls) == (ColumnType.DECIMAL, 11)
    assert (columns["SeniorCitizen"].type, columns["Churn"].type) == (ColumnType.INTEGER, ColumnType.TEXT)
    assert table.filter(pl.col("Churn") == "Yes").height == 1869


def test_bank_marketing_is_separated_by_semicolons(shared: Path, tmp_path: Path) -> None:
    reading, table = _table(shared / "data" / "a_bank_marketing" / "bank-full.csv", tmp_path)
    assert (reading.delimiter, reading.rows) == (";", 45211)
    assert table.filter(pl.col("y") == "yes").height == 5289


def test_adventureworks_has_no_header(shared: Path, tmp_path: Path) -> None:
    reading, table = _table(shared / "data" / "a_adventureworks" / "FactCallCenter.csv", tmp_path)
    assert (reading.header_row, reading.delimiter, reading.rows) == (0, "|", 120)
    assert table["column_13"][0] == pytest.approx(0.03, rel=1e-15)


def test_pvm_transactions(shared: Path, tmp_path: Path) -> None:
    reading, table = _table(shared / "data" / "a_pvm" / "PVM Sample.xlsx", tmp_path)
    assert (reading.sheet, reading.rows) == ("Transactions", 53092)
    assert table.schema["DimDate"] == pl.Date
    prices, _ = _table(shared / "data" / "a_pvm" / "PVM Sample.xlsx", tmp_path, ReadOptions(sheet="Prices"))
    assert prices.rows == 148


def test_holidays_in_cp932(shared: Path, tmp_path: Path) -> None:
    reading, table = _table(shared / "data" / "b_misc" / "syukujitsu_cp932.csv", tmp_path)
    days = table.to_series(0)
    found = [reading.rows, int((days.dt.year() == 2019).sum()), str(days.min()), str(days.max())]
    assert found == _truth(shared, "japan")["holidays"]


def test_population_census_lists_what_does_not_convert_and_blanks_it_when_told(shared: Path, tmp_path: Path) -> None:
    path = next((shared / "data" / "b_misc").glob("c01_*.csv"))
    reading = read_upload(path)
    assert reading.blocked
    failed = [problem for problem in reading.problems if problem.column == "人口（総数）"]
    assert [(problem.row, problem.params["text"]) for problem in failed] == [(283, "-")]
    _, table = _table(path, tmp_path, ReadOptions(blank_failed=True))
    by_year = table.drop_nulls("西暦（年）").group_by("西暦（年）").agg(pl.col("人口（総数）").sum())
    truth = _truth(shared, "japan")["c01_by_year"]
    assert isinstance(truth, dict)
    assert {str(year): float(people) for year, people in by_year.rows()} == truth["pop"]


def test_money_base_statistics_with_rows_of_notes(shared: Path, tmp_path: Path) -> None:
    path = shared / "data" / "b_misc" / "boj_md01_m_1_cp932.csv"
    reading, table = _table(path, tmp_path, ReadOptions(blank_failed=True))
    assert reading.header_row == 4
    months = {row[0]: row for row in table.rows()}
    truth = _truth(shared, "japan")["boj"]
    assert isinstance(truth, list)
    assert [months["2019/04"][5], months["2018/04"][5], months["2019/04"][1]] == [truth[0], truth[1], truth[3]]


def test_traffic_accidents(shared: Path, tmp_path: Path) -> None:
    reading, table = _table(next((shared / "data" / "b_yaizu").glob("*.csv")), tmp_path)
    truth = _truth(shared, "japan")["yaizu"]
    assert isinstance(truth, dict)
    assert reading.rows == truth["rows"]
    assert [table[name].sum() for name in ("件数", "負傷者数", "死者数")] == [
        truth["ken"],
        truth["injured"],
        truth["dead"],
    ]
    months = table["発生日時（年月日）"].dt.strftime("%Y-%m").value_counts().rows()
    assert dict(months) == truth["by_month"]


def test_products_in_cp932_and_utf_8_are_the_same(shared: Path, tmp_path: Path) -> None:
    folder = shared / "data" / "b_100knocks"
    _, one = _table(folder / "product_full_CP932.csv", tmp_path)
    _, two = _table(folder / "product_full_UTF-8_noheader.csv", tmp_path)
    assert one.rows() == two.rows()
    truth = _truth(shared, "japan")["products"]
    assert isinstance(truth, dict)
    assert one["unit_price"].mean() == pytest.approx(truth["price"], rel=1e-12)
    assert one["unit_price"].null_count() == truth["nulls"]


def test_codes_below_two_byte_order_marks_keep_their_zeros(shared: Path, tmp_path: Path) -> None:
    reading, table = _table(shared / "data" / "b_100knocks" / "category_double_bom.csv", tmp_path)
    assert table.columns[0] == "category_major_cd"
    assert table.row(0)[:3] == ("04", "惣菜", "0401")
    assert {column.type for column in reading.columns} == {ColumnType.TEXT}


@pytest.mark.parametrize(
    ("file", "row"),
    [
        ("b_takamatsu/0097_市税決算_old.csv", 7),
        ("b_takamatsu/0066_人口_202303_old.csv", 7),
        ("b_takamatsu/0097_市税決算.xlsx", 1),
        ("b_shinjuku/201807_all.xlsx", 2),
        ("b_soumu/FY2024_住基人口動態.xlsx", 5),
        ("b_soumu/FY2025_社会増減.xlsx", 3),
    ],
)
def test_headers_of_japanese_statistics_are_found(shared: Path, file: str, row: int) -> None:
    assert read_upload(shared / "data" / file).header_row == row


def test_population_by_district(shared: Path, tmp_path: Path) -> None:
    path = next((shared / "data" / "b_takamatsu").glob("0066*_202303.xlsx"))
    reading = read_upload(path)
    assert "date_order_ambiguous" in {problem.code for problem in reading.problems}
    _, table = _table(path, tmp_path, ReadOptions(day_first={"surveyDate": False}, blank_failed=True))
    assert [table.height, *(table[name].sum() for name in ("totalPopulation", "male", "woman"))] == _truth(
        shared, "japan"
    )["pop_202303"]
