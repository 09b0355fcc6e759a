"""Writes the made-up history as the files a team would export: with the small disorder that such files have."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import NamedTuple

from company import PRODUCTS, SEED, Deal, History, Lead
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

#: The moment the exports were taken; also stamped into the workbooks, so that a second run writes the same bytes.
EXPORTED = datetime(2026, 11, 2, 9, 0, 0)  # noqa: DTZ001 - office files hold local time

_FULL_WIDTH = {ord(letter): ord(letter) + 0xFEE0 for letter in "0123456789,"}
#: How sales people write products that the master spells otherwise.
MISSPELT = {
    "ミナモ生産管理": "ミナモ 生産管理",
    "ミナモ在庫管理": "ミナモ在庫",
    "ミナモ品質管理": "MINAMO品質管理",
}
LEAD_HEADER = (
    "リードID", "作成日", "流入元", "キャンペーン", "会社名", "業種", "都道府県", "スコア", "MQL日時", "初回対応日時",
    "判定", "差し戻し理由", "SQL日",
)  # fmt: skip
DEAL_HEADER = (
    "商談ID", "リードID", "会社名", "種別", "地域", "担当者", "製品", "金額", "商談作成日", "提案日", "クローズ日",
    "ステージ", "失注理由",
)  # fmt: skip


class PlanRow(NamedTuple):
    """A KPI's targets from April to March; ``adds_up`` when the year is the months' sum."""

    name: str
    unit: str
    values: tuple[float, ...]
    adds_up: bool


def write_leads(path: Path, history: History) -> None:
    """The marketing tool's export: CSV in cp932 with CRLF, dates in two notations, a few doubled rows."""
    random = Random(SEED + 1)
    rows = [_lead_row(random, lead) for lead in history.leads]
    for position in sorted(random.sample(range(len(rows) // 2, len(rows)), 3), reverse=True):
        rows.insert(position + 1, rows[position])
    path.write_bytes(_csv_text([LEAD_HEADER, *rows], "\r\n").encode("cp932"))


def _lead_row(random: Random, lead: Lead) -> tuple[str, ...]:
    score = str(lead.score)
    return (
        lead_id(lead),
        _day(random, lead.created),
        lead.source,
        lead.campaign,
        lead.company,
        "" if random.random() < 0.012 else lead.industry,
        "" if random.random() < 0.008 else lead.prefecture,
        score.translate(_FULL_WIDTH) if random.random() < 0.01 else score,
        f"{lead.mql:%Y/%m/%d %H:%M}" if lead.mql else "",
        f"{lead.answered:%Y/%m/%d %H:%M}" if lead.answered else "",
        lead.verdict or "",
        lead.reason or "",
        _day(random, lead.sql) if lead.sql else "",
    )


def lead_id(lead: Lead) -> str:
    return f"L{lead.number:05d}"


def _day(random: Random, day: date) -> str:
    """2026/4/1, or now and then 2026年4月1日."""
    written = f"{day.year}年{day.month}月{day.day}日"
    return written if random.random() < 0.015 else f"{day.year}/{day.month}/{day.day}"


def write_deals(path: Path, history: History) -> None:
    """The SFA's export as a workbook: a title above the header, amounts and dates typed in by hand here and there."""
    random = Random(SEED + 2)
    book = Workbook()
    sheet = book.active
    sheet.title = "商談一覧"
    sheet.append(["商談一覧(SFAエクスポート)"])
    sheet.append([f"出力日時: {EXPORTED:%Y/%m/%d %H:%M}"])
    sheet.append([])
    sheet.append(list(DEAL_HEADER))
    rows = [_deal_row(random, deal) for deal in history.deals]
    lost = [position for position, deal in enumerate(history.deals) if deal.stage == "失注"]
    for position in sorted(random.sample(lost, 4), reverse=True):
        rows.insert(position + 1, rows[position])
    for row in rows:
        sheet.append(row)
    for cell in sheet[4]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A5"
    _save(book, path)


def _deal_row(random: Random, deal: Deal) -> list[str | int | date | None]:
    lead = lead_id(deal.lead) if deal.lead is not None and deal.lead.number else None
    product = MISSPELT[deal.product] if deal.product in MISSPELT and random.random() < 0.02 else deal.product
    return [
        f"D{deal.number:05d}",
        lead,
        deal.company,
        deal.kind,
        None if random.random() < 0.01 else deal.region,
        None if random.random() < 0.02 else deal.owner,
        product,
        _amount(random, deal),
        _typed_day(random, deal.created),
        _typed_day(random, deal.proposed),
        _typed_day(random, deal.closed),
        deal.stage,
        deal.lost_for,
    ]


def _amount(random: Random, deal: Deal) -> str | int:
    """A number, or what people type instead: ¥1,234,000, 1,234,000円, full-width digits, △ for a reduction, 未定."""
    if deal.amount < 0:
        return f"△{-deal.amount:,}"
    if deal.closed is None and random.random() < 0.08:
        return "未定"
    chance = random.random()
    if chance < 0.02:
        return f"¥{deal.amount:,}"
    if chance < 0.03:
        return f"{deal.amount:,}円"
    if chance < 0.04:
        return f"{deal.amount:,}".translate(_FULL_WIDTH)
    return deal.amount


def _typed_day(random: Random, day: date | None) -> str | date | None:
    if day is None:
        return None
    return _day(random, day) if random.random() < 0.06 else day


def write_traffic(path: Path, history: History) -> None:
    """The web analysis export: CSV in UTF-8, one row per day and channel."""
    rows = [(f"{row.day:%Y-%m-%d}", row.channel, str(row.sessions), str(row.requests)) for row in history.traffic]
    path.write_bytes(_csv_text([("日付", "チャネル", "セッション数", "資料請求数"), *rows], "\n").encode())


def write_products(path: Path) -> None:
    """The product master: CSV in UTF-8 with a byte order mark, as Excel saves it."""
    rows = [(name, group, f"{price:,}円") for name, (group, price) in PRODUCTS.items()]
    path.write_bytes(_csv_text([("製品名", "製品群", "標準価格"), *rows], "\r\n").encode("utf-8-sig"))


def write_targets(path: Path, rows: Sequence[PlanRow], year: int) -> None:
    """The plan as it lies in the shared folder: months in columns under merged headers for the halves."""
    book = Workbook()
    sheet = book.active
    sheet.title = f"{year}年度計画"
    sheet["A1"] = f"{year}年度 KPI目標(経営会議承認 {year}/3/25)"
    sheet["A1"].font = Font(bold=True, size=14)
    for cell, text, span in (
        ("A3", "指標", "A3:A4"),
        ("B3", "単位", "B3:B4"),
        ("C3", "上期", "C3:H3"),
        ("I3", "下期", "I3:N3"),
    ):
        sheet[cell] = text
        sheet.merge_cells(span)
    for position in range(12):
        sheet.cell(4, 3 + position, f"{(position + 3) % 12 + 1}月")
    for row in sheet.iter_rows(min_row=3, max_row=4, max_col=15):
        for cell in row:
            cell.font = Font(bold=True)
            cell.alignment = Alignment(horizontal="center", vertical="center")
            cell.fill = PatternFill("solid", fgColor="E4E7EB")
    for row in rows:
        sheet.append([row.name, row.unit, *row.values, sum(row.values) if row.adds_up else None])
    for position in range(1, 16):
        sheet.column_dimensions[get_column_letter(position)].width = 24 if position == 1 else 13
    _save(book, path)


def _csv_text(rows: Iterable[Sequence[str]], end: str) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator=end).writerows(rows)
    return text.getvalue()


def _save(book: Workbook, path: Path) -> None:
    """Saves a workbook with fixed times inside, so that the same content gives the same bytes."""
    book.properties.creator = "sample_data/make.py"
    book.properties.created = EXPORTED
    written = io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            body = source.read(name)
            if name == "docProps/core.xml":
                body = _with_fixed_time(body)
            entry = zipfile.ZipInfo(name, (EXPORTED.year, EXPORTED.month, EXPORTED.day, EXPORTED.hour, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, body)


def _with_fixed_time(properties: bytes) -> bytes:
    head, tag, rest = properties.partition(b"<dcterms:modified")
    if not tag:
        return properties
    opening, _, after = rest.partition(b">")
    _, _, end = after.partition(b"<")
    return head + tag + opening + b">" + f"{EXPORTED:%Y-%m-%dT%H:%M:%SZ}".encode() + b"<" + end
