"""Why a column, a filter or a measure cannot be computed, with the place in the measure where it is mended."""

from __future__ import annotations

from kpi_core.errors import Param, Problem, RefusedError
from kpi_core.vocabulary import Severity


class UncomputableError(RefusedError):
    """Raised while a query is being planned; callers of ``kpi_core.data`` get it as a ``Problem``.

    The sentence is ``measures.<code>``. ``place`` is ``dataset``, ``date``, ``column``, ``dimension`` or the filter
    that is wrong, as JSON.
    """

    def __init__(self, code: str, *, place: str = "column", **params: Param) -> None:
        super().__init__(code, **params)
        self.place = place

    def at(self, place: str) -> UncomputableError:
        """The same refusal, at another place."""
        return UncomputableError(self.code, place=place, **self.params)

    def problem(self, path: str | None) -> Problem:
        """A measure whose dataset has no upload yet is unfinished (a warning), anything else is wrong."""
        severity = Severity.WARNING if self.code == "no_rows" else Severity.ERROR
        return Problem(self.code, self.params, severity, path=path)
