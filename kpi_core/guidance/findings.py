"""All findings about a workshop's design, from one literal list of rules."""

from __future__ import annotations

from kpi_core.guidance import alike, balance, definitions, operation, single_truth, sources, structure, units
from kpi_core.guidance.facts import Facts
from kpi_core.guidance.finding import Finding, FindingRule
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Severity

__all__ = ["RULES", "STRUCTURE", "Finding", "findings", "structural_errors"]

#: What makes a tree a tree; the readiness item "the KPI tree is drawn" asks for no open error among these.
STRUCTURE: tuple[FindingRule, ...] = (
    structure.kgi_missing,
    structure.orphans,
    structure.ksf_without_kpi,
    structure.cycles,
    structure.unknown_in_formulas,
    units.unit_mismatch,
    structure.unexplained_edges,
)
RULES: tuple[FindingRule, ...] = (
    *STRUCTURE,
    structure.kpi_without_department,
    definitions.owner_missing,
    definitions.definition_missing,
    definitions.unit_missing,
    units.percent_of_one,
    definitions.source_missing,
    definitions.target_missing,
    definitions.targets_incomplete,
    definitions.thresholds_contradict,
    definitions.nature_missing,
    definitions.lag_missing,
    definitions.rewrite_pending,
    definitions.signoff_void,
    alike.same_meaning,
    balance.too_many_kpis,
    balance.only_lagging,
    balance.without_handover,
    balance.handover_incomplete,
    sources.lookup_dataset_missing,
    sources.measure_column_missing,
    sources.values_stale,
    single_truth.numbers_differ,
    operation.department_unknown,
    operation.view_shows_retired,
    operation.review_without_view,
)
_ORDER = (Severity.ERROR, Severity.WARNING, Severity.INFO)


def findings(workshop: Workshop, facts: Facts) -> tuple[Finding, ...]:
    """Everything about the design that should be mended, the gravest first, then in the order of the rules."""
    found = [finding for rule in RULES for finding in rule(workshop, facts)]
    return tuple(sorted(found, key=lambda finding: _ORDER.index(finding.severity)))


def structural_errors(workshop: Workshop, facts: Facts) -> tuple[Finding, ...]:
    """The open errors in the tree's structure alone."""
    found = (finding for rule in STRUCTURE for finding in rule(workshop, facts))
    return tuple(finding for finding in found if finding.severity is Severity.ERROR)
