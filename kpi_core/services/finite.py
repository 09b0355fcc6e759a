"""Numbers that a use case takes are finite: no NaN, no infinity, whoever passes them on."""

from __future__ import annotations

import math
from collections.abc import Iterable

from kpi_core.errors import RefusedError


def refuse_infinite(numbers: Iterable[float | None]) -> None:
    """Raises ``RefusedError('number_not_finite')``; ``None`` is no number."""
    for number in numbers:
        if number is not None and not math.isfinite(number):
            raise RefusedError("number_not_finite", number=str(number))
