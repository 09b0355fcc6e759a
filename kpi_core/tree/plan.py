"""What can be prepared once for a tree's structure: rules, programs by grain, and how far back they look.

A plan depends on codes, formulas, roll-ups, units and the kind of each measure; a changed value, target or name uses
the same plan again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kpi_core.model.expression import Binary, Call, Expression, Name, Negative, names_in, parse_formula, steps_of
from kpi_core.model.workshop import Workshop
from kpi_core.tree.arithmetic import Rows
from kpi_core.tree.coarsening import CoarseProgram, coarse_program
from kpi_core.tree.cycles import levels
from kpi_core.tree.program import Program, program_of
from kpi_core.tree.rules import FROM_FINER, Rule, Source, degree_of, prices, rule_of, source_of
from kpi_core.tree.weighing import Weighing, months_add_up, weighings
from kpi_core.vocabulary import Grain, RollUp

#: The longest way back that formulas look, all their ``lag`` and ``rolling`` together, in periods.
MAX_HISTORY = 1200
PERIODS_A_YEAR: Mapping[Grain, int] = {Grain.WEEK: 53, Grain.MONTH: 12, Grain.QUARTER: 4}


class Structure(NamedTuple):
    """What a plan is made from, and cached by."""

    grain: Grain
    sources: tuple[Source, ...]


class _Same:
    """A workshop as the very object it is: comparing all its parts would cost more than reading its structure anew."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop

    def __hash__(self) -> int:
        return id(self.workshop)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.workshop is self.workshop


def structure_of(workshop: Workshop) -> Structure:
    """What of a workshop its plan depends on."""
    return _structure(_Same(workshop))


@lru_cache(maxsize=32)
def _structure(same: _Same) -> Structure:
    workshop = same.workshop
    return Structure(workshop.settings.grain, tuple(source_of(node) for node in workshop.nodes))


Flags = NDArray[np.bool_]
Places = tuple[tuple[RollUp, Rows], ...]


@dataclass(frozen=True)
class RuleRows:
    """The nodes' rules as rows of a level's matrices, its empty last row included.

    ``by_roll_up``: rows whose rule needs finer values only; ``by_finer``: also those whose manual entries roll up.
    ``from_finer`` flags the former, ``overrides`` those that pass over coarser values from rows, ``rejoin`` sums and
    lasts, where finer manual entries join what was measured (``sums`` those whose rows add up). ``rows_decide`` flags
    measured nodes whose coarser values come from rows. ``formula_adds`` and ``shared`` are for targets.
    """

    by_roll_up: Places
    by_finer: Places
    from_finer: Flags
    overrides: Flags
    rejoin: Flags
    sums: Flags
    rows_decide: Flags
    formula_adds: Rows
    shared: Rows


@dataclass(frozen=True, eq=False)
class Plan:
    """``actual`` computes nodes that have a formula and no measure; ``target`` every node that has a formula.

    Both use the same rows. ``history`` is the number of earlier periods that the formulas need. ``weighings``: the
    levels that roll up as weighted means; ``open_weighings``: measured ones, whose rows give a coarser value only once
    it is over.
    """

    grain: Grain
    rules: Mapping[str, Rule]
    expressions: Mapping[str, Expression]
    measured: frozenset[str]
    weighings: Mapping[str, Weighing]
    open_weighings: Mapping[str, Weighing]
    actual: Program
    target: Program
    history: int

    @cached_property
    def rule_rows(self) -> RuleRows:
        rules = sorted(self.rules.items(), key=lambda item: self.actual.rows[item[0]])
        listed = [rule for _, rule in rules]
        unrolled = [rule.roll_up not in FROM_FINER for rule in listed]
        return RuleRows(
            tuple((chosen, _where([rule.roll_up is chosen for rule in listed])) for chosen in FROM_FINER),
            tuple((chosen, _where([rule.finer is chosen for rule in listed])) for chosen in FROM_FINER),
            np.array([*(not other for other in unrolled), False]),
            np.array([*(rule.overrides_rows for rule in listed), False]),
            np.array([*(rule.roll_up in (RollUp.SUM, RollUp.LAST) for rule in listed), False]),
            np.array([*(rule.roll_up is RollUp.SUM and not rule.overrides_rows for rule in listed), False]),
            np.array([*(code in self.measured and not rule.overrides_rows for code, rule in rules), False]),
            _where([other and rule.degree == 1 for rule, other in zip(listed, unrolled, strict=True)]),
            _where([other and rule.degree == 0 for rule, other in zip(listed, unrolled, strict=True)]),
        )

    @cached_property
    def months_add_up(self) -> frozenset[str]:
        """The nodes whose coarser values are the sum of their finer ones, by a rule or by how their formula is made."""
        found = {code for code, rule in self.rules.items() if rule.roll_up is RollUp.SUM}
        for code, expression in self.expressions.items():
            if self.rules[code].roll_up is RollUp.FORMULA and months_add_up(expression, found, self.weighings):
                found.add(code)
        return frozenset(found)

    @cached_property
    def ranks(self) -> dict[str, float]:
        """Formulas and weighted levels, inputs first: a level's coarser value rests on its weight's finer ones."""
        formulas: dict[str, float] = {code: at for at, code in enumerate(self.expressions)}
        levels = {
            code: max(formulas.get(name, -1) for name in names_in(weighing.weight)) + 0.5
            for code, weighing in {**self.weighings, **self.open_weighings}.items()
        }
        return dict(sorted((formulas | levels).items(), key=lambda item: item[1]))

    @cached_property
    def weighing(self) -> Program | None:
        """Computes the products and weights of all weighted levels at the workshop's grain, in ``weighing_rows``."""
        if not self.weighings:
            return None
        parts = {f"#p{code}": one.product for code, one in self.weighings.items()}
        parts |= {f"#w{code}": one.weight for code, one in self.weighings.items()}
        return program_of(parts, {**self.actual.rows, **{name: len(self.rules) + at for at, name in enumerate(parts)}})

    @cached_property
    def weighing_rows(self) -> tuple[Rows, Rows, Rows]:
        """The rows of the weighted levels, and of their products and weights in ``weighing``."""
        levels = np.array([self.actual.rows[code] for code in self.weighings], dtype=np.intp)
        products = np.arange(len(self.weighings), dtype=np.intp) + len(self.rules)
        return levels, products, products + len(self.weighings)

    @property
    def additive(self) -> frozenset[str]:
        """The nodes whose values add up over time: their goals are prorated in a running period."""
        return frozenset(code for code, rule in self.rules.items() if rule.degree == 1)


def _where(flags: list[bool]) -> Rows:
    return np.flatnonzero(np.array(flags, dtype=bool))


@lru_cache(maxsize=64)
def plan_of(structure: Structure, nodes: frozenset[str] | None = None) -> Plan:
    """The plan for a structure, or for some of its nodes with all that their formulas use."""
    if nodes is not None:
        return _part_of(plan_of(structure), nodes)
    parsed = {source.code: parse_formula(source.formula) for source in structure.sources if source.formula}
    depth = levels({code: names_in(expression) for code, expression in parsed.items()})
    expressions = {code: parsed[code] for code in sorted(depth, key=depth.__getitem__)}
    units = {source.code: source.unit for source in structure.sources}
    priced = prices(parsed, units)
    rules = {source.code: rule_of(source, source.code in priced) for source in structure.sources}
    _settle(rules, expressions)
    measured = frozenset(source.code for source in structure.sources if source.rows != "none")
    typed_levels = {source.code for source in structure.sources if _is_level(source, rules[source.code])}
    weighed = weighings(expressions, rules, typed_levels)
    bare = {code: rules[code] for code in measured - expressions.keys()}
    row_levels = {code for code, rule in bare.items() if rule.roll_up is None and rule.degree == 0}
    of_rows = weighings(expressions, rules, typed_levels | row_levels)
    open_weighed = {code: one for code, one in of_rows.items() if code in row_levels}
    return _assemble(structure.grain, rules, expressions, measured, weighed, open_weighed)


def _is_level(source: Source, rule: Rule) -> bool:
    """Typed only, and rolled up by its last value for want of a rule."""
    bare = source.rows == "none" and source.formula is None and source.roll_up is None
    return bare and rule.roll_up is RollUp.LAST


def _assemble(
    grain: Grain,
    rules: Mapping[str, Rule],
    expressions: Mapping[str, Expression],
    measured: frozenset[str],
    weighed: Mapping[str, Weighing],
    open_weighed: Mapping[str, Weighing],
) -> Plan:
    computed = {code: expression for code, expression in expressions.items() if code not in measured}
    actual = program_of(computed, others=tuple(rules))
    target = program_of(expressions, actual.rows)
    history = _history(expressions, grain)
    return Plan(grain, rules, expressions, measured, weighed, open_weighed, actual, target, history)


def _part_of(whole: Plan, nodes: frozenset[str]) -> Plan:
    needed: dict[str, None] = dict.fromkeys(code for code in whole.rules if code in nodes)
    waiting = list(needed)
    for code in waiting:
        used = names_in(whole.expressions[code]) if code in whole.expressions else ()
        for weighed in (whole.weighings, whole.open_weighings):
            used = names_in(weighed[code].weight) if code in weighed else used
        fresh = [name for name in used if name in whole.rules and name not in needed]
        needed.update(dict.fromkeys(fresh))
        waiting.extend(fresh)
    rules = {code: rule for code, rule in whole.rules.items() if code in needed}
    expressions = {code: expression for code, expression in whole.expressions.items() if code in needed}
    typed, of_rows = (
        {code: one for code, one in weighed.items() if code in needed}
        for weighed in (whole.weighings, whole.open_weighings)
    )
    return _assemble(whole.grain, rules, expressions, whole.measured & rules.keys(), typed, of_rows)


def _settle(rules: dict[str, Rule], expressions: Mapping[str, Expression]) -> None:
    """Finds, inputs first, which formulas add up over time; only those sum their finer manual entries."""
    degrees = {code: rule.degree for code, rule in rules.items()}
    for code, expression in expressions.items():
        if rules[code].roll_up is RollUp.FORMULA and rules[code].degree is None:
            degrees[code] = degree_of(expression, degrees)
            manual = RollUp.SUM if degrees[code] == 1 and rules[code].manual is None else rules[code].manual
            rules[code] = replace(rules[code], degree=degrees[code], manual=manual)


def _history(expressions: Mapping[str, Expression], grain: Grain) -> int:
    reach: dict[str, int] = {}
    for code, expression in expressions.items():
        reach[code] = min(_reach(expression, reach, grain), MAX_HISTORY)
    return max(reach.values(), default=0)


def _reach(expression: Expression, reach: Mapping[str, int], grain: Grain) -> int:
    match expression:
        case Name(name):
            return reach.get(name, 0)
        case Negative(operand):
            return _reach(operand, reach, grain)
        case Binary(_, left, right):
            return max(_reach(left, reach, grain), _reach(right, reach, grain))
        case Call(function, arguments):
            own = {"lag": steps_of(expression), "rolling": steps_of(expression) - 1, "ytd": PERIODS_A_YEAR[grain] - 1}
            return own.get(function, 0) + max(_reach(argument, reach, grain) for argument in arguments)
    return 0


@lru_cache(maxsize=256)
def coarse_plan(plan: Plan, grain: Grain, target: bool) -> CoarseProgram:
    """The plan's formulas for a grain coarser than the workshop's.

    A node whose values were stated to roll up from finer ones is not recomputed; its target still may be.
    """
    recomputed = {
        code: expression
        for code, expression in plan.expressions.items()
        if target or (plan.rules[code].roll_up is RollUp.FORMULA and code not in plan.measured)
    }
    return coarse_program(recomputed, plan.expressions, plan.rules, plan.actual.rows, plan.grain, grain)
