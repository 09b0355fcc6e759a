"""A node's formula written out over its leaves, through nested formulas and time functions, as one network.

A *slot* is a pair of periods, the two sides that a change is told between (both the same where there is one side). What
looks back moves both: ``lag(x, 2)`` is x two periods before each. ``ytd`` sets the two fiscal years side by side from
their first periods; a period that only one of them holds is nothing, so 0, on the other.

At a grain coarser than the workshop's, formulas follow ``coarsening``: a formula of rolled-up inputs, or the roll-up of
the finer values where the team said so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import zip_longest

import numpy as np

from kpi_core.model.expression import Binary, Call, Expression, Name, Negative, Number, steps_of
from kpi_core.model.period import Period, periods_between, periods_within
from kpi_core.tree.network import Network, Operation, Place, Slot
from kpi_core.tree.plan import Plan
from kpi_core.tree.rules import FROM_FINER
from kpi_core.tree.weighing import Weighing
from kpi_core.vocabulary import Grain, RollUp

_WHOLE = {(Grain.MONTH, Grain.QUARTER): 3, (Grain.MONTH, Grain.YEAR): 12, (Grain.QUARTER, Grain.YEAR): 4}
Emit = Callable[[Operation], int]
Ask = Callable[[str, Slot], int]


RowWeights = Mapping[str, Mapping[Period, float]]
"""Measured rate → period of the workshop's grain → its denominator, or how many rows its mean is of."""


def unroll(
    plan: Plan,
    code: str,
    slot: Slot,
    closed: Collection[Place] = (),
    *,
    fine: bool = False,
    also: Collection[str] = (),
    now: Period | None = None,
    weights: RowWeights | None = None,
) -> Network:
    """The network of ``code`` in ``slot``; its formula is used even where it also has a measure.

    Below it the way ends at nodes without a formula or with a measure, and at the ``closed`` places, whose values do
    not come from their formulas. ``fine``: a coarser period is made from the workshop's own periods wherever a rule
    says how (a simulation changes those), not from coarser values. ``also``: further nodes to write in the same slot.
    ``now``: rates and means of rows are made from their finer values in coarser periods that end after it, weighted by
    what formulas multiply them with, else by ``weights``.
    """
    return _Unrolling(plan, (code, slot), frozenset(closed), fine, now, weights or {}).network(also)


def grain_of(slot: Slot) -> Grain:
    period = slot[0] or slot[1]
    if period is None:
        raise ValueError("a slot has a period on one side at least")
    return period.grain


def parts_of(slot: Slot, grain: Grain) -> tuple[Slot, ...]:
    """The finer slots of a coarser one, side by side from the first."""
    sides = [() if period is None else periods_within(period, grain) for period in slot]
    return _side_by_side(*sides)


class _Unrolling:
    """Collects which places are needed, users first; then writes their steps, inputs first. No recursion over nodes."""

    def __init__(
        self, plan: Plan, top: Place, closed: frozenset[Place], fine: bool, now: Period | None, weights: RowWeights
    ) -> None:
        self.now = now
        self.weights = weights
        self.plan = plan
        self.top = top
        self.closed = closed
        self.fine = fine

    def network(self, also: Collection[str]) -> Network:
        self.needed = self._collect({self.top: None} | {(code, self.top[1]): None for code in also})
        self.steps: list[Operation] = []
        self.cells: dict[int, Place] = {}
        self.nodes: dict[Place, int] = {}
        for place in sorted(self.needed, key=self._rank):
            self.nodes[place] = self._write(place)
        return Network(tuple(self.steps), self.cells, self.nodes, self.nodes[self.top])

    def _rank(self, place: Place) -> tuple[float, int]:
        """Inputs before users, and a node's own periods before its coarser ones."""
        code, slot = place
        coarse = grain_of(slot) is not self.plan.grain
        return self.plan.ranks.get(code, -1) if coarse or code in self.plan.expressions else -1, int(coarse)

    def _collect(self, wanted: dict[Place, None]) -> dict[Place, None]:
        found = dict(wanted)
        by_code: dict[str, list[Place]] = {code: [(code, slot)] for code, slot in wanted}

        def ask(code: str, slot: Slot) -> int:
            if (code, slot) not in found:
                found[code, slot] = None
                by_code.setdefault(code, []).append((code, slot))
            return 0

        for code in reversed(self.plan.ranks):
            for place in by_code.get(code, ()):  # grows while it is walked
                self._place(place, lambda _: 0, ask)
        # a leaf that can be rolled up from its own periods asks for them at the end
        for code in [code for code in by_code if code not in self.plan.ranks]:
            for place in by_code[code]:
                self._place(place, lambda _: 0, ask)
        return found

    def _write(self, place: Place) -> int:
        known: dict[Operation, int] = {}
        begin = len(self.steps)

        def emit(step: Operation) -> int:
            if step.what in ("cell", "number") or step not in known:
                self.steps.append(step)
                known[step] = len(self.steps) - 1
            return known[step]

        at = self._place(place, emit, lambda code, slot: self.nodes[code, slot])
        if at is None:
            at = emit(Operation("cell"))
            self.cells[at] = place
        # a formula that is but another node's code still has a step of its own
        return at if at >= begin else emit(Operation("total", (at,)))

    def _place(self, place: Place, emit: Emit, ask: Ask) -> int | None:
        """A place's steps; ``None`` where it is a cell."""
        code, slot = place
        rule = self.plan.rules.get(code)
        if rule is None or place in self.closed:
            return None
        computed = code in self.plan.expressions and (code not in self.plan.measured or code == self.top[0])
        writer = _Writer(self.plan, slot, emit, ask)
        if grain_of(slot) is self.plan.grain:
            return writer.fine(self.plan.expressions[code], slot) if computed else None
        if not computed:
            if self.fine and rule.roll_up in FROM_FINER:
                return writer.from_finer(code)
            return self._level_of_rows(code, slot, writer) if self.fine else None
        roll_up = RollUp.SUM if self.fine and code in self.plan.months_add_up else rule.roll_up
        if self.fine and rule.manual in FROM_FINER and self._is_told(place):
            roll_up = rule.manual
        if roll_up in FROM_FINER and (code not in self.plan.measured or self.fine):
            return writer.rolled_up(Name(code), roll_up, 0)
        return writer.coarse(self.plan.expressions[code], 0)

    def _level_of_rows(self, code: str, slot: Slot, writer: _Writer) -> int | None:
        """A measured rate's coarser value until its rows are all there; ``None`` then, and without weights."""
        period = slot[1]
        if self.now is None or period is None or period.end <= self.now.end:
            return None
        weighing = self.plan.open_weighings.get(code)
        if weighing is not None:
            return writer.weighed(weighing)
        rows = self.weights.get(code)
        return None if rows is None else writer.weighed_by(code, rows)

    def _is_told(self, place: Place) -> bool:
        """Whether one of a coarser place's finer ones is closed: what was typed for it then rolls up with the rest."""
        code, slot = place
        return bool(self.closed) and any((code, part) in self.closed for part in parts_of(slot, self.plan.grain))


class _Writer:
    """Writes one formula in one slot."""

    def __init__(self, plan: Plan, slot: Slot, emit: Emit, ask: Ask) -> None:
        self.plan = plan
        self.slot = slot
        self.emit = emit
        self.ask = ask
        self._known: dict[tuple[int, Slot], tuple[Expression, int]] = {}

    def fine(self, expression: Expression, slot: Slot) -> int:
        """``expression`` at the workshop's grain; written once a slot, or sums of sums would multiply."""
        known = (id(expression), slot)
        if known not in self._known:
            self._known[known] = (expression, self._fine(expression, slot))  # kept, so that its id stays its own
        return self._known[known][1]

    def _fine(self, expression: Expression, slot: Slot) -> int:
        match expression:
            case Name(name):
                return self.ask(name, slot)
            case Call("lag", (inner, _)):
                return self.fine(inner, _moved(slot, -steps_of(expression)))
            case Call("rolling", (inner, _)):
                before = range(steps_of(expression) - 1, -1, -1)
                return self._total([self.fine(inner, _moved(slot, -back)) for back in before])
            case Call("ytd", (inner,)):
                return self._total([self.fine(inner, part) for part in _years_to(slot)])
        return self._plain(expression, lambda inner: self.fine(inner, slot))

    def coarse(self, expression: Expression, steps: int) -> int:
        """``expression`` at a coarser grain, ``steps`` of the workshop's periods before; as ``coarsening`` has it."""
        match expression:
            case Name(name):
                return self._coarse_name(name, steps)
            case Call("lag", (inner, _)):
                return self.coarse(inner, steps + steps_of(expression))
            case Call("ytd" | "rolling"):
                return self.rolled_up(expression, RollUp.LAST, steps)
        return self._plain(expression, lambda inner: self.coarse(inner, steps))

    def from_finer(self, code: str) -> int:
        """A leaf's coarser value from its finer ones, weighted where the plan says so."""
        weighing = self.plan.weighings.get(code)
        if weighing is None:
            return self.rolled_up(Name(code), self.plan.rules[code].roll_up, 0)
        return self.weighed(weighing)

    def weighed(self, weighing: Weighing) -> int:
        products = self.rolled_up(weighing.product, RollUp.SUM, 0)
        return self.emit(Operation("/", (products, self.rolled_up(weighing.weight, RollUp.SUM, 0))))

    def weighed_by(self, code: str, weights: Mapping[Period, float]) -> int:
        """A leaf's mean over its finer periods, each counting as much as its weight."""
        parts = parts_of(self.slot, self.plan.grain)
        shares = [weights[part[1]] for part in parts if part[1] is not None]
        products = []
        for part, share in zip(parts, shares, strict=True):
            weight = self.emit(Operation("number", (), share))
            products.append(self.emit(Operation("*", (self.fine(Name(code), part), weight))))
        whole = self.emit(Operation("number", (), float(sum(shares))))
        return self.emit(Operation("/", (self._total(products), whole)))

    def rolled_up(self, expression: Expression, rule: RollUp | None, steps: int) -> int:
        parts = [_moved(part, -steps) for part in parts_of(self.slot, self.plan.grain)]
        if rule is RollUp.LAST:
            last = tuple(next((part[side] for part in reversed(parts) if part[side]), None) for side in (0, 1))
            return self.fine(expression, (last[0], last[1]))
        total = self._total([self.fine(expression, part) for part in parts])
        if rule is RollUp.SUM:
            return total
        return self.emit(Operation("/", (total, self.emit(Operation("number", (), float(len(parts)))))))

    def _coarse_name(self, name: str, steps: int) -> int:
        if steps == 0 or name not in self.plan.rules:
            return self.ask(name, self.slot)
        whole = _WHOLE.get((self.plan.grain, grain_of(self.slot)))
        if whole and steps % whole == 0:
            return self.ask(name, _moved(self.slot, -(steps // whole)))
        rule = self.plan.rules[name]
        if rule.roll_up in FROM_FINER or (rule.roll_up is RollUp.FORMULA and rule.degree == 1):
            return self.rolled_up(Name(name), rule.roll_up if rule.roll_up in FROM_FINER else RollUp.SUM, steps)
        if rule.roll_up is RollUp.FORMULA and name in self.plan.expressions:
            return self.coarse(self.plan.expressions[name], steps)
        return self.emit(Operation("number", (), np.nan))  # a rate cannot be shifted by a part of a period

    def _plain(self, expression: Expression, inner: Callable[[Expression], int]) -> int:
        match expression:
            case Number(value):
                return self.emit(Operation("number", (), float(value)))
            case Negative(operand):
                return self.emit(Operation("negative", (inner(operand),)))
            case Binary(op, left, right):
                return self.emit(Operation(op, (inner(left), inner(right))))
            case Call("sum", arguments):
                return self._total([inner(argument) for argument in arguments])
            case Call("min" | "max" as function, arguments):
                at = inner(arguments[0])
                for argument in arguments[1:]:
                    at = self.emit(Operation(function, (at, inner(argument))))
                return at
            case Call("abs" | "round" as function, arguments):
                return self.emit(Operation(function, (inner(arguments[0]),), float(steps_of(expression))))
        raise TypeError(expression)

    def _total(self, parts: list[int]) -> int:
        return self.emit(Operation("total", tuple(parts)))


def _side_by_side(first: Sequence[Period], second: Sequence[Period]) -> tuple[Slot, ...]:
    return tuple(zip_longest(first, second))


def _moved(slot: Slot, steps: int) -> Slot:
    first, second = (None if period is None else period.shift(steps) for period in slot)
    return first, second


def _years_to(slot: Slot) -> tuple[Slot, ...]:
    return _side_by_side(*(() if period is None else _year_to(period) for period in slot))


def _year_to(period: Period) -> tuple[Period, ...]:
    """The periods of the fiscal year up to this one."""
    return periods_between(periods_within(period.at(Grain.YEAR), period.grain)[0], period)
