"""The few ways an operation can fail. Everything else is a bug and surfaces.

An error carries a code and parameters; ``kpi_core.text`` holds the sentence under ``errors.<code>``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kpi_core.vocabulary import Severity

Param = str | int | float | None


@dataclass(frozen=True)
class Problem:
    """One thing wrong with what was handed in: a workshop file, an upload or a form.

    ``code`` names the sentence; the place is a ``path`` in a workshop file (``nodes[3].measure.column``) or a
    ``sheet``/``row``/``column`` of an uploaded table (``row`` is 1-based, as a spreadsheet counts).
    """

    code: str
    params: Mapping[str, Param] = field(default_factory=dict)
    severity: Severity = Severity.ERROR
    path: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None


class KpiError(Exception):
    """The base of every expected failure: ``code`` and ``params`` name the sentence a person reads."""

    def __init__(self, code: str, /, **params: Param) -> None:
        super().__init__(code, params)
        self.code = code
        self.params: dict[str, Param] = params


class MissingError(KpiError):
    """What was named does not exist, or is not the caller's to see (both answer alike)."""


class StaleError(KpiError):
    """The row was changed since it was read; ``current`` is the stored item, ``mine`` the refused one."""

    def __init__(self, code: str, /, *, current: object, mine: object, revision: int, **params: Param) -> None:
        super().__init__(code, **params)
        self.current = current
        self.mine = mine
        self.revision = revision


class RefusedError(KpiError):
    """The input is wrong or not allowed; ``problems`` lists all of it at once."""

    def __init__(self, code: str, problems: Sequence[Problem] = (), /, **params: Param) -> None:
        super().__init__(code, **params)
        self.problems = tuple(problems)
