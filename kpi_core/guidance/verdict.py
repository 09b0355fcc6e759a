"""An automatic verdict on one readiness item, and the shortest ways to say met and not yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kpi_core.errors import Param
from kpi_core.guidance.finding import LIST
from kpi_core.vocabulary import Page


@dataclass(frozen=True)
class Reason:
    """Why an item is met or not yet: ``code`` names the sentence, ``page`` the place that mends (or shows) it."""

    met: bool
    code: str
    page: Page
    params: Mapping[str, Param] = field(default_factory=dict)
    node: str | None = None


def met(code: str, page: Page, **params: Param) -> Reason:
    return Reason(True, code, page, params)


def not_yet(code: str, page: Page, *, node: str | None = None, **params: Param) -> Reason:
    return Reason(False, code, page, params, node)


def not_yet_for(code: str, page: Page, nodes: Iterable[str], **params: Param) -> Reason:
    """Not yet, because of these nodes: they and their number are told, the first one is the place."""
    named = tuple(dict.fromkeys(nodes))
    return Reason(False, code, page, {"nodes": LIST.join(named), "count": len(named), **params}, named[0])
