"""The rows that every engine has: a few by hand on every boundary, and some thousands by a fixed seed."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import polars as pl

_STAGES = ("Won", "Lost", "Open", None, "", "WON", "Ｗon", "Won ")
_REGIONS = ("東京", "大阪", "100%", "a_b", "O'Brien", 'say "no"', "back\\slash", None)
#: 15:00 UTC is midnight in Tokyo: each of these lies on the other side of a month, a fiscal year or an ISO week there.
_MOMENTS = (
    datetime(2026, 3, 31, 14, 59, 59, tzinfo=UTC),
    datetime(2026, 3, 31, 15, 0, 0, tzinfo=UTC),
    datetime(2026, 12, 31, 15, 0, 0, tzinfo=UTC),
    datetime(2026, 1, 4, 14, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 1, 4, 15, 0, 0, tzinfo=UTC),
    datetime(1969, 12, 28, 15, 0, 0, tzinfo=UTC),
)
_DAYS = (
    date(2025, 12, 28),  # the last day of ISO week 52
    date(2025, 12, 29),  # week 1 of 2026
    date(2026, 3, 31),  # the last day of fiscal 2025
    date(2026, 4, 1),
    date(2027, 1, 3),  # week 53 of 2026
    date(2027, 1, 4),
    date(1969, 12, 28),
    date(1969, 12, 29),
    date(1970, 1, 1),
    date(2024, 2, 29),
    None,
)
_MANY = 3_000

_SCHEMA = {
    "id": pl.Int64,
    "key": pl.Int64,  # in the databases a decimal without places
    "day": pl.Date,
    "closed": pl.Datetime("us"),
    "moment": pl.Datetime("us", "UTC"),
    "stage": pl.String,
    "region": pl.String,
    "product": pl.String,
    "amount": pl.Int64,
    "price": pl.Decimal(12, 2),
    "score": pl.Float64,
    "units": pl.Int32,
    "hot": pl.Boolean,
}


def _deals() -> pl.DataFrame:
    dice = random.Random(5)  # noqa: S311 - seeded rows, not cryptography
    days = [*_DAYS, *(date(2025, 12, 20) + timedelta(days=dice.randrange(500)) for _ in range(_MANY - len(_DAYS)))]
    rows = []
    for at, day in enumerate(days):
        clock = time(dice.randrange(24), dice.randrange(60), dice.randrange(60))
        wall = None if day is None else datetime.combine(day, clock)
        moment = _MOMENTS[at] if at < len(_MOMENTS) else None if wall is None else wall.replace(tzinfo=UTC)
        rows.append(
            (
                at + 1,
                9_007_199_254_740_992 + at // 2,  # beyond what a double tells apart
                day,
                None if at % 11 == 0 else wall,
                None if at % 17 == 5 else moment,
                dice.choice(_STAGES),
                dice.choice(_REGIONS),
                dice.choice(("GTX Pro", "GTXPro", "MG Special", "unknown", None)),
                None if at % 7 == 0 else dice.randrange(-1_000, 1_000_000),
                None if at % 5 == 0 else Decimal(dice.randrange(-10_000, 10_000_000)).scaleb(-2),
                None if at % 13 == 0 else dice.choice((0.5, 1.5, 2.5, -2.5, 0.1, 1e6, 0.0)),
                dice.randrange(0, 4),
                dice.choice((True, False, None)),
            )
        )
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _products() -> pl.DataFrame:
    rows = [
        ("GTX Pro", "GTX", 4_821, Decimal("0.10")),
        ("GTX Pro", "GTX", 4_821, Decimal("0.10")),
        ("MG Special", "MG", 55, Decimal("0.30")),
        ("MG Special", "MG", 60, Decimal("0.30")),  # which list price is right is not known: it is empty
        (None, "none", 1, None),
    ]
    schema = {"product": pl.String, "series": pl.String, "list_price": pl.Int64, "share": pl.Decimal(6, 2)}
    return pl.DataFrame(rows, schema=schema, orient="row")


FRAMES = {"deals": _deals(), "products": _products()}
POSTGRES_TYPES = {
    "deals": {
        "id": "bigint",
        "key": "numeric(20,0)",
        "day": "date",
        "closed": "timestamp",
        "moment": "timestamptz",
        "stage": "text",
        "region": "varchar(40)",
        "product": "text",
        "amount": "bigint",
        "price": "numeric(12,2)",
        "score": "double precision",
        "units": "integer",
        "hot": "boolean",
    },
    "products": {"product": "text", "series": "text", "list_price": "bigint", "share": "numeric(6,2)"},
}
