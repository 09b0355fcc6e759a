"""A manager's way from a ward office's sheet (title, three tables side by side, a total) to a stored table."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from playwright.sync_api import Page, expect

from kpi_core.services.datasets import versions
from tests.browser.conftest import Server


def test_from_drop_to_stored_table(server: Server, page: Page, shared: Path) -> None:
    workshop = server.blank("取り込み")
    page.goto(server.address("data_sources", workshop=workshop))
    folder = shared / "data" / "b_shinjuku"
    page.locator("input[type=file]").first.set_input_files(folder / "201807_all.xlsx")
    expect(page.get_by_text("この表を集計しやすい形に整える手順の提案")).to_be_visible()
    expect(page.get_by_role("button", name="行を保存する")).to_have_count(0)  # nothing is stored undecided
    page.get_by_role("button", name="この手順で整える").click()
    expect(page.get_by_text("2. 取り込んだ後の形(152行 × 6列)")).to_be_visible()
    page.get_by_role("button", name="152行を保存する").click()
    expect(page.get_by_text("201807_all.xlsx の152行を保存し")).to_be_visible()
    with server.state() as here:
        (kept,) = versions(here, workshop)
    stored = pl.read_parquet(kept.parquet).select("町丁名", "世帯数", "男", "女")
    expected = pl.read_csv(folder / "201807_all_expected.csv", infer_schema_length=None)
    assert sorted(stored.rows()) == sorted(expected.select(stored.columns).rows())
