"""How one chart's numbers are written: the unit, the money, the language, taken together."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from kpi_core.model.node import Node
from kpi_core.model.workshop import Settings
from kpi_core.text import say
from kpi_core.text.numbers import axis_unit, compact_steps, format_change, format_value, is_money, money_scale
from kpi_core.tree.units import misread_percent
from kpi_core.vocabulary import DisplayUnit, Language

_MOST_DECIMALS = 6


@dataclass(frozen=True)
class Writing:
    """A node's unit with the workshop's money and the page's language."""

    language: Language
    unit: str = ""
    currency: str = "JPY"
    display_unit: DisplayUnit = DisplayUnit.ONE
    decimals: int | None = None
    counting_unit: str = ""

    @classmethod
    def of(cls, node: Node, settings: Settings, language: Language) -> Writing:
        """How ``node``'s numbers are written in this workshop; without a sign that would say a hundredth of them."""
        unit = "" if misread_percent(node) else node.unit
        return cls(language, unit, settings.currency, settings.display_unit, node.decimals, node.counting_unit.strip())

    def value(self, number: float | None, *, short: bool = False, compact: bool = False) -> str:
        """The number with its unit; money that the workshop does not divide is compact where ``compact``."""
        return format_value(
            number,
            self.unit,
            self.language,
            currency=self.currency,
            display_unit=self.display_unit,
            decimals=self.decimals,
            counting_unit=self.counting_unit,
            short=short,
            compact=compact and self.display_unit is DisplayUnit.ONE and self.unit != "ratio",
        )

    def apart(self, first: float, second: float) -> tuple[str, str]:
        """Both numbers, compact, or with the decimals it takes to tell them apart: 31.18件, 31.22件."""
        written = self.value(first, compact=True), self.value(second, compact=True)
        gap = abs(second - first)
        if written[0] != written[1] or not gap:
            return written
        power = 0
        if self.unit == "ratio":
            power = -2
        elif is_money(self.unit):
            power, _ = money_scale(self.display_unit, self.language)
        decimals = min(max(0, power - math.floor(math.log10(gap))), _MOST_DECIMALS)
        finer = replace(self, decimals=decimals)
        return finer.value(first), finer.value(second)

    def change(self, number: float | None) -> str:
        """The difference with its sign and unit."""
        return format_change(
            number,
            self.unit,
            self.language,
            currency=self.currency,
            display_unit=self.display_unit,
            decimals=self.decimals,
            counting_unit=self.counting_unit,
        )

    @property
    def axis_title(self) -> str:
        """The unit above the axis; empty for per cent, which each number carries."""
        if self.unit == "ratio":
            return ""
        return axis_unit(
            self.unit,
            self.language,
            currency=self.currency,
            display_unit=self.display_unit,
            counting_unit=self.counting_unit,
        )

    @property
    def axis_expression(self) -> str:
        """The Vega expression that writes an axis number: 1,200万, △3, 25%."""
        number = "abs(datum.value)"
        if self.unit == "ratio":
            written = f"format({number}*100,',.1~f')+'%'"
        elif is_money(self.unit) and self.display_unit is not DisplayUnit.ONE:
            power, _ = money_scale(self.display_unit, self.language)
            written = f"format({number}/1e{power},',.2~f')"
        else:
            written = f"format({number},',.2~f')"
            for power, word in compact_steps(self.language):
                written = f"{number}>=1e{power}?format({number}/1e{power},',.2~f')+'{word}':{written}"
        return f"(datum.value<0?'{say('numbers.minus', self.language)}':'')+({written})"
