"""Typed columns for the charts' frames, the same whether there are rows or none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    Numbers = pd.Series[float]
    Texts = pd.Series[str]
    Flags = pd.Series[bool]


def floats(values: Iterable[float | None]) -> Numbers:
    """float64; None is NaN."""
    return pd.Series([float("nan") if value is None else float(value) for value in values], dtype="float64")


def texts(values: Iterable[object]) -> Texts:
    return pd.Series([str(value) for value in values], dtype="str")


def flags(values: Iterable[object]) -> Flags:
    return pd.Series([bool(value) for value in values], dtype="bool")
