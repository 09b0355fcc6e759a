"""Data quality on the pages: a blocked upload, what to mend by whom, grades where the numbers are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.model.base import Bilingual
from kpi_core.model.dataset import Dataset, Source
from kpi_core.model.workshop import Workshop
from kpi_core.services.datasets import versions
from kpi_core.services.people import Who
from kpi_core.services.quality import last_runs, past_runs, run_quality
from kpi_core.services.rules import save_rules
from kpi_core.services.snapshots import snapshot
from kpi_core.services.sources import upload_new
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import Page

Show = Callable[..., AppTest]
WHO = Who("test")
DEALS = b"deal_id,amount\n1,100\n2,50\n"


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, [one.value for one in app.exception]
    return app


def said(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.error, app.warning, app.info, app.success, app.subheader)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def part(show: Show, workshop: str, name: str, language: str = "ja") -> AppTest:
    app = show(Page.DATA_SOURCES, workshop, language)
    app.session_state["data_sources.part"] = name
    return run(app)


@pytest.fixture
def ruled(blank: str, here: State, tmp_path: Path) -> str:
    """A dataset of two deals: an id may not repeat (blocks), an amount is required (warns)."""
    path = tmp_path / "deals.csv"
    path.write_bytes(DEALS)
    dataset = Dataset(code="deals", source="sfa", name=Bilingual(ja="商談"))
    upload_new(here, blank, dataset, Source(code="sfa", owner="大野 悠"), path, "deals.csv", None, WHO)
    rules = [
        {"column": "deal_id", "rule": "unique", "on_break": "block"},
        {"column": "amount", "rule": "required", "owner": "鈴木"},
    ]
    save_rules(here, blank, "deals", rules, snapshot(here, blank).revisions["datasets", "deals"], WHO)
    return blank


def store(show: Show, workshop: str, content: bytes) -> AppTest:
    app = show(Page.DATA_SOURCES, workshop)
    app.file_uploader(key=f"upload/{workshop}/file/0").upload("more.csv", content)
    run(app).button(key=f"upload/{workshop}/store").click()
    return run(app)


def test_a_blocked_upload_names_the_rows_and_hands_them_out(show: Show, ruled: str, here: State) -> None:
    app = store(show, ruled, b"deal_id,amount\n1,100\n2,50\n2,60\n")
    assert "「deal_id」:重複なしのルールに反する行が2行あります(行番号:2, 3/値:2)。" in said(app)
    assert len(versions(here, ruled)) == 1
    assert [one.label for one in app.get("download_button") if "該当" in one.label] == ["該当の2行"]
    app.file_uploader(key=f"upload/{ruled}/file/0").upload("mended.csv", b"deal_id,amount\n1,100\n3,60\n")
    app = run(app)
    assert "重複なしのルールに反する" not in said(app)  # another file, another answer
    app.button(key=f"upload/{ruled}/store").click()
    run(app)
    assert len(versions(here, ruled)) == 2


def test_what_only_warns_is_stored_and_leads_to_what_is_to_mend(show: Show, ruled: str, here: State) -> None:
    app = store(show, ruled, b"deal_id,amount\n1,\n2,50\n")
    assert len(versions(here, ruled)) == 2
    assert "守られていないルールが1件あります。" in said(app)
    app.button(key="data_sources.to_quality").click()
    app = run(app)
    text = said(app)
    assert "**鈴木** :small[ルール 1件 ・ 1行]" in text
    assert "「amount」:必須の列が空欄の行が1行あります(行番号:1)。" in text
    assert ":red-badge[▼ C]" in text  # half of the amounts are there
    assert len(past_runs(here, ruled)["deals"]) == 2


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_the_engine_says_of_a_rule_that_could_not_be_checked_is_a_click_away(
    show: Show, ruled: str, here: State, language: str
) -> None:
    (version,) = versions(here, ruled)
    version.parquet.write_bytes(b"PAR1 no more")
    run_quality(here, ruled, "deals", WHO)
    app = part(show, ruled, "quality", language)
    (problem, *_) = [one.problem for one in last_runs(here, ruled)["deals"].results]
    assert problem is not None
    assert str(problem.params["detail"]) in [one.value for one in app.code]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_sample_tells_grades_and_who_mends(show: Show, sample: str, language: str) -> None:
    text = said(part(show, sample, "quality", language))
    assert text.count("-badge[● A]") == 2
    assert text.count("-badge[● B]") == 2
    for person in ("三浦 彩", "森 健太郎", "岡田 翼", "大野 悠"):
        assert person in text


def test_rules_that_were_not_checked_are_not_called_kept(show: Show, here: State) -> None:
    rule = {"column": "deal_id", "rule": "unique"}
    document = {
        "workshop": {"name": "受注拡大"},
        "sources": [{"code": "sfa"}],
        "datasets": [{"code": "deals", "source": "sfa", "rules": [rule]}],
    }
    text = said(part(show, create_workshop(here, Workshop.model_validate(document), WHO), "quality"))
    assert "まだ点検していないデータセットが1件あります" in text
    assert "守られていないルールはありません" not in text


def test_a_workshop_without_data_says_what_is_missing(show: Show, blank: str) -> None:
    assert "データがまだありません" in said(part(show, blank, "quality"))


def test_a_kpi_shows_the_grade_of_the_data_it_rests_on(show: Show, sample: str) -> None:
    text = said(show(Page.DASHBOARD, sample))
    assert ":gray[データ B]" in text
    app = show(Page.KPI_DESIGN, sample)
    app.session_state["kpi_design.part"] = "source"
    text = said(run(app))
    assert "**データの品質**" in text
    assert ":blue-badge[● B] リード一覧" in text
