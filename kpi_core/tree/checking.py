"""A formula checked as it is typed: what is wrong with it, and which codes could follow."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import fuzz, process, utils

from kpi_core.errors import Problem, RefusedError
from kpi_core.model.expression import FORMULA_FUNCTIONS, Expression, names_in, normalise_code, parse_formula
from kpi_core.model.workshop import Workshop
from kpi_core.tree.cycles import path_between
from kpi_core.tree.structure import dependants, formula_names
from kpi_core.tree.units import UnitMisfit, unit_misfit
from kpi_core.vocabulary import NodeKind, Severity

#: How alike (0-100) a code or a node's name must be to be offered for an unknown one.
_NEAR = 65
_MOST_COMPLETIONS = 20
_LAST_WORD = re.compile(r"[^\W\d]\w*$")


@dataclass(frozen=True)
class FormulaCheck:
    """``problems`` are errors, or warnings where only the units do not fit; ``names`` are the codes the formula uses.

    ``completions`` are codes and functions that fit the word being typed at the end, the best first; with no word
    begun, every code that would not lead round in a circle.
    """

    problems: tuple[Problem, ...]
    names: tuple[str, ...]
    completions: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing forbids saving the formula."""
        return not any(problem.severity is Severity.ERROR for problem in self.problems)


def check_formula(workshop: Workshop, node_code: str, text: str) -> FormulaCheck:
    """What is wrong with ``text`` as the formula of ``node_code`` (which need not exist yet); empty text is no formula.

    Codes: the parser's ``formula_…``, ``formula_unknown_name`` (``_near`` with a ``hint``), ``formula_self``,
    ``formula_cycle`` with its ``path``, and as warnings ``formula_units_added`` and ``formula_units_result``.
    """
    completions = completions_for(workshop, node_code, text)
    if not text.strip():
        return FormulaCheck((), (), completions)
    try:
        expression = parse_formula(text)
    except RefusedError as error:
        return FormulaCheck((Problem(error.code, error.params),), (), completions)
    names = names_in(expression)
    problems = [_unknown(workshop, name) for name in names if workshop.node(name) is None and name != node_code]
    problems += _circle(workshop, node_code, names)
    misfit = _misfit(workshop, node_code, expression)
    if misfit is not None and not problems:
        problems.append(misfit)
    return FormulaCheck(tuple(problems), names, completions)


def near_codes(workshop: Workshop, name: str, limit: int = 3) -> tuple[str, ...]:
    """The codes of nodes that ``name`` was probably meant to be, by their code or their names, the best first."""
    wanted = normalise_code(name)
    words = {
        (node.code, position): word
        for node in workshop.nodes
        for position, word in enumerate((node.code, node.name.ja, node.name.en))
        if word
    }
    found = process.extract(
        wanted, words, scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=_NEAR, limit=3 * limit
    )
    return tuple(dict.fromkeys(code for _, _, (code, _) in found))[:limit]


def completions_for(workshop: Workshop, node_code: str, text: str) -> tuple[str, ...]:
    """Codes and functions for the word that ``text`` ends in; see ``FormulaCheck``."""
    begun = _LAST_WORD.search(normalise_code(text))
    circular = {node_code, *dependants(workshop, node_code)}
    # a KSF has no value of its own
    usable = [node for node in workshop.nodes if node.code not in circular and node.kind is not NodeKind.KSF]
    if begun is None or text != text.rstrip():
        return tuple(node.code for node in usable)[:_MOST_COMPLETIONS]
    word = begun[0].casefold()
    starting = [node.code for node in usable if node.code.casefold().startswith(word)]
    holding = [
        node.code
        for node in usable
        if any(word in written.casefold() for written in (node.code, node.name.ja, node.name.en))
    ]
    functions = [function for function in FORMULA_FUNCTIONS if function.startswith(word)]
    found = tuple(dict.fromkeys([*starting, *functions, *holding]))
    return found[:_MOST_COMPLETIONS]


def _unknown(workshop: Workshop, name: str) -> Problem:
    hint = next(iter(near_codes(workshop, name, 1)), None)
    if hint is None:
        return Problem("formula_unknown_name", {"name": name})
    return Problem("formula_unknown_name_near", {"name": name, "hint": hint})


def _circle(workshop: Workshop, node_code: str, names: tuple[str, ...]) -> list[Problem]:
    if node_code in names:
        return [Problem("formula_self", {"name": node_code})]
    path = path_between({**formula_names(workshop), node_code: names}, node_code, node_code)
    return [Problem("formula_cycle", {"path": " → ".join(path)})] if path else []


def _misfit(workshop: Workshop, node_code: str, expression: Expression) -> Problem | None:
    node = workshop.node(node_code)
    units = {other.code: other.unit for other in workshop.nodes}
    misfit = unit_misfit(expression, units, node.unit if node else "")
    return None if misfit is None else misfit_problem(misfit)


def misfit_problem(misfit: UnitMisfit) -> Problem:
    """A unit misfit as a warning: ``formula_units_added`` or ``formula_units_result``."""
    if misfit.kind == "added":
        params = {"left": misfit.left, "right": misfit.right, "part": misfit.part}
        return Problem("formula_units_added", params, Severity.WARNING)
    return Problem("formula_units_result", {"found": misfit.left, "expected": misfit.right}, Severity.WARNING)
