"""Columns that are numbers in a unit: one their header states, or one said above the table or in its corner."""

from __future__ import annotations

import re
import unicodedata

from kpi_core.data.shaping.seen_columns import holds_dates, holds_numbers
from kpi_core.data.shaping.sheet import Sheet
from kpi_core.data.shaping.units import is_money, scale_of, unit_in
from kpi_core.model.recipe import JOINT, Step, Unit

_CODE = re.compile(
    r"(コード|番号|型番|品番|電話|(?<!pa)id|code|no\.?|jan|sku|tel|fax|年|月|日|年度|year|month)$", re.IGNORECASE
)
#: 2024年, 4月, 前年度, 当月: a column of that period's amounts, not of years or months.
_OF_PERIOD = re.compile(r"(\d\s*|[元前当今本昨翌来同先次初々])(年度?|月|日)$")
_SHARE = re.compile(
    r"(?:率|比|割合|シェア|指数|順位|ランク|(?:^|[^A-Za-z])(?i:ratio|rate|share|rank|index)|(?<=[a-z])(?:Ratio|Rate|Share|Rank))$"
)
_COUNT = re.compile(
    r"(?:数|数量|人員|(?:^|[^A-Za-z])(?i:count|quantity|qty|units)|(?<=[a-z])(?:Count|Quantity|Qty|Units))$"
)


def is_code(name: str) -> bool:
    """Whether a column of this name holds codes, years or months, whose numbers are no amounts."""
    plain = unicodedata.normalize("NFKC", name).strip()
    return bool(_CODE.search(plain)) and not _OF_PERIOD.search(plain)


def units(sheet: Sheet) -> tuple[Step, ...]:
    """Numbers in a unit that a header states, or a corner above or in it; that in it is kept even if it scales none."""
    grouped: dict[str, list[str]] = {}
    for name in sheet.names:
        stated = unit_of(sheet, name)
        scale = scale_of(stated) if stated else None
        said = stated is not None and stated == sheet.corner  # lost otherwise, as the column gets a name
        amounts = holds_numbers(sheet, name) and not holds_dates(sheet, name)
        if stated and scale and (scale.matters or said) and amounts:
            grouped.setdefault(stated, []).append(name)
    return tuple(Unit(step="unit", columns=tuple(names), unit=stated) for stated, names in grouped.items())


def unit_of(sheet: Sheet, name: str) -> str | None:
    """The unit that the name of a column states, else the one said of the table where such a column takes it."""
    last = name.split(JOINT)[-1]
    own = unit_in(last) or next((one for part in name.split(JOINT) if (one := unit_in(part))), None)
    if own:
        return own
    above = [cell for row in sheet.top[: sheet.above] for cell in row if cell.strip()]
    corner = sheet.corner or next((unit for cell in above if (unit := unit_in(cell)) and len(cell) <= 30), None)
    return corner if _takes(last, corner) else None


def _takes(word: str, corner: str | None) -> bool:
    """Whether a unit said of the whole table is one of a column so named: 前年比 has no 千円, 件数 no yen."""
    if corner is None or is_code(word):
        return False
    plain = unicodedata.normalize("NFKC", word).strip()
    if _SHARE.search(plain):
        return scale_of(corner) == scale_of("%")
    return not (_COUNT.search(plain) and (is_money(corner) or scale_of(corner) == scale_of("%")))
