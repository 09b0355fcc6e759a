"""Where rows come from: a source (SFA, CRM, MA …) and its datasets with typed columns, look-ups and quality rules."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from kpi_core.errors import RefusedError
from kpi_core.model.base import Amount, Bilingual, Code, Line, Model, Prose
from kpi_core.model.expression import parse_derived
from kpi_core.model.measure import Filter, Scalar
from kpi_core.model.recipe import Recipe
from kpi_core.vocabulary import Cadence, ColumnType, OnBreak, RuleKind, SourceKind

ConnectionName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""What the server knows a database by; its address and credentials are the server's alone and never in a workshop."""


class Source(Model):
    """A system that holds data; ``objects`` are what it is the system of record for (deals, leads …).

    Where ``connection`` names a database that the server can reach, its datasets' ``table`` is read there.
    """

    code: Code
    name: Bilingual = Bilingual()
    kind: SourceKind = SourceKind.SHEET
    owner: Line = ""
    refresh: Cadence | None = None
    objects: tuple[Line, ...] = ()
    connection: ConnectionName | None = None


class Column(Model):
    """What is known of a column beyond what reading found: a type, a unit, a word to people."""

    name: Line
    type: ColumnType | None = None
    unit: Line | None = None
    note: Prose = ""


class DerivedColumn(Model):
    """A column computed from others of the row: ``days_between(engage_date, close_date)``."""

    name: Line
    expression: Prose

    @model_validator(mode="after")
    def _readable(self) -> DerivedColumn:
        try:
            parse_derived(self.expression)
        except RefusedError as error:
            raise PydanticCustomError(error.code, "expression", dict(error.params)) from None
        return self


class Lookup(Model):
    """Columns taken from another dataset by a left join that never loses or doubles a row.

    ``on`` pairs (column here, column there); ``aliases`` maps a value as it is here to the value there, for the
    first pair.
    """

    dataset: Code
    on: tuple[tuple[Line, Line], ...]
    columns: tuple[Line, ...]
    aliases: dict[str, str] = Field(default_factory=dict)


class Rule(Model):
    """An input (data quality) rule on a column, checked over the rows that ``where`` keeps.

    ``allowed`` uses ``values``; ``range`` ``minimum``/``maximum`` (numbers or ISO dates); ``pattern`` a regular
    expression for the whole cell; ``reference`` a column of another ``dataset``; ``freshness`` ``max_age_days``.
    ``row_count`` is on no column: ``minimum``/``maximum`` are the change against the version before, in per cent.
    ``on_break`` says whether an upload that breaks it is refused, ``owner`` who mends what breaks it (empty: the
    dataset's owner, else the source's).
    """

    column: Line = ""
    rule: RuleKind
    values: tuple[Scalar, ...] = ()
    minimum: Amount | Line | None = None
    maximum: Amount | Line | None = None
    pattern: Line | None = None
    dataset: Code | None = None
    reference: Line | None = None
    max_age_days: int | None = None
    where: tuple[Filter, ...] = ()
    on_break: OnBreak = OnBreak.WARN
    owner: Line = ""
    note: Prose = ""

    @property
    def key(self) -> str:
        """What is checked, as a short fingerprint: the same over time whoever mends it and whatever a break means."""
        text = self.model_dump_json(exclude={"on_break", "owner", "note"})
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]

    @model_validator(mode="after")
    def _complete(self) -> Rule:
        complete = {
            RuleKind.ALLOWED: bool(self.values),
            RuleKind.RANGE: self.minimum is not None or self.maximum is not None,
            RuleKind.PATTERN: bool(self.pattern),
            RuleKind.REFERENCE: bool(self.dataset and self.reference),
            RuleKind.FRESHNESS: self.max_age_days is not None,
            RuleKind.ROW_COUNT: _are_changes(self.minimum, self.maximum),
        }
        needs_column = self.rule is not RuleKind.ROW_COUNT
        if not complete.get(self.rule, True) or bool(self.column) is not needs_column:
            raise PydanticCustomError("rule_incomplete", "rule lacks its values", {"rule": self.rule.value})
        return self


def _are_changes(low: Amount | Line | None, high: Amount | Line | None) -> bool:
    """Whether these are per cent that a number of rows may fall (0 or below) and rise (0 or above) by."""
    ends = [end for end in (low, high) if end is not None]
    if not ends or any(isinstance(end, str) for end in ends):
        return False
    return (low is None or float(low) <= 0) and (high is None or float(high) >= 0)


class Dataset(Model):
    """One uploaded or connected table of a source; every upload is a new version, kept in the store.

    ``table`` is the place of a connected one: ``schema.table``, a part with a dot in double quotes (``table_path``).
    ``recipe`` is how its files become a table, and what the next one should look like; ``owner`` answers for its rows.
    """

    code: Code
    source: Code
    name: Bilingual = Bilingual()
    owner: Line = ""
    table: Line | None = None
    columns: tuple[Column, ...] = ()
    derived: tuple[DerivedColumn, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    rules: tuple[Rule, ...] = ()
    recipe: Recipe | None = None


_PART = re.compile(r'"((?:[^"]|"")+)"|([^."]+)')


def table_path(text: str) -> tuple[str, ...]:
    """The parts of a table's place: ``sales."a.b"`` is (sales, a.b); empty for what is none."""
    parts: list[str] = []
    at = 0
    while found := _PART.match(text, at):
        parts.append(found[1].replace('""', '"') if found[1] else found[2])
        at = found.end()
        if at == len(text):
            return tuple(parts)
        if text[at] != ".":
            break
        at += 1
    return ()


def table_text(path: tuple[str, ...]) -> str:
    """``table_path`` the other way round."""
    return ".".join(f'"{part.replace(chr(34), chr(34) * 2)}"' if {".", '"'} & set(part) else part for part in path)
