"""The next file by the steps kept for the last one: another year, another unit and other names are found and mended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kpi_core.data.reading import Reading, ReadOptions, read_upload
from kpi_core.data.shaping.drift import confirmed, renames, repaired, shape_changes
from kpi_core.data.shaping.periods import fiscal_year_in, year_in
from kpi_core.model.recipe import Header, Recipe, Skip, Unit
from kpi_core.vocabulary import Severity

WIDE = """{title},,,
,,,{unit}
{label},4月,5月,3月
東日本,10,11,12
西日本,20,21,22
合計,30,32,34
"""
DEALS = "案件ID,ステージ,金額(千円),作成日,担当者\nD1,受注,859,2026-04-01,鈴木\nD2,失注,576,2026-04-02,佐藤\n"
Read = Callable[..., Reading]


def wide(title: str = "2025年度 部門別売上実績", unit: str = "単位：千円", label: str = "部門") -> str:
    return WIDE.format(title=title, unit=unit, label=label)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def found(text: str, name: str = "売上.csv", recipe: Recipe | None = None, *, suggest: bool = False) -> Reading:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return read_upload(path, options=ReadOptions(recipe=recipe, suggest=suggest))

    return found


@pytest.fixture
def kept(read: Read) -> Callable[..., Recipe]:
    """The steps that the first file's layout asks for, as they are kept with its shape."""

    def found(text: str, name: str = "売上.csv") -> Recipe:
        recipe = read(text, name, suggest=True).suggestion
        assert recipe is not None
        return confirmed(recipe, read(text, name, recipe))

    return found


def changes(recipe: Recipe, reading: Reading) -> list[tuple[str, dict[str, object]]]:
    return [(one.code, dict(one.params)) for one in shape_changes(recipe, reading)]


def mended(recipe: Recipe, text: str, read: Read, name: str = "売上.csv") -> Reading:
    again = repaired(recipe, read(text, name, recipe))
    assert again is not None
    return read(text, name, again)


def columns(reading: Reading) -> list[str]:
    return [column.name for column in reading.columns]


def test_the_same_year_and_unit_are_no_change(read: Read, kept: Callable[..., Recipe]) -> None:
    recipe = kept(wide())
    assert changes(recipe, read(wide(), "売上.csv", recipe)) == []


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("2026年度 部門別売上実績", "売上.csv"),
        ("令和8年度 部門別売上実績", "売上.csv"),
        ("部門別売上実績", "売上_2026年度.csv"),
        ("部門別売上実績", "売上_FY26.csv"),
        ("2027年3月期 部門別売上実績", "売上.csv"),  # the year that ends in March 2027
        ("部門別売上実績(2026年10月末現在)", "売上.csv"),
        ("2025年度 部門別売上実績", "売上_2026年度.csv"),  # the title was left as it was
    ],
)
def test_another_fiscal_year_blocks_and_its_repair_reads_the_year_stated(
    read: Read, kept: Callable[..., Recipe], title: str, name: str
) -> None:
    recipe, text = kept(wide()), wide(title)
    reading = read(text, name, recipe)
    (change,) = shape_changes(recipe, reading)
    assert (change.code, dict(change.params), change.severity) == (
        "shape_year",
        {"old": "2025", "new": "2026"},
        Severity.ERROR,
    )
    days = {row[1] for row in mended(recipe, text, read, name).head}
    assert days == {"2026-04-01", "2026-05-01", "2027-03-01"}


@pytest.mark.parametrize("title", ["2025年度 売上(前年度:2024年度)", "2025年度 売上 2024年度比較"])
def test_a_second_year_that_stood_there_before_is_meant(read: Read, kept: Callable[..., Recipe], title: str) -> None:
    recipe = kept(wide(title))
    assert changes(recipe, read(wide(title), "売上.csv", recipe)) == []
    grown = title.replace("2025", "2026").replace("2024", "2025")
    assert changes(recipe, read(wide(grown), "売上.csv", recipe)) == [("shape_year", {"old": "2025", "new": "2026"})]


def test_a_day_in_the_files_name_is_when_it_was_made(read: Read, kept: Callable[..., Recipe]) -> None:
    recipe = kept(wide("2025年度 売上"), "売上_20260310.csv")
    reading = read(wide("2025年度 売上"), "売上_20260410.csv", recipe)  # March of 2025年度, exported in April
    assert changes(recipe, reading) == []
    reading = read(wide("売上"), "売上_20260410.csv", recipe)
    assert changes(recipe, reading) == [("year_as_kept", {"year": "2025"})]


def test_a_unit_that_was_mended_is_not_undone_by_the_next_file(read: Read) -> None:
    """金額(千円) once, 金額(円) from now on: called as before, read in yen."""
    text = "番号,顧客,金額(千円)\nA,甲,12\nB,乙,7\n"
    recipe = Recipe(steps=(Header(step="header"), Unit(step="unit", columns=("金額(千円)",), unit="千円")))
    recipe = confirmed(recipe, read(text, recipe=recipe))
    now = "番号,顧客,金額(円)\nA,甲,12000\nB,乙,7000\n"
    again = repaired(recipe, read(now, recipe=recipe))
    assert again is not None
    assert [row[2] for row in read(now, recipe=again).head] == ["12000", "7000"]
    assert changes(again.model_copy(update={"source": ()}), read(now, recipe=again)) == []


def test_a_unit_that_one_column_had_not_is_meant(read: Read) -> None:
    """A price in yen under a corner of 千円, as a person set it."""
    text = "売上,,（単位：千円）\n支店,売上,単価\n東京,12,300\n大阪,7,280\n"
    steps = (
        Skip(step="skip", rows=1),
        Header(step="header"),
        Unit(step="unit", columns=("売上",), unit="千円"),
        Unit(step="unit", columns=("単価",), unit="円"),
    )
    recipe = Recipe(steps=steps)
    recipe = confirmed(recipe, read(text, recipe=recipe))
    assert changes(recipe, read(text, recipe=recipe)) == []
    millions = text.replace("千円", "百万円")
    assert ("shape_unit", {"old": "千円", "new": "百万円"}) in changes(recipe, read(millions, recipe=recipe))


def test_the_fiscal_year_of_a_date_begins_in_april(read: Read, kept: Callable[..., Recipe]) -> None:
    recipe = kept(wide("2025年度 売上"))
    reading = read(wide("部門別売上実績(2026年1月末現在)"), "売上.csv", recipe)  # January 2026 is of 2025年度
    assert changes(recipe, reading) == []


def test_a_file_without_a_year_keeps_the_one_there_is_and_says_so(read: Read, kept: Callable[..., Recipe]) -> None:
    recipe = kept(wide())
    reading = read(wide("部門別売上実績"), "売上.csv", recipe)
    (told,) = shape_changes(recipe, reading)
    assert (told.code, dict(told.params), told.severity) == ("year_as_kept", {"year": "2025"}, Severity.WARNING)
    assert {row[1] for row in reading.head} == {"2025-04-01", "2025-05-01", "2026-03-01"}


def test_columns_that_say_their_year_need_none(read: Read, kept: Callable[..., Recipe]) -> None:
    text = wide("2025年度 売上").replace("4月,5月,3月", "2025年4月,2025年5月,2026年3月")
    recipe = kept(text)
    assert changes(recipe, read(text.replace("2025年度", "2026年度"), "売上.csv", recipe)) == []


def test_another_unit_blocks_and_its_repair_writes_out_the_unit_stated(read: Read, kept: Callable[..., Recipe]) -> None:
    recipe, text = kept(wide()), wide(unit="単位：百万円")
    reading = read(text, "売上.csv", recipe)
    assert changes(recipe, reading) == [("shape_unit", {"old": "千円", "new": "百万円"})]
    again = mended(recipe, text, read)
    assert again.head[0] == ("東日本", "2025-04-01", "10000000")  # 10 百万円
    assert (again.rows, shape_changes(recipe, again)) == (6, ())


def test_the_same_unit_in_other_words_is_no_change(read: Read, kept: Callable[..., Recipe]) -> None:
    recipe = kept(wide())
    assert changes(recipe, read(wide(unit="(千円)"), "売上.csv", recipe)) == []


def test_a_column_whose_name_states_another_unit_is_the_same_column(read: Read, kept: Callable[..., Recipe]) -> None:
    recipe, text = kept(DEALS), DEALS.replace("千円", "円").replace("859", "859000").replace("576", "576000")
    assert changes(recipe, read(text, "売上.csv", recipe)) == [("shape_unit", {"old": "千円", "new": "円"})]
    again = mended(recipe, text, read)
    assert columns(again) == ["案件ID", "ステージ", "金額", "作成日", "担当者"]
    assert [row[2] for row in again.head] == ["859000", "576000"]


def test_one_of_two_columns_in_another_unit_is_written_out_by_its_own(read: Read, kept: Callable[..., Recipe]) -> None:
    text = "支店,売上(千円),原価(千円)\n東京,10,5\n大阪,20,6\n"
    recipe, changed = kept(text), text.replace("原価(千円)", "原価(百万円)")
    again = mended(recipe, changed, read)
    assert again.head == (("東京", "10000", "5000000"), ("大阪", "20000", "6000000"))
    assert columns(again) == ["支店", "売上", "原価"]


def test_a_unit_that_no_step_writes_out_blocks_without_a_repair(read: Read) -> None:
    text = DEALS.replace("金額(千円)", "金額(円)")
    recipe = confirmed(Recipe(), read(text))
    reading = read(DEALS)
    assert changes(recipe, reading) == [("shape_unit", {"old": "円", "new": "千円"})]
    assert repaired(recipe, reading) is None


def test_a_renamed_column_in_its_old_place_keeps_the_steps_about_it(read: Read, kept: Callable[..., Recipe]) -> None:
    recipe, text = kept(wide()), wide(label="部署名")
    reading = read(text, "売上.csv", recipe)
    assert changes(recipe, reading) == [("shape_renamed", {"old": "部門", "new": "部署名"})]
    again = mended(recipe, text, read)
    assert (again.rows, columns(again)) == (6, ["部門", "期間", "値"])
    assert {row[0] for row in again.head} == {"東日本", "西日本"}  # no 合計, which would count all twice


@pytest.mark.parametrize(
    ("new", "found"),
    [
        (("部署名", "日", "売上"), {"部門": "部署名"}),
        (("日", "部署名", "売上"), {}),  # elsewhere
        (("部署名", "日", "売上", "備考"), {}),  # two are new
        (("部署名", "日"), {}),  # two are gone
        (("部門別", "日", "金額"), {"部門": "部門別"}),  # alike
    ],
)
def test_a_column_is_taken_for_renamed(new: tuple[str, ...], found: dict[str, str]) -> None:
    assert renames(("部門", "日", "売上"), new) == found


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2025年度 売上", 2025),
        ("令和７年度", 2025),
        ("26年度_売上", 2026),
        ("FY2025_確定", 2025),
        ("売上2025FY", 2025),
        ("2026年3月期決算", 2025),
        ("2026年12月期", 2026),
        ("2026年4月分", None),
        ("売上_2025", None),
    ],
)
def test_a_fiscal_year_stated_as_such(text: str, year: int | None) -> None:
    assert fiscal_year_in(text) == year


def test_the_year_of_a_date_is_that_of_its_fiscal_year() -> None:
    assert (year_in("2026年3月末現在", 4), year_in("2026年4月", 4), year_in("2026年3月末現在")) == (2025, 2026, 2026)
