"""What rows are: title, header of one or more rows, notes, totals."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from kpi_core.data.reading.header import data_start, detect_row, is_value
from kpi_core.data.shaping.periods import date_in, period_in
from kpi_core.data.shaping.sheet import Sheet
from kpi_core.data.shaping.units import unit_in
from kpi_core.model.recipe import DropNotes, DropTotals, Header, Names, Skip, Step

# fmt: off
TOTALS = frozenset((
    "合計", "総計", "総合計", "総数", "計", "小計", "中計", "累計", "全国", "全国計", "全体", "全社",
    "全社計", "全店", "全店計", "全市", "全県", "全税目", "全部門", "全商品", "全件", "total",
    "totals", "grandtotal", "subtotal", "sum", "all", "overall",
))
# fmt: on
_NOTE = re.compile(
    r"^(※|＊|\*|注|（注|\(注|資料|出典|出所|備考|（備考|\(備考|source|note|\(?\d{1,2}[)）])", re.IGNORECASE
)
_DESCRIBED = re.compile(r"^#(?!N/A|DIV/0!|NAME\?|NULL!|NUM!|REF!|VALUE!|GETTING_DATA|ERROR!|\d)")
_WORD = re.compile(r"\w")
#: A group and what is added up of it; many a word ends in 計 (会計, 設計), so that alone says nothing.
_GROUP_SUM = re.compile(r"^[【\[(]?(.+?)[】\])]?の?(小計|合計|総計|中計|計|subtotal|total)[】\])]?$")
_SAID_SUM = re.compile(r"^(合計|総計|小計|grandtotal|subtotal|total)[:(\-]")
_LACKS = frozenset(("-", "－", "―", "–", "—", "…", "***", "x", "X"))
_TOP, _LABELS = 200, 4
_LEADING = 6


def header_steps(sheet: Sheet) -> tuple[Step, ...]:
    """Where the header begins and how many rows it has; ``Names`` for a file without one."""
    rows = [[cell or "" for cell in row[1:]] for row in sheet.cells.head(_TOP).iter_rows()]
    top = detect_row(rows)
    start = data_start(rows)
    while start is not None and _is_row_of_periods(rows[start - 1], rows[top - 1] if 0 < top < start else ()):
        top, start = start, start + 1
        while start <= len(rows) and _belongs_below(rows[start - 1]) and start - top <= _LEADING:
            start += 1
        if start > len(rows):
            return ()
    if not top:
        return (Names(step="names", names=()),)
    first = last = top
    while first > 1 and _belongs_above(rows[first - 2]):
        first -= 1
    while start is not None and last + 1 < start and last - top < _LEADING and _belongs_below(rows[last]):
        last += 1
    skipped: tuple[Step, ...] = (Skip(step="skip", rows=first - 1),) if first > 1 else ()
    return (*skipped, Header(step="header", rows=last - first + 1))


def _is_row_of_periods(cells: Sequence[str], above: Sequence[str]) -> bool:
    """4月, 5月, 6月 …; also 2026/04 … and years, each another.

    Plain years below a header that names each of their columns are amounts: 4月, 5月, 6月 over 2000, 2010, 2020.
    """
    filled = [cell for cell in cells if cell.strip()]
    values = [cell for cell in filled if is_value(cell) or period_in(cell)]
    periods = [cell for cell in values if period_in(cell)]
    plain = all(cell.strip().isdecimal() for cell in periods)
    if plain and _names_each(above, [at for at, cell in enumerate(cells) if cell in periods]):
        return False
    least = 3 if plain else 2
    return len(periods) >= least and len(set(periods)) == len(periods) and len(periods) >= 0.7 * len(values)


def _names_each(above: Sequence[str], columns: Sequence[int]) -> bool:
    """Whether a row has a word of its own over each of the columns; a merged group's stands over several."""
    words = ["".join(above[at].split()) if at < len(above) else "" for at in columns]
    return bool(words) and all(words) and len(set(words)) == len(words)


def _is_marked(cells: Sequence[str]) -> bool:
    first = next((cell.strip() for cell in cells if cell.strip()), "")
    return first.startswith("#") or _NOTE.match(first) is not None


def _belongs_above(cells: Sequence[str]) -> bool:
    """A row over the header that is part of it: words over columns, no title with a date or a unit in its corner."""
    filled = [cell for cell in cells if cell.strip()]
    if len(filled) < 2 or _is_marked(cells):
        return False
    return not any(
        "現在" in cell or _is_day(cell) or _is_corner_unit(cell) or ":" in cell or "：" in cell for cell in filled
    )


def _is_day(cell: str) -> bool:
    return date_in(cell) is not None and period_in(cell) is None


def _is_corner_unit(cell: str) -> bool:
    plain = unicodedata.normalize("NFKC", cell).strip()
    return plain.startswith(("(", "[", "単位", "Unit", "unit")) and unit_in(plain) is not None


def _belongs_below(cells: Sequence[str]) -> bool:
    """A row under the header that is part of it: units, codes, the lower words; no value among them, nor its lack."""
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and not _is_marked(cells) and not any(is_value(cell) or is_lack(cell) for cell in filled)


def is_lack(cell: str) -> bool:
    """－, …: where a value could be."""
    return cell.strip() in _LACKS


def notes(sheet: Sheet) -> tuple[Step, ...]:
    """Rows of notes below or above the data, and of descriptions that begin with #."""
    columns = sheet.names
    alone: dict[str, None] = {}
    marked: dict[str, None] = {}
    leading: list[str] = []
    for row in sheet.cells.select(columns).iter_rows():
        filled = [cell for cell in row if cell]
        first = filled[0].strip() if filled else ""
        if _DESCRIBED.match(first):
            marked["#"] = None
        elif len(filled) == 1 and len(columns) > 1 and (found := _NOTE.match(first)):
            alone[found[1]] = None
    rows = sheet.cells.select(columns[0]).to_series().to_list() if columns else []
    values = [cell for cell in rows if cell]
    if len(values) > 20 and sum(is_value(cell) for cell in values) >= 0.9 * len(values):
        for cell in rows[:_LEADING]:
            if cell and is_value(cell):
                break
            if cell and not cell.startswith("#") and _WORD.search(cell):
                leading.append(cell.strip())
    steps: list[Step] = []
    if marked or leading:
        steps.append(DropNotes(step="drop_notes", marks=(*marked, *leading), alone=False))
    if alone:
        steps.append(DropNotes(step="drop_notes", marks=tuple(alone)))
    return tuple(steps)


def totals(sheet: Sheet) -> tuple[Step, ...]:
    """Rows that sum up others: 合計, 小計, 全国, 東日本計."""
    found: list[Step] = []
    labels = sheet.names[:_LABELS]
    sums = sums_among(cell for name in labels for cell in sheet.cells[name].to_list() if cell)
    for column in labels:
        cells = ["".join(cell.split()) for cell in sheet.cells[column].to_list() if cell]
        words = set(cells) & sums
        named = any(word.casefold() not in TOTALS for word in words)  # there is one for each group
        if words and sum(cell in words for cell in cells) <= max(2, len(cells) * (5 if named else 3) // 10):
            found.append(DropTotals(step="drop_totals", column=column, words=tuple(sorted(words))))
    return tuple(found)


def sums_among(labels: Iterable[str]) -> frozenset[str]:
    """The labels, without spaces, that stand for a sum of others: 合計, 東日本 小計, East Total; 関東計 beside 関東."""
    words = {"".join(label.split()) for label in labels}
    plain = {unicodedata.normalize("NFKC", word).casefold(): word for word in words}
    found = {word for text, word in plain.items() if text in TOTALS or _SAID_SUM.match(text)}
    for text, word in plain.items():
        group = _GROUP_SUM.match(text)
        if group and (group[2] != "計" or group[1] in plain):
            found.add(word)
    return frozenset(found)
