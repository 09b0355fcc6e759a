"""The one grammar of formulas and derived columns: text → a small immutable tree. Nothing is ever executed.

A formula (``won_deals * average_deal``) is computed by ``kpi_core.tree``; a derived column
(``days_between(engage_date, close_date)``) is translated to a query by ``kpi_core.data``. Both allow
``+ - * / ** ( )``, unary minus, numbers and names; they differ in the functions, and only derived columns know text
and comparisons. Python's own parser reads the text, so full-width letters and Japanese names work (NFKC).
"""

from __future__ import annotations

import ast
import math
import re
import unicodedata
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from kpi_core.errors import RefusedError

MAX_LENGTH = 2000
#: Deeper trees would exhaust Python's stack where they are walked; ``sum(a, b, …)`` adds many names without depth.
MAX_DEPTH = 150
#: The farthest that ``lag`` and ``rolling`` reach, in periods: ten years of weeks.
MAX_STEPS = 520
MAX_DIGITS = 15

Arity = tuple[int, int | None]
#: name → (fewest, most) arguments; None = any number.
FORMULA_FUNCTIONS: Mapping[str, Arity] = {
    "min": (1, None),
    "max": (1, None),
    "sum": (1, None),
    "abs": (1, 1),
    "round": (1, 2),
    "lag": (2, 2),
    "ytd": (1, 1),
    "rolling": (2, 2),
}
#: Those whose value in a period rests on other periods.
TIME_FUNCTIONS = frozenset({"lag", "ytd", "rolling"})
DERIVED_FUNCTIONS: Mapping[str, Arity] = {
    "col": (1, 1),
    "days_between": (2, 2),
    "hours_between": (2, 2),
    "add_days": (2, 2),
    "abs": (1, 1),
    "round": (1, 2),
    "min": (2, None),
    "max": (2, None),
    "coalesce": (2, None),
    "concat": (2, None),
    "when": (3, 3),
    "is_null": (1, 1),
    "year": (1, 1),
    "month": (1, 1),
}


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Text:
    value: str


@dataclass(frozen=True)
class Name:
    name: str


@dataclass(frozen=True)
class Negative:
    operand: Expression


@dataclass(frozen=True)
class Binary:
    """``op`` is one of ``+ - * / **``, and in derived columns also ``== != < <= > >=``."""

    op: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Call:
    function: str
    arguments: tuple[Expression, ...]


Expression = Number | Text | Name | Negative | Binary | Call

_ARITHMETIC: Mapping[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
}
_COMPARISON: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_WRITTEN_ALIKE = str.maketrans({"×": "*", "✕": "*", "÷": "/", "−": "-", "‐": "-", "–": "-", "—": "-", "―": "-"})
#: A text in quotes (straight, full-width or curly): its inside is data and stays as it is.
_QUOTED = re.compile(r"""("[^"]*"|'[^']*'|“[^”]*”|‘[^’]*’|＂[^＂]*＂|＇[^＇]*＇)""")
#: ``1,500`` would be read as two arguments.
_THOUSANDS = re.compile(r"(?<![\w.])\d{1,3}(?:,\d{3})+(?![\w.])")


def parse_formula(text: str) -> Expression:
    """The tree of a node's formula; raises ``RefusedError`` with a ``formula_…`` code and the part that is wrong."""
    expression = _parse(text, "formula")
    for call in calls_in(expression):
        if call.function in ("lag", "rolling"):
            _whole(call, 0 if call.function == "lag" else 1, MAX_STEPS)
        elif call.function == "round" and len(call.arguments) == 2:
            _whole(call, -MAX_DIGITS, MAX_DIGITS)
    return expression


def steps_of(call: Call) -> int:
    """The whole number that a call's second argument states (``lag(x, 3)`` → 3); 0 when it has none."""
    if len(call.arguments) < 2:
        return 0
    number = call.arguments[1]
    if isinstance(number, Negative) and isinstance(number.operand, Number):
        return -int(number.operand.value)
    return int(number.value) if isinstance(number, Number) else 0


def _whole(call: Call, least: int, most: int) -> None:
    number = call.arguments[1]
    inner = number.operand if isinstance(number, Negative) else number
    whole = isinstance(inner, Number) and inner.value == math.floor(inner.value)
    if not whole or not least <= steps_of(call) <= most:
        raise RefusedError("formula_steps", function=call.function, least=least, most=most)


def parse_derived(text: str) -> Expression:
    """The tree of a derived column's expression; raises ``RefusedError`` like ``parse_formula``."""
    return _parse(text, "derived")


def names_in(expression: Expression) -> tuple[str, ...]:
    """The names an expression uses, each once, in order of appearance."""
    return tuple(dict.fromkeys(part.name for part in parts_of(expression) if isinstance(part, Name)))


def calls_in(expression: Expression) -> tuple[Call, ...]:
    """The function calls of an expression, outermost first."""
    return tuple(part for part in parts_of(expression) if isinstance(part, Call))


def normalise_code(text: str) -> str:
    """A name as formulas see it: NFKC, outer white space removed."""
    return unicodedata.normalize("NFKC", text).strip()


def parts_of(expression: Expression) -> Iterator[Expression]:
    """The expression and everything inside it, outermost first."""
    yield expression
    if isinstance(expression, Negative):
        yield from parts_of(expression.operand)
    elif isinstance(expression, Binary):
        yield from parts_of(expression.left)
        yield from parts_of(expression.right)
    elif isinstance(expression, Call):
        for argument in expression.arguments:
            yield from parts_of(argument)


@lru_cache(maxsize=4096)
def _parse(text: str, kind: str) -> Expression:
    cleaned = _clean(text)
    if not cleaned:
        raise RefusedError("formula_empty")
    if len(cleaned) > MAX_LENGTH:
        raise RefusedError("formula_too_long", limit=MAX_LENGTH)
    if "#" in _QUOTED.sub("", cleaned):
        raise RefusedError("formula_not_arithmetic", part="#")
    thousands = _THOUSANDS.search(_QUOTED.sub("", cleaned))
    if thousands:
        raise RefusedError("formula_thousands", part=thousands[0], plain=thousands[0].replace(",", ""))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            body = ast.parse(cleaned, mode="eval").body
        return _Builder(kind).build(body, 1)
    except (SyntaxError, ValueError) as error:
        offset = getattr(error, "offset", None) or 1
        raise RefusedError("formula_unreadable", near=cleaned[max(0, offset - 1) :][:20] or cleaned[-20:]) from None
    except (RecursionError, MemoryError):
        raise RefusedError("formula_too_long", limit=MAX_LENGTH) from None


def _clean(text: str) -> str:
    """The text as Python's parser can read it: full-width signs narrowed, but nothing inside quotes changed."""
    parts = []
    for position, part in enumerate(_QUOTED.split(text)):
        if position % 2:
            parts.append(part if part[0] in "\"'" else repr(part[1:-1]))
        else:
            narrow = unicodedata.normalize("NFKC", part).translate(_WRITTEN_ALIKE)
            parts.append(re.sub(r"\s+", " ", narrow))
    return "".join(parts).strip().removeprefix("=").strip()


class _Builder:
    """Turns Python's syntax tree into ours, refusing everything that is not arithmetic."""

    def __init__(self, kind: str) -> None:
        self.derived = kind == "derived"
        self.functions = DERIVED_FUNCTIONS if self.derived else FORMULA_FUNCTIONS

    def build(self, node: ast.expr, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise RefusedError("formula_too_long", limit=MAX_LENGTH)
        if isinstance(node, ast.Constant):
            return self._constant(node)
        if isinstance(node, ast.Name):
            return Name(node.id)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            operand = self.build(node.operand, depth + 1)
            return Negative(operand) if isinstance(node.op, ast.USub) else operand
        if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
            left, right = self.build(node.left, depth + 1), self.build(node.right, depth + 1)
            return Binary(_ARITHMETIC[type(node.op)], left, right)
        if isinstance(node, ast.Compare) and self.derived and len(node.ops) == 1 and type(node.ops[0]) in _COMPARISON:
            left, right = self.build(node.left, depth + 1), self.build(node.comparators[0], depth + 1)
            return Binary(_COMPARISON[type(node.ops[0])], left, right)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            return self._call(node.func.id, node.args, depth)
        raise RefusedError("formula_not_arithmetic", part=ast.unparse(node)[:40])

    def _constant(self, node: ast.Constant) -> Expression:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise RefusedError("formula_not_arithmetic", part=str(value)[:40])
        if isinstance(value, str):
            if not self.derived:
                raise RefusedError("formula_not_arithmetic", part=value[:40])
            return Text(value)
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise RefusedError("formula_not_arithmetic", part=str(node.value)[:40])
        return Number(number)

    def _call(self, function: str, arguments: list[ast.expr], depth: int) -> Expression:
        if function not in self.functions:
            raise RefusedError("formula_function_unknown", function=function, known=", ".join(self.functions))
        fewest, most = self.functions[function]
        if len(arguments) < fewest or (most is not None and len(arguments) > most):
            raise RefusedError("formula_arguments", function=function, count=len(arguments))
        return Call(function, tuple(self.build(argument, depth + 1) for argument in arguments))
