"""Exact Shapley values: each player's share, averaged over every order in which the players could join."""

from __future__ import annotations

from functools import lru_cache
from math import factorial

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

#: More players than this are too many subsets (2 to the power of the players).
MOST_PLAYERS = 12


@lru_cache(maxsize=MOST_PLAYERS + 1)
def subsets(players: int) -> NDArray[np.bool_]:
    """One row a player, one column a subset: whether the player is in it. The first is empty, the last holds all."""
    return (np.arange(2**players)[None, :] >> np.arange(players)[:, None] & 1).astype(np.bool_)


@lru_cache(maxsize=MOST_PLAYERS + 1)
def _weights(players: int) -> Numbers:
    """How much each subset's value counts for each player: joining it, or leaving from it."""
    member = subsets(players)
    size = member.sum(axis=0)
    joining = [factorial(n) * factorial(players - n - 1) / factorial(players) for n in range(players)]
    padded = np.array([0.0, *joining, 0.0])  # [0] is never used by a member, [players] never by a non-member
    weights: Numbers = np.where(member, padded[size], -padded[size + 1])
    return weights


def shapley(values: Numbers) -> Numbers:
    """The players' shares, from the value of every subset (in the order of ``subsets``); their sum is last - first.

    >>> shapley(np.array([0.0, 10.0, 20.0, 60.0])).tolist()  # nobody, the first, the second, both
    [25.0, 35.0]
    """
    players = len(values).bit_length() - 1
    shares: Numbers = np.dot(_weights(players), values)
    return shares
