from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from streamlit.testing.v1 import AppTest

from kpi_core.model.base import Bilingual, PeriodValue
from kpi_core.model.dataset import Dataset, Source
from kpi_core.model.node import Node
from kpi_core.services import drafts, single_truth
from kpi_core.services.datasets import versions
from kpi_core.services.editing import save
from kpi_core.services.evaluating import evaluate
from kpi_core.services.people import Who
from kpi_core.services.quality import last_runs
from kpi_core.services.snapshots import snapshot
from kpi_core.services.sources import upload_new
from kpi_core.services.values_template import values_template
from kpi_core.store.state import State
from kpi_core.vocabulary import (
    Adding,
    Availability,
    Cadence,
    ColumnType,
    Grain,
    Language,
    NodeKind,
    Page,
    SourceKind,
    Twice,
)
from pages.components.upload_placeholders import retype

Show = Callable[..., AppTest]
WHO = Who("test")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DEALS = b"deal_id,stage,amount,closed\n1,Won,100,2026-04-03\n2,Lost,50,2026-04-09\n3,Won,30,2026-06-01\n"
PART = "data_sources.part"


@pytest.fixture
def goal(blank: str, here: State) -> str:
    """The blank workshop with a goal in money, and a rate below it."""
    nodes = (
        Node(code="bookings", kind=NodeKind.KGI, name=Bilingual(ja="受注金額"), unit="JPY"),
        Node(code="quality", kind=NodeKind.KSF, parent="bookings"),
        Node(code="win_rate", kind=NodeKind.KPI, parent="quality", name=Bilingual(ja="受注率"), unit="ratio"),
    )
    for node in nodes:
        save(here, blank, "nodes", node, None, WHO)
    return blank


@pytest.fixture
def deals(goal: str, here: State, tmp_path: Path) -> str:
    """The same with three deals uploaded: won 100 in April and 30 in June."""
    path = tmp_path / "deals.csv"
    path.write_bytes(DEALS)
    dataset = Dataset(code="deals", source="sfa", name=Bilingual(ja="商談"))
    upload_new(here, goal, dataset, Source(code="sfa", kind=SourceKind.SFA), path, "deals.csv", None, WHO)
    return goal


def at_part(show: Show, workshop: str, part: str, language: str = "ja") -> AppTest:
    app = show(Page.DATA_SOURCES, workshop, language)
    app.session_state[PART] = part
    return run(app)


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, [one.value for one in app.exception]
    return app


def drop(app: AppTest, workshop: str, name: str, content: bytes, turn: int = 0) -> AppTest:
    app.file_uploader(key=f"upload/{workshop}/file/{turn}").upload(name, content)
    return run(app)


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click()
    return run(app)


def said(app: AppTest) -> str:
    """All sentences on the page."""
    kinds = (app.markdown, app.caption, app.error, app.warning, app.info, app.success)
    return "\n".join(element.value for kind in kinds for element in kind)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("part", ["upload", "mapping", "manual", "rules", "quality"])
@pytest.mark.parametrize("which", ["blank", "sample"])
def test_every_part_opens_in_both_languages(
    show: Show, request: pytest.FixtureRequest, which: str, part: str, language: str
) -> None:
    app = at_part(show, request.getfixturevalue(which), part, language)
    assert app.title[0].value == {"ja": "データソースを対応づける", "en": "Map the data sources"}[language]


def test_an_upload_makes_a_dataset_and_says_what_comes_next(show: Show, goal: str, here: State) -> None:
    app = drop(show(Page.DATA_SOURCES, goal), goal, "deals.csv", DEALS)
    assert "3行 × 4列" in said(app).replace("\\", "")
    app = press(app, f"upload/{goal}/store")
    (dataset,) = snapshot(here, goal).workshop.datasets
    (kept,) = versions(here, goal)
    assert (dataset.name.ja, dataset.source, kept.rows, kept.file_name) == ("deals", "sheet", 3, "deals.csv")
    assert not app.file_uploader(key=f"upload/{goal}/file/1").value  # an empty uploader again
    app = press(app, "data_sources.to_mapping")
    assert app.session_state[PART] == "mapping"


def test_a_file_with_the_same_columns_becomes_a_newer_version(show: Show, deals: str, here: State) -> None:
    app = drop(show(Page.DATA_SOURCES, deals), deals, "june.csv", DEALS + b"4,Won,7,2026-07-01\n")
    app = press(app, f"upload/{deals}/store")
    assert [version.rows for version in versions(here, deals, "deals")] == [4, 3]
    assert len(snapshot(here, deals).workshop.datasets) == 1


def test_files_chosen_together_tell_each_its_own_rows(show: Show, goal: str, here: State) -> None:
    app = show(Page.DATA_SOURCES, goal)
    more = b"deal_id,stage,amount,closed\n4,Won,7,2026-07-01\n"
    app.file_uploader(key=f"upload/{goal}/file/0").upload("deals.csv", DEALS).upload("july.csv", more)
    app = run(app)
    told = said(app).replace("\\", "")
    assert "deals.csv:3行 × 4列" in told
    assert "july.csv:1行 × 4列" in told
    assert "0行 → 4行" in told
    press(app, f"upload/{goal}/store")
    assert [version.rows for version in versions(here, goal)] == [4]


def test_files_that_cover_a_month_twice_say_the_rows_that_stay(show: Show, goal: str, here: State) -> None:
    app = show(Page.DATA_SOURCES, goal)
    again = b"deal_id,stage,amount,closed\n9,Won,7,2026-06-01\n8,Lost,1,2026-06-02\n"
    app.file_uploader(key=f"upload/{goal}/file/0").upload("deals.csv", DEALS).upload("june.csv", again)
    app = run(app)
    assert app.button(key=f"upload/{goal}/store").disabled
    file = app.session_state[f"upload/{goal}/answers"]["file"]
    app.segmented_control(key=f"upload/{goal}/twice/{file}").set_value(Twice.NEW)
    app = run(app)
    june = DEALS.count(b",2026-06-")
    after = 3 - june + 2
    assert app.button(key=f"upload/{goal}/store").label == f"{after}行を保存する"
    press(app, f"upload/{goal}/store")
    assert [version.rows for version in versions(here, goal)] == [after]


def test_rows_that_would_leave_are_told_and_the_way_can_be_changed(show: Show, deals: str, here: State) -> None:
    july = b"deal_id,stage,amount,closed\n4,Won,7,2026-07-01\n"
    app = drop(show(Page.DATA_SOURCES, deals), deals, "july.csv", july)
    assert "3行 → 4行" in said(app)  # by deal_id, which is another in every row: nothing leaves
    file = app.session_state[f"upload/{deals}/answers"]["file"]
    app.segmented_control(key=f"upload/{deals}/adding/{file}").set_value(Adding.REPLACE)
    app = run(app)
    assert "3行 → 1行" in said(app)
    assert "なくなる行 3" in said(app)
    press(app, f"upload/{deals}/store")
    assert versions(here, deals, "deals")[0].rows == 1


def test_what_the_file_says_of_itself_is_proposed(show: Show, goal: str, here: State) -> None:
    report = "2025年10月31日現在\n取引名,取引ステージ,金額,クローズ日,取引担当者\nA社,第5段階,100,2026-10-03,森\n"
    app = drop(show(Page.DATA_SOURCES, goal), goal, "deals.csv", report.encode())
    answers = app.session_state[f"upload/{goal}/answers"]
    told = said(app).replace("\\", "")
    assert "2025年10月31日現在" in told
    assert "HubSpotで受注を表す値がありません(ファイルの値:第5段階)" in told
    file = answers["file"]
    assert app.date_input(key=f"upload/{goal}/as_of/{file}").value == date(2025, 10, 31)
    press(app, f"upload/{goal}/store")
    workshop = snapshot(here, goal).workshop
    assert [source.kind for source in workshop.sources] == [SourceKind.CRM]
    assert versions(here, goal)[0].as_of == date(2025, 10, 31)


def test_another_sheet_is_stored_under_its_own_day(show: Show, goal: str, here: State) -> None:
    book = Workbook()
    book.remove(book.active)
    for month, last in ((10, 31), (9, 30)):
        sheet = book.create_sheet(f"{month}月")
        for row in ([f"2026年{month}月{last}日現在"], ["商談", "金額"], [f"A{month}", 1], ["B", 2]):
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    app = show(Page.DATA_SOURCES, goal)
    app.file_uploader(key=f"upload/{goal}/file/0").upload("months.xlsx", file.getvalue(), XLSX)
    app = run(app)
    key = app.session_state[f"upload/{goal}/answers"]["file"]

    def shown(day: date, *, proposed: bool) -> None:
        if steps := [one for one in app.button if one.key == f"upload/{goal}/steps_take"]:
            steps[0].click()
            run(app)
        assert app.date_input(key=f"upload/{goal}/as_of/{key}").value == day
        captions = [one.value for one in app.caption if "基準日をご提案" in one.value]
        assert bool(captions) is proposed

    shown(date(2026, 10, 31), proposed=True)
    app.date_input(key=f"upload/{goal}/as_of/{key}").set_value(date(2026, 10, 1))
    app = run(app)
    shown(date(2026, 10, 1), proposed=False)  # the file does not say that
    app.selectbox(key=f"upload/{goal}/sheet/{key}").set_value("9月")
    app = run(app)
    shown(date(2026, 9, 30), proposed=True)
    press(app, f"upload/{goal}/store")
    assert versions(here, goal)[0].as_of == date(2026, 9, 30)


def test_the_way_a_file_was_added_is_kept_though_its_reading_is_not(show: Show, deals: str, here: State) -> None:
    july = b"deal_id,stage,amount,closed\n4,Won,7,2026-07-01\n"
    app = drop(show(Page.DATA_SOURCES, deals), deals, "july.csv", july)
    assert "列名から「deal_id」をキーとみなし" in said(app).replace("\\", "")
    press(app, f"upload/{deals}/store")
    (dataset,) = snapshot(here, deals).workshop.datasets
    assert dataset.recipe is None  # a guess that nobody confirmed is made anew, from the next file
    app.file_uploader(key=f"upload/{deals}/file/1").upload(
        "august.csv", july.replace(b"4,Won,7,2026-07", b"5,Won,7,2026-08")
    )
    app = run(app)
    file = app.session_state[f"upload/{deals}/answers"]["file"]
    app.segmented_control(key=f"upload/{deals}/adding/{file}").set_value(Adding.APPEND)
    press(run(app), f"upload/{deals}/store")
    (dataset,) = snapshot(here, deals).workshop.datasets
    assert dataset.recipe is not None
    assert dataset.recipe.adding is Adding.APPEND
    assert not dataset.recipe.source  # the box for the reading was not ticked


def test_a_lost_column_is_told_before_storing(show: Show, deals: str, here: State) -> None:
    app = drop(show(Page.DATA_SOURCES, deals), deals, "x.csv", b"deal_id,stage,closed\n1,Won,2026-04-03\n")
    answers = app.session_state[f"upload/{deals}/answers"]
    app.selectbox(key=f"upload/{deals}/into/{answers['file']}").set_value("deals")
    assert "amount" in said(run(app))


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("empty.csv", b"", "空です"),
        ("picture.xlsx", b"\x89PNG\r\n\x1a\n" + b"0" * 300, "PNG"),
        ("page.xls", b"<html><body><table><tr><td>1</td></tr></table></body></html>", "HTML"),
        ("cut.xlsx", b"PK\x03\x04" + b"0" * 200, "壊れて"),
    ],
)
def test_a_file_that_is_no_table_gets_a_sentence_and_the_page_lives_on(
    show: Show, goal: str, here: State, name: str, content: bytes, word: str
) -> None:
    app = drop(show(Page.DATA_SOURCES, goal), goal, name, content)
    assert word in app.error[0].value.replace("\\", "")
    assert not versions(here, goal)
    app = drop(app, goal, "deals.csv", DEALS)
    assert not app.error
    press(app, f"upload/{goal}/store")
    assert len(versions(here, goal)) == 1


def test_cells_that_do_not_convert_are_decided_by_the_person(show: Show, goal: str, here: State) -> None:
    rows = "".join(f"{at},{'未定' if at == 5 else at * 10}\n" for at in range(1, 21))
    app = drop(show(Page.DATA_SOURCES, goal), goal, "a.csv", f"id,amount\n{rows}".encode("cp932"))
    assert app.button(key=f"upload/{goal}/store").disabled
    assert "未定" in said(app)
    file = app.session_state[f"upload/{goal}/answers"]["file"]
    app = press(app, f"upload/{goal}/blank/{file}/0")
    assert not app.button(key=f"upload/{goal}/store").disabled
    press(app, f"upload/{goal}/store")
    (kept,) = versions(here, goal)
    assert {column.name: column.nulls for column in kept.reading.columns} == {"id": 0, "amount": 1}


def test_the_order_of_day_and_month_is_asked_where_both_fit(show: Show, goal: str, here: State) -> None:
    app = drop(show(Page.DATA_SOURCES, goal), goal, "a.csv", b"id,day\n1,02/03/2026\n2,04/05/2026\n3,06/07/2026\n")
    assert app.button(key=f"upload/{goal}/store").disabled
    file = app.session_state[f"upload/{goal}/answers"]["file"]
    app.button_group(key=f"upload/{goal}/day_first/{file}/day").set_value("mdy")
    app = run(app)
    press(app, f"upload/{goal}/store")
    (kept,) = versions(here, goal)
    assert kept.rows == 3


def test_another_header_row_is_taken(show: Show, goal: str) -> None:
    app = drop(show(Page.DATA_SOURCES, goal), goal, "a.csv", b"a,b\nid,amount\n1,10\n2,20\n")
    file = app.session_state[f"upload/{goal}/answers"]["file"]
    app.number_input(key=f"upload/{goal}/header_row/{file}").set_value(2)
    app = run(app)
    reading = app.session_state[f"upload/{goal}/reading"][1]
    assert (reading.header_row, [column.name for column in reading.columns]) == (2, ["id", "amount"])


def test_a_goal_is_mapped_to_a_filtered_sum_by_clicks(show: Show, deals: str, here: State) -> None:
    app = at_part(show, deals, "mapping")
    form = f"draft/{deals}/measure.bookings"
    assert app.selectbox(key=f"{form}/simple.dataset").value == "deals"  # the only one
    assert app.selectbox(key=f"{form}/simple.aggregate").value == "sum"  # money adds up
    app.selectbox(key=f"{form}/simple.column").set_value("amount").run()
    app = press(app, f"{form}/simple.where/add")
    app.selectbox(key=f"{form}/simple.where/0/column").set_value("stage")
    app = run(app)
    app.button_group(key=f"{form}/simple.where/0/value/==/pills").set_value("Won")
    app = run(app)
    assert "130" in said(app)  # the fiscal year's total, before anything is saved
    assert snapshot(here, deals).workshop.kgi.measure is None
    app = press(app, f"{form}/save")
    measure = snapshot(here, deals).workshop.kgi.measure
    assert [(entry.column, entry.op, entry.value) for entry in measure.where] == [("stage", "==", "Won")]
    found = evaluate(here, deals, grain=Grain.MONTH, first="2026-04", last="2026-06").series["bookings", None]
    assert found.actual[[0, 2]].tolist() == [100, 30]


def test_another_dataset_leaves_behind_what_it_has_no_columns_of(show: Show, sample: str) -> None:
    app = at_part(show, sample, "mapping")
    app.session_state["data_sources.node"] = "bookings"
    app = run(app)
    form = f"draft/{sample}/measure.bookings"
    stated = app.session_state[form]["base"]
    there = stated["simple.dataset"]
    (other,) = [one for one in app.selectbox(key=f"{form}/simple.dataset").options if "MA" in one or "リード" in one][
        :1
    ]
    assert stated["simple.where"]
    assert stated["dimensions"]
    app.selectbox(key=f"{form}/simple.dataset").select(other).run()
    typed = app.session_state[form]["typed"]
    assert typed["simple.dataset"] != there
    assert (typed["simple.where"], typed["simple.column"], typed["simple.date"]) == ([], None, None)
    assert set(typed["dimensions"]) < set(stated["dimensions"])


def test_rows_counted_for_an_amount_of_money_are_told(show: Show, deals: str) -> None:
    app = at_part(show, deals, "mapping")
    assert "行の数を数えています" not in said(app)
    app.selectbox(key=f"draft/{deals}/measure.bookings/simple.aggregate").set_value("count")
    assert "行の数を数えています" in said(run(app))


def test_an_unfinished_mapping_survives_a_reload(show: Show, deals: str) -> None:
    app = at_part(show, deals, "mapping")
    form = f"draft/{deals}/measure.bookings"
    app = press(app, f"{form}/simple.where/add")
    app.selectbox(key=f"{form}/simple.where/0/column").set_value("amount").run()
    app.text_input(key=f"{form}/simple.where/0/value/>=").set_value("40").run()
    again = at_part(show, deals, "mapping")
    assert again.text_input(key=f"{form}/simple.where/0/value/>=").value == "40"
    again = press(again, f"{form}/simple.where/0/remove")
    assert f"{form}/simple.where/0/column" not in [one.key for one in again.selectbox]


def test_availability_is_kept_for_a_kpi_without_rows(show: Show, goal: str, here: State) -> None:
    app = at_part(show, goal, "mapping")
    app.button_group(key=f"draft/{goal}/measure.bookings/availability").set_value("effort")
    press(run(app), f"draft/{goal}/measure.bookings/save")
    assert snapshot(here, goal).workshop.kgi.availability is Availability.EFFORT


def test_a_mapping_can_be_taken_away(show: Show, sample: str, here: State) -> None:
    app = at_part(show, sample, "mapping")
    chosen = app.session_state["data_sources.node"]
    press(app, f"data_sources.unmap.{chosen}")
    assert snapshot(here, sample).workshop.node(chosen).measure is None


def test_values_typed_before_a_reload_are_saved_by_period(show: Show, goal: str, here: State) -> None:
    place = f"draft/{goal}/manual.win_rate"
    app = at_part(show, goal, "manual")
    app.selectbox(key="data_sources.hand").set_value("win_rate")
    _, last, *_ = shown = run(app).session_state[place]["base"]["values"]
    rows = [{**row, "value": 0.25 if row is last else None} for row in shown]
    drafts.keep(here, goal, place, snapshot(here, goal).revisions["nodes", "win_rate"], {"values": rows}, Who(""))
    again = at_part(show, goal, "manual")
    again.selectbox(key="data_sources.hand").set_value("win_rate")
    press(run(again), f"{place}/save")
    (entry,) = snapshot(here, goal).workshop.node("win_rate").manual
    assert (entry.period, entry.value) == (last["period"], 0.25)


def test_proposed_rules_are_a_draft_until_they_are_saved_and_checked(show: Show, deals: str, here: State) -> None:
    app = press(at_part(show, deals, "rules"), "data_sources.propose.deals")
    assert snapshot(here, deals).workshop.datasets[0].rules == ()
    press(app, f"draft/{deals}/rules.deals/save")
    (rule,) = snapshot(here, deals).workshop.datasets[0].rules
    assert (rule.column, rule.rule) == ("deal_id", "unique")
    assert last_runs(here, deals)["deals"].current


def test_a_look_up_shows_what_it_misses_and_is_mended_by_an_alias(
    show: Show, deals: str, here: State, tmp_path: Path
) -> None:
    path = tmp_path / "stages.csv"
    path.write_bytes(b"stage,group\nWon,done\nLOST,done\n")
    upload_new(here, deals, Dataset(code="stages", source="sfa"), None, path, "stages.csv", None, WHO)
    app = press(at_part(show, deals, "rules"), "data_sources.new_lookup.deals.open")
    app.selectbox(key="data_sources.new_lookup.deals.dataset").set_value("stages")
    app = run(app)
    form = f"draft/{deals}/lookup.deals"
    assert app.selectbox(key=f"{form}/here").value == "stage"  # of the same name on both sides
    app = press(app, f"{form}/save")
    assert "Lost" in said(app)
    press(app, "data_sources.alias.deals.0.Lost.LOST")
    (lookup,) = snapshot(here, deals).workshop.datasets[0].lookups
    assert (lookup.columns, lookup.aliases) == (("group",), {"Lost": "LOST"})


def test_a_source_is_edited_in_its_dialog(show: Show, deals: str, here: State) -> None:
    app = press(show(Page.DATA_SOURCES, deals), "data_sources.edit_source.sfa")
    form = f"draft/{deals}/source.sfa"
    app.text_input(key=f"{form}/ja").set_value("営業支援")
    app.text_input(key=f"{form}/owner").set_value("営業企画")
    app.selectbox(key=f"{form}/refresh").set_value("week")
    app.text_input(key=f"{form}/objects").set_value("商談、取引先")
    press(app, "source.save")
    (source,) = snapshot(here, deals).workshop.sources
    assert (source.name.ja, source.owner, source.refresh) == ("営業支援", "営業企画", Cadence.WEEK)
    assert source.objects == ("商談", "取引先")


def test_a_version_is_deleted_after_asking(show: Show, deals: str, here: State) -> None:
    (kept,) = versions(here, deals)
    app = press(show(Page.DATA_SOURCES, deals), "data_sources.versions.deals")
    press(app, f"data_sources.delete.{kept.id}")
    assert versions(here, deals) == ()


def test_a_stale_mapping_shows_both_versions(show: Show, deals: str, here: State) -> None:
    app = at_part(show, deals, "mapping")
    form = f"draft/{deals}/measure.bookings"
    app.selectbox(key=f"{form}/simple.column").set_value("amount").run()
    stored = snapshot(here, deals)
    other = stored.workshop.kgi.model_copy(update={"owner": "佐藤", "availability": Availability.READY})
    save(here, deals, "nodes", other, stored.revisions["nodes", "bookings"], WHO)
    app = press(app, f"{form}/save")
    assert snapshot(here, deals).workshop.kgi.measure is None
    press(app, f"{form}/mine")
    kgi = snapshot(here, deals).workshop.kgi
    assert kgi.measure.column == "amount"
    assert (kgi.owner, kgi.availability) == (
        "佐藤",
        Availability.READY,
    )  # what I did not touch stays as the other saved


@pytest.fixture
def by_hand(goal: str, here: State) -> str:
    """A KPI whose values are typed in."""
    visits = Node(code="visits", kind=NodeKind.KPI, parent="quality", unit="count", name=Bilingual(ja="訪問件数"))
    save(here, goal, "nodes", visits, None, WHO)
    return goal


def filled_template(here: State, workshop: str, value: object) -> bytes:
    """The template with ``value`` for the first KPI in its first period."""
    book = load_workbook(io.BytesIO(values_template(snapshot(here, workshop).workshop, Language.JA)))
    sheet = book.worksheets[0]
    code = next(at for at in range(1, 9) if sheet.cell(1, at).value == "visits")
    sheet.cell(3, code, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_filled_in_template_is_shown_then_stored(show: Show, by_hand: str, here: State, language: str) -> None:
    app = at_part(show, by_hand, "manual", language)
    content = filled_template(here, by_hand, 40)
    app.file_uploader(key="values_template.upload").upload("v.xlsx", content, XLSX)
    app = run(app)
    assert "40" in str(app.dataframe[0].value.iloc[0, 3])
    app.button(key="values_template.store").click()
    run(app)
    node = snapshot(here, by_hand).workshop.node("visits")
    assert node is not None
    assert [entry.value for entry in node.manual] == [40]


def test_a_template_with_an_error_names_the_row_and_cannot_be_stored(show: Show, by_hand: str, here: State) -> None:
    app = at_part(show, by_hand, "manual")
    app.file_uploader(key="values_template.upload").upload("v.xlsx", filled_template(here, by_hand, "多数"), XLSX)
    app = run(app)
    assert any("3行" in one.value and "多数" in one.value for one in app.markdown)
    assert app.button(key="values_template.store").disabled


@pytest.mark.parametrize(("language", "label"), [("ja", "データソースを登録"), ("en", "Register a data source")])
def test_a_source_can_be_registered_while_there_is_no_data(show: Show, goal: str, language: str, label: str) -> None:
    app = at_part(show, goal, "upload", language)
    assert app.button(key="data_sources.add_source").label == label


def test_a_source_is_registered_before_any_file(show: Show, goal: str, here: State) -> None:
    app = at_part(show, goal, "upload")
    app.button(key="data_sources.add_source").click()
    app = run(app)
    form = f"draft/{goal}/source"
    app.text_input(key=f"{form}/ja").set_value("Salesforce")
    app.text_input(key=f"{form}/owner").set_value("営業企画")
    app.text_input(key=f"{form}/objects").set_value("商談、取引先")
    app.selectbox(key=f"{form}/refresh").set_value("week")
    app.button(key="source.save").click()
    run(app)
    (source,) = snapshot(here, goal).workshop.sources
    assert (source.kind, source.owner, source.objects) == (SourceKind.SFA, "営業企画", ("商談", "取引先"))


def test_a_half_stated_pipeline_is_told_kept_and_not_saved(show: Show, sample: str, here: State) -> None:
    def opened() -> AppTest:
        app = show(Page.DATA_SOURCES, sample)
        app.session_state[PART] = "mapping"
        app.session_state["data_sources.node"] = "new_won_deals"
        app.session_state[f"draft/{sample}/measure.new_won_deals/foreseen"] = True
        return run(app)

    form = f"draft/{sample}/measure.new_won_deals"
    app = opened()
    app.toggle(key=f"{form}/pipeline.use").set_value(True)
    app = run(app)
    assert "受注予定日の列、進行中のステージ、失注を表す値" in said(app)
    assert app.button(key=f"{form}/save").disabled
    again = opened()
    again.selectbox(key=f"{form}/pipeline.expected").set_value("見込みクローズ日")
    again.multiselect(key=f"{form}/pipeline.open").set_value(["提案中"])
    again.multiselect(key=f"{form}/pipeline.lost").set_value(["失注"])
    again = run(again)
    assert not again.button(key=f"{form}/save").disabled
    press(again, f"{form}/save")
    pipeline = snapshot(here, sample).workshop.node("new_won_deals").pipeline
    assert (pipeline.stage, pipeline.won, pipeline.lost) == ("ステージ", ("受注",), ("失注",))
    assert (pipeline.expected, pipeline.closed, pipeline.amount) == ("見込みクローズ日", "クローズ日", None)
    assert [(entry.column, entry.op, entry.value) for entry in pipeline.where] == [("種別", "==", "新規")]


def test_the_day_of_conversion_shows_what_is_too_young(show: Show, sample: str) -> None:
    app = show(Page.DATA_SOURCES, sample)
    app.session_state[PART] = "mapping"
    app.session_state["data_sources.node"] = "sql_rate"
    app.session_state[f"draft/{sample}/measure.sql_rate/foreseen"] = True
    app = run(app)
    assert app.selectbox(key=f"draft/{sample}/measure.sql_rate/converted").value == "SQL日"
    assert "9日以内" in said(app)
    assert "23%" in app.table[0].value.to_string()


def test_odd_cells_of_all_columns_become_empty_with_one_click_and_back_again(show: Show, goal: str) -> None:
    rows = "".join(f"{'?' if at == 5 else at},{'未定' if at == 6 else at * 10}\n" for at in range(1, 21))
    app = drop(show(Page.DATA_SOURCES, goal), goal, "a.csv", f"id,amount\n{rows}".encode())
    file = app.session_state[f"upload/{goal}/answers"]["file"]
    assert "「amount」の1件(未定 など)" in said(app)
    app = press(app, f"upload/{goal}/blank_all/{file}")
    assert app.session_state[f"upload/{goal}/answers"]["blank"] == ["amount", "id"]
    assert not app.button(key=f"upload/{goal}/store").disabled
    app = press(app, f"upload/{goal}/blank/{file}/0")
    assert app.button(key=f"upload/{goal}/store").disabled


def test_text_columns_of_numbers_and_signs_become_numbers_and_back_again(show: Show, goal: str, here: State) -> None:
    rows = "".join(f"{at},{'－' if at % 3 else at * 10},{'…' if at % 4 else at}\n" for at in range(1, 13))
    app = drop(show(Page.DATA_SOURCES, goal), goal, "a.csv", f"id,amount,stock\n{rows}".encode())
    answers = app.session_state[f"upload/{goal}/answers"]
    file = answers["file"]
    assert "「amount」の12件のうち、数値以外が8件(- など)" in said(app).replace("\\", "")
    app = press(app, f"upload/{goal}/signs_all/{file}")
    app = press(app, f"upload/{goal}/signs_undo/{file}/1")  # stock stays as it is written
    assert "「stock」の12件のうち、数値以外が9件" in said(app)
    press(app, f"upload/{goal}/store")
    (kept,) = versions(here, goal)
    found = {column.name: (column.type, column.nulls) for column in kept.reading.columns}
    assert found["amount"] == (ColumnType.INTEGER, 8)
    assert found["stock"] == (ColumnType.TEXT, 0)


def test_a_column_made_numbers_and_then_given_another_type_is_not_called_numbers(show: Show, goal: str) -> None:
    rows = "".join(f"{at},{'－' if at % 3 else at * 10}\n" for at in range(1, 13))
    app = drop(show(Page.DATA_SOURCES, goal), goal, "a.csv", f"id,amount\n{rows}".encode())
    answers = app.session_state[f"upload/{goal}/answers"]
    app = press(app, f"upload/{goal}/signs/{answers['file']}/0")
    assert "「amount」を数値にし" in said(app)
    retype(answers, "amount", ColumnType.DATE)
    assert "「amount」を数値にし" not in said(run(app))
    assert "「amount」の変換できないセルを空にします" in said(app)
    retype(answers, "amount", ColumnType.TEXT)
    assert "空にします" not in said(run(app))
    retype(answers, "amount", ColumnType.INTEGER)
    app = run(app)
    assert "空にします" not in said(app)
    assert app.button(key=f"upload/{goal}/store").disabled  # asked anew


def test_a_known_export_fills_the_mapping_with_one_click(show: Show, goal: str, here: State) -> None:
    rows = ("森,A,受注,100,2026-04-03,2026-03-01", "林,B,不成立,50,2026-04-21,2026-03-02")
    report = "\n".join(["商談 所有者,商談名,フェーズ,金額,完了予定日,作成日", *rows, ""])
    app = drop(show(Page.DATA_SOURCES, goal), goal, "report.csv", report.encode("cp932"))
    press(app, f"upload/{goal}/store")
    app.session_state["data_sources.part"] = "mapping"
    app = run(app)
    (node, dataset) = snapshot(here, goal).workshop.kgi, snapshot(here, goal).workshop.datasets[0].code
    assert node is not None
    assert f"mapping.propose.{node.code}.{dataset}.won_count" not in [one.key for one in app.button]  # it is of money
    app = press(app, f"mapping.propose.{node.code}.{dataset}.won_amount")
    app = press(app, f"draft/{goal}/measure.{node.code}/save")
    stored = snapshot(here, goal).workshop.kgi
    assert stored is not None
    assert stored.measure is not None
    (part,) = stored.measure.parts
    assert (part.aggregate.value, part.column, part.date) == ("sum", "金額", "完了予定日")
    assert [(one.column, one.value) for one in part.where] == [("フェーズ", "受注")]


def test_an_older_version_is_restored_from_the_list(show: Show, goal: str, here: State) -> None:
    app = show(Page.DATA_SOURCES, goal)
    press(drop(app, goal, "deals.csv", DEALS), f"upload/{goal}/store")
    app = drop(show(Page.DATA_SOURCES, goal), goal, "deals.csv", DEALS + DEALS.splitlines(keepends=True)[-1])
    press(app, f"upload/{goal}/store")
    (newest, oldest) = versions(here, goal)
    app = show(Page.DATA_SOURCES, goal)
    app = press(app, f"data_sources.versions.{newest.dataset}")
    app = press(app, f"versions.restore.{oldest.id}")
    assert [one.rows for one in versions(here, goal)] == [oldest.rows, newest.rows, oldest.rows]


def test_which_of_two_datasets_counts_is_said_on_the_page(show: Show, goal: str, here: State) -> None:
    sfa = "id,closed,amount\n" + "".join(f"D{at},2026-04-{at:02d},{at * 100}\n" for at in range(1, 9))
    finance = sfa.replace("D3,2026-04-03,300", "D3,2026-04-03,350").replace("amount", "金額")
    press(drop(show(Page.DATA_SOURCES, goal), goal, "sfa.csv", sfa.encode()), f"upload/{goal}/store")
    app = drop(show(Page.DATA_SOURCES, goal), goal, "finance.csv", finance.encode())
    file = app.session_state[f"upload/{goal}/answers"]["file"]
    app.selectbox(key=f"upload/{goal}/into/{file}").set_value("")
    press(run(app), f"upload/{goal}/store")
    app = show(Page.DATA_SOURCES, goal)
    app.session_state["data_sources.part"] = "truth"
    app = run(app)
    assert "比べた1期間のうち1期間で異なります" in said(app).replace("*", "")
    (shown,) = [one for one in app.dataframe if "差(右−左)" in one.value.columns]
    assert shown.value.iloc[0].tolist()[2:] == [
        "3,650",
        "3,600",
        "△50",
    ]  # finance, then the SFA: 100 + … + 800, one 350
    place = f"draft/{goal}/truth.dataset/finance|sfa"
    app.button_group(key=f"{place}/leading").set_value("finance")
    app = press(run(app), f"{place}/save")
    (kept,) = snapshot(here, goal).workshop.precedences
    assert (kept.leading, kept.following) == ("finance", "sfa")
    assert "finance を正とすると決めています" in said(app).replace("*", "")


def test_datasets_of_many_rows_are_compared_at_a_press(
    show: Show, goal: str, here: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_truth, "WHILE_WAITING", 5)
    for code in ("sfa", "finance"):
        rows = "".join(f"D{at},2026-04-{at:02d},{at * 100}\n" for at in range(1, 9))
        path = tmp_path / f"{code}.csv"
        path.write_text(f"id,closed,amount\n{rows}", "utf-8")
        upload_new(here, goal, Dataset(code=code, source=code), Source(code=code), path, path.name, None, WHO)
    app = show(Page.DATA_SOURCES, goal)
    app.session_state["data_sources.part"] = "truth"
    app = run(app)
    assert "「finance」と「sfa」" in said(app)
    assert "同じ対象があります" not in said(app)
    app = press(app, "truth.compare")
    assert "「finance」と「sfa」に同じ対象があります" in said(app)
    assert "数字は一致しています" in said(app)
    assert not [one for one in app.button if one.key == "truth.compare"]


def test_which_stages_are_won_is_asked_before_a_measure_of_them_is_taken(
    show: Show, goal: str, here: State, tmp_path: Path
) -> None:
    path = tmp_path / "report.csv"
    path.write_text(
        "商談名,フェーズ,金額,完了予定日,商談 所有者\nA,S5,100,2026-04-03,森\nB,S2,30,2026-04-09,森\n", "utf-8"
    )
    upload_new(here, goal, Dataset(code="deals", source="sfa"), Source(code="sfa"), path, "report.csv", None, WHO)
    app = at_part(show, goal, "mapping")
    node = next(one.key for one in app.button if str(one.key).endswith(".deals.won_amount")).split(".")[2]
    propose = f"mapping.propose.{node}.deals.won_amount"
    assert app.button(key=propose).disabled
    app.multiselect(key=f"mapping.won.{node}.deals").set_value(["S5"])
    app = run(app)
    app = press(app, propose)
    assert app.selectbox(key=f"draft/{goal}/measure.{node}/simple.column").value == "金額"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_cannot_be_measured_yet_is_counted_alike_above_and_at_the_foot(
    show: Show, here: State, goal: str, language: str
) -> None:
    values = (PeriodValue(period="2026-05", value=3), PeriodValue(period="2026-06", value=4))
    save(here, goal, "nodes", Node(code="more", kind=NodeKind.KSF, parent="bookings"), None, WHO)
    for code, more in (("typed", {"manual": values}), ("open", {}), ("twice", {"formula": "typed * 2"})):
        save(here, goal, "nodes", Node(code=code, kind=NodeKind.KPI, parent="more", unit="count", **more), None, WHO)
    app = at_part(show, goal, "mapping", language)
    above = {
        "ja": "値の出し方が未定 3件、入力担当が未定 1件、計算に使うKPIが未定 1件",
        "en": "no source decided: 3, nobody named to enter values: 1, a KPI in the formula lacks its own: 1",
    }[language]
    foot = {
        "ja": ("値の出し方の決まっていない指標が3件", "入力担当が決まっていない指標が1件", "まだ測れない指標が1件"),
        "en": ("where the value comes from: 3", "nobody named to enter them: 1", "a KPI in the formula is not: 1"),
    }[language]
    told = said(app).replace("\\", "")
    assert above in told
    assert all(words in told for words in foot)
    rows = app.dataframe[0].value
    typed = rows[rows.iloc[:, 0] == "typed"].iloc[0]
    assert typed.iloc[2] == {"ja": "○ 手入力(入力担当が未定)", "en": "○ typed in (nobody named to enter it)"}[language]
    assert "2026" in typed.iloc[-1]  # the latest period of typed values
    app.session_state["data_sources.node"] = "typed"
    app = run(app)
    app.text_input(key=f"mapping.updater/{goal}/typed").set_value("佐藤")
    app = run(app)
    assert snapshot(here, goal).workshop.node("typed").updater == "佐藤"
    rows = app.dataframe[0].value
    assert [rows[rows.iloc[:, 0] == code].iloc[0, 2][0] for code in ("typed", "twice", "open")] == ["●", "●", "○"]
