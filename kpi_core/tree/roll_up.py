"""Finer periods rolled up to coarser ones, as arrays: a row a node, a column a period, NaN where there is no value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kpi_core.vocabulary import RollUp


@dataclass(frozen=True)
class Spans:
    """Which finer columns make up each coarser one: ``first[k]`` up to, not including, ``after[k]``; none is empty."""

    first: NDArray[np.intp]
    after: NDArray[np.intp]


class Rolled(NamedTuple):
    """A row a node, a column a coarser period; ``coverage`` is the share of finer periods that have a value."""

    values: NDArray[np.float64]
    coverage: NDArray[np.float64]


def roll_up(matrix: NDArray[np.float64], spans: Spans, rule: RollUp, *, strict: bool = False) -> Rolled:
    """Finer values rolled up by ``sum``, ``mean`` or ``last``.

    A sum has no value when a period between the first and the last measured one is missing (it would be too small
    without anyone seeing it); missing periods at the edges only lower the coverage. ``strict`` (targets) asks for
    every finer value, and for ``last`` for the last one.
    """
    offset, end = int(spans.first[0]), int(spans.after[-1])
    part = matrix[:, offset:end]
    starts = spans.first - offset
    size = spans.after - spans.first
    present = np.isfinite(part)
    count = np.add.reduceat(present, starts, axis=1, dtype=np.intp)
    columns = np.arange(part.shape[1])
    newest = np.maximum.reduceat(np.where(present, columns, -1), starts, axis=1)
    coverage = count / size
    if rule is RollUp.LAST:
        chosen = np.broadcast_to(spans.after - offset - 1, newest.shape) if strict else newest
        values = np.take_along_axis(part, np.maximum(chosen, 0), axis=1)
        return Rolled(np.where(count > 0, values, np.nan), coverage)
    values = np.add.reduceat(np.where(present, part, 0.0), starts, axis=1)
    oldest = np.minimum.reduceat(np.where(present, columns, part.shape[1]), starts, axis=1)
    whole = count == size if strict else count > 0
    if rule is RollUp.MEAN:
        values = values / np.maximum(count, 1)
    elif not strict:
        whole &= newest - oldest + 1 == count
    return Rolled(np.where(whole & np.isfinite(values), values, np.nan), coverage)


def common(matrix: NDArray[np.float64], spans: Spans) -> NDArray[np.float64]:
    """The one value that all finer periods share; no value where they differ or one is missing."""
    offset, end = int(spans.first[0]), int(spans.after[-1])
    part = matrix[:, offset:end]
    starts = spans.first - offset
    least = np.minimum.reduceat(part, starts, axis=1)  # NaN wins, so one that is missing shows
    most = np.maximum.reduceat(part, starts, axis=1)
    return np.where(least == most, least, np.nan)
