"""The outline by keyboard alone: factors and KPIs are made, defined, moved, deleted and brought back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from kpi_core.model.base import Bilingual
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.services.definitions import save_part
from kpi_core.services.editing import save
from kpi_core.services.people import Who
from kpi_core.services.workshops import create_workshop, snapshot
from kpi_core.vocabulary import NodeKind

ME = Who("test")


@pytest.fixture
def goal(server) -> str:
    """A workshop with its KGI and nothing below it."""
    workshop = server.blank("キーボードだけで")
    with server.state() as here:
        save(here, workshop, "nodes", Node(code="goal", kind=NodeKind.KGI, name=Bilingual(ja="受注金額")), None, ME)
    return workshop


def tree_of_200() -> Workshop:
    """A KGI, 9 factors, 10 KPIs below each, and one more below each of those: 1 + 9 + 90 + 100 nodes."""
    nodes = [{"code": "goal", "kind": "kgi", "name": {"ja": "受注金額"}}]
    for factor in range(9):
        nodes.append({"code": f"f{factor}", "kind": "ksf", "parent": "goal", "name": {"ja": f"CSF {factor}"}})
        for kpi in range(10):
            code = f"f{factor}k{kpi}"
            nodes.append({"code": code, "kind": "kpi", "parent": f"f{factor}", "name": {"ja": f"指標{factor}-{kpi}"}})
            for part in range(2 if factor == 0 else 1):
                name = {"ja": f"内訳{factor}-{kpi}-{part}"}
                nodes.append({"code": f"{code}p{part}", "kind": "kpi", "parent": code, "name": name})
    assert len(nodes) == 200
    document = {"format": "kpi-workshop/1", "workshop": {"name": "200項目"}, "nodes": nodes}
    return Workshop.model_validate(document)


@pytest.fixture
def large(server) -> str:
    with server.state() as here:
        return create_workshop(here, tree_of_200(), ME)


def line(page: Page, name: str) -> Locator:
    return page.get_by_role("treeitem", name=name)


def card_of(page: Page, name: str) -> Locator:
    return page.get_by_role("heading", name=name, level=4)


def names_below(server, workshop: str, parent: str) -> list[str]:
    return [node.name.ja for node in server.workshop(workshop).nodes if node.parent == parent]


def typed(page: Page, name: str) -> None:
    """Types into the open field, as a keyboard does, and stores it."""
    expect(page.locator("[role=treeitem] input")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")


def test_a_factor_and_a_kpi_are_made_and_defined_by_keyboard_alone(server, page, settled, goal) -> None:
    page.goto(server.address("kpi_design", workshop=goal))
    settled(page)
    line(page, "受注金額").focus()
    page.keyboard.press("Enter")
    typed(page, "出会いを増やす")
    expect(card_of(page, "出会いを増やす")).to_be_visible()
    settled(page)
    line(page, "出会いを増やす").focus()
    page.keyboard.press("Control+Enter")
    typed(page, "リード数")
    expect(card_of(page, "リード数")).to_be_visible()
    expect(line(page, "リード数")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    typed(page, "商談数")
    expect(card_of(page, "商談数")).to_be_visible()
    settled(page)
    meaning = page.get_by_label("意味(何を、いつの時点で数えるか)")
    meaning.focus()
    page.keyboard.type("当月に初めて実施した商談の件数")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="このタブを保存する").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("保存しました").first).to_be_visible()
    factor, leads, deals = server.workshop(goal).nodes[1:]
    assert [(node.kind, node.name.ja) for node in (factor, leads, deals)] == [
        (NodeKind.KSF, "出会いを増やす"),
        (NodeKind.KPI, "リード数"),
        (NodeKind.KPI, "商談数"),
    ]
    assert leads.parent == deals.parent == factor.code
    assert deals.definition == "当月に初めて実施した商談の件数"


@pytest.fixture
def three(server, goal) -> str:
    """A factor with three KPIs."""
    with server.state() as here:
        nodes = [Node(code="factor", kind=NodeKind.KSF, parent="goal", name=Bilingual(ja="要因"))]
        nodes += [
            Node(code=code, kind=NodeKind.KPI, parent="factor", name=Bilingual(ja=name))
            for code, name in (("leads", "リード数"), ("deals", "商談数"), ("visits", "訪問数"))
        ]
        for node in nodes:
            save(here, goal, "nodes", node, None, ME)
    return goal


@pytest.fixture
def outline(server, page, settled, three) -> Page:
    page.goto(server.address("kpi_design", workshop=three))
    settled(page)
    page.get_by_role("radio", name="アウトライン").click()
    expect(line(page, "訪問数")).to_be_visible()
    settled(page)
    return page


def test_lines_are_renamed_moved_and_deleted_and_the_deletion_is_undone(server, outline, settled, three) -> None:
    line(outline, "訪問数").focus()
    outline.keyboard.press("F2")
    typed(outline, "面談数")
    expect(line(outline, "面談数")).to_be_focused()
    outline.keyboard.press("Alt+ArrowUp")
    expect(outline.get_by_role("treeitem").nth(3)).to_have_accessible_name("KPI 面談数")
    outline.keyboard.press("Alt+ArrowRight")
    expect(line(outline, "面談数")).to_have_attribute("aria-level", "4")
    settled(outline)
    assert names_below(server, three, "leads") == ["面談数"]
    outline.keyboard.press("Control+[")
    expect(line(outline, "面談数")).to_have_attribute("aria-level", "3")
    outline.keyboard.press("Delete")
    expect(line(outline, "面談数")).to_have_count(0)
    expect(outline.get_by_text("ごみ箱へ移しました")).to_be_visible()
    settled(outline)
    outline.keyboard.press("Control+z")
    expect(line(outline, "面談数")).to_have_attribute("aria-level", "3")
    settled(outline)
    assert names_below(server, three, "factor") == ["リード数", "面談数", "商談数"]


def drawn(page: Page) -> list[str]:
    """The outline's lines as they stand, each with its level."""
    lines = page.get_by_role("treeitem").all()
    return [f"{one.get_attribute('aria-level')} {one.get_attribute('aria-label')}" for one in lines]


def test_five_changes_are_undone_and_redone_by_keys_pressed_in_quick_succession(
    server, outline, settled, three
) -> None:
    before, stored = drawn(outline), server.workshop(three).nodes
    line(outline, "訪問数").focus()
    outline.keyboard.press("Enter")
    typed(outline, "紹介数")
    expect(line(outline, "紹介数")).to_be_focused()
    outline.keyboard.press("F2")
    typed(outline, "紹介件数")
    expect(line(outline, "紹介件数")).to_be_focused()
    outline.keyboard.press("Alt+ArrowUp")
    outline.keyboard.press("Alt+ArrowRight")
    outline.keyboard.press("Delete")
    expect(line(outline, "紹介件数")).to_have_count(0)
    settled(outline)
    assert drawn(outline) == before
    for _ in range(5):
        outline.keyboard.press("Control+z")
    expect(outline.locator("[role=tree]")).to_have_attribute("data-waiting", "0")
    settled(outline)
    assert (drawn(outline), server.workshop(three).nodes) == (before, stored)
    for _ in range(4):
        outline.keyboard.press("Control+Shift+z")
    expect(line(outline, "紹介件数")).to_have_attribute("aria-level", "4")
    settled(outline)
    assert names_below(server, three, "deals") == ["紹介件数"]
    outline.keyboard.press("Control+y")
    expect(line(outline, "紹介件数")).to_have_count(0)


def test_a_refused_step_is_told_and_the_lines_stay_as_they_are(server, outline, settled, three) -> None:
    line(outline, "リード数").focus()
    outline.keyboard.press("Alt+ArrowRight")
    expect(outline.get_by_text("すぐ上に同じ階層の項目がない")).to_be_visible()
    expect(line(outline, "リード数")).to_have_attribute("aria-level", "3")
    outline.keyboard.press("Alt+ArrowDown")
    expect(outline.get_by_text("すぐ上に同じ階層の項目がない")).to_have_count(0)
    settled(outline)
    assert names_below(server, three, "factor") == ["商談数", "リード数", "訪問数"]


def test_a_name_somebody_changed_first_is_not_overwritten(server, outline, settled, three) -> None:
    line(outline, "訪問数").dblclick()
    field = outline.get_by_label("名称を変更").and_(outline.locator("input"))
    expect(field).to_be_focused()
    with server.state() as here:
        seen = snapshot(here, three).revisions["nodes", "visits"]
        save_part(here, three, "visits", {"name": Bilingual(ja="先に変えた名称")}, seen, ME)
    field.fill("わたしの名称")
    field.press("Enter")
    expect(outline.get_by_text(re.compile("保存していない入力:「わたしの名称」"))).to_be_visible()
    expect(line(outline, "先に変えた名称")).to_be_visible()
    assert server.workshop(three).node("visits").name.ja == "先に変えた名称"


def test_what_is_being_typed_stays_while_the_page_runs_again(server, outline, settled, three) -> None:
    line(outline, "商談数").focus()
    outline.keyboard.press("Enter")
    outline.keyboard.type("書きかけ")
    with server.state() as here:
        save(here, three, "nodes", Node(code="new", kind=NodeKind.KPI, parent="factor"), None, ME)
    field = outline.locator("[role=treeitem] input")
    field.evaluate("field => { field.dataset.same = 'yes' }")
    outline.evaluate("window.dispatchEvent(new Event('resize'))")
    outline.get_by_role("radio", name="部門間の引き渡し").evaluate("radio => radio.click()")  # focus stays in the field
    expect(line(outline, "new")).to_be_visible()
    settled(outline)
    expect(field).to_have_value("書きかけ")
    expect(field).to_have_attribute("data-same", "yes")
    outline.reload()
    settled(outline)
    outline.get_by_role("radio", name="アウトライン").click()
    expect(outline.locator("[role=treeitem] input")).to_have_value("書きかけ")
    outline.locator("[role=treeitem] input").press("Enter")
    expect(card_of(outline, "書きかけ")).to_be_visible()
    settled(outline)
    assert "書きかけ" in names_below(server, three, "factor")


def test_words_people_typed_are_never_markup(server, outline, settled, three) -> None:
    hostile = "<img src=x onerror=alert(1)>**太字**"
    line(outline, "訪問数").focus()
    outline.keyboard.press("F2")
    typed(outline, hostile)
    expect(line(outline, hostile)).to_be_visible()
    expect(outline.locator("[role=treeitem].waiting")).to_have_count(0)
    settled(outline)
    expect(outline.locator("[role=tree] img")).to_have_count(0)
    assert server.workshop(three).node("visits").name.ja == hostile


def test_a_phone_changes_the_chosen_line_by_its_buttons(server, tab, settled, three) -> None:
    phone = tab(width=390, height=844)
    phone.goto(server.address("kpi_design", workshop=three))
    settled(phone)
    phone.get_by_role("radio", name="アウトライン").click()
    line(phone, "訪問数").click()
    expect(card_of(phone, "訪問数")).to_be_visible()
    settled(phone)
    phone.get_by_role("button", name="階層を下げる", exact=True).click()
    expect(line(phone, "訪問数")).to_have_attribute("aria-level", "4")
    settled(phone)
    assert server.workshop(three).node("visits").parent == "deals"
    width = phone.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_two_hundred_nodes_are_searched_walked_and_folded(server, page, settled, large) -> None:
    page.goto(server.address("kpi_design", workshop=large))
    settled(page)
    search = page.get_by_label("項目の検索")
    search.fill("内訳7-5-0")
    page.get_by_role("option", name="内訳7-5-0").click()
    expect(card_of(page, "内訳7-5-0")).to_be_visible()
    settled(page)
    page.get_by_role("radio", name="アウトライン").click()
    found = line(page, "内訳7-5-0")
    expect(found).to_have_attribute("aria-selected", "true")
    expect(found).to_be_in_viewport()
    found.focus()
    page.keyboard.press("ArrowLeft")
    expect(line(page, "指標7-5")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(line(page, "指標7-5")).to_have_attribute("aria-expanded", "false")
    expect(found).to_have_count(0)
    page.keyboard.press("Home")
    expect(card_of(page, "受注金額")).to_be_visible()
    page.keyboard.type("csf 8")
    expect(card_of(page, "CSF 8")).to_be_visible()


#: Folds the goal and unfolds it, seven times over, each until it is laid out; milliseconds of the median.
_FOLD = """tree => {
  const goal = () => tree.querySelector("[role=treeitem]");
  const times = [];
  goal().dispatchEvent(new KeyboardEvent("keydown", { key: "Home", bubbles: true }));
  for (let round = 0; round < 7; round++) {
    for (const key of ["ArrowLeft", "ArrowRight"]) {
      const begun = performance.now();
      goal().dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      tree.getBoundingClientRect();
      times.push(performance.now() - begun);
      if (goal().getAttribute("aria-expanded") !== String(key === "ArrowRight")) throw new Error(key);
    }
  }
  return times.sort((a, b) => a - b)[7];
}"""


def test_folding_two_hundred_nodes_costs_no_more_than_their_number(server, page, settled, three, large) -> None:
    """40 times the nodes of the small tree; the time in the page grows less than they do, so nobody waits for it."""
    times = []
    for workshop in (three, large):
        page.goto(server.address("kpi_design", workshop=workshop))
        settled(page)
        page.get_by_role("radio", name="アウトライン").click()
        expect(line(page, "受注金額")).to_be_visible()
        settled(page)
        times.append(max(0.05, float(page.get_by_role("tree").evaluate(_FOLD))))  # the clock's own step
    small, whole = times
    assert whole / small <= 40
