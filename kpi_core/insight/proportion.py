"""How certain a rate is that was counted: the Wilson interval, which holds for small counts and rates of 0 and 1."""

from __future__ import annotations

from statistics import NormalDist


def wilson(successes: float, trials: float, confidence: float = 0.95) -> tuple[float, float] | None:
    """The interval (0-1) that holds the true rate with ``confidence``; ``None`` where no share was counted.

    Wilson (1927): (p + z²/2n ± z·√(p(1-p)/n + z²/4n²)) / (1 + z²/n).
    """
    if trials <= 0 or not 0 <= successes <= trials:
        return None
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    rate = successes / trials
    middle = rate + z * z / (2 * trials)
    reach = z * float((rate * (1 - rate) / trials + z * z / (4 * trials * trials)) ** 0.5)
    size = 1 + z * z / trials
    return max(0.0, (middle - reach) / size), min(1.0, (middle + reach) / size)
