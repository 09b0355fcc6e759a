"""Numbers as sliders and number fields show them: money in 万 or K, shares in per cent, as fine as needed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kpi_core.charts.writing import Writing
from kpi_core.text import say
from kpi_core.text.numbers import axis_unit, compact_steps, is_money, money_scale
from kpi_core.vocabulary import DisplayUnit, Language

#: A slider has about so many steps.
_STEPS = 100


@dataclass(frozen=True)
class Scale:
    """A value times ``factor``, with ``decimals``, between ``prefix`` and ``suffix``, is what a widget holds."""

    factor: float
    decimals: int
    prefix: str = ""
    suffix: str = ""

    @classmethod
    def of(cls, writing: Writing, *values: float) -> Scale:
        """The scale for values of a node, these among them."""
        largest = max((abs(value) for value in values), default=0.0)
        factor, word, unit = _unit(writing, largest)
        decimals = min(max(0, -math.floor(math.log10(largest * factor / _STEPS))), 4) if largest else 1
        if is_money(writing.unit) and writing.language is Language.EN:
            return cls(factor, decimals, unit, word)
        return cls(factor, decimals, "", f"{word}{unit}")

    @property
    def step(self) -> float:
        return float(10**-self.decimals)

    @property
    def format(self) -> str:
        """For a number field, which shows no unit."""
        return f"%.{self.decimals}f"

    @property
    def slider_format(self) -> str:
        prefix, suffix = (text.replace("%", "%%") for text in (self.prefix, self.suffix))
        return f"{prefix}%.{self.decimals}f{suffix}"

    @property
    def unit(self) -> str:
        return f"{self.prefix}{self.suffix}"

    def shown(self, value: float) -> float:
        return round(value * self.factor, self.decimals)

    def value(self, shown: float) -> float:
        return shown / self.factor


def _unit(writing: Writing, largest: float) -> tuple[float, str, str]:
    """Factor, the word of the step, and the unit."""
    if writing.unit == "ratio":
        return 100.0, "", "%"
    language = writing.language
    unit = axis_unit(writing.unit, language, currency=writing.currency, counting_unit=writing.counting_unit)
    if language is Language.EN and unit == say("numbers.axis.count", language):
        unit = ""  # a bare number says it
    if not is_money(writing.unit):
        return 1.0, "", unit if language is Language.JA or unit == "%" else f" {unit}".rstrip()
    if writing.display_unit is not DisplayUnit.ONE:
        power, word = money_scale(writing.display_unit, language)
        return 10.0**-power, word if language is Language.JA else f" {word}", unit
    steps = [(power, word) for power, word in compact_steps(language) if largest >= 10**power]
    power, word = steps[-1] if steps else (0, "")
    return 10.0**-power, word, unit
