"""The command on hand-overs: what each department handed on, and what became of it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kpi_core.cli.answering import problem_json
from kpi_core.cli.common import language_of, tell
from kpi_core.data.handovers import AGES, HandedOver
from kpi_core.services.handovers import (
    Measured,
    Share,
    acceptance,
    measured_handovers,
    reasons_in,
    undecided,
    within_sla,
)
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Grain, Language


def handovers(asked: Namespace) -> int:
    """Every hand-over by period, with what waits now."""
    with State.open(asked.db) as state:
        language = language_of(state, asked)
        grain = Grain(asked.grain) if asked.grain else snapshot(state, asked.id).workshop.settings.grain
        told = [_handover(one, language) for one in measured_handovers(state, asked.id, grain)]
    return tell(asked, {"handovers": told}, _lines(told))


def _handover(one: Measured, language: Language) -> dict[str, Any]:
    handover, found = one.handover, one.followed
    told: dict[str, Any] = {"handover": handover.code, "from": handover.source, "to": handover.target}
    if found is None:
        problems = () if one.error is None else one.error.problems
        return {**told, "missing": one.missing, "problems": [problem_json(each, language) for each in problems]}
    ends = [*(f"{age}d" for age in AGES), "older"]
    return {
        **told,
        "until": found.until.isoformat(),
        "by_day": found.by_day,
        "waiting": dict(zip(ends, found.waiting, strict=True)),
        "overdue": found.overdue,
        "oldest": None if found.oldest is None else found.oldest.isoformat(),
        "periods": [{**_period(each), "reasons": dict(reasons_in(found, each.period))} for each in found.periods],
    }


def _period(one: HandedOver) -> dict[str, Any]:
    return {
        "period": one.period.key,
        "handed": one.handed,
        "accepted": one.accepted,
        "rejected": one.rejected,
        "undecided": undecided(one),
        "acceptance": _share(acceptance(one)),
        "answered": one.answered,
        "median_hours": one.median_hours,
        "within_sla": _share(within_sla(one)),
        "waiting": one.waiting,
        "untimed": one.untimed,
        "out_of_order": one.out_of_order,
    }


def _share(share: Share | None) -> dict[str, Any] | None:
    if share is None:
        return None
    low, high = share.interval
    return {"part": share.part, "whole": share.whole, "rate": share.rate, "low": low, "high": high}


def _lines(told: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for one in told:
        yield f"{one['handover']}\t{one.get('missing', '')}"
        for period in one.get("periods", ()):
            rates = [period[name] for name in ("acceptance", "within_sla")]
            shares = ["" if rate is None else f"{rate['part']}/{rate['whole']}" for rate in rates]
            median = "" if period["median_hours"] is None else f"{period['median_hours']:.1f}"
            yield "\t".join(["", period["period"], str(period["handed"]), *shares, median, str(period["waiting"])])
