"""What rows are: title, header of one or more rows, notes, totals."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence

from kpi_core.data.reading.header import data_start, detect_row, is_lack, is_value
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
#: A group and what is added up of it; many a word ends in 計 (会計, 体温計), so that alone says nothing.
_GROUP_SUM = re.compile(r"^[【\[(]?(.+?)[】\])]?の?(小計|合計|総計|中計|計|subtotal|total)[】\])]?$")
_LONGEST = 40
_PARTIAL = ("小計", "中計", "subtotal")
_OF_YEARS = re.compile(r"年|期|year|fy$", re.IGNORECASE)
_SAID_SUM = re.compile(r"^(合計|総計|小計|grandtotal|subtotal|total):")
_TOP, _LABELS = 200, 4
_LEADING = 6


def header_steps(sheet: Sheet) -> tuple[Step, ...]:
    """Where the header begins and how many rows it has; ``Names`` for a file without one."""
    rows = [[cell or "" for cell in row[1:]] for row in sheet.cells.head(_TOP).iter_rows()]
    top = detect_row(rows)
    start = data_start(rows)
    while start is not None and _is_row_of_periods(rows[start - 1], rows[top - 1] if 0 < top < start else ()):
        top, start = start, start + 1
        while start <= len(rows) and _is_under_merged(rows[top - 1], rows[start - 1]) and start - top <= _LEADING:
            start += 1
        if start > len(rows):
            return ()
    if not top:
        return (Names(step="names", names=()),)
    first = last = top
    while first > 1 and _belongs_above(rows[first - 2]):
        first -= 1
    while (
        start is not None and last + 1 < start and last - top < _LEADING and _belongs_below(rows[last], rows[last - 1])
    ):
        last += 1
    skipped: tuple[Step, ...] = (Skip(step="skip", rows=first - 1),) if first > 1 else ()
    return (*skipped, Header(step="header", rows=last - first + 1))


def _is_row_of_periods(cells: Sequence[str], above: Sequence[str]) -> bool:
    """4月, 5月, 6月 …; also 2026/04 … and years, each another.

    Plain years beside a label, below a header that names each of their columns, are amounts: 東京, 2000, 2010, 2020
    under 支店, 4月, 5月, 6月.
    """
    filled = [cell for cell in cells if cell.strip()]
    values = [cell for cell in filled if is_value(cell) or period_in(cell)]
    periods = [cell for cell in values if period_in(cell)]
    plain = all(cell.strip().isdecimal() for cell in periods)
    places = [at for at, cell in enumerate(cells) if cell in periods]
    label = next((cell.strip() for cell in cells[: min(places, default=0)] if cell.strip()), "")
    if plain and label and not _OF_YEARS.search(label) and _names_each(above, places):
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


def _belongs_below(cells: Sequence[str], above: Sequence[str]) -> bool:
    """A row under the header that is part of it: units, codes, the lower words; no value among them, nor its lack.

    A word alone under the name of the labels is the heading of the rows that follow.
    """
    filled = [at for at, cell in enumerate(cells) if cell.strip()]
    if not filled or _is_marked(cells) or any(is_value(cells[at]) or is_lack(cells[at]) for at in filled):
        return False
    return not (len(filled) == 1 < len(cells) and above[filled[0]].strip())


def _is_under_merged(periods: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether a row tells apart the columns that share a period: 実績, 計画 under a merged 2026年4月."""
    first = next((at for at, cell in enumerate(periods) if period_in(cell)), len(periods))
    shared = [at for at in range(first + 1, len(periods)) if not periods[at].strip()]
    return any(cells[at].strip() for at in shared) and _belongs_below(cells, periods)


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
    sums = sums_among(sheet.cells.select(labels).rows())
    for column in labels:
        cells = ["".join(cell.split()) for cell in sheet.cells[column].to_list() if cell]
        words = set(cells) & sums
        plain = {word for word in words if _folded(word) in TOTALS}
        for these, bar in ((words, 5 if words > plain else 3), (plain, 3)):  # of the others there is one a group
            if these and sum(cell in these for cell in cells) <= max(2, len(cells) * bar // 10):
                found.append(DropTotals(step="drop_totals", column=column, words=tuple(sorted(these))))
                break
    return tuple(found)


def sums_among(labels: Iterable[Sequence[str | None]]) -> frozenset[str]:
    """The labels, without spaces, that stand for a sum of others; ``labels``: those of each row, in order.

    合計, 東日本 小計 and Total: Account say so themselves; 東日本計, East Total where the rows above are 東日本's.
    """
    found: set[str] = set()
    above: dict[int, str] = {}
    for row in labels:
        words = {at: "".join(cell.split()) for at, cell in enumerate(row) if cell}
        for word in words.values():
            text = _folded(word)
            group = _GROUP_SUM.match(text)
            if (
                text in TOTALS
                or _SAID_SUM.match(text)
                or (group and (group[2] in _PARTIAL or group[1] in above.values()))
            ):
                found.add(word)
        above |= {at: _folded(word) for at, word in words.items() if word not in found}
    return frozenset(found)


def _is_sum(text: str, above: Collection[str]) -> bool:
    group = _GROUP_SUM.match(text)
    if text in TOTALS or _SAID_SUM.match(text):
        return True
    return group is not None and (group[2] in _PARTIAL or group[1] in above)


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold()
