"""The company's plan and what it typed in by hand: targets by month, manual values, sign-offs, checklist answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from company import FIRST, LEAD_SEASON, add_months, months

#: A month's share of a fiscal year's bookings, in percent: most deals are closed in September and March.
BOOKING_SEASON = {
    4: 5.0, 5: 8.0, 6: 6.8, 7: 6.5, 8: 5.0, 9: 15.5, 10: 5.0, 11: 7.5, 12: 7.5, 1: 8.5, 2: 7.2, 3: 17.5,
}  # fmt: skip
_LEADS = {month: share * 100 / sum(LEAD_SEASON.values()) for month, share in LEAD_SEASON.items()}
_EVEN = dict.fromkeys(range(1, 13), 100 / 12)

#: node → (fiscal year → the year's plan, the months' shares, what a month's target is rounded to)
YEARLY: Mapping[str, tuple[Mapping[int, int], Mapping[int, float], int]] = {
    "bookings": (
        {2023: 350_000_000, 2024: 410_000_000, 2025: 480_000_000, 2026: 570_000_000}, BOOKING_SEASON, 100_000,
    ),
    "new_won_deals": ({2024: 290, 2025: 310, 2026: 350}, BOOKING_SEASON, 1),
    "expansion_deals": ({2024: 110, 2025: 130, 2026: 140}, BOOKING_SEASON, 1),
    "proposals": ({2024: 720, 2025: 800, 2026: 880}, _EVEN, 1),
    "web_sessions": ({2024: 138_000, 2025: 158_000, 2026: 175_000}, _LEADS, 100),
    "new_leads": ({2024: 2_600, 2025: 3_050, 2026: 3_700}, _LEADS, 5),
    "mql_count": ({2024: 1_070, 2025: 1_220, 2026: 1_440}, _LEADS, 1),
    "sql_count": ({2024: 560, 2025: 630, 2026: 720}, _LEADS, 1),
}  # fmt: skip
#: node → fiscal year → the same target every month
LEVEL: Mapping[str, Mapping[int, float]] = {
    "average_deal": {2024: 1_050_000, 2025: 1_080_000, 2026: 1_150_000},
    "win_rate": {2024: 0.35, 2025: 0.35, 2026: 0.35},
    "cycle_days": {2024: 68, 2025: 66, 2026: 65},
    "web_cvr": {2024: 0.0115, 2025: 0.0115, 2026: 0.0115},
    "mql_rate": {2024: 0.39, 2025: 0.39, 2026: 0.39},
    "sql_rate": {2024: 0.5, 2025: 0.5, 2026: 0.5},
    "response_hours": {2024: 12, 2025: 12, 2026: 12},
    "sla_rate": {2024: 0.8, 2025: 0.8, 2026: 0.8},
    "adoption_rate": {2024: 0.7, 2025: 0.73, 2026: 0.75},
}
#: Share of customers using the product, typed in from April 2024 on.
ADOPTION = (
    0.662, 0.668, 0.671, 0.669, 0.675, 0.683, 0.688, 0.684, 0.69, 0.695, 0.701, 0.698,
    0.704, 0.709, 0.707, 0.713, 0.718, 0.716, 0.722, 0.727, 0.725, 0.731, 0.735, 0.738,
    0.741, 0.744, 0.743, 0.749, 0.752, 0.757, 0.761,
)  # fmt: skip
PLAN_END = date(2027, 3, 1)
#: Who signed for a department, and when; the acceptance rate was signed again after its definition changed.
SIGNED_BY = {
    "marketing": ("三浦 彩", "2026-03-24T10:30:00+09:00"),
    "inside_sales": ("岡田 翼", "2026-03-24T11:10:00+09:00"),
    "sales": ("森 健太郎", "2026-03-24T16:40:00+09:00"),
    "customer_success": ("石井 由紀", "2026-03-25T09:20:00+09:00"),
}
SIGNED_AGAIN = {"bookings": "2026-10-15", "sql_rate": "2026-10-22"}
#: What each member answered to items 1-15 (y yes, p partly, n no).
ANSWERS = {
    "takagi": "yyypyyppyyyyyyp",
    "miura": "yyypypnyypyyyyp",
    "okada": "yyynypppyypypyn",
    "mori": "yyypyppnyypyyyp",
    "ishii": "ypyyypyppyyypyp",
}
AGREED = "yyypyppypyyyyyp"
LETTERS = {"y": "yes", "p": "partly", "n": "no"}
COMMENTS = {
    ("takagi", 4): "指標はそろったが、会議での使われ方にまだ差がある。",
    ("miura", 7): "展示会の名刺登録が遅れがちで、業種の空欄が残っている。",
    ("miura", 8): "基準は明確。差し戻しの理由も見えるようになった。",
    ("okada", 4): "MQLの数を追う動きが先に立ち、受入率が共有の目標になっていない。",
    ("okada", 15): "重複リードを見つけても直す担当が決まっていない。",
    ("mori", 8): "展示会経由は基準を満たしていても情報収集段階が多い。基準の見直しが必要。",
    ("mori", 6): "金額が「未定」のままの商談があり、見込みに使えない。",
    ("ishii", 2): "利用定着が追加受注に効くという仮説は、まだ検証できていない。",
    ("ishii", 9): "解約の兆しを見る指標も加えたい。",
}
AGREED_COMMENTS = {
    4: "体系は共有できた。受入率をマーケティングと営業の共通目標にする運用を12月から始める。",
    6: "測定方法は決まっている。商談金額の「未定」をなくすことを条件に「はい」とする。",
    7: "ルールは定めた。遵守率95%を3か月続けて達成したら「はい」に変える。",
    9: "解約に関する指標を、次の四半期見直し会で追加するか決める。",
    15: "ルールはある。直す担当と期限を12月の週次会議で決める。",
}


def targets(node: str) -> list[dict[str, str | float]]:
    """The monthly targets of a node, as the workshop file holds them."""
    stated = []
    for month in months(FIRST, PLAN_END):
        year = month.year if month.month >= 4 else month.year - 1
        value = _target(node, year, month.month)
        if value is not None:
            stated.append({"period": f"{month:%Y-%m}", "value": value})
    return stated


def _target(node: str, year: int, month: int) -> float | None:
    if node in LEVEL:
        return LEVEL[node].get(year)
    if node not in YEARLY or year not in YEARLY[node][0]:
        return None
    plan, shares, step = YEARLY[node]
    return round(plan[year] * shares[month] / 100 / step) * step


def adoption() -> list[dict[str, str | float]]:
    """The adoption rate as customer success typed it in."""
    first = date(2024, 4, 1)
    return [{"period": f"{add_months(first, step):%Y-%m}", "value": value} for step, value in enumerate(ADOPTION)]


def checklist(departments: Mapping[str, str | None]) -> dict[str, list[dict[str, object]]]:
    """Every member's answer to the 15 items, and what the room agreed on."""
    answers: list[dict[str, object]] = []
    for member, letters in ANSWERS.items():
        for item, letter in enumerate(letters, start=1):
            answer: dict[str, object] = {"item": item, "member": member, "answer": LETTERS[letter]}
            if departments.get(member):
                answer["department"] = departments[member]
            if (member, item) in COMMENTS:
                answer["comment"] = COMMENTS[member, item]
            answers.append(answer)
    agreed = [
        {"item": item, "answer": LETTERS[letter], "comment": AGREED_COMMENTS.get(item, "")}
        for item, letter in enumerate(AGREED, start=1)
    ]
    return {"answers": answers, "agreed": agreed}
