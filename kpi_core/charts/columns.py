"""Typed Arrow columns for the charts' frames, the same whether there are rows or none.

Frames are Arrow tables: Streamlit sends them as they are. The same frame in pandas took 20 times the CPU to build
and send (6 ms for 24 rows, which a dashboard pays for each of its tiles on every rerun).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypeAlias

import pyarrow as pa

Frame: TypeAlias = pa.Table
Column: TypeAlias = pa.Array


def known(number: float | None) -> bool:
    """Whether there is a number at all: neither None nor NaN nor infinite."""
    return number is not None and math.isfinite(number)


def given(values: Iterable[float | None]) -> list[float | None]:
    """Plain numbers, None where there is none."""
    return [None if value is None or not math.isfinite(value) else float(value) for value in values]


def last_given(values: list[float | None]) -> int | None:
    """The position of the last number."""
    return next((at for at in range(len(values) - 1, -1, -1) if values[at] is not None), None)


def floats(values: Iterable[float | None]) -> Column:
    """float64, null where there is no number."""
    return pa.array(given(values), pa.float64())


def texts(values: Iterable[object]) -> Column:
    """string."""
    return pa.array([str(value) for value in values], pa.string())


def flags(values: Iterable[object]) -> Column:
    """bool."""
    return pa.array([bool(value) for value in values], pa.bool_())


def positions(count: int) -> Column:
    """int64: 0, 1, 2, …"""
    return pa.array(range(count), pa.int64())
