"""Workshops of a few nodes, and their values in a few periods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from kpi_core.model.period import parse_period
from kpi_core.model.workshop import Workshop
from kpi_core.tree.evaluation import Evaluation, evaluate

Build = Callable[..., Workshop]
Evaluate = Callable[..., Evaluation]


@pytest.fixture
def tree() -> Build:
    """``tree({"won": {"unit": "count"}}, grain="month")``: a workshop whose KPIs hang below one KSF."""

    def build(nodes: Mapping[str, Mapping[str, Any]], **settings: Any) -> Workshop:
        top = [{"code": "kgi", "kind": "kgi"}, {"code": "ksf", "kind": "ksf", "parent": "kgi"}]
        below = [{"code": code, "kind": "kpi", "parent": "ksf", **card} for code, card in nodes.items()]
        frame = {"name": "w", "fiscal_year_start": 4, **settings}
        return Workshop.model_validate({"format": "kpi-workshop/1", "workshop": frame, "nodes": [*top, *below]})

    return build


@pytest.fixture
def at() -> Callable[..., list[float | None]]:
    """``at(workshop, "won", values, "2026-04", "2026-Q1")``: the node's values, ``None`` where there is none."""

    def values_at(
        workshop: Workshop,
        code: str,
        values: Mapping[str, Mapping[str, float]],
        *keys: str,
        what: str = "actual",
        **options: Any,
    ) -> list[float | None]:
        periods = [parse_period(key, workshop.settings.fiscal_year_start) for key in keys]
        found: Sequence[float] = getattr(evaluate(workshop, values, periods, **options), what)[code]
        return [None if np.isnan(number) else float(number) for number in found]

    return values_at
