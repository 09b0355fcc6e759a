"""The made-up company behind the sample: what happened to its leads, deals and website over 36 months.

ミナモ is a B2B software house for small manufacturers. Everything follows from one seeded generator. The story: leads
keep growing, but from June 2026 on many come from trade fairs and joint webinars, inside sales answers later, and fewer
marketing-qualified leads are accepted; deals and prices hold, customers buy more, so bookings fall short only slowly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

SEED = 20261123
FIRST = date(2023, 11, 1)
LAST = date(2026, 10, 31)
#: Deals were already running when the marketing tool was introduced in November 2023.
BEFORE = date(2023, 6, 1)
TURN = date(2026, 6, 1)

#: Share of a month's leads by calendar month: fairs in autumn and before the fiscal year's end, quiet August.
LEAD_SEASON = {1: 0.95, 2: 1.1, 3: 1.05, 4: 0.95, 5: 0.9, 6: 1.05, 7: 1.0, 8: 0.8, 9: 1.1, 10: 1.15, 11: 1.1, 12: 0.85}
#: source → (weight, weight after the turn, mean score, chance that inside sales accepts, the same after the turn)
SOURCES = {
    "自然検索": (26, 22, 57, 0.54, 0.52),
    "Web広告": (22, 18, 52, 0.43, 0.40),
    "資料ダウンロード": (20, 16, 54, 0.46, 0.43),
    "ウェビナー": (14, 26, 58, 0.50, 0.27),
    "展示会": (10, 22, 57, 0.46, 0.24),
    "紹介": (8, 6, 66, 0.72, 0.72),
}
CAMPAIGNS = {
    "自然検索": ("SEO記事", "導入事例ページ"),
    "Web広告": ("リスティング", "ディスプレイ", "SNS広告"),
    "資料ダウンロード": ("生産管理入門", "在庫削減ガイド", "品質記録の電子化"),
    "ウェビナー": ("月例ウェビナー", "共催ウェビナー"),
    "展示会": ("ものづくりDX展", "地域製造業フェア"),
    "紹介": ("既存顧客紹介", "パートナー紹介"),
}
INDUSTRIES = ("金属加工", "機械製造", "電子部品", "食品製造", "樹脂成形", "化学", "自動車部品", "印刷・包装")
PREFECTURES = {
    "関東": ("東京都", "神奈川県", "埼玉県", "群馬県"),
    "中部": ("愛知県", "静岡県", "岐阜県", "長野県"),
    "関西": ("大阪府", "兵庫県", "京都府"),
    "東北": ("宮城県", "福島県"),
    "九州": ("福岡県", "熊本県"),
}
REGION_WEIGHTS = (34, 28, 22, 7, 9)
#: product → (group, list price in yen)
PRODUCTS = {
    "ミナモ生産管理": ("基幹", 1_800_000),
    "ミナモ在庫管理": ("基幹", 950_000),
    "ミナモ品質管理": ("基幹", 1_250_000),
    "ミナモ購買管理": ("オプション", 700_000),
    "導入支援パック": ("サービス", 500_000),
}
OWNERS = {
    "関東": ("佐藤 健", "鈴木 美咲", "高橋 亮"),
    "中部": ("田中 直樹", "伊藤 彩", "渡辺 翔"),
    "関西": ("山本 大輔", "中村 恵"),
    "東北": ("小林 誠",),
    "九州": ("加藤 由佳",),
}
REJECTED = ("予算・時期が未定", "対象外の業種・規模", "情報収集のみ", "連絡がつかない", "競合で決定済み")
LOST = ("価格", "機能不足", "競合に決定", "時期の延期", "予算が取れない", "担当者の交代")
NAME_HEADS = ("東", "西", "大", "三", "北", "富", "日", "丸", "新", "栄", "光", "旭", "山", "川", "松", "清")
NAME_TAILS = ("和", "洋", "陽", "成", "栄", "進", "豊", "信", "友", "興", "技", "工")
NAME_KINDS = ("製作所", "工業", "精機", "金属", "電子", "食品", "化成", "プレス工業", "産業", "技研")


@dataclass
class Lead:
    number: int
    created: date
    source: str
    campaign: str
    company: str
    industry: str
    region: str
    prefecture: str
    score: int
    mql: datetime | None = None
    answered: datetime | None = None
    verdict: str | None = None
    reason: str | None = None
    sql: date | None = None


@dataclass
class Deal:
    number: int
    lead: Lead | None
    company: str
    kind: str
    region: str
    owner: str
    product: str
    amount: int
    created: date
    proposed: date | None
    closed: date | None
    stage: str
    lost_for: str | None = None


@dataclass(frozen=True)
class Traffic:
    day: date
    channel: str
    sessions: int
    requests: int


@dataclass(frozen=True)
class History:
    leads: tuple[Lead, ...]
    deals: tuple[Deal, ...]
    traffic: tuple[Traffic, ...]


def history() -> History:
    """Everything that happened, the same on every run."""
    random = Random(SEED)
    leads = _leads(random)
    deals = _deals(random, leads)
    visible = tuple(lead for lead in leads if lead.created >= FIRST)
    return History(visible, deals, _traffic(random))


def months(first: date, last: date) -> list[date]:
    """The first days of the months from ``first`` to ``last``."""
    count = (last.year - first.year) * 12 + last.month - first.month
    return [add_months(first.replace(day=1), step) for step in range(count + 1)]


def add_months(day: date, count: int) -> date:
    month = day.year * 12 + day.month - 1 + count
    return date(month // 12, month % 12 + 1, 1)


def _leads(random: Random) -> list[Lead]:
    leads: list[Lead] = []
    for step, month in enumerate(months(BEFORE, LAST)):
        expected = 180 * 1.013**step * LEAD_SEASON[month.month] * (1.18 if month >= TURN else 1.0)
        days = (add_months(month, 1) - month).days
        created = sorted(_workday(random, month, days) for _ in range(round(random.gauss(expected, 8))))
        leads += [_lead(random, day) for day in created]
    seen = [lead for lead in leads if lead.created >= FIRST]
    for number, lead in enumerate(seen, start=1):
        lead.number = number
    return leads


def _lead(random: Random, day: date) -> Lead:
    late = day >= TURN
    names = tuple(SOURCES)
    source = random.choices(names, [SOURCES[name][1 if late else 0] for name in names])[0]
    campaign = random.choice(CAMPAIGNS[source])
    region = random.choices(tuple(PREFECTURES), REGION_WEIGHTS)[0]
    score = min(100, max(5, round(random.gauss(SOURCES[source][2], 16))))
    lead = Lead(
        0, day, source, campaign, _company(random), random.choice(INDUSTRIES), region,
        random.choice(PREFECTURES[region]), score,
    )  # fmt: skip
    if score >= 60:
        _qualify(random, lead, SOURCES[source][4 if late else 3])
    return lead


def _qualify(random: Random, lead: Lead, chance: float) -> None:
    """What happens to a lead whose score reaches 60: it becomes an MQL, is answered, accepted or sent back."""
    day = _next_workday(lead.created + timedelta(days=int(random.expovariate(1 / 5))))
    lead.mql = datetime.combine(day, time(random.randint(9, 17), random.randint(0, 59)))
    months_late = max(0, (day.year - TURN.year) * 12 + day.month - TURN.month + 1)
    median = 11 + 3.6 * min(months_late, 5)
    lead.answered = lead.mql + timedelta(minutes=round(60 * random.lognormvariate(math.log(median), 0.75)))
    if random.random() < (0.06 if months_late else 0.025):
        lead.answered = None
        lead.verdict = "未対応"
    elif random.random() < chance:
        lead.verdict = "SQL"
        lead.sql = _next_workday(lead.answered.date() + timedelta(days=random.randint(1, 8)))
    else:
        lead.verdict = "差し戻し"
        lead.reason = random.choices(REJECTED, (30, 20, 28, 14, 8) if months_late else (24, 20, 20, 24, 12))[0]
    if lead.answered and lead.answered.date() > LAST:
        lead.answered, lead.verdict, lead.sql, lead.reason = None, "未対応", None, None
    if lead.sql and lead.sql > LAST:
        lead.sql, lead.verdict = None, "対応中"
    if lead.mql.date() > LAST:
        lead.mql, lead.answered, lead.verdict, lead.reason, lead.sql = None, None, None, None, None


def _deals(random: Random, leads: list[Lead]) -> tuple[Deal, ...]:
    """Deals from accepted leads, from the sales people's own contacts, and from customers who buy more."""
    deals = [_deal(random, lead.sql, lead, "新規", lead.company, lead.region) for lead in leads if lead.sql]
    for step, month in enumerate(months(BEFORE, LAST)):
        days = (add_months(month, 1) - month).days
        for kind, expected in (("新規", 13.0), ("追加", 12 * 1.017**step)):
            for _ in range(round(random.gauss(expected, 2))):
                region = random.choices(tuple(PREFECTURES), REGION_WEIGHTS)[0]
                deals.append(_deal(random, _workday(random, month, days), None, kind, _company(random), region))
    running = [deal for deal in deals if deal.created <= LAST and (deal.closed is None or deal.closed >= FIRST)]
    running.sort(key=lambda deal: (deal.created, deal.company, deal.amount))
    running += _reductions(random, running)
    for number, deal in enumerate(running, start=1):
        deal.number = number
    return tuple(running)


def _deal(random: Random, created: date, lead: Lead | None, kind: str, company: str, region: str) -> Deal:
    product = random.choices(tuple(PRODUCTS), (30, 26, 20, 12, 12))[0]
    growth = 1.0 + 0.004 * ((created.year - 2023) * 12 + created.month - 6)
    size = random.lognormvariate(-0.12, 0.45) * growth * (0.55 if kind == "追加" else 1.0)
    amount = max(60_000, round(PRODUCTS[product][1] * size / 1000) * 1000)
    deal = Deal(0, lead, company, kind, region, random.choice(OWNERS[region]), product, amount, created, None, None, "")
    length = random.lognormvariate(math.log(35 if kind == "追加" else 62), 0.38)
    closing = _pulled(random, _next_workday(created + timedelta(days=max(8, round(length)))))
    proposing = _next_workday(created + timedelta(days=max(4, round(length * random.uniform(0.3, 0.55)))))
    chance = 0.58 if kind == "追加" else 0.44 if lead and lead.source == "紹介" else 0.33
    won = random.random() < chance * (1.08 if closing.month in (3, 9) else 1.0)
    if (won or random.random() < 0.72) and proposing <= LAST:
        deal.proposed = min(proposing, closing)
    if closing > LAST or (not won and deal.proposed and random.random() < 0.04):
        later = random.choices(("提案中", "見積提示"), (7, 3))[0]
        deal.stage = later if deal.proposed else "初回訪問"
        return deal
    deal.closed, deal.stage = closing, "受注" if won else "失注"
    deal.lost_for = None if won else random.choice(LOST)
    return deal


def _pulled(random: Random, closing: date) -> date:
    """Deals are closed towards the ends of the halves: a third of April's and October's are pulled forward."""
    if closing.month in (4, 10) and random.random() < 0.42:
        return _back_to_workday(closing.replace(day=1) - timedelta(days=random.randint(1, 9)))
    if closing.month in (2, 8) and random.random() < 0.25:
        return _next_workday(add_months(closing, 1) + timedelta(days=random.randint(15, 26)))
    return closing


def _reductions(random: Random, deals: list[Deal]) -> list[Deal]:
    """Contracts that were cut afterwards: booked as a negative amount in a later month."""
    won = [deal for deal in deals if deal.stage == "受注" and deal.closed and deal.closed < date(2026, 8, 1)]
    cut = []
    for deal in sorted(random.sample(won, 9), key=lambda one: (one.closed, one.company)):
        day = _next_workday(deal.closed + timedelta(days=random.randint(20, 60)))
        amount = -round(deal.amount * random.uniform(0.1, 0.4) / 1000) * 1000
        cut.append(
            Deal(0, None, deal.company, "減額", deal.region, deal.owner, deal.product, amount, day, None, day, "受注")
        )
    return cut


def _traffic(random: Random) -> tuple[Traffic, ...]:
    """Sessions and document requests per day and channel."""
    channels = {"自然検索": (150, 0.011), "Web広告": (95, 0.014), "SNS": (42, 0.006), "メール": (38, 0.019),
                "参照サイト": (30, 0.012), "直接": (60, 0.008)}  # fmt: skip
    rows = []
    day = FIRST
    while day <= LAST:
        elapsed = (day - FIRST).days / 30.4
        pace = 1.011**elapsed * LEAD_SEASON[day.month] * (0.35 if day.weekday() >= 5 else 1.0)
        for channel, (base, rate) in channels.items():
            boost = 1.25 if channel in ("Web広告", "SNS") and day >= TURN else 1.0
            sessions = max(0, round(random.gauss(base * pace * boost, 0.09 * base)))
            drop = 0.86 if day >= TURN else 1.0
            requests = sum(random.random() < rate * drop for _ in range(sessions))
            rows.append(Traffic(day, channel, sessions, requests))
        day += timedelta(days=1)
    return tuple(rows)


def _company(random: Random) -> str:
    name = random.choice(NAME_HEADS) + random.choice(NAME_TAILS) + random.choice(NAME_KINDS)
    return f"株式会社{name}" if random.random() < 0.6 else f"{name}株式会社"


def _workday(random: Random, month: date, days: int) -> date:
    return _next_workday_within(month + timedelta(days=random.randrange(days)), month, days)


def _next_workday(day: date) -> date:
    return day + timedelta(days=(7 - day.weekday()) if day.weekday() >= 5 else 0)


def _back_to_workday(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))


def _next_workday_within(day: date, month: date, days: int) -> date:
    following = _next_workday(day)
    return following if following < month + timedelta(days=days) else _back_to_workday(day)
