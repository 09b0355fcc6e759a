"""Does one series help to tell another beside the other's own past? (Granger 1969)"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def granger_p(cause: Numbers, effect: Numbers, order: int) -> float | None:
    """The p-value of the F test that ``order`` past values of ``cause`` add nothing; ``None`` where it cannot be run.

    Both series are stationary, without gaps and of one length.
    """
    from statsmodels.tools.sm_exceptions import InfeasibleTestError
    from statsmodels.tsa.stattools import grangercausalitytests

    if len(effect) < 3 * order + 2 or not _independent(cause, effect, order):
        return None
    try:
        answers = grangercausalitytests(np.column_stack([effect, cause]), [order])
    except (InfeasibleTestError, ValueError):  # a perfect fit
        return None
    p = float(answers[order][0]["ssr_ftest"][1])
    return p if np.isfinite(p) else None


def _independent(cause: Numbers, effect: Numbers, order: int) -> bool:
    """Whether the past values tell something each; of a series that never moves, or is the other's multiple, not."""
    rows = len(effect) - order
    past = [series[at : at + rows] for series in (cause, effect) for at in range(order)]
    design = np.column_stack([np.ones(rows), *past])
    return bool(np.linalg.matrix_rank(design) == design.shape[1])
