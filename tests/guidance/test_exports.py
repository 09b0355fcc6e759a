"""Usual exports are recognised by their columns, in Japanese and English; other tables are not."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from kpi_core.guidance.exports import recognise, tables
from kpi_core.text import sentences
from kpi_core.vocabulary import Language, SourceKind

HEADERS = {
    "商談名,フェーズ,金額,完了予定日,商談 所有者,取引先名,作成日": ("Salesforce", "フェーズ", "完了予定日"),
    "Opportunity Name,Stage,Amount,Close Date,Opportunity Owner": ("Salesforce", "Stage", "Close Date"),
    "Id,Name,StageName,Amount,CloseDate,CreatedDate,OwnerId": ("Salesforce", "StageName", "CloseDate"),
    "取引名,取引ステージ,金額,クローズ日,取引担当者,パイプライン": ("HubSpot", "取引ステージ", "クローズ日"),
    "Deal Name,Stage,Amount,Closing Date,Deal Owner,Created Time": ("Zoho CRM", "Stage", "Closing Date"),
    "レコード番号,案件名,会社名,フェーズ,受注金額,受注日,作成日時": ("kintone", "フェーズ", "受注日"),
}
ADS = {
    "キャンペーン,日,通貨コード,表示回数,クリック数,費用,コンバージョン": ("Google 広告", "費用"),
    "Campaign,Day,Currency code,Impr.,Clicks,Cost,Conversions": ("Google 広告", "Cost"),
    "キャンペーン名,日,インプレッション数,クリック数,コスト,コンバージョン数": ("Yahoo!広告", "コスト"),
}


@pytest.mark.parametrize("header", HEADERS)
def test_deals_of_a_crm_propose_what_was_won(header: str) -> None:
    found = recognise(header.split(","))
    assert found is not None
    system, stage, closed = HEADERS[header]
    assert (found.system, found.meanings["stage"], found.meanings["closed"]) == (system, stage, closed)
    won = next(one for one in found.measures if one.code == "won_amount")
    assert (won.column, won.date, won.stage) == (found.meanings["amount"], closed, stage)
    assert "受注" in won.won or "成約" in won.won


@pytest.mark.parametrize("header", ADS)
def test_advertising_reports_propose_their_counts(header: str) -> None:
    found = recognise(header.split(","))
    assert found is not None
    assert (found.system, found.meanings["cost"]) == ADS[header]
    assert [one.code for one in found.measures] == ["cost", "impressions", "clicks", "conversions"]


def test_web_analytics_and_leads() -> None:
    web = recognise(["日付", "セッションのデフォルト チャネル グループ", "セッション", "キーイベント"])
    assert web is not None
    assert [one.code for one in web.measures] == ["conversions", "sessions"]
    leads = recognise(["メールアドレス", "会社名", "リードソース", "リードステータス", "作成日", "MQL日"])
    assert leads is not None
    assert [(one.code, one.date) for one in leads.measures] == [
        ("created_count", "作成日"),
        ("converted_count", "MQL日"),
    ]


def test_only_stages_that_are_in_the_file_count_as_won() -> None:
    found = recognise(["商談名", "フェーズ", "金額", "完了予定日", "商談所有者"], {"受注", "提案"})
    assert found is not None
    assert found.measures[0].won == ("受注",)


def test_where_no_known_stage_is_in_the_file_its_own_are_proposed() -> None:
    header = ["商談名", "フェーズ", "金額", "完了予定日", "商談所有者"]
    found = recognise(header, {"1_提案", "5_受注済", "9_失注", "受注見込"})
    assert found is not None
    assert (found.measures[0].won, found.measures[0].guessed) == (("5_受注済",), True)
    unknown = recognise(header, {"A", "B"})
    assert unknown is not None
    assert (unknown.measures[0].won, unknown.measures[0].guessed) == ((), True)


def test_a_system_is_registered_as_its_kind() -> None:
    kinds = {name: table["kind"] for name, table in tables().items()}
    assert (kinds["salesforce_report"], kinds["hubspot_deals"], kinds["ma_leads"]) == ("sfa", "crm", "ma")
    found = recognise(["取引名", "取引ステージ", "金額", "クローズ日", "取引担当者"])
    assert found is not None
    assert found.kind is SourceKind.CRM
    assert set(kinds.values()) <= set(SourceKind)


def test_real_hubspot_deals_are_recognised(shared: Path) -> None:
    with (shared / "data" / "a_hubspot_seeds" / "deal_data.csv").open(encoding="utf-8") as file:
        found = recognise(next(csv.reader(file)))
    assert found is not None
    assert found.system.startswith("HubSpot")
    assert (found.meanings["amount"], found.meanings["closed"]) == ("property_amount", "property_closedate")


@pytest.mark.parametrize(
    "header", ["deal_id,stage,amount,closed", "店舗,日付,売上", "id,name,amount", "町丁名,世帯数,男,女,計"]
)
def test_othertables_are_left_alone(header: str) -> None:
    assert recognise(header.split(",")) is None


@pytest.mark.parametrize("language", list(Language))
def test_every_meaning_has_a_word(language: Language) -> None:
    meanings = {key for table in tables().values() for key in table if key not in ("system", "kind", "own", "won")}
    assert {f"exports.meanings.{one}" for one in meanings} <= set(sentences(language))
