"""A finding about a team's design: a value with a level, a code and a place; returned, never raised."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from kpi_core.errors import Param
from kpi_core.guidance.facts import Facts
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Page, Severity

#: What separates codes in a parameter that lists several (codes are identifiers and hold no comma).
LIST = ","


@dataclass(frozen=True)
class Finding:
    """One thing about the design that should be mended.

    ``code`` names the sentence (``guidance.findings.<code>``), ``page`` the place that mends it, ``node`` the node it
    is about (none: the workshop). ``params`` hold codes of nodes, departments …, which
    ``kpi_core.guidance.wording`` turns into names.
    """

    code: str
    severity: Severity
    page: Page
    node: str | None = None
    params: Mapping[str, Param] = field(default_factory=dict)


#: A rule looks at a whole workshop and gives what it finds.
FindingRule = Callable[[Workshop, Facts], Iterator[Finding]]
