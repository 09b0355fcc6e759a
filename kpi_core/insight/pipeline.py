"""Open deals weighted by how often their stage was won: amount x (won + 1) / (closed + 2), by expected period.

The + 1 and + 2 (Laplace's rule of succession) keep a stage that nobody has won, or lost, from counting as certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_core.model.period import Period
from kpi_core.model.pipeline import Pipeline

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class StageConversion:
    """One stage: ``won`` of ``closed`` deals that reached it, so each open one counts by ``conversion``."""

    stage: str
    won: int
    closed: int
    conversion: float
    open_deals: int
    open_amount: float


@dataclass(frozen=True)
class Weighted:
    """What the pipeline says of ``ahead``: ``rest`` has a number a period, won deals in full and open ones weighted.

    ``overdue`` is the weight of open deals whose expected day lies before ``ahead``, or that have none; it is counted
    in no period. ``without_amount`` counts open deals that have none.
    """

    rest: Numbers
    stages: tuple[StageConversion, ...]
    overdue: float
    without_amount: int


def weighted(pipeline: Pipeline, deals: pd.DataFrame, ahead: Sequence[Period]) -> Weighted:
    """The rest of a year from deals as they stand: ``deals`` as ``data.deals.counted_deals`` gives them."""
    stage, rows, amount = deals["stage"], deals["rows"], deals["amount"]
    won, lost = stage.isin(list(pipeline.won)), stage.isin(list(pipeline.lost))
    rest = _by_period(amount.where(won), deals["closed"], ahead)
    stages: list[StageConversion] = []
    overdue, without = 0.0, 0
    begin = pd.Timestamp(ahead[0].start) if ahead else None
    for at, one in enumerate(pipeline.open):
        reached = deals[f"reached {at}"].astype(bool)
        won_here, closed_here = int(rows[won & reached].sum()), int(rows[(won | lost) & reached].sum())
        conversion = (won_here + 1) / (closed_here + 2)
        here = stage == one.value
        weight = (amount * conversion).where(here)
        rest = rest + _by_period(weight, deals["expected"], ahead)
        if begin is not None:
            overdue += float(weight[here & ~(deals["expected"] >= begin)].sum())
        without += int(deals["without"][here].sum())
        stages.append(
            StageConversion(
                one.value, won_here, closed_here, conversion, int(rows[here].sum()), float(amount[here].sum())
            )
        )
    return Weighted(rest, tuple(stages), overdue, without)


def _by_period(weight: pd.Series[float], day: pd.Series[pd.Timestamp], ahead: Sequence[Period]) -> Numbers:
    return np.array(
        [
            float(weight[(day >= pd.Timestamp(period.start)) & (day < pd.Timestamp(period.end))].sum())
            for period in ahead
        ]
    )
