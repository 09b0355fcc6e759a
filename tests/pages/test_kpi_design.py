"""Step 3 as a session sees it. The drawing itself is a canvas: the outline and the browser tests stand for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.model.base import Bilingual
from kpi_core.model.node import Node
from kpi_core.model.revision import RevisionDecision
from kpi_core.services.answering import agree_on
from kpi_core.services.definitions import save_part
from kpi_core.services.editing import save
from kpi_core.services.milestones import keep_milestone
from kpi_core.services.moments import moments
from kpi_core.services.people import Who
from kpi_core.services.revising import record_revision
from kpi_core.services.signing import sign
from kpi_core.services.workshops import snapshot
from kpi_core.store.state import State
from kpi_core.text import say
from kpi_core.vocabulary import Answer, Language, NodeKind, Page, Relation, RevisionChoice

Show = Callable[..., AppTest]
ME = Who("test")


def at_node(app: AppTest, code: str, part: str = "meaning", *, view: str = "outline") -> AppTest:
    app.session_state["kpi_design.node"] = code
    app.session_state["kpi_design.part"] = part
    app.session_state["kpi_design.view"] = view
    return ran(app)


def ran(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, [one.value for one in app.exception]
    return app


def button(app: AppTest, key_end: str) -> AppTest:
    """Presses the one button whose key ends so."""
    found = next(one for one in app.button if (one.key or "").endswith(key_end))
    assert not found.disabled, found.label
    found.click()
    return ran(app)


def asked(app: AppTest, dialog: str) -> AppTest:
    """Opens a dialog about the chosen node as its menu does (menus are not drawn here)."""
    app.session_state["dialog.asked"] = (dialog, app.session_state["kpi_design.node"])
    return ran(app)


def field(app: AppTest, kind: str, key_end: str) -> object:
    return next(one for one in getattr(app, kind) if (one.key or "").endswith(key_end))


def words(app: AppTest) -> str:
    return "\n".join(str(one.value) for kind in ("markdown", "caption", "info", "error") for one in getattr(app, kind))


@pytest.fixture
def small(here: State, blank: str) -> str:
    """A KGI, a factor and two KPIs of the first two departments."""
    first, second = (one.code for one in snapshot(here, blank).workshop.departments)
    nodes = (
        Node(code="bookings", kind=NodeKind.KGI, name=Bilingual(ja="受注金額", en="Bookings"), unit="JPY"),
        Node(code="reach", kind=NodeKind.KSF, parent="bookings", name=Bilingual(ja="出会いを増やす")),
        Node(code="leads", kind=NodeKind.KPI, parent="reach", name=Bilingual(ja="リード数"), department=first),
        Node(code="deals", kind=NodeKind.KPI, parent="reach", name=Bilingual(ja="商談数"), department=second),
        Node(code="visits", kind=NodeKind.KPI, parent="deals", name=Bilingual(ja="訪問数"), department=second),
    )
    for node in nodes:
        save(here, blank, "nodes", node, None, ME)
    return blank


def node_of(here: State, workshop: str, code: str) -> Node:
    node = snapshot(here, workshop).workshop.node(code)
    assert node is not None
    return node


@pytest.mark.parametrize("language", ["ja", "en"])
def test_an_empty_step_leads_to_the_kgi(show: Show, blank: str, language: str) -> None:
    app = show(Page.KPI_DESIGN, blank, language)
    title = {"ja": "KPIツリーをつくる", "en": "Build the KPI tree"}[language]
    assert title in words(app)


def test_without_a_factor_the_first_one_can_be_added_here(show: Show, here: State, blank: str) -> None:
    kgi = Node(code="bookings", kind=NodeKind.KGI, name=Bilingual(ja="受注金額"))
    save(here, blank, "nodes", kgi, None, ME)
    app = show(Page.KPI_DESIGN, blank)
    next(one for one in app.button if one.label == "ここでKSFを追加").click()
    ran(app)
    app.text_input(key=f"draft/{blank}/add.bookings/ja").set_value("初回商談を増やす")
    button(app, "add.do")
    (ksf,) = snapshot(here, blank).workshop.of_kind(NodeKind.KSF)
    assert (ksf.parent, ksf.name.ja) == ("bookings", "初回商談を増やす")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_sample_is_drawn_in_every_view_and_tab(show: Show, sample: str, language: str) -> None:
    app = show(Page.KPI_DESIGN, sample, language)
    for view in ("tree", "outline", "table", "bulk"):
        at_node(app, "bookings", view=view)
    app.session_state["kpi_design.colour"] = "status"
    for part in ("meaning", "formula", "targets", "source", "agreement", "history"):
        at_node(app, "win_rate", part, view="tree")
    for below in ("handovers", "coverage", "changes", "versions", "findings"):
        app.session_state["kpi_design.below"] = below
        ran(app)
    at_node(app, "ksf_lead", "formula", view="tree")


def test_a_node_that_is_searched_for_opens_its_card(show: Show, small: str) -> None:
    app = at_node(show(Page.KPI_DESIGN, small), "leads")
    assert "リード数" in words(app)
    app.selectbox(key="kpi_design.search").set_value("visits")
    ran(app)
    assert "#### 訪問数" in words(app)


def test_a_chosen_node_that_is_gone_is_told(show: Show, small: str) -> None:
    app = at_node(show(Page.KPI_DESIGN, small), "never_there")
    assert "選択していた項目" in words(app)


def test_a_tab_is_saved_by_itself(show: Show, here: State, small: str) -> None:
    app = at_node(show(Page.KPI_DESIGN, small), "leads")
    field(app, "text_area", "/definition").set_value("当月に初めて登録された見込み客")
    ran(app)
    save_part(here, small, "leads", {"owner": "三浦"}, snapshot(here, small).revisions["nodes", "leads"], ME)
    button(app, "meaning/save")
    node = node_of(here, small, "leads")
    assert (node.definition, node.owner) == ("当月に初めて登録された見込み客", "三浦")


def test_a_stale_save_shows_both_and_loses_nothing(show: Show, here: State, small: str) -> None:
    app = at_node(show(Page.KPI_DESIGN, small), "leads")
    field(app, "text_area", "/definition").set_value("わたしの定義")
    ran(app)
    seen = snapshot(here, small).revisions["nodes", "leads"]
    save_part(here, small, "leads", {"definition": "先に保存された定義"}, seen, ME)
    button(app, "meaning/save")
    assert "ほかの画面で先に変更されています" in words(app)
    assert node_of(here, small, "leads").definition == "先に保存された定義"
    assert {"先に保存された定義", "わたしの定義"} <= {one.value for one in app.markdown}  # both whole, in sight
    button(app, "meaning/mine")
    assert node_of(here, small, "leads").definition == "わたしの定義"


def test_a_formula_is_checked_as_it_is_typed(show: Show, here: State, small: str) -> None:
    app = at_node(show(Page.KPI_DESIGN, small), "leads", "formula")
    field(app, "text_input", "/formula").set_value("deal * 2")
    ran(app)
    assert "「deals」" in words(app).replace("\\", "")
    saving = field(app, "button", "formula/save")
    assert saving.disabled
    field(app, "text_input", "/formula").set_value("deals * 2")
    ran(app)
    button(app, "formula/save")
    assert node_of(here, small, "leads").formula == "deals * 2"


def test_a_circle_of_formulas_is_named_before_it_is_saved(show: Show, here: State, small: str) -> None:
    save_part(here, small, "deals", {"formula": "leads * 2"}, snapshot(here, small).revisions["nodes", "deals"], ME)
    app = at_node(show(Page.KPI_DESIGN, small), "leads", "formula")
    field(app, "text_input", "/formula").set_value("deals / 2")
    ran(app)
    assert "leads → deals → leads" in words(app).replace("\\", "")


def test_a_code_is_picked_into_the_formula(show: Show, small: str) -> None:
    app = at_node(show(Page.KPI_DESIGN, small), "leads", "formula")
    field(app, "text_input", "/formula").set_value("vis")
    ran(app)
    button(app, "completion/visits")
    assert field(app, "text_input", "/formula").value == "visits "


def test_the_edge_to_the_parent_is_stated_with_sign_and_lag(show: Show, here: State, small: str) -> None:
    app = at_node(show(Page.KPI_DESIGN, small), "leads", "formula")
    field(app, "selectbox", "/relation").set_value("driver")
    ran(app)
    field(app, "button_group", "/sign").set_value("+")
    field(app, "number_input", "/lag").set_value(2)
    ran(app)
    button(app, "formula/save")
    node = node_of(here, small, "leads")
    assert (node.relation, node.sign, node.lag) == (Relation.DRIVER, "+", 2)


def test_a_years_target_is_divided_and_saved(show: Show, here: State, small: str) -> None:
    node = node_of(here, small, "leads")
    save(
        here,
        small,
        "nodes",
        node.model_copy(update={"unit": "count"}),
        snapshot(here, small).revisions["nodes", "leads"],
        ME,
    )
    app = at_node(show(Page.KPI_DESIGN, small), "leads", "targets")
    field(app, "text_input", "/total").set_value("1,200")
    ran(app)
    button(app, "fill.even")
    button(app, "targets/save")
    assert [entry.value for entry in node_of(here, small, "leads").targets] == [100] * 12


def test_half_stated_thresholds_are_refused_and_kept(show: Show, here: State, small: str) -> None:
    app = at_node(show(Page.KPI_DESIGN, small), "leads", "targets")
    field(app, "text_input", "/goal").set_value("100")
    ran(app)
    button(app, "targets/save")
    assert "両方入力してください" in words(app)
    field(app, "text_input", "/red").set_value("80")
    ran(app)
    button(app, "targets/save")
    thresholds = node_of(here, small, "leads").thresholds
    assert thresholds is not None
    assert (thresholds.goal, thresholds.red) == (100, 80)


def test_who_and_where_from_are_saved(show: Show, here: State, small: str) -> None:
    app = at_node(show(Page.KPI_DESIGN, small), "leads", "source")
    field(app, "text_input", "/owner").set_value("三浦")
    field(app, "selectbox", "/availability").set_value("effort")
    field(app, "text_area", "/action").set_value("配分を見直す")
    ran(app)
    button(app, "source/save")
    node = node_of(here, small, "leads")
    assert (node.owner, node.availability, node.action) == ("三浦", "effort", "配分を見直す")


def test_a_sign_off_stands_until_the_definition_changes(show: Show, here: State, small: str) -> None:
    app = at_node(show(Page.KPI_DESIGN, small), "leads", "agreement")
    app.text_input(key="kpi_design.person").set_value("三浦 彩")
    ran(app)
    department = node_of(here, small, "leads").department
    button(app, f"sign/leads/{department}")
    assert "● 合意済み" in words(app)
    save_part(here, small, "leads", {"definition": "別の定義"}, snapshot(here, small).revisions["nodes", "leads"], ME)
    ran(app)
    assert "▲ 無効(定義が変更された)" in words(app)
    assert "合意後に変わった項目:意味" in words(app)


def test_whoever_agrees_to_a_kpi_without_a_meaning_is_warned(show: Show, here: State, small: str) -> None:
    app = at_node(show(Page.KPI_DESIGN, small), "leads", "agreement")
    assert any("「意味」がまだ書かれていません" in one.value for one in app.warning)
    save_part(here, small, "leads", {"definition": "定義"}, snapshot(here, small).revisions["nodes", "leads"], ME)
    assert not ran(app).warning


def test_a_kpi_decided_to_be_changed_asks_for_it_and_waits_with_the_signing(
    show: Show, here: State, small: str
) -> None:
    department = node_of(here, small, "leads").department
    sign(here, small, "leads", department, ME)
    decision = RevisionDecision(node="leads", choice=RevisionChoice.CHANGE, reason="数え方が部門で違う")
    record_revision(here, small, date(2026, 10, 5), [decision], ME)
    app = at_node(show(Page.KPI_DESIGN, small), "leads", "agreement")
    assert any("数え方が部門で違う" in one.value for one in app.warning)
    assert "無効(見直しで変更が決定)" in words(app)
    assert field(app, "button", f"sign/leads/{department}").disabled
    save_part(here, small, "leads", {"definition": "新しい"}, snapshot(here, small).revisions["nodes", "leads"], ME)
    ran(app)
    assert not any("数え方が部門で違う" in one.value for one in app.warning)
    app.text_input(key="kpi_design.person").set_value("三浦 彩")
    ran(app)
    button(app, f"sign/leads/{department}")
    assert "● 合意済み" in words(app)


@pytest.mark.parametrize(("language", "word"), [("ja", "廃止"), ("en", "retired")])
def test_a_retired_kpi_says_so_on_its_card_and_between_versions(
    show: Show, here: State, small: str, language: str, word: str
) -> None:
    keep_milestone(here, small, "四半期の初め", ME)
    before = moments(here, small)[0].change
    decision = RevisionDecision(node="leads", choice=RevisionChoice.RETIRE, reason="使われていない")
    record_revision(here, small, date(2026, 10, 5), [decision], ME)
    app = at_node(show(Page.KPI_DESIGN, small, language), "leads")
    assert any(word in one.value and "使われていない" in one.value for one in app.info)
    if language == "en":  # what is chosen below is kept by its label, which a test session knows in Japanese only
        return
    app.session_state["kpi_design.below"] = "versions"
    app.session_state[f"past.earlier/{small}"] = before
    ran(app)
    assert "✕ 廃止 1" in words(app)
    assert "変更 1" not in words(app)


def test_pasted_rows_are_added_to_the_table_and_stored_with_it(show: Show, here: State, small: str) -> None:
    app = at_node(show(Page.KPI_DESIGN, small), "leads", view="bulk")
    field(app, "text_area", "/pasted").set_value("種類\t名称(日本語)\t親\nKPI\t提案数\t出会いを増やす\n")
    button(app, "/pasted/do")
    assert "1件を追加し" in words(app).replace("\\", "")
    button(app, "nodes.bulk.ja/save")
    made = next(one for one in snapshot(here, small).workshop.nodes if one.name.ja == "提案数")
    assert (made.kind, made.parent) == (NodeKind.KPI, "reach")


def test_the_last_changes_name_the_item_of_the_checklist(show: Show, here: State, small: str) -> None:
    agree_on(here, small, 6, {"answer": Answer.YES}, None, Who(""))
    app = show(Page.KPI_DESIGN, small)
    app.session_state["kpi_design.below"] = "changes"
    ran(app)
    told = words(app).replace("\\", "")
    title = say("guidance.readiness.title.6", Language.JA)
    assert f"チェックリストの合意「6. {title}」を「はい」に" in told
    assert "主催者の端末" in told


def test_a_kpi_is_added_below_the_chosen_node(show: Show, here: State, small: str) -> None:
    app = at_node(show(Page.KPI_DESIGN, small), "deals")
    button(app, "kpi_design.add")
    form = f"draft/{small}/add.deals"
    app.text_input(key=f"{form}/ja").set_value("提案数")
    app.text_input(key=f"{form}/code").set_value("leads")
    button(app, "add.do")
    assert app.session_state["dialog.failed"].code == "code_taken"
    assert len(snapshot(here, small).workshop.nodes) == 5
    again = at_node(show(Page.KPI_DESIGN, small), "deals")  # a reload loses nothing of what was refused
    button(again, "kpi_design.add")
    assert again.text_input(key=f"{form}/ja").value == "提案数"
    button(app, "kpi_design.add")
    app.text_input(key=f"{form}/code").set_value("proposals")
    button(app, "add.do")
    node = node_of(here, small, "proposals")
    assert (node.kind, node.parent, node.name.ja) == (NodeKind.KPI, "deals", "提案数")
    assert app.session_state["kpi_design.node"] == "proposals"


def test_deleting_names_what_hangs_below(show: Show, here: State, small: str) -> None:
    app = at_node(show(Page.KPI_DESIGN, small), "deals")
    asked(app, "delete")
    assert "- 訪問数" in words(app)
    button(app, "delete.do")
    assert [node.code for node in snapshot(here, small).workshop.nodes] == ["bookings", "reach", "leads"]


def test_a_code_is_changed_with_the_formulas_that_use_it(show: Show, here: State, small: str) -> None:
    save_part(here, small, "deals", {"formula": "visits / 2"}, snapshot(here, small).revisions["nodes", "deals"], ME)
    app = at_node(show(Page.KPI_DESIGN, small), "visits")
    asked(app, "code")
    app.text_input(key=f"draft/{small}/rename.visits/code").set_value("calls")
    button(app, "rename.do")
    assert node_of(here, small, "deals").formula == "calls / 2"
    assert app.session_state["kpi_design.node"] == "calls"


def test_a_node_is_moved_only_where_it_may_hang(show: Show, here: State, small: str) -> None:
    app = at_node(show(Page.KPI_DESIGN, small), "deals")
    asked(app, "move")
    choice = app.selectbox(key="move.deals")
    assert choice.options == ["リード数"]
    choice.set_value("leads")
    button(app, "move.do")
    assert node_of(here, small, "deals").parent == "leads"


def test_a_driver_link_is_added_and_removed(show: Show, here: State, small: str) -> None:
    app = at_node(show(Page.KPI_DESIGN, small), "leads", "formula")
    app.selectbox(key="link/leads/other").set_value("deals")
    field(app, "button_group", "link/leads/sign").set_value("+")
    app.number_input(key="link/leads/lag").set_value(1)
    ran(app)
    button(app, "link/leads/do")
    (link,) = snapshot(here, small).workshop.links
    assert (link.source, link.target, link.sign, link.lag) == ("leads", "deals", "+", 1)
    button(app, "link.remove/leads→deals")
    assert snapshot(here, small).workshop.links == ()


def test_a_hand_over_is_begun_and_written(show: Show, here: State, small: str) -> None:
    app = show(Page.KPI_DESIGN, small)
    app.session_state["kpi_design.below"] = "handovers"
    ran(app)
    first, second = (one.code for one in snapshot(here, small).workshop.departments)
    app.selectbox(key="handover.source").set_value(first)
    app.selectbox(key="handover.target").set_value(second)
    ran(app)
    button(app, "handover.do")
    field(app, "text_area", "/criterion").set_value("予算と時期を確認済み")
    field(app, "number_input", "/sla_hours").set_value(24.0)
    field(app, "text_area", "/reject_reasons").set_value("予算なし\n\n時期未定")
    ran(app)
    handover = snapshot(here, small).workshop.handovers[0]
    button(app, f"handovers.{handover.code}/save")
    (handover,) = snapshot(here, small).workshop.handovers
    assert (handover.source, handover.target, handover.criterion) == (first, second, "予算と時期を確認済み")
    assert (handover.sla_hours, handover.reject_reasons) == (24, ("予算なし", "時期未定"))


def test_a_finding_opens_the_card_it_is_about(show: Show, small: str) -> None:
    app = at_node(show(Page.KPI_DESIGN, small), "bookings")
    jump = next(one for one in app.button if (one.key or "").startswith("finding/"))
    jump.click()
    ran(app)
    assert app.session_state["kpi_design.node"] != "bookings"
