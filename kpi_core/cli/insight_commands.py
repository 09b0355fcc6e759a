"""Commands that look ahead and behind the numbers: forecast, test-link."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from kpi_core.cli.common import caller, language_of, tell
from kpi_core.errors import RefusedError
from kpi_core.store.state import State
from kpi_core.text import say
from kpi_core.vocabulary import Language, Sign

if TYPE_CHECKING:
    from kpi_core.services.landing import Landing, MethodLanding
    from kpi_core.store.forecasts import StoredForecast


def forecast(asked: Namespace) -> int:
    """Foresee and record; or put a person's own number on record; or tell what was believed on a day."""
    from kpi_core.services.forecasts import believed, override, record_landings

    nodes = asked.node
    with State.open(asked.db) as state:
        language_of(state, asked)
        if asked.believed_on is not None:
            stored = believed(state, asked.id, _one(nodes), _day(asked.believed_on))
            told = [_stored(one) for one in stored]
            return tell(asked, {"believed": told}, (_line(one) for one in told))
        if asked.override is not None or asked.take_back:
            if asked.period is None or (asked.override is not None and asked.take_back):
                raise RefusedError("usage", reason="--override VALUE | --take-back, --period PERIOD")
            if asked.take_back and not asked.reason.strip():
                raise RefusedError("usage", reason="--take-back --reason TEXT")
            override(state, asked.id, _one(nodes), asked.period, asked.override, asked.reason, caller())
        found = record_landings(state, asked.id, caller(), nodes)
    document = [_landing(one) for one in found]
    return tell(asked, {"landings": document}, (_line(one) for one in document))


def test_link(asked: Namespace) -> int:
    """State the hypothesis where one is given, then ask the data."""
    from kpi_core.services.hypotheses import ask_data, state_hypothesis

    if (asked.sign is None) != (asked.lag is None):
        raise RefusedError("usage", reason="--sign + --lag N")
    with State.open(asked.db) as state:
        language = language_of(state, asked)
        if asked.sign is not None:
            state_hypothesis(state, asked.id, asked.source, asked.target, Sign(asked.sign), asked.lag, caller())
        tested = ask_data(state, asked.id, asked.source, asked.target, caller())
    figures = {name: value for name, value in tested.figures.items() if name not in ("verdict", "data")}
    document = {
        "from": tested.source,
        "to": tested.target,
        "verdict": tested.verdict.value,
        "until": tested.until,
        **figures,
        "reasons": list(tested.figures["reasons"]),
    }
    return tell(asked, document, _link_lines(document, language))


def _landing(one: Landing) -> dict[str, Any]:
    return {
        "node": one.node,
        "period": one.period.key,
        "known_to": one.known_to,
        "to_go": one.to_go,
        "chosen": one.chosen.value if one.chosen else None,
        "value": one.value,
        "low": one.low,
        "high": one.high,
        "methods": [_method(method) for method in one.methods],
        "override": _stored(one.override) if one.override else None,
    }


def _method(one: MethodLanding) -> dict[str, Any]:
    told: dict[str, Any] = {"method": one.method.value}
    told |= {name: getattr(one.foreseen, name) for name in ("value", "low", "high", "code", "about")}
    told["accuracy"] = [
        {"to_go": past.to_go, "tests": past.tests, "bias": past.bias, "error": past.error} for past in one.accuracy
    ]
    return told


def _stored(one: StoredForecast) -> dict[str, Any]:
    said = one.foreseen
    told = {name: getattr(said, name) for name in ("node", "period", "value", "low", "high", "known_to", "reason")}
    return {**told, "method": said.method.value, "day": said.day.isoformat(), "who": one.who}


def _line(told: Mapping[str, Any]) -> str:
    numbers = ["" if told[name] is None else f"{told[name]:.10g}" for name in ("value", "low", "high")]
    return "\t".join([told["node"], told["period"], told.get("chosen") or told.get("method") or "", *numbers])


def _link_lines(told: Mapping[str, Any], language: Language) -> Iterator[str]:
    yield say(f"vocabulary.link_verdict.{told['verdict']}", language)
    for reason in told["reasons"]:
        yield "- " + say(f"insight.link_reason.{reason}", language, missing=told["missing"])


def _one(nodes: list[str] | None) -> str:
    if nodes is None or len(nodes) != 1:
        raise RefusedError("usage", reason="--node CODE")
    return nodes[0]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RefusedError("usage", reason=f"--believed-on {text} (2026-06-01)") from None
