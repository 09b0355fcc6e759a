"""Writes the sample: five exports of a made-up company, a manifest of how to read them, and its workshop file.

``python sample_data/make.py [FOLDER]`` writes into FOLDER (this folder when not given). What people wrote stands in
``design.json``; this script adds what follows from the history: targets, the baseline, manual values, sign-offs,
answers. The same Python gives the same bytes on every run.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]  # the modules beside this script, and the model of the project

import company  # noqa: E402
import files  # noqa: E402
import plan  # noqa: E402

from kpi_core.data.reading.contract import ReadOptions  # noqa: E402
from kpi_core.model.file import read_workshop, write_workshop  # noqa: E402
from kpi_core.model.node import definition_hash  # noqa: E402
from kpi_core.model.workshop import Workshop  # noqa: E402
from kpi_core.vocabulary import RollUp  # noqa: E402

#: dataset → (file, how to read it); amounts such as 未定 become empty, as the team decided.
READING: dict[str, tuple[str, ReadOptions]] = {
    "products": ("products.csv", ReadOptions()),
    "ma_leads": ("ma_leads.csv", ReadOptions(encoding="cp932")),
    "sfa_deals": (
        "sfa_deals.xlsx",
        ReadOptions(sheet="商談一覧", header_row=4, blank_failed=frozenset({"金額"})),
    ),
    "web_sessions": ("web_sessions.csv", ReadOptions(encoding="utf-8")),
}
PRINTED_UNITS = {"JPY": "円", "count": "件", "ratio": "比率", "hours": "時間", "days": "日"}


def main(folder: Path = HERE) -> None:
    """Writes everything into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    history = company.history()
    files.write_leads(folder / "ma_leads.csv", history)
    files.write_deals(folder / "sfa_deals.xlsx", history)
    files.write_traffic(folder / "web_sessions.csv", history)
    files.write_products(folder / "products.csv")
    workshop = _workshop(history)
    files.write_targets(folder / "targets.xlsx", _plan_rows(workshop, 2026), 2026)
    (folder / "workshop.json").write_text(write_workshop(workshop), "utf-8")
    (folder / "manifest.json").write_text(_manifest(), "utf-8")


def _workshop(history: company.History) -> Workshop:
    """The team's design with what follows from the history."""
    document = json.loads((HERE / "design.json").read_text("utf-8"))
    for node in document["nodes"]:
        stated = plan.targets(node["code"])
        if stated:
            node["targets"] = stated
        if node["code"] == "adoption_rate":
            node["manual"] = plan.adoption()
        if node["kind"] == "kgi":
            node["baseline"] = {"period": "2025", "value": _bookings(history, 2025)}
    departments = {member["code"]: member.get("department") for member in document["members"]}
    document["checklist"] = plan.checklist(departments)
    draft = read_workshop(json.dumps(document))
    document["signoffs"] = _signoffs(draft)
    return read_workshop(json.dumps(document))


def _bookings(history: company.History, year: int) -> int:
    """What was booked in the fiscal year that starts in April of ``year``, in yen."""
    first, end = date(year, 4, 1), date(year + 1, 4, 1)
    won = (deal for deal in history.deals if deal.stage == "受注" and deal.closed and first <= deal.closed < end)
    return sum(deal.amount for deal in won)


def _signoffs(workshop: Workshop) -> list[dict[str, str]]:
    """Each department signed the KGI and the KSFs and KPIs that it owns or contributes to."""
    signed = []
    for node in workshop.nodes:
        for department in dict.fromkeys([*([node.department] if node.department else []), *node.contributors]):
            person, at = plan.SIGNED_BY[department]
            day = plan.SIGNED_AGAIN.get(node.code, at[:10])
            entry = {"node": node.code, "department": department, "person": person, "at": day + at[10:]}
            signed.append({**entry, "definition": definition_hash(node)})
    return signed


def _plan_rows(workshop: Workshop, year: int) -> list[files.PlanRow]:
    """The year's targets a KPI a row, April to March."""
    rows = []
    for node in workshop.nodes:
        by_period = {target.period: target.value for target in node.targets}
        if by_period:
            wanted = [f"{year + (month < 4)}-{month:02d}" for month in (*range(4, 13), *range(1, 4))]
            values = tuple(by_period[key] for key in wanted)
            rows.append(files.PlanRow(node.name.ja, PRINTED_UNITS[node.unit], values, node.roll_up is RollUp.SUM))
    return rows


def _manifest() -> str:
    datasets = {
        code: {"file": file, "as_of": company.LAST.isoformat(), "options": options.to_json()}
        for code, (file, options) in READING.items()
    }
    return json.dumps({"workshop": "workshop.json", "datasets": datasets}, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
