"""Text that would be code somewhere else stays text: typed into every field of a page, it is shown and never runs."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from playwright.sync_api import expect

from kpi_core.model.period import period_of
from kpi_core.services.beginning import from_file
from kpi_core.services.bundles import export_bundle
from kpi_core.services.datasets import today_of, versions
from kpi_core.services.forecasts import override
from kpi_core.services.people import Who
from kpi_core.services.sample import load_sample
from kpi_core.services.snapshots import snapshot
from kpi_core.vocabulary import Grain

HOSTILE = '<img src=x onerror="window.ran=1"> [x](javascript:window.ran=1) $x$ :red[x] **x**'


WORDS = {
    "ja": {"refusing": ("計算式(KPIのコードで書く)", "コード", "基準値(出発点の実績)"), "save": "KGIを保存する"},
    "en": {
        "refusing": ("Formula (written with KPI codes)", "Code", "Baseline (where you start from)"),
        "save": "Save the KGI",
    },
}


def type_everywhere(page, settled) -> int:
    """Types it into each text field in sight and waits until the app has taken it."""
    fields = page.locator('[data-testid="stTextInput"] input:enabled, [data-testid="stTextArea"] textarea:enabled')
    for at in range(fields.count()):
        if fields.nth(at).is_visible():
            fields.nth(at).fill(HOSTILE)
            fields.nth(at).blur()
            settled(page)
    return fields.count()


def never_ran(page) -> None:
    assert page.evaluate("window.ran") is None
    expect(page.locator('img[src="x"]')).to_have_count(0)
    expect(page.locator('a[href^="javascript"]')).to_have_count(0)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_goal_shows_hostile_text_as_text(server, page, settled, language: str) -> None:
    workshop = server.blank(HOSTILE)
    page.goto(server.address("kgi", workshop=workshop, lang=language))
    settled(page)
    page.get_by_test_id("stExpander").first.locator("summary").click()
    assert type_everywhere(page, settled) >= 6
    never_ran(page)
    words = WORDS[language]
    for field in words["refusing"]:  # they hold a formula, a code and an amount, and say so
        page.get_by_role("textbox", name=field, exact=True).fill("")
        page.get_by_role("textbox", name=field, exact=True).blur()
        settled(page)
    page.get_by_role("button", name=words["save"]).click()
    settled(page)
    assert server.workshop(workshop).kgi.name.ja == HOSTILE
    for where in ("ksf", "checklist", "settings", "kpi_design", "dashboard", ""):
        page.goto(server.address(where, workshop=workshop, lang=language))
        settled(page)
        never_ran(page)


def test_candidates_departments_and_members_show_hostile_text_as_text(server, page, settled) -> None:
    workshop = server.blank("記号")
    page.goto(server.address("ksf", workshop=workshop))
    settled(page)
    entry = page.get_by_test_id("stChatInputTextArea")
    entry.fill(HOSTILE)
    entry.press("Enter")
    expect(page.get_by_text("onerror").first).to_be_visible()
    never_ran(page)
    page.goto(server.address("settings", workshop=workshop))
    settled(page)
    page.get_by_role("tab", name="部門").click()
    page.get_by_role("button", name="部門を追加").click()
    page.get_by_role("dialog").get_by_label("名称(日本語)").fill(HOSTILE)
    page.get_by_role("dialog").get_by_role("button", name="保存する").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("tab", name="メンバー").click()
    page.get_by_role("button", name="メンバーを追加").click()
    page.get_by_role("dialog").get_by_label("名前").fill(HOSTILE)
    page.get_by_role("dialog").get_by_role("button", name="保存する").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    never_ran(page)
    assert server.workshop(workshop).candidates[0].name.ja == HOSTILE
    assert server.workshop(workshop).departments[-1].name.ja == HOSTILE
    assert server.workshop(workshop).members[0].name == HOSTILE


#: What people write freely in a workshop file; a name is free where it may have two languages.
FREE = frozenset(
    {"definition", "includes", "excludes", "counting_unit", "example", "owner", "updater", "note", "criterion", "text"}
    | {"reject_reasons", "return_path", "target_rationale", "input_rule", "action", "version_reason", "decisions"}
    | {"title", "comment", "objects", "system", "object", "field", "person", "reason"}
)


def all_hostile(value: Any, key: str = "") -> Any:
    """A workshop file with its free texts replaced; names of columns and codes stay."""
    if isinstance(value, dict):
        if key == "aliases":
            return dict.fromkeys([HOSTILE], next(iter(value.values())))
        if set(value) <= {"ja", "en"}:
            return dict.fromkeys(value, HOSTILE)
        return {name: all_hostile(part, name) for name, part in value.items() if name != "tracking"}
    if isinstance(value, list):
        return [all_hostile(part, key) for part in value]
    return HOSTILE if isinstance(value, str) and key in FREE else value


@pytest.fixture(scope="module")
def hostile(server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sample with its data, every free text replaced, and a scenario of that name."""
    who = Who("test")
    with server.state() as here:
        bundle = io.BytesIO(export_bundle(here, load_sample(here, who)))
        changed = io.BytesIO()
        with zipfile.ZipFile(bundle) as source, zipfile.ZipFile(changed, "w") as target:
            for name in source.namelist():
                content = source.read(name)
                if name == "workshop.json":
                    document = all_hostile(json.loads(content))
                    scenario = {
                        "code": "s",
                        "name": HOSTILE,
                        "node": "bookings",
                        "period": "2026-11",
                        "author": HOSTILE,
                    }
                    document["scenarios"] = [{**scenario, "at": "2026-11-01T09:00:00+09:00"}]
                    content = json.dumps(document).encode()
                target.writestr(name, content)
        workshop = from_file(here, changed.getvalue(), who)[0]
        settings = snapshot(here, workshop).workshop.settings
        year = period_of(today_of(snapshot(here, workshop).workshop), Grain.YEAR, settings.fiscal_year_start)
        override(here, workshop, "bookings", year.key, 600_000_000, HOSTILE, who)
        return workshop


PARTS = {
    "data_sources": ("KPIとの対応づけ", "手入力", "入力ルールと参照", "品質と修正", "数字の食い違い"),
    "reviews": ("アクション", "KPIの見直し", "これまでの会議", "会議の設定"),
}


def test_a_workshop_full_of_hostile_text_shows_it_as_text_on_every_page(server, page, settled, hostile) -> None:
    for where in ("kgi", "ksf", "kpi_design", "data_sources", "dashboard", "simulation", "checklist", "reviews"):
        page.goto(server.address(where, workshop=hostile))
        settled(page)
        if where == "dashboard":  # the landing comes by itself, with the reason of the team's own figure
            expect(page.get_by_text("手入力").first).to_be_visible(timeout=90_000)
        never_ran(page)
        if where in ("ksf", "kpi_design", "data_sources", "dashboard"):
            expect(page.get_by_test_id("stMain")).to_contain_text("onerror")
        for part in PARTS.get(where, ()):
            page.get_by_role("tab", name=part).click()
            settled(page)
            never_ran(page)
        if where == "simulation":
            page.get_by_role("radio", name="シナリオ比較").click()
            settled(page)
            never_ran(page)
            expect(page.get_by_test_id("stMain")).to_contain_text("onerror")


def type_at_once(page, settled) -> int:
    """Types it into each text field in sight, one after the other, and waits once."""
    fields = page.locator('[data-testid="stTextInput"] input:enabled, [data-testid="stTextArea"] textarea:enabled')
    count = fields.count()
    for at in range(count):
        if fields.nth(at).is_visible():
            fields.nth(at).fill(HOSTILE)
            fields.nth(at).blur()
    settled(page)
    never_ran(page)
    return count


def test_the_card_hand_over_and_reasons_take_hostile_text_as_text(server, page, settled, hostile) -> None:
    page.goto(server.address("kpi_design", workshop=hostile))
    settled(page)
    typed = type_at_once(page, settled)
    for part in ("計算", "目標", "データ", "合意", "履歴"):
        page.locator(".st-key-kpi_design-part").get_by_text(part, exact=False).first.click()
        settled(page)
        typed += type_at_once(page, settled)
    assert typed >= 12
    page.goto(server.address("reviews", workshop=hostile))
    settled(page)
    assert type_at_once(page, settled) >= 1
    page.get_by_role("tab", name="アクション").click()
    settled(page)
    page.get_by_role("button", name="アクションを追加").click()
    settled(page)
    assert type_at_once(page, settled) >= 2
    page.goto(server.address("simulation", workshop=hostile))
    settled(page)
    assert type_at_once(page, settled) >= 1  # the scenario's name


def test_an_uploaded_files_hostile_column_name_and_cells_are_text(server, page, settled, tmp_path) -> None:
    workshop = server.blank("列名")
    file = tmp_path / "a.csv"
    file.write_text(
        f'"{HOSTILE.replace(chr(34), chr(34) * 2)}",n\n"<img src=x onerror=window.ran=1>",1\nb,2\n', "utf-8"
    )
    page.goto(server.address("data_sources", workshop=workshop))
    settled(page)
    page.locator("input[type=file]").first.set_input_files(file)
    expect(page.get_by_role("button", name="2行を保存する")).to_be_visible()
    never_ran(page)
    page.get_by_role("button", name="2行を保存する").click()
    settled(page)
    never_ran(page)
    with server.state() as here:
        assert len(versions(here, workshop)) == 1
    for part in PARTS["data_sources"]:
        page.get_by_role("tab", name=part).click()
        settled(page)
        never_ran(page)
