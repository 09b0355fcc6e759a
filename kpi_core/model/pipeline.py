"""Where a node's open deals stand: the stage column that a weighted pipeline is counted from."""

from __future__ import annotations

from pydantic import Field

from kpi_core.model.base import Code, Line, Model
from kpi_core.model.measure import Filter, Scalar


class PipelineStage(Model):
    """A stage of open deals; ``reached`` is the date column that is filled once a deal got that far.

    Without it every deal is taken to have passed the stage.
    """

    value: Line
    reached: Line | None = None


class Pipeline(Model):
    """Open deals that may still count for a node, of the rows of ``dataset`` that ``where`` keeps.

    ``expected`` is the date column that says when an open deal is expected to close, ``closed`` the one that says when
    a deal did; ``amount`` is summed, or deals are counted without it.
    """

    dataset: Code
    stage: Line
    open: tuple[PipelineStage, ...] = Field(min_length=1)
    won: tuple[Scalar, ...] = Field(min_length=1)
    lost: tuple[Scalar, ...] = Field(min_length=1)
    expected: Line
    closed: Line
    amount: Line | None = None
    where: tuple[Filter, ...] = ()
