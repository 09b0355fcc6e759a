"""A whole workshop in three browsers: a facilitator at the own machine, sales and marketing joined by the link.

From silent ideas to the quarterly revision. On the way one half-typed text stays in each participant's browser while
the others go on, and at the end everything that anyone entered is there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from kpi_core.vocabulary import Answer, NodeKind, RevisionChoice

from .conftest import Server
from .joined import elsewhere

SALES_IDEA, MARKETING_IDEA, LEADERS_IDEA = "見積の型をそろえる", "展示会の翌日に連絡する", "値引きの承認を早くする"
HALF_IDEA, HALF_MEANING = "書きかけのアイデア", "書きかけの意味"
KPI = "受注件数"
MEANING = "当月に受注した商談の件数。完了日で数える"
WON = "4,238"  # rows of sales_pipeline.csv whose deal_stage is Won
NOTE, ACTION, REASON = "月末に商談が偏っている", "週初めに商談を棚卸しする", "更新契約も受注に数える"


@dataclass(frozen=True)
class Person:
    """Someone in the room, their browser and where the app is for it."""

    page: Page
    base: str
    workshop: str
    settled: object

    def goes_to(self, path: str) -> Page:
        self.page.goto(f"{self.base}/{path}?workshop={self.workshop}&lang=ja")
        self.wait()
        return self.page

    def wait(self) -> None:
        self.settled(self.page)  # type: ignore[operator]  # a fixture's function


@pytest.fixture
def pipeline(shared: Path) -> Path:
    return shared / "data" / "a_maven_crm" / "sales_pipeline.csv"


@pytest.mark.slow
def test_from_joining_to_the_quarterly_revision(room, tab, settled, pipeline) -> None:
    host = begun(room, tab(), settled)
    code = link_of(host)
    sales = joined(room, tab(width=390, height=844), settled, host.workshop, code, "佐藤 健", "営業")
    marketing = joined(room, tab(), settled, host.workshop, code, "田中 葵", "マーケティング")
    host.page.get_by_role("dialog").get_by_text("田中 葵").wait_for()
    host.page.keyboard.press("Escape")

    ideas_become_a_factor(host, sales, marketing)
    a_kpi_is_defined_and_signed(host, sales, marketing)
    a_changed_definition_voids_the_agreement(sales, marketing)
    data_reach_the_dashboard(host, (sales, marketing), pipeline)
    the_checklist_shows_the_gap(host, sales, marketing)
    a_review_ends_with_an_action(host, sales)
    the_quarter_revises_the_kpi(host)
    nothing_is_lost(room, host.workshop)


def begun(room: Server, page: Page, settled) -> Person:
    page.goto(room.address())
    settled(page)
    page.get_by_role("button", name="白紙で始める").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("ワークショップ名").fill("受注拡大")
    pick(page, "会計年度の開始月", "1月")
    dialog.get_by_role("button", name="ワークショップを作る").click()
    page.wait_for_url(re.compile(r"/kgi\?.*workshop="))
    settled(page)
    page.get_by_label("名称(日本語)").fill("受注金額")
    page.get_by_label("責任者").fill("営業本部長")
    page.get_by_label("責任者").press("Tab")
    page.get_by_role("button", name="KGIを保存する").click()
    expect(page.get_by_text("KGIの基準値(出発点の実績)がありません")).to_be_visible()
    settled(page)
    return Person(page, room.url, page.url.split("workshop=")[1].split("&")[0], settled)


def link_of(host: Person) -> str:
    host.page.get_by_role("button", name="参加を受け付ける").click()
    dialog = host.page.get_by_role("dialog")
    dialog.get_by_role("button", name="参加リンクを作る").click()
    return dialog.get_by_role("heading", name=re.compile(r"^\w{4}-\w{4}-\w{4}$")).inner_text()


def joined(room: Server, page: Page, settled, workshop: str, code: str, name: str, department: str) -> Person:
    page.goto(f"{elsewhere(room)}/join/{code}")
    page.get_by_label("お名前").fill(name)
    page.get_by_label("部門").select_option(label=department)
    page.get_by_role("button", name="参加する").click()
    settled(page)
    return Person(page, elsewhere(room), workshop, settled)


def ideas_become_a_factor(host: Person, sales: Person, marketing: Person) -> None:
    """Written in silence, shown at once, voted on, adopted; half an idea stays in its field all the way."""
    everyone = (host, sales, marketing)
    for person in everyone:
        person.goes_to("ksf").get_by_role("radio", name="アイデア出し").click()
        expect(ideas(person)).to_be_visible()
    ideas(host).get_by_role("button", name="始める").click()
    for person in (sales, marketing):
        expect(ideas(person).get_by_role("textbox")).to_be_enabled()
    field = host.page.get_by_role("combobox", name="あなたの名前")
    field.fill("進行役")
    field.press("Enter")
    expect(host.page.get_by_text("進行役さんとして参加中")).to_be_visible()
    written = {host: LEADERS_IDEA, sales: SALES_IDEA, marketing: MARKETING_IDEA}
    for person, text in written.items():
        write(person, text)
    for person, text in written.items():
        expect(ideas(person).get_by_text("ほかの参加者:2人・2件")).to_be_visible()
        assert not [other for other in written.values() if other != text and other in person.page.content()]

    half = ideas(marketing).get_by_role("textbox")
    half.fill(HALF_IDEA)
    ideas(host).get_by_role("button", name="いっせいに公開する").click()
    for person in everyone:
        for text in written.values():
            expect(ideas(person).get_by_text(text)).to_be_visible()
    expect(half).to_have_value(HALF_IDEA)
    expect(half).to_be_focused()

    ideas(host).get_by_role("button", name="投票を始める").click()
    for person in everyone:
        idea(person, SALES_IDEA).get_by_role("button", name="投票する").click()
        expect(ideas(person).get_by_text("あなたの残り 2/3票")).to_be_visible()
    expect(ideas(host).get_by_text("3人が投票済み")).to_be_visible()
    expect(half).to_have_value(HALF_IDEA)
    ideas(host).get_by_role("button", name="投票を締め切って集計する").click()
    for person in everyone:
        expect(ideas(person).get_by_text("3票", exact=True)).to_be_visible()
    idea(host, SALES_IDEA).get_by_role("button", name="KSFにする").click()
    for person in everyone:
        expect(person.page.locator(".st-key-ksf-factors").get_by_text(SALES_IDEA)).to_be_visible()


def a_kpi_is_defined_and_signed(host: Person, sales: Person, marketing: Person) -> None:
    page = host.goes_to("kpi_design")
    choose_node(host, SALES_IDEA)
    page.get_by_role("button", name="下にKPIを追加").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("名称(日本語)").fill(KPI)
    dialog.get_by_label("名称(日本語)").press("Tab")
    dialog.get_by_role("button", name="追加する").click()
    expect(dialog).to_have_count(0)
    for person in (sales, marketing):
        person.goes_to("kpi_design")
        choose_node(person, KPI)

    half = marketing.page.get_by_label("含めるもの")
    half.fill(HALF_MEANING)
    sales.page.get_by_label("意味(何を、いつの時点で数えるか)").fill(MEANING)
    sales.page.get_by_label("意味(何を、いつの時点で数えるか)").press("Tab")
    keep_part(sales)
    part(sales, "データ")
    pick(sales.page, "担当部門", "営業")
    sales.wait()
    sales.page.get_by_label("関係部門").click()
    sales.page.get_by_role("option", name="マーケティング").click()
    sales.page.keyboard.press("Escape")
    sales.wait()
    keep_part(sales)
    expect(half).to_have_value(HALF_MEANING)
    half.fill("")
    half.press("Tab")
    for person in (sales, marketing):
        person.goes_to("kpi_design")
        choose_node(person, KPI)
        part(person, "合意")
        person.page.get_by_role("button", name="この内容で合意する", disabled=False).click()
        expect(person.page.get_by_text("● 合意済み").first).to_be_visible()
    for person in (sales, marketing):
        expect(person.page.get_by_text("● 合意済み")).to_have_count(2)


def a_changed_definition_voids_the_agreement(sales: Person, marketing: Person) -> None:
    part(sales, "意味")
    sales.page.get_by_label("含めるもの").fill("更新契約")
    sales.page.get_by_label("含めるもの").press("Tab")
    keep_part(sales)
    expect(marketing.page.get_by_text("無効(定義が変更された)")).to_have_count(2)
    expect(marketing.page.get_by_text("合意後に変わった項目:含めるもの")).to_have_count(2)


def data_reach_the_dashboard(host: Person, others: tuple[Person, ...], pipeline: Path) -> None:
    page = host.goes_to("data_sources")
    page.locator("input[type=file]").first.set_input_files(pipeline)
    store = page.get_by_role("button", name="8,800行を保存する")
    expect(store).to_be_visible()
    host.wait()
    store.click()
    page.get_by_role("button", name="KPIとの対応づけへ").click()
    host.wait()
    page.get_by_role("button", name=f"次の未設定:{KPI}").click()
    expect(page.get_by_role("heading", name=KPI)).to_be_visible()
    host.wait()
    for label, option in (
        ("データセット", "sales_pipeline"),
        ("集計方法", "件数"),
        ("期間を決める日付の列", "close_date"),
    ):
        pick(page, label, option)
        host.wait()
    page.get_by_role("button", name="条件を追加").click()
    pick(page, "列", "deal_stage")
    page.get_by_text(re.compile(r"^Won\(")).click()
    host.wait()
    page.get_by_role("button", name="この集計で対応づける").click()
    expect(page.get_by_text("保存していない変更があります")).to_have_count(0)
    host.wait()

    page = host.goes_to("kpi_design")
    choose_node(host, KPI)
    part(host, "目標")
    page.get_by_text("しきい値(目標水準と要対応の水準)").click()
    for label, level in (("目標水準", "1000"), ("要対応の水準", "900")):
        page.get_by_label(label, exact=True).fill(level)
        page.get_by_label(label, exact=True).press("Tab")
        host.wait()
    keep_part(host)

    page = host.goes_to("dashboard")
    page.get_by_role("button", name="経営ビューと現場ビューを作成").click()
    for person in (host, *others):
        page = person.page if person is host else person.goes_to("dashboard")
        page.get_by_text("年度", exact=True).click()
        expect(page.get_by_text(WON).first).to_be_visible()
        person.wait()


def the_checklist_shows_the_gap(host: Person, sales: Person, marketing: Person) -> None:
    for person, answer in ((sales, "はい"), (marketing, "いいえ")):
        person.goes_to("checklist")
        item(person, 3).get_by_role("radio", name=answer, exact=True).first.click()
        person.wait()
    page = host.goes_to("checklist")
    page.get_by_role("button", name="名前を追加").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("名前").fill("進行役")
    dialog.get_by_label("名前").press("Tab")
    dialog.get_by_role("button", name="追加する").click()
    expect(dialog).to_have_count(0)
    host.wait()
    item(host, 3).get_by_role("radio", name="一部", exact=True).first.click()
    host.wait()
    for person in (host, sales, marketing):
        expect(item(person, 3).get_by_text("営業は「はい」、マーケティングは「いいえ」")).to_be_visible()
        expect(item(person, 3).get_by_text("全員の回答(3人)")).to_be_attached()


def a_review_ends_with_an_action(host: Person, sales: Person) -> None:
    page = host.goes_to("reviews")
    page.get_by_role("tab", name="会議の設定").click()
    page.get_by_role("button", name="週次・月次・四半期の会議を用意").click()
    expect(page.get_by_role("button", name="週次・月次・四半期の会議を用意")).to_have_count(0)
    page.get_by_role("tab", name="会議を開く").click()
    host.wait()
    page.get_by_label("原因と状況のメモ").fill(NOTE)
    page.get_by_label("原因と状況のメモ").press("Tab")
    host.wait()
    page.get_by_role("button", name="アクションを追加").first.click()
    page.get_by_label("何をするか").fill(ACTION)
    page.get_by_label("担当者", exact=True).last.fill("佐藤 健")
    page.get_by_label("担当者", exact=True).last.press("Tab")
    host.wait()
    page.get_by_role("button", name="アクションを登録する").click()
    expect(page.get_by_role("button", name="アクションを登録する")).to_have_count(0)
    host.wait()
    expect(page.get_by_label("原因と状況のメモ")).to_have_value(NOTE)
    page.get_by_role("button", name="この会議を記録する").click()
    expect(page.get_by_text("の会議は記録済みです")).to_be_visible()
    sales.goes_to("reviews").get_by_role("tab", name="アクション").click()
    expect(sales.page.get_by_text(ACTION).first).to_be_visible()


def the_quarter_revises_the_kpi(host: Person) -> None:
    page = host.page
    page.get_by_role("tab", name="KPIの見直し").click()
    host.wait()
    page.get_by_role("radio", name="変更").click()
    host.wait()
    page.get_by_label("何をなぜ変えるか(必須)").fill(REASON)
    page.get_by_label("何をなぜ変えるか(必須)").press("Tab")
    host.wait()
    page.get_by_role("button", name="この見直しを記録する").click()
    page.get_by_role("button", name="それまでの定義(第1版)").click()
    expect(page.get_by_text(MEANING)).to_be_visible()


def nothing_is_lost(room: Server, workshop: str) -> None:
    """What each of the three entered, as it is stored."""
    stored = room.workshop(workshop)
    assert {(one.text, one.author) for one in stored.ideas} == {
        (LEADERS_IDEA, "進行役"),
        (SALES_IDEA, "佐藤 健"),
        (MARKETING_IDEA, "田中 葵"),
    }
    (adopted,) = (one for one in stored.ideas if one.adopted)
    assert (adopted.text, adopted.votes) == (SALES_IDEA, 3)
    assert [node.kind for node in stored.nodes] == [NodeKind.KGI, NodeKind.KSF, NodeKind.KPI]
    kpi = stored.nodes[-1]
    assert (kpi.name.ja, kpi.definition, kpi.includes, kpi.version) == (KPI, MEANING, "更新契約", 2)
    assert {(one.department, one.person) for one in stored.signoffs} == {("sales", "佐藤 健"), ("marketing", "田中 葵")}
    assert sorted(one.answer for one in stored.checklist.answers) == sorted([Answer.YES, Answer.NO, Answer.PARTLY])
    (action,) = stored.actions
    (meeting,) = stored.meetings
    assert (action.title, action.owner, action.node) == (ACTION, "佐藤 健", kpi.code)
    assert [(note.node, note.text) for note in meeting.notes] == [(kpi.code, NOTE)]
    (revision,) = stored.revisions
    assert [(one.node, one.choice, one.reason) for one in revision.decisions] == [
        (kpi.code, RevisionChoice.CHANGE, REASON)
    ]


def ideas(person: Person) -> Locator:
    """The opened panel of the room's ideas."""
    return person.page.locator(".st-key-room_side_ideas")


def idea(person: Person, text: str) -> Locator:
    return ideas(person).locator("[class*='st-key-room-idea-']", has_text=text)


def write(person: Person, text: str) -> None:
    field = ideas(person).get_by_placeholder("アイデアを入力してEnter", exact=True)
    field.fill(text)
    field.press("Enter")
    expect(ideas(person).get_by_text(text)).to_be_visible()
    expect(field).to_have_value("")


def choose_node(person: Person, name: str) -> None:
    """Opens a node's card by its line in the outline."""
    page = person.page
    page.get_by_role("radio", name="アウトライン").click()
    page.get_by_role("treeitem", name=name).click()
    expect(page.get_by_role("heading", name=name, level=4)).to_be_visible()
    person.wait()


def part(person: Person, name: str) -> None:
    """Opens a part of the card."""
    person.page.get_by_role("radio", name=name).click()
    person.wait()


def keep_part(person: Person) -> None:
    person.page.get_by_role("button", name="このタブを保存する").click()
    expect(person.page.get_by_text("保存していない変更があります")).to_have_count(0)
    person.wait()


def pick(page: Page, label: str, option: str) -> None:
    """Picks an option of a list by typing, as a person does."""
    box = page.get_by_label(label, exact=True).first
    box.click()
    box.fill(option)
    page.get_by_role("option", name=option, exact=True).click()


def item(person: Person, number: int) -> Locator:
    return person.page.locator(f".st-key-checklist-item-{number}")
