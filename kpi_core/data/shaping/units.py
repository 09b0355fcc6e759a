"""Units as a header or a corner states them: 千円, 百万円, 億円, ％, 千人; and numbers written out in full."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from kpi_core.data.reading import notation
from kpi_core.model.recipe import JOINT

_POWERS = {"千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "億": 8, "十億": 9, "兆": 12}
_ENGLISH = {"thousand": 10**3, "thousands": 10**3, "million": 10**6, "millions": 10**6, "billion": 10**9}
_COUNTED = "人|名|件|個|台|世帯|戸|社|本|枚|回|トン|t|kg|日|時間"
_UNIT = re.compile(rf"^(十億|千万|百万|十万|兆|億|万|千)?(円|ドル|米ドル|ユーロ|{_COUNTED})$")
_LATIN = re.compile(
    r"^(?:(?:in\s)?(?P<scale>thousands?|millions?|billion)\s?(?:of\s)?(?P<what>yen|jpy|usd|dollars|eur|euros)?"
    r"|(?P<what2>jpy|yen|usd|eur)\s?(?P<scale2>thousands?|millions?|billion)?)$",
    re.IGNORECASE,
)
_STATED = re.compile(
    r"[(\[【〔]\s*(?:単位\s*[::]?\s*|unit\s*:?\s*)?([^()\[\]【】〔〕]{1,20}?)\s*[)\]】〕]", re.IGNORECASE
)
_LABELLED = re.compile(r"^(?:単位|unit)\s*[::]\s*(.{1,20}?)$", re.IGNORECASE)
_NUMBER = re.compile(notation.NUMBER)
_MARKED = re.compile(r"[%円$€¥¥\\KkMm]")
_MONEY = {"円": "円", "yen": "円", "jpy": "円", "ドル": "$", "米ドル": "$", "usd": "$", "dollars": "$"}
_MONEY |= {"ユーロ": "€", "eur": "€", "euros": "€"}


@dataclass(frozen=True)
class Scale:
    """Numbers in a unit times ``factor``, with the ``mark`` that typing understands: 円, $, € or %."""

    factor: int
    mark: str

    @property
    def matters(self) -> bool:
        """Whether writing out changes anything: 人 and 件 do not."""
        return self.factor != 1 or bool(self.mark)


def scale_of(unit: str) -> Scale | None:
    """What a unit does to a number; ``None`` for a word that is no unit."""
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", unit)).strip()
    if plain in ("%", "パーセント", "percent"):
        return Scale(1, "%")
    if found := _UNIT.match(plain):
        return Scale(10 ** _POWERS[found[1]] if found[1] else 1, _MONEY.get(found[2], ""))
    if found := _LATIN.match(plain):
        scale, what = found["scale"] or found["scale2"], found["what"] or found["what2"]
        return Scale(_ENGLISH[scale.lower()] if scale else 1, _MONEY.get((what or "").lower(), ""))
    return None


def is_money(unit: str) -> bool:
    """Whether a unit is one of money: 円, 千円, 百万ドル, JPY thousand; not 人 and %."""
    scale = scale_of(unit)
    return scale is not None and scale.mark not in ("", "%")


def unit_in(text: str) -> str | None:
    """The unit a header or a corner states: 売上（千円）, （単位：百万円）, 人口／千人."""
    plain = unicodedata.normalize("NFKC", text).strip()
    stated = [found[1] for found in _STATED.finditer(plain)]
    stated += [found[1] for found in _LABELLED.finditer(plain)]
    stated.append(plain.split("/")[-1])
    return next((unit for unit in reversed(stated) if scale_of(unit) is not None), None)


def only_unit(text: str) -> str | None:
    """The unit where the text states nothing else: （人）, [千円], 単位：百万円, 千円. A bare 人 or 日 is a name."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _STATED.fullmatch(plain) or _LABELLED.match(plain)
    if found is not None:
        return found[1] if scale_of(found[1]) is not None else None
    bare = scale_of(plain)
    return plain if bare is not None and bare.matters else None


def without_unit(text: str) -> str:
    """A name without the unit it states in brackets: 売上（千円） is 売上; what states none stays."""
    plain = unicodedata.normalize("NFKC", text)
    stated = [found for found in _STATED.finditer(plain) if scale_of(found[1]) is not None]
    return (plain[: stated[-1].start()] + plain[stated[-1].end() :]).strip() if stated else text


def bare_name(name: str) -> str:
    """A column's name without the units in it, by which one whose unit changed is known: 金額(円) and 金額(千円)."""
    return JOINT.join(without_unit(part) for part in name.split(JOINT) if not only_unit(part))


def written_out(text: str, scale: Scale) -> str:
    """The number of a cell in full, exactly; other cells, and numbers that state a unit themselves, as they are."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not _NUMBER.match(plain) or _MARKED.search(plain):
        return text
    negative = plain.startswith(("-", "△", "▲", "−", "("))
    number = Decimal(plain.strip("()+-△▲− ").replace(",", "")) * scale.factor
    digits = format(number, "f")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    money = scale.mark in ("$", "€")
    return f"{'-' if negative else ''}{scale.mark if money else ''}{digits}{'' if money else scale.mark}"
