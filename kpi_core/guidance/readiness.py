"""The 15 readiness items, each with an automatic verdict computed from the workshop's state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kpi_core.errors import Param
from kpi_core.guidance import data_items, design_items, operation_items
from kpi_core.guidance.facts import Facts
from kpi_core.guidance.verdict import Reason
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Page

#: Item 1 to 15, in the checklist's order. Titles: ``guidance.readiness.title.<n>``, what "met" asks for:
#: ``guidance.readiness.meaning.<n>``.
ITEMS: tuple[Callable[[Workshop, Facts], Reason], ...] = (
    design_items.kgi_is_set,
    design_items.cause_and_effect,
    design_items.tree_is_drawn,
    design_items.shared_system,
    data_items.definitions_written,
    data_items.measurement_clear,
    data_items.input_rules,
    design_items.handover_is_defined,
    operation_items.dashboard_holds_kpis,
    operation_items.views_fit_readers,
    operation_items.actions_exist,
    operation_items.reviews_scheduled,
    operation_items.update_frequency_kept,
    operation_items.revision_cycle,
    data_items.quality_rules,
)
#: The checklist's four groups (``guidance.readiness.group.<code>``) and their items.
GROUPS: Mapping[str, tuple[int, ...]] = {
    "design": (1, 2, 3, 4),
    "data": (5, 6, 7, 8, 15),
    "dashboard": (9, 10, 13),
    "operation": (11, 12, 14),
}


@dataclass(frozen=True)
class Verdict:
    """Whether an item (1-15) is met, why (``guidance.readiness.reasons.<reason>``), and the page that mends it."""

    item: int
    met: bool
    reason: str
    params: Mapping[str, Param] = field(default_factory=dict)
    page: Page = Page.CHECKLIST
    node: str | None = None


def readiness(workshop: Workshop, facts: Facts) -> tuple[Verdict, ...]:
    """The verdicts on all 15 items, in order."""
    return tuple(_verdict(item, rule(workshop, facts)) for item, rule in enumerate(ITEMS, start=1))


def _verdict(item: int, reason: Reason) -> Verdict:
    return Verdict(item, reason.met, reason.code, reason.params, reason.page, reason.node)
