"""The upload as a manager meets it with a report from finance: steps proposed, taken, kept, used for the next month."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.model.recipe import Header, Rename
from kpi_core.services.beginning import create_blank
from kpi_core.services.datasets import versions
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Adding, ColumnType, Language, Page, Twice
from pages.components.column_names import rename_column

Show = Callable[..., AppTest]
TOP = "売上報告（単位：千円）,,\n支店,日,売上\n"
APRIL = (TOP + "東京,2026-04-01,10\n大阪,2026-04-02,20\n合計,,30\n").encode()
MAY = (TOP + "東京,2026-05-01,11\n大阪,2026-05-02,21\n合計,,32\n").encode()


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, [one.value for one in app.exception]
    return app


def drop(app: AppTest, workshop: str, name: str, content: bytes, turn: int) -> AppTest:
    app.file_uploader(key=f"upload/{workshop}/file/{turn}").upload(name, content)
    return run(app)


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click()
    return run(app)


def said(app: AppTest) -> str:
    """All sentences on the page, as they are read."""
    kinds = (app.markdown, app.caption, app.error)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def test_from_a_finance_report_to_a_table_and_the_next_month_by_itself(show: Show, blank: str, here: State) -> None:
    app = drop(show(Page.DATA_SOURCES, blank), blank, "売上_2026-04.csv", APRIL, 0)
    assert "3行 × 3列" in said(app)  # nothing is applied unseen, and nothing stored undecided
    assert not [one for one in app.button if one.key == f"upload/{blank}/store"]
    assert "の合計行を除く" in said(app)
    app = press(app, f"upload/{blank}/steps_take")
    assert "2行 × 3列" in said(app)
    app = press(app, f"upload/{blank}/store")
    (version,) = versions(here, blank)
    assert pl.read_parquet(version.parquet)["売上"].to_list() == [10_000, 20_000]
    stored = "\n".join(one.value for one in app.success)
    assert "KPIを設計します" in stored  # there is none yet that could be mapped

    app = drop(app, blank, "売上_2026-05.csv", MAY, 1)
    assert "2行 × 3列" in said(app)
    assert "2行 → 4行" in said(app)  # May joins April unasked, and that is told
    app = press(app, f"upload/{blank}/store")
    assert [one.rows for one in versions(here, blank)] == [4, 2]
    (dataset,) = snapshot(here, blank).workshop.datasets
    assert dataset.recipe is not None
    assert dataset.recipe.adding is Adding.APPEND

    app = drop(app, blank, "売上_2026-05_訂正.csv", MAY, 2)
    assert "2026年5月は、すでに取り込まれています(いまの行 2行、ファイルの行 2行)" in said(app)
    assert app.button(key=f"upload/{blank}/store").disabled  # covered already: asked, not doubled
    file = app.session_state[f"upload/{blank}/answers"]["file"]
    app.segmented_control(key=f"upload/{blank}/twice/{file}").set_value(Twice.NEW)
    app = press(run(app), f"upload/{blank}/store")
    assert [one.rows for one in versions(here, blank)] == [4, 4, 2]


def test_a_column_of_another_name_is_told_once_with_what_mends_it(show: Show, blank: str) -> None:
    app = drop(show(Page.DATA_SOURCES, blank), blank, "売上_2026-04.csv", APRIL, 0)
    app = press(app, f"upload/{blank}/steps_take")
    app = press(app, f"upload/{blank}/store")
    app = drop(app, blank, "売上_2026-06.csv", APRIL.decode().replace("売上\n", "売上高\n", 1).encode(), 1)
    assert f"upload/{blank}/steps_mend" in [one.key for one in app.button]
    assert not [one.value for one in app.warning if "前の版にあった列がありません" in one.value]


def test_a_column_that_is_gone_is_mended_with_one_click(show: Show, blank: str, here: State) -> None:
    app = drop(show(Page.DATA_SOURCES, blank), blank, "売上_2026-04.csv", APRIL, 0)
    app = press(app, f"upload/{blank}/steps_take")
    app = press(app, f"upload/{blank}/store")
    june = "売上報告（単位：千円）,\n日,売上\n2026-06-01,11\n2026-06-02,21\n".encode()  # no branch any more
    app = drop(app, blank, "売上_2026-06.csv", june, 1)
    assert app.button(key=f"upload/{blank}/store").disabled
    assert "やめる:列「支店」が「合計」の合計行を除く" in said(app)
    app = press(app, f"upload/{blank}/steps_mend")
    assert "2行 × 2列" in said(app)
    app = press(app, f"upload/{blank}/store")
    stored = pl.read_parquet(versions(here, blank)[0].parquet)  # June joins April, whose rows keep their branch
    assert stored["売上"].to_list() == [10_000, 20_000, 11_000, 21_000]
    assert stored["支店"].to_list() == ["東京", "大阪", None, None]


WIDE = "2025年度 売上,,\n,,単位：千円\n支店,4月,5月\n東京,10,11\n大阪,20,21\n合計,30,32\n"
ROWS = "案件ID,案件名,金額,作成日,担当者\n" + "".join(
    f"D{at},案件{at},{at}00,2026-04-0{at},鈴木\n" for at in range(1, 6)
)


def stored_wide(show: Show, workshop: str) -> AppTest:
    app = drop(show(Page.DATA_SOURCES, workshop), workshop, "売上_2025年度.csv", WIDE.encode(), 0)
    return press(press(app, f"upload/{workshop}/steps_take"), f"upload/{workshop}/store")


def test_the_next_years_file_is_not_stored_under_last_years_dates(show: Show, blank: str, here: State) -> None:
    app = stored_wide(show, blank)
    app = drop(app, blank, "売上_2026年度.csv", WIDE.replace("2025", "2026").encode(), 1)
    assert app.button(key=f"upload/{blank}/store").disabled
    assert "このファイルの表題またはファイル名は2026年度ですが、手順は2025年度として読み取ります" in said(app)
    app = press(press(app, f"upload/{blank}/steps_mend"), f"upload/{blank}/store")
    days = pl.read_parquet(versions(here, blank)[0].parquet)["期間"].dt.to_string()
    assert days.unique().sort().to_list() == ["2025-04-01", "2025-05-01", "2026-04-01", "2026-05-01"]


def test_the_year_of_a_file_that_states_none_is_said_where_the_steps_are(show: Show, blank: str) -> None:
    app = drop(stored_wide(show, blank), blank, "売上.csv", WIDE.replace("2025年度 ", "").encode(), 1)
    assert "前回と同じ2025年度として読み取っています" in said(app)


def test_a_repair_that_lets_totals_in_says_so(show: Show, blank: str) -> None:
    app = stored_wide(show, blank)
    app = drop(app, blank, "売上_2025年度.csv", "2025年度 売上,\n,単位：千円\n4月,5月\n10,11\n30,32\n".encode(), 1)
    assert "合計の行が残り、二重に数えるおそれがあります" in said(app)


def test_a_renamed_column_of_a_dataset_without_steps_is_named_and_renamed_back(
    show: Show, blank: str, here: State
) -> None:
    app = drop(show(Page.DATA_SOURCES, blank), blank, "商談_04.csv", ROWS.encode(), 0)
    app = press(app, f"upload/{blank}/store")
    may = ROWS.replace("担当者", "営業担当").replace("-04-", "-05-").replace("\nD", "\nE")
    app = drop(app, blank, "deals.csv", may.encode(), 1)  # recognised by 4 of 5 columns
    assert "列「担当者」がなくなり、代わりとみられる列「営業担当」があります" in said(app)
    app = press(press(app, f"upload/{blank}/rename_back"), f"upload/{blank}/store")
    stored = pl.read_parquet(versions(here, blank)[0].parquet)
    assert stored.columns == ["案件ID", "案件名", "金額", "作成日", "担当者"]
    assert stored["担当者"].null_count() == 0
    assert len(snapshot(here, blank).workshop.datasets) == 1


def test_numbers_of_another_size_are_told_beside_the_counts(show: Show, blank: str) -> None:
    app = drop(show(Page.DATA_SOURCES, blank), blank, "商談_04.csv", ROWS.encode(), 0)
    app = press(app, f"upload/{blank}/store")
    app = drop(app, blank, "商談_05.csv", ROWS.replace("00,2026-04-", "00000,2026-05-").encode(), 1)
    words = "列「金額」の数値の大きさが、すでにある行と100倍以上違います(中央値:すでにある行 300、ファイル 300,000)"
    assert words in said(app)
    assert not app.button(key=f"upload/{blank}/store").disabled


def test_a_file_that_fits_two_datasets_waits_for_the_choice(show: Show, blank: str, here: State) -> None:
    app = show(Page.DATA_SOURCES, blank)
    for turn, name in enumerate(("sfa.csv", "crm.csv")):
        app = drop(app, blank, name, ROWS.encode(), turn)
        if turn:
            file = app.session_state[f"upload/{blank}/answers"]["file"]
            app.selectbox(key=f"upload/{blank}/into/{file}").set_value("")
            app = run(app)
        app = press(app, f"upload/{blank}/store")
    may = ROWS.replace("-04-", "-05-").replace("\nD", "\nE")
    app = drop(app, blank, "export.csv", may.encode(), 2)
    assert "どれにも同じように合います" in said(app)
    assert not [one for one in app.button if one.key == f"upload/{blank}/store"]
    file = app.session_state[f"upload/{blank}/answers"]["file"]
    first, second = (one.code for one in snapshot(here, blank).workshop.datasets)
    app.radio(key=f"upload/{blank}/which/{file}").set_value(second)
    app = press(run(app), f"upload/{blank}/store")
    assert {one.dataset: one.rows for one in reversed(versions(here, blank))} == {first: 5, second: 10}


def test_a_dataset_kept_as_it_stands_is_not_stopped_by_a_proposal(show: Show, blank: str, here: State) -> None:
    rows = "年度,月,件数\n2025,4,10\n2025,5,11\n2025,6,12\n"
    app = drop(show(Page.DATA_SOURCES, blank), blank, "件数_1.csv", rows.encode(), 0)
    app = press(press(app, f"upload/{blank}/steps_decline"), f"upload/{blank}/store")
    app = drop(app, blank, "件数_2.csv", rows.replace("2025", "2026").encode(), 1)
    assert f"upload/{blank}/steps_take" in [one.key for one in app.button]  # still there, as a possibility
    app = press(app, f"upload/{blank}/store")
    assert list(pl.read_parquet(versions(here, blank)[0].parquet).columns) == ["年度", "月", "件数"]


def test_a_step_that_misses_its_column_takes_another_one(show: Show, blank: str) -> None:
    app = drop(
        show(Page.DATA_SOURCES, blank), blank, "売上_2026-04.csv", APRIL.replace("支店".encode(), "店舗".encode()), 0
    )
    app = press(app, f"upload/{blank}/steps_take")
    answers = app.session_state[f"upload/{blank}/answers"]
    at, (number, step) = next((at, one) for at, one in enumerate(answers["steps"]) if one[1].step == "drop_totals")
    answers["steps"][at] = (number, step.model_copy(update={"column": "支店名"}))
    app = run(app)
    assert "列「支店名」がこのファイルにありません" in said(app)
    app.selectbox(key=f"upload/{blank}/step/{answers['file']}/{number}/instead").set_value("店舗")
    app = run(app)
    assert "がこのファイルにありません" not in said(app)
    assert "2行 × 3列" in said(app)


def test_an_english_page_proposes_english_column_names(show: Show, blank: str) -> None:
    wide = "支店,2026年4月,2026年5月\n東京,10,11\n大阪,20,21\n".encode()
    app = show(Page.DATA_SOURCES, blank, "en")
    app = drop(app, blank, "wide.csv", wide, 0)
    app = press(app, f"upload/{blank}/steps_take")
    (reading,) = [app.session_state[f"upload/{blank}/reading"][1]]
    assert [column.name for column in reading.columns] == ["支店", "Period", "Value"]
    assert reading.rows == 4


def test_a_renamed_column_is_a_step_and_keeps_what_was_decided_about_it() -> None:
    head = (Header(step="header"),)
    answers: dict[str, Any] = {"types": {"column_1": ColumnType.TEXT}, "blank": ["column_1", "売上"]}
    rename_column(answers, "column_1", " 県 名 ", head, ["column_1", "売上"])
    assert [step for _, step in answers["steps"]] == [*head, Rename(names=(("column_1", "県 名"),))]
    assert answers["types"] == {"県 名": ColumnType.TEXT}
    assert answers["blank"] == ["売上", "県 名"]
    rename_column(answers, "県 名", "都道府県", head, ["県 名", "売上"])
    rename_column(answers, "売上", "都道府県", head, ["都道府県", "売上"])  # another has that name
    assert answers["steps"][-1][1] == Rename(names=(("column_1", "都道府県"),))
    rename_column(answers, "都道府県", "column_1", head, ["都道府県", "売上"])
    assert answers["steps"][-1][1] == Rename(names=())


@pytest.mark.parametrize(
    ("content", "column", "words", "days"),
    [
        (
            "年度,月,件数\n2025,10,1\n2025,3,2\n2025,9,3\n",
            "年月",
            "「年月」にする(年度は10月始まり)",
            ["2025-10-01", "2026-03-01", "2026-09-01"],
        ),
        (
            "2025年度 売上,,\n支店,10月,3月\n東京,1,2\n大阪,3,4\n",
            "期間",
            "横に並んだ期間を2025年度(10月始まり)として縦に並べる",
            ["2025-10-01", "2026-03-01"],
        ),
        (
            "支店,2025年度上期,2025年度下期\n東京,1,2\n大阪,3,4\n",
            "期間",
            "横に並んだ期間を縦に並べる(10月始まりの年度",
            ["2025-10-01", "2026-04-01"],
        ),
    ],
)
def test_proposed_steps_read_fiscal_years_as_the_workshop_has_them(
    show: Show, here: State, content: str, column: str, words: str, days: list[str]
) -> None:
    workshop = create_blank(here, "受注拡大", Language.JA, 10, (), Who("test"))  # its year begins in October
    app = drop(show(Page.DATA_SOURCES, workshop), workshop, "x.csv", content.encode(), 0)
    assert words in said(app)
    press(press(app, f"upload/{workshop}/steps_take"), f"upload/{workshop}/store")
    stored = pl.read_parquet(versions(here, workshop)[0].parquet)
    assert stored[column].dt.to_string().unique().sort().to_list() == days
