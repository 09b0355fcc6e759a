"""A filled-in template read back: every problem by row, what would change, and all of it stored in one change."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from kpi_core.data.text_cells import Cells, text_cells
from kpi_core.errors import Param, Problem, RefusedError
from kpi_core.model.base import PeriodValue
from kpi_core.model.node import Node
from kpi_core.model.period import Period, parse_period, period_of
from kpi_core.model.workshop import Workshop
from kpi_core.services.editing import change
from kpi_core.services.people import Who, authorise
from kpi_core.services.snapshots import snapshot
from kpi_core.services.values_template import MARK, by_hand, offered_periods
from kpi_core.store.state import State
from kpi_core.text.amounts import read_amount
from kpi_core.text.periods import format_period
from kpi_core.tree.units import RATIO
from kpi_core.vocabulary import Language, Severity

Number = int | float
#: A ratio beyond this is rather a per cent that lost its sign (35 for 35%).
_MOST_RATIO = 10
#: Rows above the values, and the first column with any.
_HEAD_ROWS, _FIRST = 2, 2


@dataclass(frozen=True)
class TypedValue:
    """A value of the file that differs from what is stored; ``stored`` is ``None`` where there is nothing yet."""

    node: str
    period: str
    value: Number
    stored: Number | None


@dataclass(frozen=True)
class ValuesUpload:
    """What a template holds: the values that would change something, how many are as stored, and every problem."""

    changes: tuple[TypedValue, ...]
    same: int
    problems: tuple[Problem, ...]

    @property
    def blocked(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def read_values(state: State, workshop_id: str, path: Path, file_name: str) -> ValuesUpload:
    """What a template holds; nothing is stored. An empty cell leaves what is stored as it is.

    Raises ``RefusedError('values_no_template')`` for another file, and as any upload for one that cannot be read.
    """
    return _understood(snapshot(state, workshop_id).workshop, text_cells(path, file_name))


def store_values(
    state: State, workshop_id: str, path: Path, file_name: str, who: Who, seen: Sequence[TypedValue] | None = None
) -> int:
    """Store a template's values, all or none; gives how many changed.

    ``seen``: the changes that the person looked at. Raises ``RefusedError``: ``values_blocked``, ``values_changed``
    when others would be made by now.
    """
    authorise(who)
    snapshot(state, workshop_id)
    cells = text_cells(path, file_name)
    stored = 0

    def typed(workshop: Workshop) -> Workshop:
        nonlocal stored
        found = _understood(workshop, cells)
        if found.blocked:
            raise RefusedError("values_blocked", found.problems, count=len(found.problems))
        if seen is not None and tuple(seen) != found.changes:
            raise RefusedError("values_changed")
        stored = len(found.changes)
        by_node: dict[str, dict[str, Number]] = {}
        for one in found.changes:
            by_node.setdefault(one.node, {})[one.period] = one.value
        nodes = tuple(_with(node, by_node[node.code]) if node.code in by_node else node for node in workshop.nodes)
        return workshop.model_copy(update={"nodes": nodes})

    change(state, workshop_id, who, typed)
    return stored


def _with(node: Node, values: Mapping[str, Number]) -> Node:
    merged = {entry.period: entry for entry in node.manual}
    merged |= {period: PeriodValue(period=period, value=value) for period, value in values.items()}
    return node.model_copy(update={"manual": tuple(entry for _, entry in sorted(merged.items()))})


def _understood(workshop: Workshop, cells: Cells) -> ValuesUpload:
    if not cells or (cells[0][0] or "").strip() != MARK:
        raise RefusedError("values_no_template")
    reader = _Reader(workshop, cells)
    problems = list(reader.unknown_columns(cells))
    for row in cells[_HEAD_ROWS:]:
        problems += reader.read(row)
    known = by_hand(workshop)
    stored = {(node.code, entry.period): entry.value for node in known for entry in node.manual}
    changes = tuple(
        TypedValue(*place, value, stored.get(place))
        for place, value in reader.values.items()
        if stored.get(place) != value
    )
    return ValuesUpload(changes, len(reader.values) - len(changes), tuple(problems))


class _Reader:
    """Reads row after row into ``values``: (node, period key) → number."""

    def __init__(self, workshop: Workshop, cells: Cells) -> None:
        self.settings = workshop.settings
        self.offered = offered_periods(workshop)
        start = self.settings.fiscal_year_start
        self.periods = {
            format_period(one, language, start, style="name"): one for one in self.offered for language in Language
        }
        known = {node.code: node for node in by_hand(workshop)}
        codes, heads = cells[0], cells[1] if len(cells) > 1 else cells[0]
        self.columns = {at: known[code] for at, code in enumerate(codes) if code in known}
        self.heads = [(head or code or "").replace("\n", " ") for head, code in zip(heads, codes, strict=True)]
        self.values: dict[tuple[str, str], Number] = {}
        self.rows: dict[tuple[str, str], int] = {}

    def unknown_columns(self, cells: Cells) -> Iterator[Problem]:
        """Columns with values whose KPI is gone, or is measured or computed by now."""
        for at, code in enumerate(cells[0]):
            if at >= _FIRST and code and at not in self.columns and any(row[at] for row in cells[_HEAD_ROWS:]):
                yield Problem("values_not_by_hand", {"name": self.heads[at]}, column=self.heads[at])

    def read(self, row: Sequence[str | None]) -> Iterator[Problem]:
        """Takes a row's values in and gives what is wrong with it."""
        filled = {at: text.strip() for at in self.columns if (text := row[at]) and text.strip()}
        if not filled:
            return
        number = int(row[0]) if row[0] and row[0].isdecimal() else None
        written = (row[1] or "").strip()
        period = self.period(written)
        if isinstance(period, str):
            yield Problem(period, {"text": written[:40]}, row=number)
            return
        for at, text in filled.items():
            place, head = (self.columns[at].code, period.key), self.heads[at]
            value = _number(text, self.columns[at].unit)
            if value is None:
                yield Problem("values_no_number", {"text": text[:40]}, row=number, column=head)
            elif place in self.values:
                first: dict[str, Param] = {"text": written, "first": self.rows[place]}
                yield Problem("values_twice", first, row=number, column=head)
            else:
                self.values[place], self.rows[place] = value, number or 0
                if self.columns[at].unit == RATIO and abs(value) > _MOST_RATIO:
                    told = {"text": text, "percent": f"{value:,.0%}"}
                    yield Problem("values_large_ratio", told, Severity.WARNING, row=number, column=head)

    def period(self, text: str) -> Period | str:
        """The period, or the code of what is wrong with it."""
        found = self.periods.get(text.strip()) or self._parsed(text.strip())
        if found is None:
            return "values_period_unreadable" if text.strip() else "values_period_missing"
        if found.grain is not self.settings.grain:
            return "values_period_grain"
        return "values_period_future" if found > self.offered[-1] else found

    def _parsed(self, text: str) -> Period | None:
        start = self.settings.fiscal_year_start
        try:
            return parse_period(text, start)
        except RefusedError:
            pass
        try:  # a spreadsheet makes a date of a month that was typed
            day: date = datetime.fromisoformat(text).date()
        except ValueError:
            return None
        return period_of(day, self.settings.grain, start)


def _number(text: str, unit: str) -> Number | None:
    """A cell's number: as a spreadsheet stores it, else as people write it."""
    try:
        plain = float(text)
    except ValueError:
        try:
            return read_amount(text, unit)
        except RefusedError:
            return None
    if not math.isfinite(plain):
        return None
    return int(plain) if plain.is_integer() and abs(plain) < 2**53 and unit != RATIO else plain
