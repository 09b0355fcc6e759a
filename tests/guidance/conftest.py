"""A small workshop in which nothing is amiss, and the way to break one thing in it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from kpi_core.guidance.facts import Facts
from kpi_core.model.node import definition_hash
from kpi_core.model.workshop import Workshop

Document = dict[str, Any]
Break = Callable[[Document], None]

TODAY = date(2026, 11, 23)
UPLOADED = datetime(2026, 11, 20, tzinfo=UTC)
WON = {"column": "stage", "op": "==", "value": "Won"}
COUNTED = {"dataset": "deals", "aggregate": "count", "date": "close_date", "where": [WON]}
WON_AMOUNT = {**COUNTED, "aggregate": "sum", "column": "amount"}
MONTHS = [f"2026-{month:02d}" for month in range(4, 13)] + ["2027-01", "2027-02", "2027-03"]


def _targets(value: float) -> list[Document]:
    return [{"period": period, "value": value} for period in MONTHS]


def _kpi(code: str, parent: str, department: str, ja: str, en: str, **more: Any) -> Document:
    return {
        "code": code,
        "kind": "kpi",
        "parent": parent,
        "department": department,
        "name": {"ja": ja, "en": en},
        "definition": f"{ja}の定義",
        "owner": "鈴木",
        "action": "原因を調べる",
        "update_frequency": "month",
        "status": "live",
        **more,
    }


SOUND: Document = {
    "format": "kpi-workshop/1",
    "workshop": {"name": "検証"},
    "departments": [
        {"code": "marketing", "name": {"ja": "マーケティング部", "en": "Marketing"}},
        {"code": "sales", "name": {"ja": "営業部", "en": "Sales"}},
    ],
    "sources": [{"code": "sfa", "kind": "sfa"}],
    "datasets": [
        {
            "code": "deals",
            "source": "sfa",
            "derived": [{"name": "days", "expression": "days_between(open_date, close_date)"}],
            "lookups": [{"dataset": "products", "on": [["product", "product"]], "columns": ["series"]}],
            "rules": [
                {"column": "stage", "rule": "required"},
                {"column": "close_date", "rule": "required"},
                {"column": "open_date", "rule": "required"},
                {"column": "amount", "rule": "required"},
                {"column": "mql_date", "rule": "required"},
            ],
        },
        {"code": "products", "source": "sfa", "rules": [{"column": "series", "rule": "required"}]},
    ],
    "nodes": [
        {
            "code": "bookings",
            "kind": "kgi",
            "name": {"ja": "受注金額", "en": "Bookings"},
            "department": "sales",
            "definition": "受注の合計",
            "unit": "JPY",
            "formula": "won_deals * average_deal",
            "owner": "高木",
            "due": "2027-03-31",
            "baseline": {"period": "2025", "value": 1000},
            "targets": _targets(100),
            "status": "live",
        },
        {"code": "ksf_close", "kind": "ksf", "parent": "bookings", "name": {"ja": "勝ち切る", "en": "Close"}},
        {
            "code": "ksf_lead",
            "kind": "ksf",
            "parent": "bookings",
            "name": {"ja": "集める", "en": "Attract"},
            "relation": "driver",
            "sign": "+",
            "lag": 2,
        },
        _kpi(
            "won_deals", "ksf_close", "sales", "受注件数", "Won deals",
            unit="count", nature="lagging", measure={**COUNTED, "dimensions": ["series"]}, targets=_targets(10),
        ),
        _kpi(
            "average_deal", "ksf_close", "sales", "平均単価", "Average deal",
            unit="JPY", nature="lagging", targets=_targets(10),
            measure={"ratio": {"numerator": WON_AMOUNT, "denominator": COUNTED}},
        ),
        _kpi(
            "cycle", "ksf_close", "sales", "商談日数", "Cycle",
            unit="days", direction="down", nature="leading", relation="driver", sign="-", lag=0,
            measure={**COUNTED, "aggregate": "mean", "column": "days"}, thresholds={"goal": 60, "red": 90},
        ),
        _kpi(
            "mqls", "ksf_lead", "marketing", "MQL件数", "MQLs",
            unit="count", nature="leading", relation="driver", sign="+", lag=0, targets=_targets(50),
            measure={"dataset": "deals", "aggregate": "count", "date": "mql_date"},
        ),
        _kpi(
            "visits", "ksf_lead", "marketing", "来場者数", "Visitors",
            unit="count", nature="leading", relation="driver", sign="+", lag=1, targets=_targets(90),
            updater="田中", manual=[{"period": "2026-10", "value": 80}],
        ),
    ],
    "handovers": [
        {"code": "mql_to_sql", "from": "marketing", "to": "sales", "criterion": "60点以上", "sla_hours": 24},
    ],
    "views": [
        {"code": "executive", "audience": "executive", "nodes": ["bookings", "won_deals"], "refresh": "month"},
        {
            "code": "sales_field", "audience": "field", "department": "sales", "refresh": "month",
            "nodes": ["won_deals", "average_deal", "cycle"],
        },
        {
            "code": "marketing_field", "audience": "field", "department": "marketing", "refresh": "month",
            "nodes": ["mqls", "visits"],
        },
    ],
    "reviews": [
        {"code": "weekly", "cadence": "week", "weekday": "mon", "views": ["sales_field"]},
        {"code": "monthly", "cadence": "month", "day": 5, "views": ["executive"]},
        {"code": "quarterly", "cadence": "quarter", "views": ["executive"]},
    ],
}  # fmt: skip


def _sign(document: Document) -> None:
    """Every department signs the KGI and its own KPIs, as they are now."""
    draft = Workshop.model_validate(document)
    document["signoffs"] = [
        {
            "node": node.code,
            "department": department.code,
            "person": "佐藤",
            "at": "2026-04-01T09:00:00+09:00",
            "definition": definition_hash(node),
        }
        for department in draft.departments
        for node in draft.nodes
        if node.kind == "kgi" or (node.kind == "kpi" and node.department == department.code)
    ]


@pytest.fixture
def broken() -> Callable[..., Workshop]:
    """``broken(change)``: the sound workshop with one change, signed after it (or, with ``late=``, changed after)."""

    def build(change: Break | None = None, *, late: Break | None = None) -> Workshop:
        document = copy.deepcopy(SOUND)
        if change is not None:
            change(document)
        _sign(document)
        if late is not None:
            late(document)
        return Workshop.model_validate(json.loads(json.dumps(document)))

    return build


@pytest.fixture
def facts() -> Facts:
    """Everything uploaded, measured and checked, as of 2026-11-23; values to October 2026."""
    measured = ("bookings", "won_deals", "average_deal", "cycle", "mqls", "visits")
    ruled = ("stage", "close_date", "open_date", "amount", "mql_date")
    columns = frozenset({*ruled, "product", "series", "days"})
    return Facts(
        today=TODAY,
        latest=dict.fromkeys(measured, "2026-10"),
        measured_at=dict.fromkeys(measured, UPLOADED),
        versions={"deals": UPLOADED, "products": UPLOADED},
        columns={"deals": columns, "products": frozenset({"product", "series"})},
        compliance={"deals": {**dict.fromkeys(ruled, 1.0), "amount": 0.95}, "products": {"series": 1.0}},
        rules_run_at={"deals": UPLOADED, "products": UPLOADED},
    )


def node_of(document: Document, code: str) -> Document:
    return next(node for node in document["nodes"] if node["code"] == code)


@pytest.fixture
def change() -> Callable[..., Break]:
    """``change("won_deals", owner="")``: sets keys of a node (``None`` takes the key away)."""

    def of(code: str, **values: Any) -> Break:
        def apply(document: Document) -> None:
            node = node_of(document, code)
            for key, value in values.items():
                if value is None:
                    node.pop(key, None)
                else:
                    node[key] = value

        return apply

    return of
