"""A landing in words: how sure it is, why there is none, and what a method says of itself."""

from __future__ import annotations

from kpi_core.charts.pace import Landing as Ahead
from kpi_core.charts.writing import Writing
from kpi_core.insight.backtest import Accuracy
from kpi_core.model.workshop import Workshop
from kpi_core.services.landing import Landing, MethodLanding
from kpi_core.services.why_words import node_name
from kpi_core.text import say
from kpi_core.text.numbers import format_percent
from kpi_core.vocabulary import LandingMethod, Language


def ahead(landing: Landing) -> Ahead | None:
    """The landing as the pace chart takes it; without a simulated interval, the usual miss of the past around it."""
    if landing.value is None:
        return None
    if landing.low is not None and landing.high is not None:
        return Ahead(landing.value, landing.low, landing.high)
    accuracy = judged(landing)
    if accuracy is None:
        return Ahead(landing.value)
    miss = abs(landing.value) * accuracy.error
    return Ahead(landing.value, landing.value - miss, landing.value + miss)


def judged(landing: Landing) -> Accuracy | None:
    """The past of the chosen method with as much to go; a person's own number has none."""
    return next((one.now for one in landing.methods if one.method is landing.chosen), None)


def certainty(landing: Landing, writing: Writing) -> str:
    """How sure the shown value is, in one sentence."""
    language = writing.language
    if landing.chosen is LandingMethod.OVERRIDE and landing.override is not None:
        stored = landing.override
        if not stored.who:
            return say("landing.by_hand_unsigned", language, reason=stored.foreseen.reason)
        return say("landing.by_hand", language, who=stored.who, reason=stored.foreseen.reason)
    accuracy = judged(landing)
    told = []
    if landing.low is not None and landing.high is not None:
        low, high = writing.value(landing.low), writing.value(landing.high)
        told.append(say("landing.interval", language, low=low, high=high))
    if accuracy is not None:  # beside the interval, too: it holds what the model would draw, not how far it was off
        error = format_percent(accuracy.error, language, decimals=1)
        told.append(say("landing.usual_miss", language, error=error, tests=accuracy.tests))
    return " ・ ".join(told) or say("landing.unjudged", language)


def comparisons(landing: Landing, language: Language) -> list[str]:
    """Why the shown method and no other: how far both were off in the past landings they share, a sentence each."""
    shown = next((one for one in landing.methods if one.method is landing.chosen), None)
    told = []
    for one in landing.methods:
        shared = () if shown is None or one is shown else sorted(shown.missed.keys() & one.missed.keys())
        if shown is None or not shared or len(shared) == len(shown.missed) == len(one.missed):
            continue  # the table says the same
        missed = {
            which.method: format_percent(sum(which.missed[key] for key in shared) / len(shared), language, decimals=1)
            for which in (shown, one)
        }
        names = {which: say(f"vocabulary.landing_method.{which.value}", language) for which in missed}
        told.append(
            say(
                "landing.shared",
                language,
                count=len(shared),
                shown=names[shown.method],
                shown_error=missed[shown.method],
                other=names[one.method],
                other_error=missed[one.method],
            )
        )
    return told


def why_none(method: MethodLanding, landing: Landing, workshop: Workshop, writing: Writing) -> str:
    """Why a method says nothing, and of which leaf."""
    language, foreseen = writing.language, method.foreseen
    if foreseen.code is None:
        return ""
    reason = say(f"insight.landing_code.{foreseen.code}", language)
    if foreseen.about is None:
        return reason
    return say("landing.about", language, name=node_name(workshop, foreseen.about, language), reason=reason)


def past_of(accuracy: Accuracy | None, writing: Writing) -> tuple[str, str]:
    """Bias and error, in words; dashes where the past does not tell."""
    if accuracy is None:
        return "–", "–"
    bias = format_percent(accuracy.bias, writing.language, decimals=1, signed=True)
    error = format_percent(accuracy.error, writing.language, decimals=1)
    return bias, say("landing.error_of", writing.language, error=error, tests=accuracy.tests)
