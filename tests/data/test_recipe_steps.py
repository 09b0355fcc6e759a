"""Each step of a recipe on cells worked by hand, and what a layout makes us propose."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from kpi_core.data.shaping.applying import shaped
from kpi_core.data.shaping.periods import date_in, period_in, year_in
from kpi_core.data.shaping.sheet import Sheet, sheet_of
from kpi_core.data.shaping.suggesting import suggest
from kpi_core.data.shaping.units import scale_of, unit_in, written_out
from kpi_core.model.recipe import (
    AddColumn,
    Blocks,
    DropEmpty,
    DropNotes,
    DropTotals,
    FillDown,
    Header,
    JoinDate,
    KeepRows,
    Names,
    Recipe,
    Rename,
    Skip,
    Step,
    Unit,
    Unpivot,
)

HEADER = Header(step="header")


def sheet(text: str, file_name: str = "売上.csv") -> Sheet:
    """A line a row, | between cells."""
    rows = [[cell.strip() for cell in line.split("|")] for line in text.strip("\n").splitlines()]
    width = max(map(len, rows))
    padded = [[*row, *[""] * (width - len(row))] for row in rows]
    frame = pl.DataFrame(padded, schema={f"c{at}": pl.String for at in range(width)}, orient="row")
    return sheet_of(frame.lazy(), padded, file_name)


def table(text: str, *steps: Step, file_name: str = "売上.csv") -> list[tuple[str | None, ...]]:
    """The names, then the rows."""
    after, problems = shaped(sheet(text, file_name), steps)
    assert problems == ()
    return [after.names, *after.cells.select(after.names).rows()]


def code_of(text: str, *steps: Step) -> str:
    return shaped(sheet(text), steps)[1][0].code


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("2026年4月", date(2026, 4, 1)),
        ("２０２６年４月", date(2026, 4, 1)),
        ("2026/04", date(2026, 4, 1)),
        ("202604", date(2026, 4, 1)),
        ("令和8年4月", date(2026, 4, 1)),
        ("Apr-26", date(2026, 4, 1)),
        ("2026", date(2026, 1, 1)),
        ("令和8年度", date(2026, 4, 1)),
        ("令和元年度", date(2019, 4, 1)),
        ("FY26 Q1", date(2026, 4, 1)),
        ("FY2026", date(2026, 4, 1)),
        ("2026年度第4四半期", date(2027, 1, 1)),
        ("2026年度下期", date(2026, 10, 1)),
        ("2026年度2月", date(2027, 2, 1)),
        ("4月", date(2025, 4, 1)),
        ("3月", date(2026, 3, 1)),
        ("上期", date(2025, 4, 1)),
        ("3Q", date(2025, 10, 1)),
    ],
)
def test_periods_begin_on_their_first_day(text: str, first: date) -> None:
    written = period_in(text)
    assert written is not None
    assert written.first_day(2025, 4) == first


@pytest.mark.parametrize("text", ["", "合計", "売上", "13月", "H1", "S3", "M2", "123", "東京都", "2026年4月1日", "Q5"])
def test_other_words_are_no_period(text: str) -> None:
    assert period_in(text) is None


def test_a_fiscal_year_begins_where_it_is_said_to() -> None:
    written = period_in("FY26 Q4")
    assert written is not None
    assert (written.first_day(None, 1), written.first_day(None, 10)) == (date(2026, 10, 1), date(2027, 7, 1))


def test_dates_inside_titles_and_file_names() -> None:
    assert date_in("平成３０年７月１日現在") == date(2018, 7, 1)
    assert date_in("201807_all") == date(2018, 7, 1)
    assert date_in("売上_2026-04-30") == date(2026, 4, 30)
    assert date_in("report_20260431") is None
    assert (year_in("0092_転入転出_2020"), year_in("令和6年度決算"), year_in("売上")) == (2020, 2024, None)


@pytest.mark.parametrize(
    ("text", "unit", "full"),
    [
        ("1,234", "千円", "1234000円"),
        ("1,234.5", "百万円", "1234500000円"),
        ("△12", "千円", "-12000円"),
        ("(3)", "億円", "-300000000円"),
        ("0.07", "百万円", "70000円"),
        ("12.5", "％", "12.5%"),
        ("12.5%", "％", "12.5%"),
        ("3", "千人", "3000"),
        ("5", "USD million", "$5000000"),
        ("－", "千円", "－"),
        ("", "千円", ""),
    ],
)
def test_numbers_are_written_out_in_full(text: str, unit: str, full: str) -> None:
    scale = scale_of(unit)
    assert scale is not None
    assert written_out(text, scale) == full


def test_units_are_found_in_headers_and_corners() -> None:
    found = [unit_in(one) for one in ("売上（千円）", "（単位：百万円）", "単位:億円", "人口／千人", "構成比(%)")]
    assert found == ["千円", "百万円", "億円", "千人", "%"]
    assert [unit_in(one) for one in ("売上（税込）", "氏名", "売上")] == [None, None, None]


def test_merged_headers_are_flattened() -> None:
    text = """
 支店 | 売上 |  | 件数 |
      | 4月 | 5月 | 4月 | 5月
 東京 | 10 | 20 | 1 | 2"""
    names = ("支店", "売上／4月", "売上／5月", "件数／4月", "件数／5月")
    assert table(text, Header(step="header", rows=2)) == [names, ("東京", "10", "20", "1", "2")]


def test_wide_months_of_two_measures_become_rows() -> None:
    text = """
 支店 | 売上 |  | 件数 |
      | 4月 | 1月 | 4月 | 1月
 東京 | 10 | 20 | 1 |"""
    assert table(text, Header(step="header", rows=2), Unpivot(step="unpivot", year=2026)) == [
        ("支店", "期間", "売上", "件数"),
        ("東京", "2026-04-01", "10", "1"),
        ("東京", "2027-01-01", "20", None),
    ]


def test_unpivot_says_what_it_lacks() -> None:
    unpivot = Unpivot(step="unpivot")
    assert code_of("店|4月|5月\n東|1|2", HEADER, unpivot) == "step_year_missing"
    assert code_of("店|男|女\n東|1|2", HEADER, unpivot) == "step_no_periods"
    assert code_of("店|2026/04|2026年4月\n東|1|2", HEADER, unpivot) == "step_period_twice"
    assert code_of("店|2026年4月|値\n東|1|2", HEADER, unpivot) == "step_column_twice"


def test_blocks_notes_totals_and_gaps() -> None:
    text = """
 店 | 数 | | 店 | 数
 a | 1 | | c | 3
 b | 2 | | 合 計 | 6
 ※速報値 | | | |"""
    steps = (
        HEADER,
        DropNotes(step="drop_notes", marks=("※",)),
        DropEmpty(step="drop_empty"),
        Blocks(step="blocks", width=2),
        DropTotals(step="drop_totals", column="店", words=("合計",)),
    )
    assert table(text, *steps) == [("店", "数"), ("a", "1"), ("b", "2"), ("c", "3")]


def test_an_empty_column_is_a_gap_also_where_another_has_the_name_it_would_get() -> None:
    text = "店 | column_3 | | 数\na | 1 | | 2\nb | 3 | | 4"
    assert table(text, HEADER, DropEmpty(step="drop_empty")) == [
        ("店", "column_3", "数"),
        ("a", "1", "2"),
        ("b", "3", "4"),
    ]


def test_years_once_and_dates_in_parts() -> None:
    text = """
 年 | 月 | 日 | 売上
 2025 | 12 | 31 | 5
  | 2 | 30 | 7"""
    steps = (HEADER, FillDown(step="fill_down", columns=("年",)))
    joined = JoinDate(step="join_date", year="年", month="月", day="日")
    # 30 February is none: the parts stay for typing to tell
    assert table(text, *steps, joined) == [("日付", "売上"), ("2025-12-31", "5"), ("2025 2 30", "7")]


def test_names_given_renamed_and_rows_kept() -> None:
    steps = (
        Names(step="names", names=("県", "数")),
        KeepRows(step="keep_rows", column="県", op="starts", values=("東", "大")),
        Rename(step="rename", names=(("県", "都道府県"),)),
    )
    assert table("東京|1\n京都|2\n大阪|3", *steps) == [("都道府県", "数"), ("東京", "1"), ("大阪", "3")]


def test_values_from_the_title_and_the_file_name() -> None:
    title = AddColumn(step="add_column", name="基準日")
    year = AddColumn(step="add_column", name="年", source="file_name", what="year")
    text = "令和8年3月31日現在|\n店|数\na|1"
    after = table(text, Skip(step="skip", rows=1), HEADER, title, year, file_name="売上_2025.csv")
    assert after == [("店", "数", "基準日", "年"), ("a", "1", "2026-03-31", "2025")]
    assert code_of("店|数\na|1", HEADER, year) == "step_value_missing"


def test_a_column_that_is_gone_is_named_with_the_nearest() -> None:
    _, (problem,) = shaped(sheet("店舗|売上金額\na|1"), (HEADER, Unit(step="unit", columns=("売上額",), unit="千円")))
    assert (problem.code, problem.params["near"], problem.params["number"]) == ("step_column_near", "売上金額", 2)


def test_the_layout_of_a_finance_report_is_proposed_whole() -> None:
    text = """
 2026年度 予算実績 | | | | | （単位：千円）
 部門 | 科目 | 4月 | 5月 | 6月 | 合計
 営業部 | 売上 | 1,000 | 1,100 | 1,200 | 3,300
  | 経費 | 200 | 210 | 220 | 630
 開発部 | 売上 | 10 | 11 | 12 | 33
  | 経費 | 5 | 6 | 7 | 18
 合計 | | 1,215 | 1,327 | 1,439 | 3,981
 注：速報値 | | | | |"""
    steps = suggest(sheet(text))
    assert [one.step for one in steps] == [
        "skip",
        "header",
        "drop_notes",
        "fill_down",
        "drop_totals",
        "drop_columns",
        "unpivot",
        "unit",
    ]
    rows = table(text, *steps)
    assert rows[0] == ("部門", "科目", "期間", "値")
    assert len(rows) == 1 + 4 * 3
    assert ("営業部", "経費", "2026-05-01", "210000円") in rows


@pytest.mark.parametrize("header", ["店|2026年4月|2026年5月", "店|2024|2025|2026", "店|FY24|FY25|FY26"])
def test_headers_that_look_like_values_are_headers(header: str) -> None:
    columns = header.count("|")
    rows = "\n".join("|".join([name, *["1234"] * columns]) for name in ("東京", "大阪", "名古屋"))
    steps = suggest(sheet(f"{header}\n{rows}"))
    assert [one.step for one in steps] == ["header", "unpivot"]


def test_a_recipe_is_kept_whole_without_its_defaults() -> None:
    recipe = Recipe(steps=(HEADER, Unpivot(step="unpivot"), DropEmpty(step="drop_empty")))
    document = recipe.model_dump(mode="json", exclude_defaults=True)
    assert document == {"steps": [{"step": "header"}, {"step": "unpivot"}, {"step": "drop_empty"}]}
    assert Recipe.model_validate(document) == recipe


def suggested_table(text: str) -> tuple[tuple[Step, ...], tuple[str, ...], list[tuple[str | None, ...]]]:
    """The steps proposed for a sheet, and what they make of it."""
    steps = suggest(sheet(text))
    made, problems = shaped(sheet(text), steps)
    assert not problems
    return steps, made.names, made.cells.select(made.names).rows()


def test_a_unit_in_the_corner_is_applied_and_the_labels_get_a_name() -> None:
    rows = "東京 | 12 | 13\n大阪 | 7 | 8.5\n名古屋 | 3 | 4"
    _, names, cells = suggested_table(f"（単位：千円） | 売上 | 原価\n{rows}")
    assert names == ("項目", "売上", "原価")
    assert cells[1] == ("大阪", "7000円", "8500円")
    steps, names, cells = suggested_table(f"（人） | 転入 | 転出\n{rows}")
    assert (names, cells[0]) == (("項目", "転入", "転出"), ("東京", "12", "13"))
    assert Unit(step="unit", columns=("転入", "転出"), unit="人") in steps  # a head count scales nothing: it is kept
    _, names, cells = suggested_table("千円 | 2026年4月 | 2026年5月\n東京 | 12 | 13\n大阪 | 7 | 8")
    assert (names, cells[0]) == (("項目", "期間", "値"), ("東京", "2026-04-01", "12000円"))


@pytest.mark.parametrize("name", ["2024年", "4月", "令和6年度", "2024 年", "前年度", "当月", "前年同月", "Amount paid"])
def test_a_unit_said_of_the_table_is_that_of_a_column_named_after_a_period(name: str) -> None:
    steps, names, cells = suggested_table(f"（単位：千円） | {name} | 増減\n東京 | 12 | 3\n大阪 | 7 | 8")
    assert Unit(step="unit", columns=(name, "増減"), unit="千円") in steps
    assert (names, cells[0]) == (("項目", name, "増減"), ("東京", "12000円", "3000円"))


@pytest.mark.parametrize(
    "name",
    ["前年比", "構成比", "達成率", "件数", "社員数", "人員", "年", "対象年度", "店コード", "会員ID", "Win rate"],
)
def test_a_unit_of_money_said_of_the_table_is_not_that_of_a_share_a_count_or_a_code(name: str) -> None:
    steps, _, cells = suggested_table(f"（単位：千円） | 売上 | {name}\n東京 | 12 | 3\n大阪 | 7 | 8")
    assert Unit(step="unit", columns=("売上",), unit="千円") in steps
    assert cells == [("東京", "12000円", "3"), ("大阪", "7000円", "8")]


def test_percent_said_of_the_table_is_that_of_its_shares() -> None:
    _, _, cells = suggested_table("（％） | 達成率 | 前年比\n東京 | 98.5 | 103\n大阪 | 87 | 99")
    assert cells[0] == ("東京", "98.5%", "103%")


MONTHS = "4月 | 5月 | 6月 | 7月 | 8月 | 9月 | 10月 | 11月 | 12月 | 1月 | 2月 | 3月"
RUNNING = "東京 | 2000 | 2010 | 2020 | 2030 | 2040 | 2050 | 2060\n大阪 | 4000 | 4010 | 4020 | 4030 | 4040 | 4050 | 4060"


@pytest.mark.parametrize("start", ["2026年度 売上（千円）\n部門 | ", "2026年度 売上\n | | | （単位：千円）\n部門 | "])
def test_a_running_year_is_unpivoted_whatever_its_amounts_look_like(start: str) -> None:
    """Amounts such as 2,000 are no years, and the months to come are empty."""
    _, names, cells = suggested_table(f"{start}{MONTHS}\n{RUNNING}")
    assert names == ("部門", "期間", "値")
    assert (cells[0], cells[-1], len(cells)) == (
        ("東京", "2026-04-01", "2000000円"),
        ("大阪", "2026-10-01", "4060000円"),
        14,
    )


def test_a_running_year_of_dated_months_is_unpivoted() -> None:
    _, names, cells = suggested_table(
        "部門 | 2026年4月 | 2026年5月 | 2026年6月 | 2026年7月\n東京 | 2000 | 2010 | 2020 |"
    )
    assert (names, cells) == (
        ("部門", "期間", "値"),
        [("東京", f"2026-0{4 + at}-01", f"20{at}0") for at in range(3)],
    )


def test_a_year_that_only_the_person_knows_keeps_the_unit() -> None:
    steps = suggest(sheet("（千円） | 4月 | 5月\n東京 | 12 | 13\n大阪 | 7 | 8"))
    assert [one.step for one in steps] == ["header", "rename", "unpivot", "unit"]
    made, problems = shaped(sheet("（千円） | 4月 | 5月\n東京 | 12 | 13\n大阪 | 7 | 8"), steps)
    assert [one.code for one in problems] == ["step_year_missing"]
    told = tuple(one.model_copy(update={"year": 2026}) if isinstance(one, Unpivot) else one for one in steps)
    made, problems = shaped(sheet("（千円） | 4月 | 5月\n東京 | 12 | 13\n大阪 | 7 | 8"), told)
    assert problems == ()
    assert made.cells.select(made.names).rows()[0] == ("東京", "2026-04-01", "12000円")


def test_a_unit_in_the_corner_that_nothing_takes_stays_where_it_is() -> None:
    assert not [one for one in suggest(sheet("（千円） | 件数\n東京 | 12\n大阪 | 7")) if isinstance(one, Rename)]


@pytest.mark.parametrize("label", ["支店", ""])
def test_merged_months_over_actuals_and_plans_are_a_header_of_two_rows(label: str) -> None:
    text = f"支店別 実績・計画\n支店 | 2026年4月 | | 2026年5月 |\n{label} | 実績 | 計画 | 実績 | 計画\n"
    _, names, cells = suggested_table(f"{text}東京 | 100 | 110 | 120 | 115\n大阪 | 50 | 60 | 55 | 60")
    assert names == ("支店", "期間", "実績", "計画")
    assert cells[0] == ("東京", "2026-04-01", "100", "110")
    assert cells[3] == ("大阪", "2026-05-01", "55", "60")


def test_a_first_row_without_a_value_is_no_header() -> None:
    steps, _, cells = suggested_table(
        "支店 | 売上 | 原価\n新店 | － | －\n東京 | 100 | 90\n大阪 | 50 | 40\n計 | 150 | 130"
    )
    assert steps[0] == HEADER
    assert cells[0] == ("新店", "－", "－")


def test_sums_between_months_are_left_out() -> None:
    header = "担当 | 4月 | 5月 | 6月 | 第1四半期計 | 7月 | 8月 | 9月 | 2Q計 | 上期計 | 年度合計 | 月平均"
    rows = "佐藤 | 1 | 2 | 3 | 6 | 4 | 5 | 6 | 15 | 21 | 21 | 3.5"
    _, names, cells = suggested_table(f"令和7年度\n{header}\n{rows}\n{rows.replace('佐藤', '鈴木')}")
    assert names == ("担当", "期間", "値")
    assert [cell for who, _, cell in cells if who == "佐藤"] == ["1", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize(
    ("rows", "days"),
    [
        ("2025年 | 10 | 1\n | 11 | 2\n2026年 | 1 | 3", ["2025-10-01", "2025-11-01", "2026-01-01"]),
        ("令和7年 | 10月 | 1\n令和7年 | 11月 | 2\n令和8年 | 1月 | 3", ["2025-10-01", "2025-11-01", "2026-01-01"]),
        ("2025 | 10 | 1\n | 11 | 2\n | 12 | 3", ["2025-10-01", "2025-11-01", "2025-12-01"]),
    ],
)
def test_a_year_written_once_or_in_words_beside_its_months_is_a_date(rows: str, days: list[str]) -> None:
    _, names, cells = suggested_table(f"年 | 月 | 件数\n{rows}")
    assert names == ("年月", "件数")
    assert [day for day, _ in cells] == days


def test_subtotals_by_group_are_left_out_and_nothing_is_filled_into_them() -> None:
    east = "東日本 | 東京 | 10\n | 札幌 | 20\n東日本 小計 | | 30"
    rows = f"{east}\n西日本 | 大阪 | 5\n | 福岡 | 6\n西日本 小計 | | 11\n合計 | | 41"
    steps, _, cells = suggested_table(f"地域 | 支店 | 売上\n{rows}")
    assert FillDown(step="fill_down", columns=("地域",)) in steps
    assert cells == [
        ("東日本", "東京", "10"),
        ("東日本", "札幌", "20"),
        ("西日本", "大阪", "5"),
        ("西日本", "福岡", "6"),
    ]


def test_a_sum_that_says_of_what_it_is_one_is_left_out() -> None:
    rows = "2026-04-01 | 広告A | 10\n2026-04-02 | 広告B | 20\n2026-04-03 | 広告A | 5\nTotal: Account |  | 35"
    steps, _, cells = suggested_table(f"Day | Campaign | Cost\n{rows}")
    assert DropTotals(step="drop_totals", column="Day", words=("Total:Account",)) in steps
    assert sum(int(cost or 0) for _, _, cost in cells) == 35


def test_a_word_that_ends_like_a_sum_is_none() -> None:
    steps = suggest(
        sheet("部署 | 関連部署 | 人数\n会計 | 関東 | 3\n設計 | 関東 | 5\n関東計 | 全体 | 8\n営業 | 関西 | 9")
    )
    assert [one for one in steps if isinstance(one, DropTotals) and one.column == "部署"] == [
        DropTotals(step="drop_totals", column="部署", words=("関東計",))
    ]


@pytest.mark.parametrize(
    "label",
    ["体温計 | 3", "売上合計 | 3", "販売費及び一般管理費合計 | 3", "Colgate Total | 3", "Leads Total | 3"],
)
def test_what_only_sounds_like_a_sum_stays(label: str) -> None:
    steps = suggest(sheet(f"項目 | 4月分\n体重 | 5\n客数 | 4\n{label}\n家賃 | 9"))
    assert not [one for one in steps if isinstance(one, DropTotals)]


def test_a_total_is_left_out_beside_sums_of_groups_of_one() -> None:
    steps = suggest(sheet("地域 | 売上\n東 | 1\n東計 | 1\n西 | 2\n西計 | 2\n合計 | 3"))
    (step,) = [one for one in steps if isinstance(one, DropTotals)]
    assert "合計" in step.words


@pytest.mark.parametrize("header", ["科目 | 2023 | 2024 | 2025", "科目 | 前期 | 当期 | 増減", "科目 | 4月 | 5月 | 6月"])
def test_the_heading_of_the_rows_that_follow_is_no_header(header: str) -> None:
    steps = suggest(sheet(f"{header}\n営業収益 | | |\n売上高 | 1000 | 1200 | 1300\n雑収入 | 10 | 20 | 30"))
    assert not [one for one in steps if isinstance(one, Header) and one.rows > 1]


def test_a_first_row_in_words_below_years_of_their_own_is_no_header() -> None:
    rows = "新宿 | 佐藤 | 休業 | 休業 | 休業\n渋谷 | 鈴木 | 10 | 20 | 30\n池袋 | 田中 | 11 | 21 | 31"
    steps = suggest(sheet(f"店舗 | 担当 | 2023 | 2024 | 2025\n{rows}"))
    assert not [one for one in steps if isinstance(one, Header) and one.rows > 1]


@pytest.mark.parametrize("label", ["", "年度", "会計年", "FY"])
def test_years_below_words_of_their_own_are_a_header_where_no_label_says_otherwise(label: str) -> None:
    steps = suggest(
        sheet(f"科目 | 前々期 | 前期 | 当期\n{label} | 2023 | 2024 | 2025\n売上 | 10 | 20 | 30\n原価 | 4 | 5 | 6")
    )
    assert steps[0] == Header(step="header", rows=2)


def test_a_year_written_once_over_months_that_begin_anew_is_not_carried() -> None:
    months = "\n".join(f" | {month} | {month}" for month in (5, 6, 12, 1, 2, 3))
    steps = suggest(sheet(f"年 | 月 | 件数\n2025 | 4 | 4\n{months}"))
    assert not [one for one in steps if isinstance(one, FillDown)]  # January is not one of 2025
    steps = suggest(sheet(f"年度 | 月 | 件数\n2025 | 4 | 4\n{months}"))
    assert [one for one in steps if isinstance(one, FillDown)]


@pytest.mark.parametrize("name", ["Discount", "Account", "Corporate", "前々年", "先月", "初年度"])
def test_a_unit_of_money_said_of_the_table_is_that_of_amounts_by_any_name(name: str) -> None:
    _, _, cells = suggested_table(f"（単位：千円） | {name} | 売上\n東京 | 12 | 3\n大阪 | 7 | 8")
    assert cells[0] == ("東京", "12000円", "3000円")


@pytest.mark.parametrize("name", ["WinRate", "lead_count", "LeadCount", "型番", "品番", "SKU", "店舗TEL"])
def test_a_unit_of_money_said_of_the_table_is_not_that_of_these(name: str) -> None:
    _, _, cells = suggested_table(f"（単位：千円） | {name} | 売上\n東京 | 12 | 3\n大阪 | 7 | 8")
    assert cells[0] == ("東京", "12", "3000円")


def test_percent_said_of_the_table_is_not_that_of_heads() -> None:
    _, _, cells = suggested_table("（％） | 満足 | 回答者数\n東京 | 45.5 | 300\n大阪 | 50 | 200")
    assert cells[0] == ("東京", "45.5%", "300")


def test_a_name_loses_its_unit_where_the_numbers_are_in_full() -> None:
    _, names, cells = suggested_table(
        "月 | 売上（千円） | CVR（％） | 備考（千円）\n2026年4月 | 12 | 3.5 | なし\n2026年5月 | 13 | 4 | 見込"
    )
    assert names == ("月", "売上", "CVR（％）", "備考（千円）")
    assert cells[0] == ("2026-04-01", "12000円", "3.5%", "なし")
    _, names, _ = suggested_table("月 | 売上（千円） | 売上\n2026年4月 | 12 | 3\n2026年5月 | 13 | 4")
    assert names == ("月", "売上（千円）", "売上")  # two of one name would be worse


def test_a_corner_over_periods_is_the_unit_and_the_periods_get_their_name() -> None:
    rows = "2026年4月 | 12 | 13\n2026年5月 | 7 | 8"
    _, names, cells = suggested_table(f"（千円） | 売上 | 原価\n{rows}")
    assert names == ("年月", "売上", "原価")
    assert cells[0] == ("2026-04-01", "12000円", "13000円")


def test_labels_without_a_name_are_called_items_and_numbers_are_not() -> None:
    _, names, _ = suggested_table(" | 売上 | 原価\n東京 | 12 | 13\n大阪 | 7 | 8")
    assert names == ("項目", "売上", "原価")
    assert suggest(sheet(" | 売上 | 原価\n0 | 12 | 13\n1 | 7 | 8")) == ()  # a row number nobody named
    taken = suggest(sheet(" | 項目 | 売上\n東京 | 家賃 | 13\n大阪 | 家賃 | 8"))
    assert not [step for step in taken if isinstance(step, Rename)]


@pytest.mark.parametrize("name", ["人", "日", "社", "支店（千円）", "支店"])
def test_a_name_that_is_more_than_a_unit_stays(name: str) -> None:
    steps = suggest(sheet(f"{name} | 売上 | 原価\n東京 | 12 | 13\n大阪 | 7 | 8"))
    assert not [step for step in steps if isinstance(step, Rename | Unit)]


def test_a_fiscal_year_and_a_month_in_columns_of_their_own_are_a_period() -> None:
    rows = "2025 | 12 | 東京 | 10\n2025 | 2 | 東京 | 20\n2026 | 4 | 東京 | 30"
    steps, names, cells = suggested_table(f"年度 | 月 | 支店 | 売上\n{rows}")
    assert JoinDate(step="join_date", name="年月", year="年度", month="月") in steps
    assert names == ("年月", "支店", "売上")
    assert [row[0] for row in cells] == ["2025-12-01", "2026-02-01", "2026-04-01"]
    own = JoinDate(name="年月", year="年度", month="月", start=1)  # a year that begins in January
    assert [row[0] for row in table("年度 | 月\n2025 | 2", HEADER, own)][1:] == ["2025-02-01"]
    plain = JoinDate(name="年月", year="年", month="月")
    assert [row[0] for row in table("年 | 月\n2025 | 2", HEADER, plain)][1:] == ["2025-02-01"]
