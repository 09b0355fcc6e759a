"""Input rules on how a dataset arrives, proposed from the versions there were: how old its rows get, and how many."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from math import ceil, floor

from kpi_core.model.dataset import Dataset, Rule
from kpi_core.services.datasets import Version
from kpi_core.vocabulary import Cadence, RuleKind

_DAYS = {Cadence.DAY: 1, Cadence.WEEK: 7, Cadence.MONTH: 31, Cadence.QUARTER: 92, Cadence.YEAR: 366}
_MOST_VERSIONS = 12
_OLDEST = 400  # days; what is older is no running list
_ROOM, _STEP, _LEAST = 1.5, 5, 10  # how far beyond the changes so far, in per cent


def freshness(dataset: Dataset, column: str, refresh: Cadence | None, kept: Sequence[Version]) -> Rule | None:
    """As old as the newest row became before the next version came, else by the source's rhythm; none where unknown.

    ``kept``: newest first.
    """
    from kpi_core.data.shaping.comparing import newest_day

    if not kept or any(rule.rule is RuleKind.FRESHNESS for rule in dataset.rules):
        return None
    ages = []
    for later, version in itertools.pairwise(kept):
        day = newest_day(version.parquet, column, version.as_of)
        if day is not None and later.as_of > version.as_of:
            ages.append((later.as_of - day).days)
    if not ages and refresh is not None:
        day = newest_day(kept[0].parquet, column, kept[0].as_of)
        ages = [] if day is None else [(kept[0].as_of - day).days + _DAYS[refresh]]
    if not ages or max(ages) > _OLDEST:
        return None
    return Rule(column=column, rule=RuleKind.FRESHNESS, max_age_days=max(1, *ages))


def row_count(dataset: Dataset, kept: Sequence[Version]) -> Rule | None:
    """The change against the version before, with some room beyond the changes so far; none before the second version.

    A list that never lost rows is not to lose any.
    """
    if any(rule.rule is RuleKind.ROW_COUNT for rule in dataset.rules):
        return None
    rows = [version.rows for version in kept[:_MOST_VERSIONS]]
    changes = [100 * (now - was) / was for now, was in itertools.pairwise(rows) if was]
    if not changes:
        return None
    low, high = _ROOM * min(changes), _ROOM * max(changes)
    least = 0 if low >= 0 else max(-100, _STEP * floor(low / _STEP))
    most = max(_LEAST, _STEP * ceil(high / _STEP))
    return Rule(rule=RuleKind.ROW_COUNT, minimum=least, maximum=most)
