"""Formulas at a grain coarser than the workshop's: recomputed from rolled-up inputs, with time functions kept exact.

``lag``, ``ytd`` and ``rolling`` count periods of the workshop's grain, so what stands inside them is computed there and
rolled up: ``ytd`` and ``rolling`` by their last value, ``lag`` by the rule of what it shifts. A lag of whole coarser
periods (12 months at the year) is that period's own value; a lag of a formula is the sum where it adds up over time,
else the formula of lagged inputs. A rate measured from rows cannot be shifted by a part of a coarser period: there it
has no value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kpi_core.model.expression import Binary, Call, Expression, Name, Negative, Number, steps_of
from kpi_core.tree.arithmetic import Calendar, Matrix, Rows
from kpi_core.tree.program import Program, program_of
from kpi_core.tree.roll_up import Spans, roll_up
from kpi_core.tree.rules import FROM_FINER, Rule
from kpi_core.vocabulary import Grain, RollUp

_NOBODY = Name("#")
_MOST_STEPS = 1200
#: How many periods of the workshop's grain make one coarser period, where that never varies.
_WHOLE: Mapping[tuple[Grain, Grain], int] = {
    (Grain.MONTH, Grain.QUARTER): 3,
    (Grain.MONTH, Grain.YEAR): 12,
    (Grain.QUARTER, Grain.YEAR): 4,
}


@dataclass(frozen=True)
class CoarseProgram:
    """``program`` runs on coarse columns; ``terms`` on the workshop's grain, each rolled up into its row first."""

    program: Program
    terms: Program | None
    term_rows: tuple[tuple[RollUp, Rows, Rows], ...]
    """(rule, rows in ``terms``, rows in ``program``)"""

    def fill_terms(
        self, base: Matrix, calendar: Calendar, spans: Spans, into: Matrix, coverage: Matrix, *, strict: bool
    ) -> None:
        """Computes what time functions stand for from the workshop-grain values ``base``, into the coarse matrix."""
        if self.terms is None:
            return
        wide = np.full((self.terms.height, base.shape[1]), np.nan)
        wide[: base.shape[0] - 1] = base[:-1]
        self.terms.run(wide, calendar)
        for rule, sources, targets in self.term_rows:
            rolled = roll_up(wide[sources], spans, rule, strict=strict)
            into[targets] = rolled.values
            coverage[targets] = rolled.coverage


def coarse_program(
    recomputed: Mapping[str, Expression],
    expressions: Mapping[str, Expression],
    rules: Mapping[str, Rule],
    rows: Mapping[str, int],
    grain: Grain,
    coarse: Grain,
) -> CoarseProgram:
    """The program for the ``recomputed`` formulas at ``coarse``; ``rows`` lays out the nodes, terms come after them."""
    writing = _Rewriting(expressions, rules, _WHOLE.get((grain, coarse)))
    rewritten = {code: writing.coarse(expression, 0) for code, expression in recomputed.items()}
    rewritten.update(writing.lagged_formulas())
    extra = [name for name in (*rewritten, *writing.terms) if name not in rows]
    program = program_of(rewritten, {**rows, **{name: len(rows) + at for at, name in enumerate(extra)}})
    if not writing.terms:
        return CoarseProgram(program, None, ())
    term_rows = {**rows, **{name: len(rows) + at for at, name in enumerate(writing.terms)}}
    terms = program_of({name: expression for name, (expression, _) in writing.terms.items()}, term_rows)
    by_rule: dict[RollUp, list[str]] = {}
    for name, (_, rule) in writing.terms.items():
        by_rule.setdefault(rule, []).append(name)
    places = tuple(
        (rule, _rows(names, terms.rows), _rows(names, program.rows)) for rule, names in sorted(by_rule.items())
    )
    return CoarseProgram(program, terms, places)


def _rows(names: Sequence[str], rows: Mapping[str, int]) -> Rows:
    return np.array([rows[name] for name in names], dtype=np.intp)


class _Rewriting:
    """Writes formulas anew for the coarser grain; ``terms`` collects what the workshop's grain must supply.

    Names it makes up hold a ``#``, which no code can.
    """

    def __init__(self, expressions: Mapping[str, Expression], rules: Mapping[str, Rule], whole: int | None) -> None:
        self.expressions = expressions
        self.rules = rules
        self.whole = whole
        self.terms: dict[str, tuple[Expression, RollUp]] = {}
        self._known: dict[tuple[Expression, RollUp], str] = {}
        self._lagged: dict[str, tuple[str, int]] = {}

    def lagged_formulas(self) -> dict[str, Expression]:
        """The formulas of lagged inputs that the rewritten ones rest on."""
        written: dict[str, Expression] = {}
        while len(written) < len(self._lagged):
            for name, (code, steps) in list(self._lagged.items()):
                if name not in written:
                    written[name] = self.coarse(self.expressions[code], steps)
        return written

    def coarse(self, expression: Expression, steps: int) -> Expression:
        """``expression`` as the coarser grain computes it, ``steps`` fine periods before."""
        match expression:
            case Name(name):
                return self._name(name, steps)
            case Negative(operand):
                return Negative(self.coarse(operand, steps))
            case Binary(op, left, right):
                return Binary(op, self.coarse(left, steps), self.coarse(right, steps))
            case Call("lag", (inner, _)):
                return self.coarse(inner, steps + steps_of(expression))
            case Call("ytd" | "rolling"):
                return self._term(_lag(expression, steps), RollUp.LAST)
            case Call("round", (inner, *digits)):
                return Call("round", (self.coarse(inner, steps), *digits))
            case Call(function, arguments):
                return Call(function, tuple(self.coarse(argument, steps) for argument in arguments))
        return expression

    def _name(self, name: str, steps: int) -> Expression:
        if steps == 0 or name not in self.rules:
            return Name(name)
        if self.whole and steps % self.whole == 0:
            return _lag(Name(name), steps // self.whole)
        rule = self.rules[name].roll_up
        if rule is RollUp.FORMULA and self.rules[name].degree == 1:
            rule = RollUp.SUM  # the formula of the shifted inputs may hold a rate that cannot be shifted
        if rule in FROM_FINER:
            return self._term(_lag(Name(name), steps), rule)
        if rule is RollUp.FORMULA and name in self.expressions and steps <= _MOST_STEPS:
            lagged = f"#{name}#{steps}"
            self._lagged.setdefault(lagged, (name, steps))
            return Name(lagged)
        return _NOBODY

    def _term(self, expression: Expression, rule: RollUp) -> Expression:
        key = (expression, rule)
        if key not in self._known:
            self._known[key] = f"#{len(self._known)}"
            self.terms[self._known[key]] = key
        return Name(self._known[key])


def _lag(expression: Expression, steps: int) -> Expression:
    return Call("lag", (expression, Number(steps))) if steps else expression
