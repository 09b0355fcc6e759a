"""Exports everyone has: from the names of its columns, which system a file comes from and what it can measure.

The tables are ``exports.toml``: a system more is a table more. Nothing is decided here; it is a proposal.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kpi_core.vocabulary import Aggregate, SourceKind

_FILE = Path(__file__).with_name("exports.toml")
_LEAST = 3
_NO_MEANING = ("system", "kind", "own", "won")
# parts of a stage's own name by which it may be the won one, and by which it is not
_WON = ("closed won", "won", "受注", "成約", "契約済", "契約締結", "獲得")
_NOT_WON = ("失注", "未", "前", "見込", "予定", "不", "lost", "not ", "待ち", "確度")


@dataclass(frozen=True)
class ProposedMeasure:
    """A measure a file can give: ``code`` names its words (``exports.measures``), the rest are columns of the file.

    ``stage`` and ``won``: only rows whose stage is one of these words. ``guessed``: none of the system's own words for
    it is in the file, so ``won`` are the file's values that read most like them, perhaps none.
    """

    code: str
    aggregate: Aggregate
    column: str | None
    date: str
    stage: str | None = None
    won: tuple[str, ...] = ()
    guessed: bool = False


@dataclass(frozen=True)
class Recognised:
    """A system's export, as a source of ``kind``: ``meanings`` are meaning → column of the file."""

    system: str
    kind: SourceKind
    meanings: Mapping[str, str]
    measures: tuple[ProposedMeasure, ...]


# code, aggregate, meaning of the column, meaning of the date, only won rows
_MEASURES: tuple[tuple[str, Aggregate, str | None, str, bool], ...] = (
    ("won_amount", Aggregate.SUM, "amount", "closed", True),
    ("won_count", Aggregate.COUNT, None, "closed", True),
    ("created_count", Aggregate.COUNT, None, "created", False),
    ("converted_count", Aggregate.COUNT, None, "converted", False),
    ("cost", Aggregate.SUM, "cost", "date", False),
    ("impressions", Aggregate.SUM, "impressions", "date", False),
    ("clicks", Aggregate.SUM, "clicks", "date", False),
    ("conversions", Aggregate.SUM, "conversions", "date", False),
    ("sessions", Aggregate.SUM, "sessions", "date", False),
    ("revenue", Aggregate.SUM, "revenue", "date", False),
)


def recognise(columns: Sequence[str], stages: Collection[str] | None = None) -> Recognised | None:
    """The export these columns are of, by the most columns known; ``stages`` are all of the file's, where known.

    At least three of its columns and one that is its own must be there.
    """
    there = {_plain(column): column for column in reversed(columns)}
    best: tuple[int, str, dict[str, str]] | None = None
    for name, table in tables().items():
        if not any(_plain(own) in there for own in table["own"]):
            continue
        meanings = {
            meaning: there[key]
            for meaning, names in table.items()
            if meaning not in _NO_MEANING and (key := next((k for k in map(_plain, names) if k in there), None))
        }
        if len(meanings) >= _LEAST and (best is None or len(meanings) > best[0]):
            best = len(meanings), name, meanings
    if best is None:
        return None
    _, name, meanings = best
    table = tables()[name]
    return Recognised(
        table["system"], SourceKind(table["kind"]), meanings, _measures(meanings, table.get("won", ()), stages)
    )


def _measures(
    meanings: Mapping[str, str], won: Sequence[str], stages: Collection[str] | None
) -> tuple[ProposedMeasure, ...]:
    words = tuple(word for word in won if stages is None or word in stages)
    guessed = bool(won) and not words
    if guessed:
        words = tuple(stage for stage in stages or () if _reads_won(stage))
    found = []
    for code, aggregate, column, date, only_won in _MEASURES:
        if date not in meanings or (column and column not in meanings) or (only_won and "stage" not in meanings):
            continue
        if only_won and not won:
            continue
        stage = meanings["stage"] if only_won else None
        value = meanings[column] if column else None
        only = (words, guessed) if only_won else ((), False)
        found.append(ProposedMeasure(code, aggregate, value, meanings[date], stage, *only))
    return tuple(found)


def _reads_won(stage: str) -> bool:
    plain = unicodedata.normalize("NFKC", stage).casefold()
    return any(word in plain for word in _WON) and not any(word in plain for word in _NOT_WON)


@cache
def tables() -> Mapping[str, Mapping[str, Any]]:
    """The tables of ``exports.toml``, by name."""
    return tomllib.loads(_FILE.read_text("utf-8"))


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
