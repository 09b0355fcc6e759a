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
from kpi_core.model.pipeline import Pipeline, PipelineStage

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


def columns_of_pipeline(pipeline: Pipeline) -> tuple[str, ...]:
    """The columns that ``weighted`` reads."""
    reached = [stage.reached for stage in pipeline.open]
    named = (pipeline.stage, pipeline.expected, pipeline.closed, pipeline.amount, *reached)
    return tuple(dict.fromkeys(name for name in named if name is not None))


def weighted(pipeline: Pipeline, deals: pd.DataFrame, ahead: Sequence[Period]) -> Weighted:
    """The rest of a year from deals as they stand: ``deals`` has a row each, with ``columns_of_pipeline``."""
    stage = deals[pipeline.stage]
    won, lost = stage.isin(list(pipeline.won)), stage.isin(list(pipeline.lost))
    amount = pd.Series(1.0, index=deals.index)
    if pipeline.amount is not None:
        amount = pd.to_numeric(deals[pipeline.amount]).astype("float64")
    expected = pd.to_datetime(deals[pipeline.expected])
    rest = _by_period(amount.where(won), pd.to_datetime(deals[pipeline.closed]), ahead)
    stages: list[StageConversion] = []
    overdue, without = 0.0, 0
    begin = pd.Timestamp(ahead[0].start) if ahead else None
    for one in pipeline.open:
        reached = _reached(deals, one)
        won_here, closed_here = int((won & reached).sum()), int(((won | lost) & reached).sum())
        conversion = (won_here + 1) / (closed_here + 2)
        here = stage == one.value
        weight = (amount * conversion).where(here)
        rest = rest + _by_period(weight, expected, ahead)
        if begin is not None:
            overdue += float(weight[here & ~(expected >= begin)].sum())
        without += int((here & amount.isna()).sum())
        stages.append(
            StageConversion(
                one.value, won_here, closed_here, conversion, int(here.sum()), float(amount.where(here).sum())
            )
        )
    return Weighted(rest, tuple(stages), overdue, without)


def _reached(deals: pd.DataFrame, stage: PipelineStage) -> pd.Series[bool]:
    if stage.reached is None:
        return pd.Series(True, index=deals.index)
    return deals[stage.reached].notna()


def _by_period(weight: pd.Series[float], day: pd.Series[pd.Timestamp], ahead: Sequence[Period]) -> Numbers:
    return np.array(
        [
            float(weight[(day >= pd.Timestamp(period.start)) & (day < pd.Timestamp(period.end))].sum())
            for period in ahead
        ]
    )
